// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.Value;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What one span must be like, all of it at once, for its trace to match.
 *
 * @param service the exact service, or null for any
 * @param operation the exact span name, or null for any
 * @param minDurationNanos complete and at least this long, or null for any
 * @param maxDurationNanos complete and at most this long, or null for any
 * @param status how it went, or null for any
 * @param attributes text by key; see {@link #matches(Value, String)}. A key is looked for among the span's own
 *     attributes first and, if it is not there, among its resource's
 */
public record SpanCondition(
    @Nullable String service,
    @Nullable String operation,
    @Nullable Long minDurationNanos,
    @Nullable Long maxDurationNanos,
    @Nullable Status status,
    Map<String, String> attributes) {
  /** Any span. */
  public static final SpanCondition ANY =
      new SpanCondition(null, null, null, null, null, Map.of());

  /** Bounded, as texts come from outside. */
  private static final Pattern NUMBER =
      Pattern.compile("-?[0-9]{1,400}(\\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?");

  public SpanCondition {
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }

  /** How a span went. */
  public enum Status {
    /** Neither error nor fault nor throttle. */
    OK,
    ERROR,
    FAULT,
    THROTTLE;

    boolean matches(Outcome outcome) {
      return switch (this) {
        case OK -> outcome.isOk();
        case ERROR -> outcome.error();
        case FAULT -> outcome.fault();
        case THROTTLE -> outcome.throttle();
      };
    }
  }

  /** Returns whether every span matches. */
  public boolean isAny() {
    return equals(ANY);
  }

  /** Returns whether a span is like this. */
  public boolean matches(Span span) {
    if (service != null && !service.equals(span.service())) {
      return false;
    }
    if (operation != null && !operation.equals(span.name())) {
      return false;
    }
    if (minDurationNanos != null
        && (span.inProgress() || span.durationNanos() < minDurationNanos)) {
      return false;
    }
    if (maxDurationNanos != null
        && (span.inProgress() || span.durationNanos() > maxDurationNanos)) {
      return false;
    }
    if (status != null && !status.matches(span.outcome())) {
      return false;
    }
    for (Map.Entry<String, String> wanted : attributes.entrySet()) {
      Value own = span.attributes().get(wanted.getKey());
      Value value =
          own != null
              ? own
              : span.resourceScope().resource().attributes().get(wanted.getKey());
      if (value == null || !matches(value, wanted.getValue())) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns whether a value is what {@code text} spells: strings by equality, booleans as true or false, integers
   * as {@link #longOrNull} and other numbers as {@link #doubleOrNull} read them. So 1, 1.0 and 1e0 all match both
   * the integer and the double 1, and NaN and infinities match nothing; neither do bytes, arrays, maps and empty
   * values.
   */
  public static boolean matches(Value value, String text) {
    return switch (value) {
      case Value.StringValue string -> string.value().equals(text);
      case Value.BooleanValue flag -> Boolean.toString(flag.value()).equals(text);
      case Value.LongValue number -> {
        Long wanted = longOrNull(text);
        yield wanted != null && wanted == number.value();
      }
      case Value.DoubleValue number -> {
        Double wanted = doubleOrNull(text);
        yield wanted != null && wanted == number.value();
      }
      case Value.BytesValue _ -> false;
      case Value.ArrayValue _ -> false;
      case Value.MapValue _ -> false;
      case Value.EmptyValue _ -> false;
    };
  }

  /**
   * Returns the integer that {@code text} spells in decimal or exponent form, exactly, or null if it spells none
   * of 64 bits.
   */
  public static @Nullable Long longOrNull(String text) {
    if (!NUMBER.matcher(text).matches()) {
      return null;
    }
    try {
      return new BigDecimal(text).longValueExact();
    } catch (ArithmeticException fractionOrTooLarge) {
      return null;
    }
  }

  /** Returns the finite double nearest to what {@code text} spells in decimal or exponent form, or null. */
  public static @Nullable Double doubleOrNull(String text) {
    if (!NUMBER.matcher(text).matches()) {
      return null;
    }
    double number = Double.parseDouble(text);
    return Double.isInfinite(number) ? null : number;
  }
}
