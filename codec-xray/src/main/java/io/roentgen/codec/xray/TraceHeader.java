// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import io.roentgen.model.Hex;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The {@code X-Amzn-Trace-Id} header: which trace a request belongs to, who called, and whether it is sampled.
 *
 * <p>As text it is {@code Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1}: parts
 * in any order, white space around them and around {@code =} ignored, names case-sensitive. Parts that this
 * class does not know, such as {@code Self} and {@code Lineage}, are kept and written out again behind the
 * others. Only printable ASCII is taken and written, so a header cannot be used to start another one. Immutable;
 * equal when all parts are.
 *
 * <pre>{@code
 * if (TraceHeader.parse(text) instanceof TraceHeader.Parsed.Accepted accepted) {
 *   TraceId root = accepted.header().root();
 * }
 * }</pre>
 *
 * <p>Source: AWS X-Ray developer guide, "Tracing header", and the X-Ray SDKs.
 */
public final class TraceHeader {
  /** The header's name in lower case, as gRPC metadata needs it; HTTP ignores case. */
  public static final String NAME = "x-amzn-trace-id";

  /** How many characters of a header are read; longer ones are rejected. */
  public static final int MAX_LENGTH = 4096;

  private static final String ROOT = "Root";
  private static final String PARENT = "Parent";
  private static final String SAMPLED = "Sampled";

  /** What became of a header's text. */
  public sealed interface Parsed {
    /** The text is a header. */
    record Accepted(TraceHeader header) implements Parsed {}

    /** The text is no header, and {@code message} tells what was found and expected. */
    record Rejected(String message) implements Parsed {}
  }

  /** The sampling decision that the header carries. */
  public enum Sampled {
    /** {@code Sampled=1}. */
    YES("1"),
    /** {@code Sampled=0}. */
    NO("0"),
    /** {@code Sampled=?}: the callee is to decide, and to tell in its response. */
    REQUESTED("?"),
    /** No {@code Sampled} part: nobody has decided. */
    UNDECIDED("");

    private final String text;

    Sampled(String text) {
      this.text = text;
    }
  }

  /**
   * A part that this class only passes on.
   *
   * @param name its name, not empty
   * @param value its value, may be empty
   */
  public record Part(String name, String value) {
    /**
     * @throws IllegalArgumentException if either cannot stand in a header
     */
    public Part {
      if (name.isEmpty() || !isPart(name) || name.indexOf('=') >= 0 || isKnown(name)) {
        throw new IllegalArgumentException(
            "name: '"
                + Hex.quote(name)
                + "' (expected: printable ASCII without ; and =, not Root, Parent or Sampled)");
      }
      if (!isPart(value)) {
        throw new IllegalArgumentException(
            "value: '" + Hex.quote(value) + "' (expected: printable ASCII without ;)");
      }
    }

    private static boolean isKnown(String name) {
      return name.equals(ROOT) || name.equals(PARENT) || name.equals(SAMPLED);
    }

    private static boolean isPart(String text) {
      return isPrintable(text) && text.indexOf(';') < 0 && text.strip().equals(text);
    }
  }

  private final TraceId root;
  private final @Nullable SpanId parent;
  private final Sampled sampled;
  private final List<Part> others;

  private TraceHeader(
      TraceId root, @Nullable SpanId parent, Sampled sampled, List<Part> others) {
    this.root = Objects.requireNonNull(root, "root");
    this.parent = parent;
    this.sampled = Objects.requireNonNull(sampled, "sampled");
    this.others = List.copyOf(others);
  }

  /** Returns a header without other parts; {@code parent} may be null. */
  public static TraceHeader of(TraceId root, @Nullable SpanId parent, Sampled sampled) {
    return new TraceHeader(root, parent, sampled, List.of());
  }

