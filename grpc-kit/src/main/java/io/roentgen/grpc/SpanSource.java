// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Makes the spans of calls and sends them: as X-Ray segments, or through OpenTelemetry. Must be
 * safe for use by several threads, and must not block.
 */
public interface SpanSource extends AutoCloseable {
  /**
   * Decides about a call before anything is made for it, so that one that is not sampled costs
   * nothing more. Called once for each call that is served, and that is made without a span around
   * it.
   *
   * @param method its full name
   * @param incoming what the caller sent, or null
   * @return a context that has a trace and whose decision is made, for {@link #startServer} or as
   *     that of the parent for {@link #startClient}; or null if only these can decide
   */
  default @Nullable TraceContext decide(
      String method, String authority, @Nullable TraceContext incoming) {
    return null;
  }

  /**
   * Starts the span of a call that is served, or one that is not sampled.
   *
   * @param incoming what {@link #decide} returned, or else what the caller sent, or null
   */
  ActiveSpan startServer(GrpcCall call, @Nullable TraceContext incoming);

  /**
   * Returns the span that calls which this thread makes are part of, in whose context their
   * callbacks run.
   *
   * @param current the span of gRPC's current context; returned unless another library's context
   *     knows better
   */
  default ActiveSpan parent(ActiveSpan current) {
    return current;
  }

  /**
   * Starts the span of a call that is made, or one that is not sampled.
   *
   * @param parent the span that the call is made for; {@link ActiveSpan#context} is null if it is
   *     made for none, and then a trace begins
   */
  ActiveSpan startClient(GrpcCall call, ActiveSpan parent);

  /**
   * Starts work that no gRPC call asked for, such as an HTTP request or a message of a queue, which
   * must be ended.
   *
   * @param incoming what the sender sent, or null
   */
  ActiveSpan start(String name, ActiveSpan.Kind kind, @Nullable TraceContext incoming);

  /**
   * Waits until what has ended before is handed to the network, but no longer than {@code timeout}.
   * Returns whether all was.
   */
  boolean flush(Duration timeout) throws InterruptedException;

  /** Sends what has ended, and stops; spans that end later are dropped and counted. */
  @Override
  void close();

  /** Returns what became of the spans so far. */
  SpanStatistics statistics();
}
