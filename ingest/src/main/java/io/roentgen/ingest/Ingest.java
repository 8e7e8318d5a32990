// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest;

import io.roentgen.model.Rejection;
import io.roentgen.model.SpanBatch;
import io.roentgen.store.StoreException;
import io.roentgen.store.StoreOverloadedException;
import io.roentgen.store.TraceWriter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way from decoded batches to the store, the same for every transport: writes, counts, and
 * tells what the sender must know. Safe for use by several threads.
 */
public final class Ingest {
  private static final Logger logger = LoggerFactory.getLogger(Ingest.class);
  private static final long WARN_PERIOD_NANOS = 60_000_000_000L;

  /** A full disk or a closed store does not mend in a second. */
  private static final long UNAVAILABLE_RETRY_MILLIS = 5_000;

  private final TraceWriter writer;
  private final IngestMetrics metrics;

  /** The last refusal by the store since its last write, or null. */
  private volatile @Nullable StoreRefusal lastRefused;

  private record StoreRefusal(long nanos, String message) {}

  private final AtomicLong unavailableToldNanos =
      new AtomicLong(System.nanoTime() - WARN_PERIOD_NANOS);

  public Ingest(TraceWriter writer, IngestMetrics metrics) {
    this.writer = writer;
    this.metrics = metrics;
  }

  /**
   * Writes a batch and counts its spans: as accepted, or as rejected for {@link
   * Rejection#OVERLOADED} or {@link Rejection#STORE_UNAVAILABLE}. Blocks until the spans are
   * durable. An empty batch is written at once.
   */
  public WriteResult write(Transport transport, SpanBatch batch) {
    WriteResult result = tryWrite(transport, batch);
    switch (result) {
      case WriteResult.Written _ -> {}
      case WriteResult.Overloaded overloaded ->
          metrics.rejected(
              transport, Rejection.OVERLOADED, batch.spanCount(), overloaded.message());
      case WriteResult.Unavailable unavailable ->
          metrics.rejected(
              transport, Rejection.STORE_UNAVAILABLE, batch.spanCount(), unavailable.message());
    }
    return result;
  }

  /**
   * Does what {@link #write} does but counts only spans that were accepted: the caller tries again,
   * or counts the others.
   */
  public WriteResult tryWrite(Transport transport, SpanBatch batch) {
    if (batch.spanCount() == 0) {
      return new WriteResult.Written();
    }
    try {
      writer.write(batch);
    } catch (StoreOverloadedException e) {
      return new WriteResult.Overloaded(
          String.valueOf(e.getMessage()), Math.max(1, e.retryAfterMillis()));
    } catch (StoreException e) {
      warnUnavailable(e);
      lastRefused = new StoreRefusal(System.nanoTime(), String.valueOf(e.getMessage()));
      return new WriteResult.Unavailable(String.valueOf(e.getMessage()), UNAVAILABLE_RETRY_MILLIS);
    }
    lastRefused = null;
    metrics.accepted(transport, batch.spanCount());
    metrics.arrived(transport, batch);
    return new WriteResult.Written();
  }

  /**
   * Returns why the store could not write within the time before now, or null if it could or was
   * not asked.
   */
  public @Nullable String refusalWithin(Duration time) {
    StoreRefusal refused = lastRefused;
    return refused != null && System.nanoTime() - refused.nanos < time.toNanos()
        ? refused.message
        : null;
  }

  private void warnUnavailable(StoreException e) {
    long now = System.nanoTime();
    long told = unavailableToldNanos.get();
    if (now - told >= WARN_PERIOD_NANOS && unavailableToldNanos.compareAndSet(told, now)) {
      logger.error("store refuses writes, senders are asked to come again", e);
    }
  }
}
