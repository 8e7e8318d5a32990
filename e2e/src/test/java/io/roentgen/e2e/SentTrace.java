// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * Traces with ids of their own, to be told from all others later.
 *
 * @param traceId in the W3C spelling; its first half byte count is the time, as X-Ray wants it
 * @param spanIds of all its spans, the root first
 */
record SentTrace(String traceId, List<String> spanIds) {
  /** Makes one of {@code spanCount} spans that starts now. */
  static SentTrace random(Random random, int spanCount) {
    HexFormat hex = HexFormat.of();
    byte[] low = new byte[12];
    random.nextBytes(low);
    String traceId =
        hex.toHexDigits((int) (System.currentTimeMillis() / 1000)) + hex.formatHex(low);
    List<String> spanIds = new ArrayList<>(spanCount);
    for (int i = 0; i < spanCount; i++) {
      spanIds.add(hex.toHexDigits(random.nextLong() | 1));
    }
    return new SentTrace(traceId, List.copyOf(spanIds));
  }

  /** Returns the id as X-Ray spells it. */
  String xrayTraceId() {
    return "1-" + traceId.substring(0, 8) + "-" + traceId.substring(8);
  }
}
