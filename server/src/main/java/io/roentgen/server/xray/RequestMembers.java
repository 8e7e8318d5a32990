// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.roentgen.model.Hex;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The members of an X-Ray API request. Those that nobody asks for are ignored, as AWS does; what is
 * asked for and not as expected is an {@link XRayException}. A member that is null counts as not
 * there.
 */
final class RequestMembers {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  /** No time has more digits before or behind its point; more would make arithmetic slow. */
  private static final int MAX_TIME_DIGITS = 100;

  private static final int NANO_DIGITS = 9;

  private final JsonNode members;

  /** Reads a request body; an empty one is a request without members. */
  RequestMembers(byte[] body) {
    JsonNode read;
    try {
      read = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw XRayException.invalid("body: " + e.getOriginalMessage() + " (expected: a JSON object)");
    } catch (IOException e) {
      throw XRayException.invalid("body: " + e.getMessage() + " (expected: a JSON object)");
    }
    if (read.isMissingNode()) {
      read = JSON.createObjectNode();
    }
    if (!read.isObject()) {
      throw XRayException.invalid("body: " + read.getNodeType() + " (expected: a JSON object)");
    }
    members = read;
  }

  private @Nullable JsonNode find(String name) {
    JsonNode member = members.get(name);
    return member == null || member.isNull() ? null : member;
  }

  @Nullable String text(String name) {
    JsonNode member = find(name);
    if (member == null) {
      return null;
    }
    if (!member.isTextual()) {
      throw XRayException.invalid(name + ": " + shown(member) + " (expected: a string)");
    }
    return member.textValue();
  }

  /** Returns a list of strings of at most {@code maxLength} characters. */
  List<String> texts(String name, int maxCount, int maxLength) {
    JsonNode member = find(name);
    if (member == null) {
      throw XRayException.invalid(name + ": missing (expected: a list of strings)");
    }
    if (!member.isArray()) {
      throw XRayException.invalid(name + ": " + shown(member) + " (expected: a list of strings)");
    }
    if (member.isEmpty() || member.size() > maxCount) {
      throw XRayException.invalid(
          name + ": " + member.size() + " values (expected: 1 to " + maxCount + ")");
    }
    List<String> texts = new ArrayList<>(member.size());
    for (JsonNode each : member) {
      String text = each.textValue();
      if (text == null || text.isEmpty() || text.length() > maxLength) {
        throw XRayException.invalid(
            name
                + ": "
                + shown(each)
                + " (expected: strings of 1 to "
                + maxLength
                + " characters)");
      }
      texts.add(text);
    }
    return texts;
  }

  /** Returns a time in epoch nanoseconds; smaller parts are dropped. */
  long epochNanos(String name) {
    JsonNode member = find(name);
    if (member == null) {
      throw XRayException.invalid(name + ": missing (expected: epoch seconds)");
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
      throw badTime(name, member);
    }
    throw badTime(name, member);
  }

  private static long nanos(BigDecimal seconds) {
    if (Math.abs((long) seconds.scale()) > MAX_TIME_DIGITS
        || seconds.precision() > MAX_TIME_DIGITS) {
      throw new ArithmeticException("too many digits");
    }
    long nanos =
        seconds.movePointRight(NANO_DIGITS).setScale(0, RoundingMode.DOWN).longValueExact();
    if (nanos < 0) {
      throw new ArithmeticException("negative");
    }
    return nanos;
  }

  private static XRayException badTime(String name, JsonNode member) {
    return XRayException.invalid(
        name + ": " + shown(member) + " (expected: epoch seconds between 1970 and 2262)");
  }

  /** Returns the text of a member's member, or null if either is not there. */
  @Nullable String text(String name, String inner) {
    JsonNode member = find(name);
    if (member == null) {
      return null;
    }
    JsonNode nested = member.get(inner);
    return nested == null ? null : nested.textValue();
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
