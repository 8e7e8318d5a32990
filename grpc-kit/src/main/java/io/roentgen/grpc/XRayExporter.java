// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends what has ended, from one thread of its own: calls only put their span into a queue. What
 * does not fit there is dropped and counted.
 */
final class XRayExporter implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(XRayExporter.class.getName());
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long IDLE_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long UPKEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  final OpenSpans open = new OpenSpans();
  private final ExportQueue<XRaySpan> queue;
  private final SegmentEncoder encoder;
  private final SegmentTransport transport;
  private final KitClock clock;
  private final long firstNanos;
  private final long againNanos;
  private final Thread thread;
  private final LongAdder sent = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private volatile boolean closing;

  /** How many of those that were put are sent or dropped; the thread writes it. */
  private volatile long done;

  private long warnedNanos = Long.MIN_VALUE;
  private long droppedWhenWarned;

  /**
   * Makes one, and starts its thread.
   *
   * @param firstNanos after how long a span that goes on is told of
   * @param againNanos after how long it is told of again
   */
  XRayExporter(
      int capacity,
      SegmentEncoder encoder,
      SegmentTransport transport,
      KitClock clock,
      long firstNanos,
      long againNanos) {
    this.queue = new ExportQueue<>(capacity);
    this.encoder = encoder;
    this.transport = transport;
    this.clock = clock;
    this.firstNanos = firstNanos;
    this.againNanos = againNanos;
    thread = new Thread(this::run, "roentgen-exporter");
    thread.setDaemon(true);
    thread.start();
  }

  /** Hands over a document's outermost span, which has ended. Never waits. */
  void send(XRaySpan span) {
    if (closing || !queue.offer(span)) {
      dropped.increment();
    }
  }

  private void run() {
    long busyNanos = System.nanoTime();
    long upkeepNanos = busyNanos;
    while (true) {
      XRaySpan span = queue.poll();
      long now = System.nanoTime();
      if (span != null) {
        busyNanos = now;
        encode(span);
        done = queue.taken();
      } else if (closing) {
        break;
      } else {
        LockSupport.parkNanos(now - busyNanos < IDLE_NANOS ? POLL_NANOS : IDLE_POLL_NANOS);
      }
      if (now - upkeepNanos >= UPKEEP_NANOS) {
        upkeepNanos = now;
        upkeep(now);
      }
    }
    transport.close();
  }

  private void upkeep(long now) {
    clock.read();
    for (XRaySpan span : open.due(now, firstNanos, againNanos)) {
      encode(span);
    }
    warnOfDrops(now);
  }

  private void encode(XRaySpan span) {
    try {
      dropped.add(encoder.encode(span, this::document));
    } catch (RuntimeException e) {
      // One span must not end the sending of all others.
      dropped.increment();
      LOG.log(Level.WARNING, "segment dropped name=" + span.name, e);
    }
  }

  private void document(JsonBuffer document) {
    try {
      transport.send(document.bytes(), document.size());
      sent.increment();
    } catch (IOException e) {
      dropped.increment();
      LOG.log(Level.DEBUG, "segment not sent", e);
    }
  }

  private void warnOfDrops(long now) {
    long count = dropped.sum();
    if (count > droppedWhenWarned
        && (warnedNanos == Long.MIN_VALUE || now - warnedNanos >= TimeUnit.MINUTES.toNanos(1))) {
      LOG.log(
          Level.WARNING,
          "segments dropped count="
              + (count - droppedWhenWarned)
              + " queue="
              + queue.capacity()
              + "; calls are not affected");
      droppedWhenWarned = count;
      warnedNanos = now;
    }
  }

  boolean flush(Duration timeout) throws InterruptedException {
    long until = System.nanoTime() + timeout.toNanos();
    long put = queue.put();
    LockSupport.unpark(thread);
    while (done < put) {
      if (System.nanoTime() - until >= 0) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(1);
    }
    return true;
  }

  SpanStatistics statistics() {
    return new SpanStatistics(open.size(), sent.sum(), dropped.sum());
  }

  /** Sends what is in the queue, and stops. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join(CLOSE_TIMEOUT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
