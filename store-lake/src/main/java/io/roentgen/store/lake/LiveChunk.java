// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Spans that are in the log and not yet in a part: the batches as they came, and an index of their traces. One thread
 * adds; any thread reads what was added before it asked. Frozen when its segment of the log ends.
 */
final class LiveChunk {
  private final long segment;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final List<SpanBatch> batches = new ArrayList<>();

  @GuardedBy("lock")
  private final TraceIndex index = new TraceIndex();

  private final ChunkCalls calls;

  private volatile long bytes;
  private volatile long firstWriteNanos;
  private volatile long lastSequence;

  LiveChunk(long segment) {
    this.segment = segment;
    calls = new ChunkCalls(this);
  }

  /** Returns the calls that this chunk adds. */
  ChunkCalls calls() {
    return calls;
  }

  /** Returns the number of the log segment that holds the same spans. */
  long segment() {
    return segment;
  }

  /**
   * Adds a batch and returns the sequence for the next one. A sequence is the same for all spans of a batch, unless a
   * span id comes twice in it: later spans then have a greater one, so that the order among them is known.
   */
  long add(SpanBatch batch, long sequence) {
    if (firstWriteNanos == 0) {
      firstWriteNanos = System.nanoTime() | 1;
    }
    SpanBatch.Cursor cursor = batch.cursor();
    SeenIds seen = new SeenIds(batch.spanCount());
    long current = sequence;
    synchronized (lock) {
      int number = batches.size();
      batches.add(batch);
      while (cursor.next()) {
        long high = cursor.traceIdHigh();
        long low = cursor.traceIdLow();
        // Two ids of one sum only make the sequence grow without need.
        long sum = cursor.spanId() * 31 + low;
        if (!seen.add(sum)) {
          seen.clear();
          seen.add(sum);
          current++;
        }
        index.add(high, low, number, cursor.position(), current, cursor.startEpochNanos());
      }
    }
    // One thread writes, so a read and a write of its own are enough.
    long grown = bytes + batch.length();
    bytes = grown;
    lastSequence = current;
    return current + 1;
  }

  /** A set of numbers, for at most so many between two times that it is cleared. */
  private static final class SeenIds {
    private final long[] slots;

    /** In which round a slot was filled; other rounds than this one do not count. */
    private final int[] rounds;

    private int round = 1;

    private SeenIds(int most) {
      int capacity = Math.max(16, Integer.highestOneBit(Math.min(most, 1 << 28)) << 2);
      slots = new long[capacity];
      rounds = new int[capacity];
    }

    /** Adds a number; returns false if it is there already. */
    private boolean add(long number) {
      int mask = slots.length - 1;
      int slot = (int) ((number * 0x9e3779b97f4a7c15L) >>> 32) & mask;
      while (rounds[slot] == round) {
        if (slots[slot] == number) {
          return false;
        }
        slot = (slot + 1) & mask;
      }
      slots[slot] = number;
      rounds[slot] = round;
      return true;
    }

    private void clear() {
      round++;
    }
  }

  /** Returns how many bytes the spans take. */
  long bytes() {
    return bytes;
  }

  /** Returns when the first batch came, by {@link System#nanoTime}; 0 if none did. */
  long firstWriteNanos() {
    return firstWriteNanos;
  }

  /** Returns the greatest sequence of a span. */
  long lastSequence() {
    return lastSequence;
  }

  int spanCount() {
    synchronized (lock) {
      return index.rowCount();
    }
  }

  boolean isEmpty() {
    return spanCount() == 0;
  }

  /** Returns the spans of a trace in the order in which they were written; empty if there are none. */
  List<WrittenSpan> find(TraceId traceId) {
    return find(traceId, SpanBatch.Cursor::toSpan);
  }

  /** Returns the spans of a trace like {@link #find}, in outline. */
  List<WrittenSpan> findOutline(TraceId traceId) {
    return find(traceId, SpanBatch.Cursor::toOutline);
  }

