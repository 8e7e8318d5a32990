// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Metadata;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which headers carry a trace from one process to the next, and which others are passed on.
 *
 * <p>Formats are read in order, and the first valid context wins. All formats to write are written,
 * each key once. Headers to relay are taken from the call that is served and put on the calls made
 * for it as they came, unless the caller sets them himself; empty ones are not passed on.
 * Credentials are relayed only when named.
 */
public final class Propagation {
  /** What is read when nothing else is said: every format, X-Ray's first. */
  public static final List<TraceFormat> DEFAULT_READ = List.of(TraceFormat.values());

  /** What is written when nothing else is said. */
  public static final List<TraceFormat> DEFAULT_WRITE = List.of(TraceFormat.XRAY, TraceFormat.W3C);

  /** What is relayed when nothing else is said. */
  public static final List<String> DEFAULT_RELAY = List.of("x-request-id");

  /** The headers that services in an Istio mesh must pass on, with the request's id. */
  public static final List<String> MESH_HEADERS =
      List.of(
          "x-request-id",
          "x-b3-traceid",
          "x-b3-spanid",
          "x-b3-parentspanid",
          "x-b3-sampled",
          "x-b3-flags",
          "x-ot-span-context");

  private static final System.Logger LOG = System.getLogger(Propagation.class.getName());
  private static final String HEADERS_IN = "headersIn ";
  private static final String HEADERS_OUT = "headersOut ";

  private final TraceFormat[] read;
  private final TraceFormat[] write;
  private final List<Metadata.Key<String>> relay;

  private Propagation(
      Collection<TraceFormat> read, Collection<TraceFormat> write, Collection<String> relay) {
    this.read = new LinkedHashSet<>(read).toArray(new TraceFormat[0]);
    this.write = new LinkedHashSet<>(write).toArray(new TraceFormat[0]);
    Set<String> names = new LinkedHashSet<>();
    for (String name : relay) {
      names.add(name.toLowerCase(Locale.ROOT));
    }
    List<Metadata.Key<String>> keys = new ArrayList<>();
    for (String name : names) {
      if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
        throw new IllegalArgumentException("relay: " + name + " (expected: a text header)");
      }
      for (TraceFormat format : this.write) {
        if (format.names().contains(name)) {
          throw new IllegalArgumentException(
              "relay: "
                  + name
                  + " (expected: a header that is not written as "
                  + format
                  + "; a mesh traces by relayed headers alone, see relayOnly)");
        }
      }
      keys.add(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
    }
    this.relay = List.copyOf(keys);
  }

  /** Returns what is used when nothing else is said. */
  public static Propagation defaults() {
    return of(DEFAULT_READ, DEFAULT_WRITE, DEFAULT_RELAY);
  }

  /**
   * Returns one that reads and writes formats and relays other headers.
   *
   * @param read formats in the order in which they are looked for; may be empty
   * @param write formats that are all written; may be empty
   * @param relay names of text headers, in any case
   * @throws IllegalArgumentException if a header to relay is one that a format writes, or no name
   *     of a text header
   */
  public static Propagation of(
      Collection<TraceFormat> read, Collection<TraceFormat> write, Collection<String> relay) {
    return new Propagation(read, write, relay);
  }

  /** Returns one that relays only: for services whose mesh makes the spans. */
  static Propagation relayOnly(Collection<String> names) {
    return new Propagation(List.of(), List.of(), names);
  }

  /** Returns the context that the headers carry, or null if there is no valid one. */
  public @Nullable TraceContext extract(Metadata headers) {
    for (TraceFormat format : read) {
      if (!mayHave(headers, format)) {
        continue;
      }
      TraceContext context = format.read(new MetadataHeaders(format, headers));
      if (context != null) {
        return context;
      }
    }
    return null;
  }

