// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.QueryParams;
import io.roentgen.model.Hex;
import io.roentgen.model.TimeRange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters of one request. Whatever is not as the route expects is an {@link
 * ApiException}.
 */
final class Parameters {
  private static final long DEFAULT_RANGE_NANOS = 3_600_000_000_000L;

  private final QueryParams params;
  private final long nowEpochNanos;

  /**
   * Takes the parameters of a request.
   *
   * @param known the names that the route takes
   * @throws ApiException if there is any other
   */
  Parameters(QueryParams params, List<String> known, long nowEpochNanos) {
    for (String name : params.names()) {
      if (!known.contains(name)) {
        throw unknown(name, known);
      }
    }
    this.params = params;
    this.nowEpochNanos = nowEpochNanos;
  }

  private static ApiException unknown(String name, List<String> known) {
    String nearest = nearest(name, known);
    String hint =
        nearest != null
            ? "did you mean " + nearest + "?"
            : known.isEmpty() ? "expected: none" : "expected: " + String.join(", ", known);
    return new ApiException(
        HttpStatus.BAD_REQUEST,
        "unknown_parameter",
        Hex.quote(name),
        "unknown parameter '" + Hex.quote(name) + "' (" + hint + ")");
  }

  /** Returns the known name that is so near that it must have been meant, or null. */
  private static @Nullable String nearest(String name, List<String> known) {
    String best = null;
    int bestDistance = Integer.MAX_VALUE;
    String given = Hex.quote(name).toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
    for (String candidate : known) {
      int distance = distance(given, candidate.toLowerCase(Locale.ROOT));
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return best != null && bestDistance <= Math.max(1, best.length() / 3) ? best : null;
  }

  /** Returns how many single-character changes lead from one text to the other (Levenshtein). */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int change = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[to.length()];
  }

  /** Returns the one value of a parameter, or null if it is not there. */
  @Nullable String text(String name) {
    List<String> values = params.getAll(name);
    if (values.isEmpty()) {
      return null;
    }
    if (values.size() > 1) {
      throw new ApiException(
          HttpStatus.BAD_REQUEST,
          "invalid_parameter",
          name,
          name + ": given " + values.size() + " times (expected: once)");
    }
    String value = values.getFirst();
    if (value.isEmpty()) {
      throw ApiException.invalid(name, value, "a value, or leave the parameter out");
    }
    return value;
  }

  /** Returns the values of a parameter that may be given several times. */
  List<String> texts(String name) {
    return params.getAll(name);
  }

  /** Returns the one value of a parameter, which may be empty, and is if it is not there. */
  String textOrEmpty(String name) {
    List<String> values = params.getAll(name);
    return values.equals(List.of("")) || values.isEmpty()
        ? ""
        : Objects.requireNonNull(text(name), name);
  }

  @Nullable Long duration(String name) {
    String text = text(name);
    if (text == null) {
      return null;
    }
    Long nanos = DurationParser.nanosOrNull(text);
    if (nanos == null) {
      throw ApiException.invalid(name, text, DurationParser.EXPECTED);
    }
    return nanos;
  }

  /** Returns start and end; the end is now and the start an hour before the end unless given. */
  TimeRange range() {
    Long start = time("start");
    Long givenEnd = time("end");
    long end = givenEnd == null ? nowEpochNanos : givenEnd;
    if (start == null) {
      start = Math.max(0, end - DEFAULT_RANGE_NANOS);
    }
    if (end <= start) {
      String which = givenEnd == null ? "start" : "end";
      throw ApiException.invalid(
          which,
          String.valueOf(text(which)),
          which.equals("end") ? "after start" : "before end, which is now unless given");
    }
    return new TimeRange(start, end);
  }

  private @Nullable Long time(String name) {
    String text = text(name);
    if (text == null) {
      return null;
    }
    Long nanos = TimeParser.epochNanosOrNull(text, nowEpochNanos);
    if (nanos == null) {
      throw ApiException.invalid(name, text, TimeParser.EXPECTED);
    }
    return nanos;
  }

  int number(String name, int min, int max, int otherwise) {
    String text = text(name);
    if (text == null) {
      return otherwise;
    }
    int number = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
    if (number < min || number > max) {
      throw ApiException.invalid(name, text, min + " to " + max);
    }
    return number;
  }

  <T> @Nullable T choice(String name, Map<String, T> choices) {
    String text = text(name);
    if (text == null) {
      return null;
    }
    T choice = choices.get(text);
    if (choice == null) {
      throw ApiException.invalid(name, text, String.join(", ", choices.keySet()));
    }
    return choice;
  }

  /** Returns the values of a repeatable {@code key=value} parameter by key. */
  Map<String, String> pairs(String name) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String text : params.getAll(name)) {
      int split = text.indexOf('=');
      if (split < 1) {
        throw ApiException.invalid(name, text, "key=value");
      }
      String value = text.substring(split + 1);
      String before = pairs.putIfAbsent(text.substring(0, split), value);
      if (before != null && !before.equals(value)) {
        throw ApiException.invalid(name, text, "each key once");
      }
    }
    return pairs;
  }
}
