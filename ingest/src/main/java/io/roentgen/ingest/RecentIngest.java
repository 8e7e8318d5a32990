// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The newest of what came in, by transport, and of what was refused, for people to look at. Keeps
 * little, and looks at no more than a batch each tenth of a second for each transport. Safe for use
 * by several threads.
 */
final class RecentIngest {
  static final int MAX_REFUSED = 20;

  private static final int MAX_MESSAGE_LENGTH = 500;
  private static final long LOOK_NANOS = 100_000_000;

  private final InstantSource clock;
  private final Map<Transport, AtomicLong> lookedNanos = new EnumMap<>(Transport.class);

  @GuardedBy("this")
  private final Map<Transport, Arrival> arrivals = new EnumMap<>(Transport.class);

  /** The newest last. */
  @GuardedBy("this")
  private final Map<Kind, Refused> refused = new LinkedHashMap<>();

  private record Kind(Transport transport, String reason, String message) {}

  RecentIngest(InstantSource clock) {
    this.clock = clock;
    for (Transport transport : Transport.values()) {
      lookedNanos.put(transport, new AtomicLong(System.nanoTime() - LOOK_NANOS));
    }
  }

  void arrived(Transport transport, SpanBatch batch) {
    AtomicLong looked = lookedNanos.get(transport);
    long now = System.nanoTime();
    long before = looked == null ? now : looked.get();
    if (looked == null || now - before < LOOK_NANOS || !looked.compareAndSet(before, now)) {
      return;
    }
    SpanBatch.Cursor cursor = batch.cursor();
    if (cursor.next()) {
      Span span = cursor.toSpan();
      Arrival arrival =
          new Arrival(
              transport,
              epochNanos(),
              batch.spanCount(),
              span.traceId(),
              span.service(),
              span.name());
      synchronized (this) {
        arrivals.put(transport, arrival);
      }
    }
  }

  void refused(Transport transport, String reason, long count, String message) {
    String text =
        message.length() <= MAX_MESSAGE_LENGTH
            ? message
            : message.substring(0, MAX_MESSAGE_LENGTH) + "...";
    Kind kind = new Kind(transport, reason, text);
    long now = epochNanos();
    synchronized (this) {
      Refused before = refused.remove(kind);
      refused.put(
          kind,
          new Refused(transport, reason, now, count + (before == null ? 0 : before.count()), text));
      if (refused.size() > MAX_REFUSED) {
        Iterator<Kind> oldest = refused.keySet().iterator();
        oldest.next();
        oldest.remove();
      }
    }
  }

  synchronized List<Arrival> arrivals() {
    return List.copyOf(arrivals.values());
  }

  /** The newest first. */
  synchronized List<Refused> refused() {
    return new ArrayList<>(refused.values()).reversed();
  }

  private long epochNanos() {
    Instant now = clock.instant();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }
}