  /**
   * Returns the context that headers of another protocol carry, or null.
   *
   * @param get returns the value of the header with a name in lower case, or null
   */
  public @Nullable TraceContext extract(Function<String, @Nullable String> get) {
    for (TraceFormat format : read) {
      TraceContext context = format.read(new TextHeaders(format, get, (name, value) -> {}));
      if (context != null) {
        return context;
      }
    }
    return null;
  }

  /** Returns an {@link UnsampledHeader} if that is what {@link #extract} reads; else null. */
  byte @Nullable [] unsampled(Metadata headers) {
    for (TraceFormat format : read) {
      if (mayHave(headers, format)) {
        return UnsampledHeader.find(format, headers);
      }
    }
    return null;
  }

  /** Returns the format that an {@link UnsampledHeader} which begins here is best made in. */
  TraceFormat unsampledRoot() {
    for (TraceFormat format : write) {
      if (format == TraceFormat.XRAY || format == TraceFormat.W3C) {
        return format;
      }
    }
    return TraceFormat.XRAY;
  }

  /** Returns whether there is a header to relay. */
  boolean hasRelayed(Metadata headers) {
    for (int i = 0; i < relay.size(); i++) {
      if (headers.containsKey(relay.get(i))) {
        return true;
      }
    }
    return false;
  }

  /** Writes the context in place of any that is there. */
  public void inject(TraceContext context, Metadata headers) {
    for (TraceFormat format : write) {
      discard(format, headers);
      format.write(context, new MetadataHeaders(format, headers));
    }
  }

  /** Writes an {@link UnsampledHeader} in place of any context that is there. */
  void inject(byte[] unsampled, Metadata headers) {
    for (TraceFormat format : write) {
      discard(format, headers);
      switch (format) {
        case XRAY -> headers.put(format.rawKeys.get(0), UnsampledHeader.toXRay(unsampled));
        case W3C -> headers.put(format.rawKeys.get(0), UnsampledHeader.toW3c(unsampled));
        default ->
            format.write(UnsampledHeader.context(unsampled), new MetadataHeaders(format, headers));
      }
    }
  }

  private static void discard(TraceFormat format, Metadata headers) {
    List<Metadata.Key<String>> keys = format.keys;
    for (int i = 0; i < keys.size(); i++) {
      headers.discardAll(keys.get(i));
    }
    if (format.binaryKey != null) {
      headers.discardAll(format.binaryKey);
    }
  }

  /**
   * Writes the context into headers of another protocol; formats that are bytes are left out.
   *
   * @param set takes a name in lower case and a value, in place of any that is there
   */
  public void inject(TraceContext context, BiConsumer<String, String> set) {
    for (TraceFormat format : write) {
      format.write(context, new TextHeaders(format, name -> null, set));
    }
  }

  /** Returns the keys and values in turn of the headers to relay, or null if there are none. */
  Object @Nullable [] relayed(Metadata headers) {
    List<Object> found = null;
    for (int i = 0; i < relay.size(); i++) {
      String value = headers.get(relay.get(i));
      if (value != null && !value.isEmpty() && TraceFormat.isPrintable(value)) {
        if (found == null) {
          found = new ArrayList<>(2 * relay.size());
        }
        found.add(relay.get(i));
        found.add(value);
      }
    }
    return found == null ? null : said(HEADERS_IN, found.toArray());
  }

