// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;

/** Times as the X-Ray API has them: a number, seconds since the epoch, with milliseconds. */
public final class Times {
  private Times() {}

  /** Writes a member. */
  public static void write(JsonGenerator json, String name, Instant time) throws IOException {
    json.writeFieldName(name);
    json.writeNumber(BigDecimal.valueOf(time.toEpochMilli(), 3));
  }
}
