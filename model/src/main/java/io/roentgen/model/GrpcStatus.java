// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * gRPC's status codes, and how a call went that ended with one: the codes that OpenTelemetry counts as errors of a server
 * are faults, RESOURCE_EXHAUSTED is a throttle, all others but OK are errors.
 */
public final class GrpcStatus {
  private static final List<String> NAMES =
      List.of(
          "OK",
          "CANCELLED",
          "UNKNOWN",
          "INVALID_ARGUMENT",
          "DEADLINE_EXCEEDED",
          "NOT_FOUND",
          "ALREADY_EXISTS",
          "PERMISSION_DENIED",
          "RESOURCE_EXHAUSTED",
          "FAILED_PRECONDITION",
          "ABORTED",
          "OUT_OF_RANGE",
          "UNIMPLEMENTED",
          "INTERNAL",
          "UNAVAILABLE",
          "DATA_LOSS",
          "UNAUTHENTICATED");

  private static final int[] OUTCOMES = new int[NAMES.size()];

  static {
    Arrays.fill(OUTCOMES, Outcome.ERROR_BIT);
    OUTCOMES[0] = 0;
    for (int fault : new int[] {2, 4, 12, 13, 14, 15}) {
      OUTCOMES[fault] = Outcome.FAULT_BIT;
    }
    OUTCOMES[8] = Outcome.ERROR_BIT | Outcome.THROTTLE_BIT;
  }

  private GrpcStatus() {}

  /** Returns the names by number. */
  public static List<String> names() {
    return NAMES;
  }

  /** Returns the {@link Outcome#bits} of a call that ended with this code; a code that nobody knows is a fault. */
  public static int outcomeBits(long code) {
    return code >= 0 && code < OUTCOMES.length ? OUTCOMES[(int) code] : Outcome.FAULT_BIT;
  }

  /** Returns the code with that number or name, in any case, or -1 if there is none. */
  public static int ofText(String text) {
    if (text.equalsIgnoreCase("canceled")) {
      // As the Connect protocol has it.
      return 1;
    }
    if (!text.isEmpty() && text.length() <= 3 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Integer.parseInt(text);
    }
    return NAMES.indexOf(text.toUpperCase(Locale.ROOT));
  }
}
