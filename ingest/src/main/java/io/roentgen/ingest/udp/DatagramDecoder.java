// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest.udp;

import io.roentgen.model.Rejection;
import io.roentgen.model.SpanBatch;
import org.jspecify.annotations.Nullable;

/** Turns one datagram into spans. */
interface DatagramDecoder {
  /** Adds the spans of {@code datagram}, or adds none and returns why. */
  @Nullable Refused decode(byte[] datagram, SpanBatch.Builder spans);

  /** Why a datagram was not taken, in words that hold none of its content beyond names and ids. */
  record Refused(Rejection reason, String message) {}
}