  private List<WrittenSpan> find(TraceId traceId, Function<SpanBatch.Cursor, Span> form) {
    synchronized (lock) {
      List<WrittenSpan> spans = new ArrayList<>();
      int trace = index.find(traceId.high(), traceId.low());
      int first = trace < 0 ? -1 : index.firstRow(trace);
      for (int row = first; row >= 0; row = index.nextRow(row)) {
        SpanBatch.Cursor cursor = batches.get(index.batchOf(row)).cursor();
        cursor.seek(index.positionOf(row));
        spans.add(new WrittenSpan(index.sequenceOf(row), form.apply(cursor)));
      }
      return spans;
    }
  }

  /** Returns the operations of spans that start in {@code range}. */
  Set<OperationRow.Key> operations(TimeRange range) {
    Set<OperationRow.Key> operations = new HashSet<>();
    for (SpanBatch batch : batches()) {
      SpanBatch.Cursor cursor = batch.cursor();
      while (cursor.next()) {
        if (range.contains(cursor.startEpochNanos())) {
          Span span = cursor.toOutline();
          operations.add(new OperationRow.Key(span.service(), span.name(), span.kind()));
        }
      }
    }
    return operations;
  }

  boolean contains(long high, long low) {
    synchronized (lock) {
      return index.find(high, low) >= 0;
    }
  }

  private long lastStart(TraceId traceId) {
    synchronized (lock) {
      return index.lastStart(index.find(traceId.high(), traceId.low()));
    }
  }

  /** Returns the batches that are there now. */
  List<SpanBatch> batches() {
    synchronized (lock) {
      return List.copyOf(batches);
    }
  }

  /**
   * A trace in a chunk, as a search looks at it before anything is put together.
   *
   * @param lastStart the latest start of its spans here; the trace starts no later, whichever of them count
   */
  record Candidate(TraceId traceId, long lastStart) {}

  /**
   * Returns the traces with a span that {@code filter} accepts, in no order.
   *
   * @param filter what accepts spans of a batch; null accepts every span
   */
  List<Candidate> matching(
      @Nullable Function<SpanBatch, Predicate<SpanBatch.Cursor>> filter) {
    List<SpanBatch> snapshot = batches();
    List<Candidate> found = new ArrayList<>();
    if (filter == null) {
      synchronized (lock) {
        for (int trace = 0; trace < index.traceCount(); trace++) {
          found.add(
              new Candidate(
                  new TraceId(index.traceHigh(trace), index.traceLow(trace)),
                  index.lastStart(trace)));
        }
      }
      return found;
    }
    Set<TraceId> ids = new HashSet<>();
    for (SpanBatch batch : snapshot) {
      Predicate<SpanBatch.Cursor> matcher = filter.apply(batch);
      SpanBatch.Cursor cursor = batch.cursor();
      while (cursor.next()) {
        if (matcher.test(cursor)) {
          ids.add(new TraceId(cursor.traceIdHigh(), cursor.traceIdLow()));
        }
      }
    }
    for (TraceId id : ids) {
      found.add(candidate(id));
    }
    return found;
  }

  /** Returns the traces that {@code where} accepts, in no order. */
  List<Candidate> matching(LiveWhere where) {
    List<SpanBatch> snapshot;
    int[] traceOfRow;
    int traceCount;
    synchronized (lock) {
      snapshot = List.copyOf(batches);
      traceOfRow = index.traceOfRows();
      traceCount = index.traceCount();
    }
    BitSet matching = where.matching(snapshot, traceOfRow, traceCount);
    List<Candidate> found = new ArrayList<>();
    synchronized (lock) {
      for (int trace = matching.nextSetBit(0); trace >= 0; trace = matching.nextSetBit(trace + 1)) {
        found.add(
            new Candidate(
                new TraceId(index.traceHigh(trace), index.traceLow(trace)),
                index.lastStart(trace)));
      }
    }
    return found;
  }

  /** Returns a trace that the chunk has. */
  Candidate candidate(TraceId id) {
    return new Candidate(id, lastStart(id));
  }

  /** Runs a reader over batches and index while nothing is added. */
  <T> T read(Reading<T> reading) {
    synchronized (lock) {
      return reading.read(batches, index);
    }
  }

  /** What {@link #read} runs. */
  interface Reading<T> {
    T read(List<SpanBatch> batches, TraceIndex index);
  }
}
