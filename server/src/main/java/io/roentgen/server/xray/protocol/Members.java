// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.roentgen.model.Hex;
import io.roentgen.model.TimeRange;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The members of an X-Ray API request, or of an object within one. Those that nobody asks for are
 * ignored, as AWS does; what is asked for and not as expected is an {@link XRayException} in the
 * form {@code Member: value (expected: rule)}. A member that is null counts as not there. Lengths
 * are in characters as AWS counts them, UTF-16 units.
 */
public final class Members {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  /** No number has more digits before or behind its point; more would make arithmetic slow. */
  private static final int MAX_DIGITS = 100;

  private static final int NANO_DIGITS = 9;
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final BigDecimal FIRST_MILLIS = BigDecimal.valueOf(100_000_000_000L);
  private static final BigDecimal LAST_MILLIS =
      BigDecimal.valueOf(Long.MAX_VALUE / NANOS_PER_MILLI);
  private static final String UNICODE = "Unicode, without half of a surrogate pair";
  private static final String TIME_EXPECTED = "epoch seconds between 1970 and 2262";

  private final JsonNode members;

  /** What stands before the names of these members in messages: empty, or ending with a dot. */
  private final String prefix;

  /** How members are spelled where that is not as in the X-Ray API. */
  private final Map<String, String> spellings;

  private Members(JsonNode members, String prefix, Map<String, String> spellings) {
    this.members = members;
    this.prefix = prefix;
    this.spellings = spellings;
  }

