// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;

/** Times as the X-Ray API has them: a number, seconds since the epoch, with milliseconds. */
public final class Times {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private Times() {}

  /** Writes a member. */
  public static void write(JsonGenerator json, String name, Instant time) throws IOException {
    json.writeFieldName(name);
    json.writeNumber(BigDecimal.valueOf(time.toEpochMilli(), 3));
  }

  /** Writes a member with a time in epoch nanoseconds, of which the milliseconds are kept. */
  public static void writeNanos(JsonGenerator json, String name, long epochNanos)
      throws IOException {
    write(json, name, Instant.ofEpochMilli(Math.floorDiv(epochNanos, NANOS_PER_MILLI)));
  }
}
