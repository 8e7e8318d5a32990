// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.sample;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.TraceId;
import io.roentgen.store.Document;
import io.roentgen.store.DocumentStore;
import io.roentgen.store.memory.MemoryStore;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads traces of a made-up shop and removes them, without a trace of them left: they are never
 * written to the store, but made anew from the one number that is kept, the end of their hour, also
 * after a restart. Safe for use by several threads.
 */
public final class SampleData {
  private static final Logger logger = LoggerFactory.getLogger(SampleData.class);
  private static final String KIND = "sample-data";
  private static final String NAME = "shop";

  private final SampleStore store;
  private final DocumentStore documents;
  private final Change change;
  private final InstantSource clock;

  @GuardedBy("this")
  private @Nullable SpanBatch batch;

  private volatile @Nullable Loaded loaded;

  /** Lets others know that these spans come or go while something runs. */
  public interface Change {
    /** Runs {@code run}, which makes the spans of {@code batch} appear or vanish. */
    void around(SpanBatch batch, Runnable run);
  }

  /**
   * What is there.
   *
   * @param endEpochNanos the end of the hour that the traces are of
   * @param traceCount how many traces
   * @param spanCount how many spans
   * @param slowTraceId one that is worth a look: it waited until its deadline had passed
   */
  public record Loaded(long endEpochNanos, int traceCount, int spanCount, TraceId slowTraceId) {}

  /** Shows in {@code store} what was loaded before the last stop. */
  public SampleData(SampleStore store, Change change, InstantSource clock) {
    this.store = store;
    documents = store.documents();
    this.change = change;
    this.clock = clock;
    Document document = documents.find(KIND, NAME).orElse(null);
    if (document != null) {
      show(SampleShop.hourBefore(end(document)), end(document));
    }
  }

  private static long end(Document document) {
    try {
      return Long.parseLong(document.content());
    } catch (NumberFormatException e) {
      throw new IllegalStateException(
          "document " + KIND + "/" + NAME + ": not a number of nanoseconds", e);
    }
  }

  /** Returns what is loaded, or null if nothing is. */
  public @Nullable Loaded loaded() {
    return loaded;
  }

  /**
   * Loads the hour that ends now, in place of what was loaded before.
   *
   * @throws io.roentgen.store.StoreException if that cannot be noted; nothing is loaded then
   */
  public synchronized Loaded load() {
    remove();
    Instant now = clock.instant();
    long end = now.getEpochSecond() * 1_000_000_000L + now.getNano();
    SampleShop.Hour hour = SampleShop.hourBefore(end);
    change.around(
        hour.batch(),
        () -> {
          var _ = documents.put(KIND, NAME, Long.toString(end), DocumentStore.NONE).orElseThrow();
          show(hour, end);
        });
    logger.info(
        "sample data loaded traces={} spans={}", hour.traceCount(), hour.batch().spanCount());
    return new Loaded(end, hour.traceCount(), hour.batch().spanCount(), hour.slowTraceId());
  }

  private synchronized void show(SampleShop.Hour hour, long end) {
    // Holds what it is given until it is forgotten; it has nothing that must be closed.
    MemoryStore shown = new MemoryStore();
    shown.writer().write(hour.batch());
    batch = hour.batch();
    loaded = new Loaded(end, hour.traceCount(), hour.batch().spanCount(), hour.slowTraceId());
    store.show(shown);
  }

  /**
   * Removes what is loaded; does nothing if nothing is.
   *
   * @throws io.roentgen.store.StoreException if that cannot be noted; nothing is removed then
   */
  public synchronized void remove() {
    SpanBatch shown = batch;
    if (shown == null) {
      return;
    }
    change.around(
        shown,
        () -> {
          documents
              .find(KIND, NAME)
              .ifPresent(
                  document -> {
                    var _ = documents.delete(KIND, NAME, document.revision());
                  });
          hide();
        });
    logger.info("sample data removed");
  }

  private synchronized void hide() {
    batch = null;
    loaded = null;
    store.show(null);
  }
}