  private Members withoutOthers() {
    if (spellings.isEmpty()) {
      return this;
    }
    members
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!spellings.containsValue(name)) {
                throw XRayException.invalid(
                    prefix + Hex.quote(name),
                    "unknown",
                    "one of " + String.join(", ", new TreeSet<>(spellings.values())));
              }
            });
    return this;
  }

  /**
   * Reads a request body.
   *
   * @throws IOException if it is not JSON
   * @throws XRayException if it is no object
   */
  public static Members read(JsonParser json) throws IOException {
    return read(json, Map.of());
  }

  /**
   * Reads a request body whose members have other names.
   *
   * @param spellings the names by those of the X-Ray API; empty if they are those, else the body
   *     has no others
   * @throws IOException if it is not JSON
   * @throws XRayException if it is no object, or has members of other names
   */
  public static Members read(JsonParser json, Map<String, String> spellings) throws IOException {
    JsonNode read;
    try {
      read = JSON.readTree(json);
    } catch (NumberFormatException e) {
      // Jackson lets this through for exponents that even a BigDecimal does not hold.
      throw RequestReader.invalid("body", "a number out of range", "exponents below 2147483648");
    }
    if (read == null || !read.isObject()) {
      String found = read == null ? "nothing" : read.getNodeType().toString();
      throw RequestReader.invalid("body", found, "a JSON object");
    }
    RequestReader.end(json);
    return new Members(read, "", Map.copyOf(spellings)).withoutOthers();
  }

  /**
   * Returns these and one more, which stands elsewhere in the request; the same if it is here too.
   *
   * @throws XRayException if it is here with another value
   */
  public Members with(String name, String value) {
    String here = text(name);
    if (here != null && !here.equals(value)) {
      throw invalid(name, here, '\'' + Hex.quote(value) + "', as in the path, or none");
    }
    return with(name, TextNode.valueOf(value));
  }

  /** Returns these, of which one has another value. */
  public Members with(String name, int value) {
    return with(name, IntNode.valueOf(value));
  }

  private Members with(String name, JsonNode value) {
    ObjectNode copy = ((ObjectNode) members).deepCopy();
    copy.set(spelled(name), value);
    return new Members(copy, prefix, spellings);
  }

  /** Returns the name that a member has in this request. */
  public String spelled(String name) {
    return spellings.getOrDefault(name, name);
  }

  /** Returns a member as messages name it. */
  public String nameOf(String name) {
    return prefix + spelled(name);
  }

  private @Nullable JsonNode find(String name) {
    JsonNode member = members.get(spelled(name));
    return member == null || member.isNull() ? null : member;
  }

  private XRayException invalid(String name, JsonNode found, String expected) {
    return XRayException.invalid(nameOf(name), shown(found), expected);
  }

  /** Returns the refusal of a member that is needed and not there. */
  public XRayException missing(String name, String expected) {
    return XRayException.invalid(nameOf(name), "missing", expected);
  }

  /** Returns the refusal of a text. */
  public XRayException invalid(String name, String found, String expected) {
    return XRayException.invalid(nameOf(name), '\'' + Hex.quote(found) + '\'', expected);
  }

  /** Returns whether there is a member that is not null. */
  public boolean has(String name) {
    return find(name) != null;
  }

  /** Returns a text of any length, or null. */
  public @Nullable String text(String name) {
    JsonNode member = find(name);
    if (member == null) {
      return null;
    }
    if (!member.isTextual()) {
      throw invalid(name, member, "a string");
    }
    if (!isUnicode(member.textValue())) {
      throw invalid(name, member, UNICODE);
    }
    return member.textValue();
  }

  /** Half of a surrogate pair, which JSON can escape, is in no text that could be kept. */
  private static boolean isUnicode(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (i + 1 == text.length()
            || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  /** Returns a text of {@code min} to {@code max} characters, or null. */
  public @Nullable String text(String name, int min, int max) {
    String text = text(name);
    if (text != null && (text.length() < min || text.length() > max)) {
      throw XRayException.invalid(
          nameOf(name),
          text.isEmpty() ? "empty" : text.length() + " characters",
          characters(min, max));
    }
    return text;
  }

  /** Returns a text of {@code min} to {@code max} characters, which must be there. */
  public String requiredText(String name, int min, int max) {
    String text = text(name, min, max);
    if (text == null) {
      throw missing(name, "a string of " + characters(min, max));
    }
    return text;
  }

  private static String characters(int min, int max) {
    if (max == Integer.MAX_VALUE) {
      return min + " or more characters";
    }
    if (min == max) {
      return max + " characters";
    }
    return min == 0 ? "at most " + max + " characters" : min + " to " + max + " characters";
  }

  /** Returns a text, or a number as text, or null. */
  public @Nullable String scalar(String name) {
    JsonNode member = find(name);
    if (member == null || !member.isNumber()) {
      if (member != null && !member.isTextual()) {
        throw invalid(name, member, "a string or a number");
      }
      return text(name);
    }
    // Never in full: an exponent may stand for any number of digits.
    return member.isIntegralNumber() ? member.asText() : member.decimalValue().toString();
  }

  /** Returns one of some texts, or null. */
  public @Nullable String choice(String name, Set<String> choices) {
    String text = text(name);
    if (text != null && !choices.contains(text)) {
      throw invalid(name, text, oneOf(choices));
    }
    return text;
  }

  private static String oneOf(Set<String> choices) {
    List<String> sorted = choices.stream().sorted().toList();
    int last = sorted.size() - 1;
    return last == 0
        ? sorted.getFirst()
        : String.join(", ", sorted.subList(0, last)) + " or " + sorted.get(last);
  }

  /** Returns one of some texts, which must be there. */
  public String requiredChoice(String name, Set<String> choices) {
    String text = choice(name, choices);
    if (text == null) {
      throw missing(name, oneOf(choices));
    }
    return text;
  }

  /** Returns {@code true} or {@code false}, or null. */
  public @Nullable Boolean flag(String name) {
    JsonNode member = find(name);
    if (member == null) {
      return null;
    }
    if (!member.isBoolean()) {
      throw invalid(name, member, "true or false");
    }
    return member.booleanValue();
  }

  /** Returns a whole number of {@code min} to {@code max}, or null. */
  public @Nullable Integer integer(String name, int min, int max) {
    JsonNode member = find(name);
    if (member == null) {
      return null;
    }
    if (member.isNumber()) {
      BigDecimal number = member.decimalValue();
      if (isSmall(number)
          && number.compareTo(BigDecimal.valueOf(min)) >= 0
          && number.compareTo(BigDecimal.valueOf(max)) <= 0
          && number.stripTrailingZeros().scale() <= 0) {
        return number.intValue();
      }
    }
    throw invalid(name, member, "a whole number, " + atLeast(min, max));
  }

  private static String atLeast(int min, int max) {
    return max == Integer.MAX_VALUE ? min + " or more" : min + " to " + max;
  }

  /** Returns a whole number of {@code min} to {@code max}, which must be there. */
  public int requiredInteger(String name, int min, int max) {
    Integer number = integer(name, min, max);
    if (number == null) {
      throw missing(name, "a whole number, " + atLeast(min, max));
    }
    return number;
  }

  /** Returns a number of {@code min} to {@code max}, or null. */
  public @Nullable Double number(String name, double min, double max) {
    JsonNode member = find(name);
    if (member == null) {
      return null;
    }
    if (member.isNumber() && isSmall(member.decimalValue())) {
      double number = member.doubleValue();
      if (number >= min && number <= max) {
        return number;
      }
    }
    throw invalid(name, member, numberRange(min, max));
  }

  private static String numberRange(double min, double max) {
    return "a number, "
        + new BigDecimal(min).toPlainString()
        + " to "
        + new BigDecimal(max).toPlainString();
  }

  /** Returns a number of {@code min} to {@code max}, which must be there. */
  public double requiredNumber(String name, double min, double max) {
    Double number = number(name, min, max);
    if (number == null) {
      throw missing(name, numberRange(min, max));
    }
    return number;
  }

  /** Returns the members of an object, or null. */
  public @Nullable Members object(String name) {
    JsonNode member = find(name);
    if (member == null) {
      return null;
    }
    if (!member.isObject()) {
      throw invalid(name, member, "an object");
    }
    return new Members(member, nameOf(name) + '.', spellings).withoutOthers();
  }

  /** Returns the members of an object, which must be there. */
  public Members requiredObject(String name) {
    Members object = object(name);
    if (object == null) {
      throw missing(name, "an object");
    }
    return object;
  }

  /** Returns a list of at most {@code maxCount} objects, or null. */
  public @Nullable List<Members> objects(String name, int maxCount) {
    JsonNode member = find(name);
    if (member == null) {
      return null;
    }
    if (!member.isArray()) {
      throw invalid(name, member, "a list of objects");
    }
    if (member.size() > maxCount) {
      throw XRayException.invalid(nameOf(name), member.size() + " values", "at most " + maxCount);
    }
    List<Members> objects = new ArrayList<>(member.size());
    for (JsonNode each : member) {
      if (!each.isObject()) {
        throw invalid(name + '[' + objects.size() + ']', each, "an object");
      }
      objects.add(
          new Members(each, nameOf(name) + '[' + objects.size() + "].", spellings).withoutOthers());
    }
    return objects;
  }

  /** Returns a list of at most {@code maxCount} objects, which must be there. */
  public List<Members> requiredObjects(String name, int maxCount) {
    List<Members> objects = objects(name, maxCount);
    if (objects == null) {
      throw missing(name, "a list of objects");
    }
    return objects;
  }

  /**
   * Returns a list of {@code minCount} to {@code maxCount} strings of 1 to {@code maxLength}
   * characters each, which must be there.
   */
  public List<String> requiredTexts(String name, int minCount, int maxCount, int maxLength) {
    JsonNode member = find(name);
    if (member == null) {
      throw missing(name, "a list of strings");
    }
    if (!member.isArray()) {
      throw invalid(name, member, "a list of strings");
    }
    if (member.size() < minCount || member.size() > maxCount) {
      throw XRayException.invalid(
          nameOf(name), member.size() + " values", minCount + " to " + maxCount);
    }
    List<String> texts = new ArrayList<>(member.size());
    for (JsonNode each : member) {
      String text = each.textValue();
      if (text == null || text.isEmpty() || text.length() > maxLength) {
        throw invalid(name, each, "strings of 1 to " + maxLength + " characters");
      }
      if (!isUnicode(text)) {
        throw invalid(name, each, UNICODE);
      }
      texts.add(text);
    }
    return texts;
  }

  /** Returns an object with at most {@code maxCount} string members, or null. */
  public @Nullable Map<String, String> textMap(String name, int maxCount, int maxLength) {
    JsonNode member = find(name);
    if (member == null) {
      return null;
    }
    if (!member.isObject()) {
      throw invalid(name, member, "an object with strings");
    }
    if (member.size() > maxCount) {
      throw XRayException.invalid(nameOf(name), member.size() + " members", "at most " + maxCount);
    }
    // Their names are the sender's own.
    Members inner = new Members(member, nameOf(name) + '.', Map.of());
    Map<String, String> map = new LinkedHashMap<>();
    for (String key : (Iterable<String>) member::fieldNames) {
      if (key.isEmpty() || key.length() > maxLength) {
        throw invalid(name, key, "names of 1 to " + maxLength + " characters");
      }
      map.put(key, inner.requiredText(key, 1, maxLength));
    }
    return map;
  }

  /** Returns a time in epoch nanoseconds, which must be there; smaller parts are dropped. */
  public long requiredEpochNanos(String name) {
    JsonNode member = find(name);
    if (member == null) {
      throw missing(name, "epoch seconds");
    }
    try {
      if (member.isTextual()) {
        OffsetDateTime time = OffsetDateTime.parse(member.textValue());
        return nanos(
            BigDecimal.valueOf(time.toEpochSecond())
                .add(BigDecimal.valueOf(time.getNano(), NANO_DIGITS)));
      }
      if (member.isNumber()) {
        return nanos(member.decimalValue());
      }
    } catch (DateTimeException | ArithmeticException notATime) {
      throw invalid(name, member, TIME_EXPECTED);
    }
    throw invalid(name, member, TIME_EXPECTED);
  }

  /** Returns the range from StartTime to EndTime, both of which must be there. */
  public TimeRange requiredRange() {
    long start = requiredEpochNanos("StartTime");
    long end = requiredEpochNanos("EndTime");
    if (end <= start) {
      throw XRayException.invalid("EndTime: not after StartTime (expected: after StartTime)");
    }
    return new TimeRange(start, end);
  }

  /**
   * Returns a time, which must be there, to the millisecond. A number that would be a time after
   * the year 5138 is in milliseconds: the X-Ray SDK for Java reports such (2.21.0).
   */
  public Instant requiredReportTime(String name) {
    JsonNode member = find(name);
    if (member != null && member.isNumber()) {
      BigDecimal number = member.decimalValue();
      if (isSmall(number)
          && number.compareTo(FIRST_MILLIS) >= 0
          && number.compareTo(LAST_MILLIS) <= 0) {
        return Instant.ofEpochMilli(number.longValue());
      }
    }
    return Instant.ofEpochMilli(requiredEpochNanos(name) / NANOS_PER_MILLI);
  }

  private static boolean isSmall(BigDecimal number) {
    return Math.abs((long) number.scale()) <= MAX_DIGITS && number.precision() <= MAX_DIGITS;
  }

  private static long nanos(BigDecimal seconds) {
    if (!isSmall(seconds)) {
      throw new ArithmeticException("too many digits");
    }
    long nanos =
        seconds.movePointRight(NANO_DIGITS).setScale(0, RoundingMode.DOWN).longValueExact();
    if (nanos < 0) {
      throw new ArithmeticException("negative");
    }
    return nanos;
  }

  /** Returns all members as text, the same for equal requests, without {@code without}. */
  String canonical(String without) {
    StringBuilder canonical = new StringBuilder();
    members.properties().stream()
        .filter(member -> !member.getKey().equals(without) && !member.getValue().isNull())
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            member -> canonical.append(member.getKey()).append(member.getValue()).append('\n'));
    return canonical.toString();
  }

  private static String shown(JsonNode value) {
    return Hex.quote(value.toString());
  }
}
