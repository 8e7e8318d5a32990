// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.store.StoreException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Server-sent events: {@code changed} when there is more to see, at most once a second, and {@code
 * status} every five seconds and when something happened that people wait for. Each stream ends
 * after ten minutes, so that who reads it shows again that he may; browsers do so by themselves.
 *
 * <p>One thread looks and writes, only while somebody reads. A reader who does not keep up misses
 * events, each of which says everything anew.
 */
final class LiveRoute implements AutoCloseable {
  static final String PATH = "/api/live";
  static final int MAX_STREAMS = 200;

  private static final Logger logger = LoggerFactory.getLogger(LiveRoute.class);
  private static final int TICKS_A_STATUS = 5;
  private static final long LIFE_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final String BEGIN = "retry: 2000\n";

  private final Source source;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("live").daemon().factory());

  @GuardedBy("this")
  private final List<Stream> streams = new ArrayList<>();

  @GuardedBy("this")
  private boolean started;

  @GuardedBy("this")
  private boolean closed;

  // The following belong to the thread.
  private @Nullable Seen seen;
  private int ticks;

  /** What there is to tell. */
  interface Source {
    /** Returns what tells whether anything changed. */
    Seen look();

    /** Returns the status as JSON in one line. */
    String statusJson();
  }

  /**
   * What was there.
   *
   * @param spanCount spans accepted since the start
   * @param refusedCount spans and requests that were refused or lost
   * @param sampleEpochNanos which sample is loaded, or 0 for none
   */
  record Seen(long spanCount, long refusedCount, long sampleEpochNanos) {}

  /** Somebody who reads. */
  private static final class Stream {
    private final HttpResponseWriter writer = HttpResponse.streaming();
    private final long endNanos = System.nanoTime() + LIFE_NANOS;

    /** Whether what was written before is on its way, so that nothing piles up. */
    private volatile boolean free = true;

    void send(String events) {
      if (!free) {
        return;
      }
      free = false;
      if (writer.tryWrite(HttpData.ofUtf8(events))) {
        var _ = writer.whenConsumed().thenRun(() -> free = true);
      }
    }
  }

  LiveRoute(Source source) {
    this.source = source;
  }

  /** Begins a stream, unless there are too many or the server stops. */
  HttpResponse open(ServiceRequestContext context, Supplier<HttpResponse> tooMany) {
    context.clearRequestTimeout();
    Stream stream = new Stream();
    String first = BEGIN + event("status", source.statusJson());
    synchronized (this) {
      streams.removeIf(each -> !each.writer.isOpen());
      if (closed || streams.size() >= MAX_STREAMS) {
        return tooMany.get();
      }
      // Before anybody else can write to it.
      stream.writer.write(
          ResponseHeaders.builder(HttpStatus.OK)
              .contentType(MediaType.EVENT_STREAM)
              .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
              .build());
      stream.send(first);
      streams.add(stream);
      if (!started) {
        started = true;
        var _ = thread.scheduleAtFixedRate(this::tickSafely, 1, 1, TimeUnit.SECONDS);
      }
    }
    return stream.writer;
  }

  private static String event(String name, String json) {
    return "event: " + name + "\ndata: " + json + "\n\n";
  }

  private void tickSafely() {
    try {
      tick();
    } catch (StoreException e) {
      logger.debug("cannot look what changed", e);
    } catch (RuntimeException e) {
      // A schedule ends with the first failure that gets out, and nobody would know.
      logger.error("cannot tell what changed, trying again in a second", e);
    }
  }

  private void tick() {
    List<Stream> readers = readers();
    if (readers.isEmpty()) {
      seen = null;
      return;
    }
    Seen now = source.look();
    Seen before = seen;
    seen = now;
    ticks++;
    StringBuilder events = new StringBuilder();
    if (before == null
        || ticks % TICKS_A_STATUS == 0
        || before.refusedCount != now.refusedCount
        || before.sampleEpochNanos != now.sampleEpochNanos
        || (before.spanCount == 0 && now.spanCount > 0)) {
      events.append(event("status", source.statusJson()));
    }
    if (before != null
        && (before.spanCount != now.spanCount || before.sampleEpochNanos != now.sampleEpochNanos)) {
      events.append(event("changed", "{\"spanCount\":" + now.spanCount + "}"));
    }
    if (!events.isEmpty()) {
      readers.forEach(each -> each.send(events.toString()));
    }
  }

  /** Ends the streams that have lasted long enough, forgets those that were left. */
  private synchronized List<Stream> readers() {
    long now = System.nanoTime();
    for (Iterator<Stream> all = streams.iterator(); all.hasNext(); ) {
      Stream each = all.next();
      if (now - each.endNanos > 0) {
        each.writer.close();
      }
      if (!each.writer.isOpen()) {
        all.remove();
      }
    }
    return List.copyOf(streams);
  }

  synchronized int streamCount() {
    streams.removeIf(each -> !each.writer.isOpen());
    return streams.size();
  }

  /** Ends all streams and takes no more. */
  @Override
  public void close() {
    thread.shutdownNow();
    synchronized (this) {
      closed = true;
      streams.forEach(each -> each.writer.close());
      streams.clear();
    }
  }
}
