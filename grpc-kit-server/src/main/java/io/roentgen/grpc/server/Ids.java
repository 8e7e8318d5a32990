// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.roentgen.grpc.ActiveSpan;
import io.roentgen.model.TraceId;

/** What log lines say of whose call it is. */
final class Ids {
  private static final int MAX_CHARACTERS = 64;

  private Ids() {}

  /** Returns {@code trace=...} of the current span, or nothing if there is none. */
  static String ofSpan() {
    TraceId trace = ActiveSpan.current().traceId();
    return trace == null ? "" : " trace=" + trace.toXRay();
  }

  /** Returns text of the caller's as one word that is safe to log. */
  static String quoted(String text) {
    StringBuilder safe = new StringBuilder();
    for (int i = 0; i < text.length() && i < MAX_CHARACTERS; i++) {
      char c = text.charAt(i);
      safe.append(c > ' ' && c < 0x7f ? c : '_');
    }
    return safe.toString();
  }
}
