// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Refusals in one form: {@code name: value (expected: rule)}. */
final class Arguments {
  private static final int MAX_QUOTED = 64;

  private Arguments() {}

  static IllegalArgumentException refusal(String name, @Nullable Object value, String rule) {
    return new IllegalArgumentException(name + ": " + value + " (expected: " + rule + ")");
  }

  static void check(boolean holds, String name, @Nullable Object value, String rule) {
    if (!holds) {
      throw refusal(name, value, rule);
    }
  }

  static Duration positive(String name, Duration value) {
    check(!value.isNegative() && !value.isZero(), name, value, "more than 0");
    return value;
  }

  /** Outside text for a message: at most 64 characters, without control characters. */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder();
    for (int i = 0; i < text.length() && i < MAX_QUOTED; i++) {
      char c = text.charAt(i);
      quoted.append(Character.isISOControl(c) ? '?' : c);
    }
    return text.length() > MAX_QUOTED ? quoted + "..." : quoted.toString();
  }
}
