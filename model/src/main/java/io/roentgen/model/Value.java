// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An attribute value: one of the kinds that OTLP's {@code AnyValue} has. X-Ray annotations use the first four.
 */
public sealed interface Value {
  /** Returns {@code value} as a value. */
  static Value of(String value) {
    return new StringValue(value);
  }

  /** Returns {@code value} as a value. */
  static Value of(long value) {
    return new LongValue(value);
  }

  /** Returns {@code value} as a value. */
  static Value of(double value) {
    return new DoubleValue(value);
  }

  /** Returns {@code value} as a value. */
  static Value of(boolean value) {
    return new BooleanValue(value);
  }

  /** Text. */
  record StringValue(String value) implements Value {}

  /** A 64-bit integer. */
  record LongValue(long value) implements Value {}

  /** A 64-bit floating-point number; equal when the bits are, so NaN equals NaN and 0.0 is not -0.0. */
  record DoubleValue(double value) implements Value {}

  /** True or false. */
  record BooleanValue(boolean value) implements Value {}

  /** Bytes; the array is copied in and out. */
  final class BytesValue implements Value {
    private final byte[] value;

    public BytesValue(byte[] value) {
      this.value = value.clone();
    }

    /** Returns a copy of the bytes. */
    public byte[] value() {
      return value.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof BytesValue that && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(value);
    }

    @Override
    public String toString() {
      return "BytesValue[" + value.length + " bytes]";
    }
  }

  /** An ordered list of values. */
  record ArrayValue(List<Value> values) implements Value {
    public ArrayValue {
      values = List.copyOf(values);
    }
  }

  /** Values by key, in the order in which they came; equality ignores that order. */
  record MapValue(Map<String, Value> values) implements Value {
    public MapValue {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
  }

  /** A value that was sent without any content, which OTLP allows. */
  record EmptyValue() implements Value {
    public static final EmptyValue INSTANCE = new EmptyValue();
  }
}