  /**
   * Reads a header. {@code Root} is required, X-Ray's spelling of the id in either case; {@code Parent} and
   * {@code Sampled} may be missing or empty. A part without {@code =} is passed over. A known part that is
   * given twice or has a value it cannot have makes the whole header rejected, as continuing the wrong trace
   * is worse than none.
   */
  public static Parsed parse(CharSequence text) {
    if (text.length() > MAX_LENGTH) {
      return rejected("length: " + text.length() + " (expected: at most " + MAX_LENGTH + ")");
    }
    String header = text.toString().strip();
    if (!isPrintable(header)) {
      return rejected("'" + Hex.quote(header) + "' (expected: printable ASCII)");
    }
    String root = "";
    String parent = "";
    String sampled = "";
    List<Part> others = new ArrayList<>();
    int start = 0;
    while (start <= header.length()) {
      int semicolon = header.indexOf(';', start);
      int end = semicolon < 0 ? header.length() : semicolon;
      int equals = header.indexOf('=', start);
      if (equals >= start && equals < end) {
        String name = header.substring(start, equals).strip();
        String value = header.substring(equals + 1, end).strip();
        switch (name) {
          case ROOT -> {
            if (!root.isEmpty()) {
              return rejected("Root twice (expected: once)");
            }
            root = value;
          }
          case PARENT -> {
            if (!parent.isEmpty()) {
              return rejected("Parent twice (expected: once)");
            }
            parent = value;
          }
          case SAMPLED -> {
            if (!sampled.isEmpty()) {
              return rejected("Sampled twice (expected: once)");
            }
            sampled = value;
          }
          // A part without a name says nothing, just as one without a value sign.
          case "" -> {}
          default -> others.add(new Part(name, value));
        }
      }
      start = end + 1;
    }
    return read(root, parent, sampled, others);
  }

  private static Parsed read(String root, String parent, String sampled, List<Part> others) {
    if (root.isEmpty()) {
      return rejected("Root missing (expected: Root=1-8hex-24hex)");
    }
    TraceId traceId = root.startsWith("1-") ? TraceId.parseOrNull(root) : null;
    if (traceId == null) {
      return rejected("Root: '" + Hex.quote(root) + "' (expected: 1-8hex-24hex, not all zero)");
    }
    SpanId parentId = SpanId.parseOrNull(parent);
    if (parentId == null && !parent.isEmpty()) {
      return rejected(
          "Parent: '" + Hex.quote(parent) + "' (expected: 16 hex digits, not all zero)");
    }
    for (Sampled decision : Sampled.values()) {
      if (decision.text.equals(sampled)) {
        return new Parsed.Accepted(new TraceHeader(traceId, parentId, decision, others));
      }
    }
    return rejected("Sampled: '" + Hex.quote(sampled) + "' (expected: 0, 1 or ?)");
  }

  private static Parsed rejected(String what) {
    return new Parsed.Rejected("trace header " + what);
  }

  private static boolean isPrintable(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
  }

  /** Returns the trace. */
  public TraceId root() {
    return root;
  }

  /** Returns the calling segment or subsegment, or null if the header has none. */
  public @Nullable SpanId parent() {
    return parent;
  }

  /** Returns the sampling decision. */
  public Sampled sampled() {
    return sampled;
  }

  /** Returns the parts beside root, parent and decision, in the order received; unmodifiable. */
  public List<Part> others() {
    return others;
  }

  /** Returns the value of the first other part with that name, or null. */
  public @Nullable String other(String name) {
    for (Part part : others) {
      if (part.name().equals(name)) {
        return part.value();
      }
    }
    return null;
  }

  /** Returns this header with another parent, as a caller sends it on; null takes the parent away. */
  public TraceHeader withParent(@Nullable SpanId value) {
    return new TraceHeader(root, value, sampled, others);
  }

  /** Returns this header with another decision. */
  public TraceHeader withSampled(Sampled value) {
    return new TraceHeader(root, parent, value, others);
  }

  /** Returns this header with these other parts in place of its own. */
  public TraceHeader withOthers(List<Part> value) {
    return new TraceHeader(root, parent, sampled, value);
  }

  /** Returns the text to send: Root, Parent, Sampled and the others, without spaces. */
  public String format() {
    StringBuilder text = new StringBuilder(80).append("Root=").append(root.toXRay());
    if (parent != null) {
      text.append(";Parent=").append(parent.toHex());
    }
    if (sampled != Sampled.UNDECIDED) {
      text.append(";Sampled=").append(sampled.text);
    }
    for (Part part : others) {
      text.append(';').append(part.name()).append('=').append(part.value());
    }
    return text.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TraceHeader that
        && root.equals(that.root)
        && Objects.equals(parent, that.parent)
        && sampled == that.sampled
        && others.equals(that.others);
  }

  @Override
  public int hashCode() {
    return Objects.hash(root, parent, sampled, others);
  }

  @Override
  public String toString() {
    return format();
  }
}