  /** Returns the same of a request by another protocol, with what an annotator gives. */
  Object @Nullable [] relayed(
      Function<String, @Nullable String> request, HeaderAnnotator annotator) {
    Map<Metadata.Key<String>, String> found = new LinkedHashMap<>();
    for (Metadata.Key<String> key : relay) {
      put(found, key, request.apply(key.name()));
    }
    annotator.annotate(
        request,
        (name, value) ->
            put(found, Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
    List<Object> flat = new ArrayList<>();
    found.forEach(
        (key, value) -> {
          flat.add(key);
          flat.add(value);
        });
    return flat.isEmpty() ? null : said(HEADERS_IN, flat.toArray());
  }

  private void put(
      Map<Metadata.Key<String>, String> found, Metadata.Key<String> key, @Nullable String value) {
    if (value == null || value.isEmpty() || !TraceFormat.isPrintable(value)) {
      return;
    }
    for (TraceFormat format : write) {
      // What is written of the trace says which span calls.
      if (format.names().contains(key.name())) {
        return;
      }
    }
    found.put(key, value);
  }

  /** Puts what {@link #relayed} returned, but for headers that are there. */
  @SuppressWarnings("unchecked")
  static void relay(Object[] relayed, Metadata headers) {
    for (int i = 0; i < relayed.length; i += 2) {
      Metadata.Key<String> key = (Metadata.Key<String>) relayed[i];
      if (!headers.containsKey(key)) {
        headers.put(key, (String) relayed[i + 1]);
      }
    }
    said(HEADERS_OUT, relayed);
  }

  /** Logs headers that were found or passed on; no others, as credentials may be among them. */
  private static Object[] said(String where, Object[] relayed) {
    if (LOG.isLoggable(Level.DEBUG)) {
      StringBuilder text = new StringBuilder(where);
      for (int i = 0; i < relayed.length; i += 2) {
        String name = ((Metadata.Key<?>) relayed[i]).name();
        text.append(i == 0 ? "" : ", ").append(name).append('=');
        text.append(isSecret(name) ? "***" : relayed[i + 1]);
      }
      LOG.log(Level.DEBUG, text.toString());
    }
    return relayed;
  }

  /** Returns whether a header that somebody chose to relay is none to be written to a log. */
  private static boolean isSecret(String name) {
    return name.contains("authorization")
        || name.contains("cookie")
        || name.contains("token")
        || name.contains("secret")
        || name.contains("key");
  }

  private static boolean mayHave(Metadata headers, TraceFormat format) {
    if (format.binaryKey != null) {
      return headers.containsKey(format.binaryKey);
    }
    for (Metadata.Key<String> key : format.keys) {
      if (headers.containsKey(key)) {
        return true;
      }
    }
    return false;
  }

  private static final class MetadataHeaders implements TraceFormat.Headers {
    private final TraceFormat format;
    private final Metadata headers;

    MetadataHeaders(TraceFormat format, Metadata headers) {
      this.format = format;
      this.headers = headers;
    }

    @Override
    public @Nullable String text(int index) {
      return headers.get(format.keys.get(index));
    }

    @Override
    public byte @Nullable [] raw(int index) {
      return headers.get(format.rawKeys.get(index));
    }

    @Override
    public void putRaw(int index, byte[] value) {
      headers.put(format.rawKeys.get(index), value);
    }

    @Override
    public byte @Nullable [] bytes() {
      return format.binaryKey == null ? null : headers.get(format.binaryKey);
    }

    @Override
    public void put(int index, String value) {
      headers.put(format.keys.get(index), value);
    }

    @Override
    public void putBytes(byte[] value) {
      if (format.binaryKey != null) {
        headers.put(format.binaryKey, value);
      }
    }
  }

  private static final class TextHeaders implements TraceFormat.Headers {
    private final TraceFormat format;
    private final Function<String, @Nullable String> get;
    private final BiConsumer<String, String> set;

    TextHeaders(
        TraceFormat format,
        Function<String, @Nullable String> get,
        BiConsumer<String, String> set) {
      this.format = format;
      this.get = get;
      this.set = set;
    }

    @Override
    public @Nullable String text(int index) {
      return get.apply(format.names().get(index));
    }

    @Override
    public byte @Nullable [] raw(int index) {
      String value = text(index);
      return value == null ? null : value.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void putRaw(int index, byte[] value) {
      put(index, new String(value, StandardCharsets.US_ASCII));
    }

    @Override
    public byte @Nullable [] bytes() {
      return null;
    }

    @Override
    public void put(int index, String value) {
      set.accept(format.names().get(index), value);
    }

    @Override
    public void putBytes(byte[] value) {}
  }
}
