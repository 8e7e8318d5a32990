// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.TraceId;
import io.roentgen.store.CallSpan;
import io.roentgen.store.TraceSummary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What summaries and the service map need of a span that was written. Sealing makes one for each span, so there is
 * nothing else in it. The rules by which outlines become a trace are those of {@link io.roentgen.store.Trace}, which
 * tests hold equal.
 *
 * @param sequence place in the order of writes
 * @param spanId the id as a number
 * @param parentSpanId the parent's id, or 0
 * @param startEpochNanos start
 * @param endEpochNanos end, 0 while in progress
 * @param kind {@link io.roentgen.model.SpanKind#number}
 * @param outcomeBits {@link Outcome#bits}
 * @param inProgress whether its end is still to come
 * @param segment see {@link Span#segment}
 * @param service its service, or empty
 * @param serviceType its service's type, or empty
 * @param name its operation
 * @param peerName whom it called or received from, or empty
 * @param peerType that one's type, or empty
 */
record SpanOutline(
    long sequence,
    long spanId,
    long parentSpanId,
    long startEpochNanos,
    long endEpochNanos,
    int kind,
    int outcomeBits,
    boolean inProgress,
    boolean segment,
    String service,
    String serviceType,
    String name,
    String peerName,
    String peerType) {
  /** The order in which a trace has its spans. */
  private static final Comparator<SpanOutline> ORDER =
      (one, other) -> {
        int byStart = Long.compare(one.startEpochNanos, other.startEpochNanos);
        return byStart != 0 ? byStart : Long.compareUnsigned(one.spanId, other.spanId);
      };

  private static final Comparator<SpanOutline> WRITTEN =
      Comparator.comparingLong(SpanOutline::sequence);

  /** Up to so many spans of a trace are compared each with each. */
  static final int FEW = 48;

  /** Returns the outline of a span, with its names from {@code texts}. */
  static SpanOutline of(WrittenSpan written, Texts texts) {
    Span span = written.span();
    SpanId parent = span.parentSpanId();
    return new SpanOutline(
        written.sequence(),
        span.spanId().value(),
        parent == null ? 0 : parent.value(),
        span.startEpochNanos(),
        span.endEpochNanos(),
        span.kind().number(),
        span.outcome().bits(),
        span.inProgress(),
        span.segment(),
        texts.of(span.service()),
        texts.of(span.serviceType()),
        texts.of(span.name()),
        texts.of(span.peerName()),
        texts.of(span.peerType()));
  }

  /** Returns these spans in the order in which they were written. */
  static List<SpanOutline> inOrder(List<SpanOutline> spans) {
    List<SpanOutline> sorted = new ArrayList<>(spans);
    sorted.sort(WRITTEN);
    return sorted;
  }

  /**
   * Returns the spans of one trace that count, each id once, in the trace's order.
   *
   * @param written at least one, in the order in which they were written
   */
  static List<SpanOutline> counting(List<SpanOutline> written) {
    List<SpanOutline> spans;
    if (hasRepeats(written)) {
      Map<Long, SpanOutline> latest = new HashMap<>();
      for (SpanOutline span : written) {
        latest.merge(
            span.spanId,
            span,
            (before, after) -> after.inProgress && !before.inProgress ? before : after);
      }
      spans = new ArrayList<>(latest.values());
    } else {
      spans = new ArrayList<>(written);
    }
    spans.sort(ORDER);
    return spans;
  }

  private static boolean hasRepeats(List<SpanOutline> spans) {
    int size = spans.size();
    if (size > FEW) {
      Set<Long> ids = HashSet.newHashSet(size);
      for (SpanOutline span : spans) {
        if (!ids.add(span.spanId)) {
          return true;
        }
      }
      return false;
    }
    for (int i = 1; i < size; i++) {
      if (hasId(spans, i, spans.get(i).spanId)) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasId(List<SpanOutline> spans, int limit, long spanId) {
    for (int i = 0; i < limit; i++) {
      if (spans.get(i).spanId == spanId) {
        return true;
      }
    }
    return false;
  }

  /** Returns what the service map needs of spans that count. */
  static List<CallSpan> calls(List<SpanOutline> counting) {
    List<CallSpan> calls = new ArrayList<>(counting.size());
    for (SpanOutline span : counting) {
      calls.add(
          new CallSpan(
              span.spanId,
              span.parentSpanId,
              span.segment,
              CallSpan.calls(span.kind, !span.peerName.isEmpty()),
              span.kind == SpanKind.CONSUMER.number(),
              span.inProgress,
              span.startEpochNanos,
              span.endEpochNanos,
              span.outcomeBits,
              span.service,
              span.serviceType,
              span.peerName,
              span.peerType));
    }
    return calls;
  }

  private long durationNanos() {
    return inProgress ? 0 : Math.max(0, endEpochNanos - startEpochNanos);
  }

  /** Returns the end, or the start where that is later or there is no end yet. */
  private long latest() {
    return inProgress ? startEpochNanos : Math.max(startEpochNanos, endEpochNanos);
  }

  /** Returns the summary of the trace that these spans, all of which count, are. */
  static TraceSummary summary(TraceId traceId, List<SpanOutline> counting) {
    long end = Long.MIN_VALUE;
    int outcome = 0;
    boolean inProgress = false;
    List<String> services = new ArrayList<>();
    @Nullable SpanOutline root = null;
    @Nullable SpanOutline orphan = null;
    @Nullable Set<Long> ids = null;
    for (SpanOutline span : counting) {
      end = Math.max(end, span.latest());
      inProgress |= span.inProgress;
      outcome |= span.outcomeBits;
      if (!span.service.isEmpty() && !services.contains(span.service)) {
        services.add(span.service);
      }
      if (span.parentSpanId == 0) {
        root = root == null ? span : root;
      }
    }
    if (root == null) {
      ids = HashSet.newHashSet(counting.size());
      for (SpanOutline span : counting) {
        ids.add(span.spanId);
      }
      for (SpanOutline span : counting) {
        if (orphan == null && !ids.contains(span.parentSpanId)) {
          orphan = span;
        }
      }
    }
    services.sort(Comparator.naturalOrder());
    SpanOutline first = counting.getFirst();
    SpanOutline shown = root != null ? root : orphan != null ? orphan : first;
    return new TraceSummary(
        traceId,
        first.startEpochNanos,
        end,
        new TraceSummary.Root(
            new SpanId(shown.spanId),
            shown.service,
            shown.name,
            shown.durationNanos(),
            Outcome.ofBits(shown.outcomeBits)),
        counting.size(),
        Outcome.ofBits(outcome),
        inProgress,
        services);
  }

  /**
   * Returns how far, at the most, start and end of a trace are from those of any of its spans.
   *
   * @param written in the order in which they were written
   */
  static long timeShift(List<SpanOutline> written) {
    List<SpanOutline> counting = counting(written);
    long traceStart = counting.getFirst().startEpochNanos;
    long traceEnd = Long.MIN_VALUE;
    for (SpanOutline span : counting) {
      traceEnd = Math.max(traceEnd, span.latest());
    }
    long greatest = 0;
    for (SpanOutline span : written) {
      long end = Math.max(span.startEpochNanos, span.endEpochNanos);
      greatest = Math.max(greatest, Math.abs(span.startEpochNanos - traceStart));
      greatest = Math.max(greatest, Math.abs(end - traceEnd));
    }
    return greatest;
  }
}
