// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.testing;

import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.ActiveSpan.Kind;
import io.roentgen.grpc.GrpcCall;
import io.roentgen.grpc.SpanSource;
import io.roentgen.grpc.SpanStatistics;
import io.roentgen.grpc.TraceContext;
import io.roentgen.grpc.TraceContext.Decision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the spans of a kit for tests to look at. A test takes each span it expects; {@link #close},
 * which the kit calls when it is closed, fails if any was not taken or has not ended.
 *
 * <pre>{@code
 * RecordedSpans spans = new RecordedSpans();
 * try (GrpcKit kit = GrpcKit.builder("orders").spans(spans).build()) {
 *   ... // make a call
 *   assertThat(spans.take(Kind.SERVER).status()).isEqualTo(Status.OK);
 * }
 * }</pre>
 *
 * <p>Every call is recorded but those whose caller decided that they are not. Safe for use by
 * several threads.
 */
public final class RecordedSpans implements SpanSource {
  /** How long a span is waited for unless told otherwise: the other side may end a bit later. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

  private final long timeoutNanos;

  // Guarded by this.
  private final Set<RecordingSpan> open = new LinkedHashSet<>();
  private final List<RecordedSpan> ended = new ArrayList<>();
  private long endedCount;
  private boolean closed;

  /** Makes one that waits for {@link #DEFAULT_TIMEOUT}. */
  public RecordedSpans() {
    this(DEFAULT_TIMEOUT);
  }

  /** Makes one that waits for as long as it is told. */
  public RecordedSpans(Duration timeout) {
    timeoutNanos = timeout.toNanos();
  }

  /**
   * Takes the next span that ends, in whatever order they do.
   *
   * @throws AssertionError if none ends in time
   */
  public RecordedSpan take() {
    return take("any", span -> true);
  }

  /** Takes the next span of that kind, such as the side of a server. */
  public RecordedSpan take(Kind kind) {
    return take(kind.toString(), span -> span.kind() == kind);
  }

  /** Takes the next span of that kind and name. */
  public RecordedSpan take(Kind kind, String name) {
    return take(kind + " " + name, span -> span.kind() == kind && span.name().equals(name));
  }

  private synchronized RecordedSpan take(String what, Predicate<RecordedSpan> which) {
    awaitInTime(() -> first(which) != null);
    RecordedSpan found = first(which);
    if (found == null) {
      throw new AssertionError("no span ended: " + what + " (expected: one); " + state());
    }
    ended.remove(found);
    return found;
  }

  private @Nullable RecordedSpan first(Predicate<RecordedSpan> which) {
    for (RecordedSpan span : ended) {
      if (which.test(span)) {
        return span;
      }
    }
    return null;
  }

  /** Takes all that have ended, without waiting for more. */
  public synchronized List<RecordedSpan> takeEnded() {
    List<RecordedSpan> taken = List.copyOf(ended);
    ended.clear();
    return taken;
  }

  /** Forgets what has ended, for tests that are about something else. */
  public synchronized void forgetEnded() {
    ended.clear();
  }

  /**
   * Waits for the end of spans that go on, and checks that all were taken.
   *
   * @throws AssertionError if a span does not end in time or was not taken; the message lists them
   */
  public synchronized void assertNothingLeft() {
    awaitInTime(open::isEmpty);
    if (!open.isEmpty() || !ended.isEmpty()) {
      throw new AssertionError("spans left (expected: each ended and taken); " + state());
    }
  }

  private String state() {
    StringBuilder text = new StringBuilder("not ended: ").append(open.size());
    open.forEach(span -> text.append("\n  ").append(span));
    text.append("\nended and not taken: ").append(ended.size());
    ended.forEach(span -> text.append("\n  ").append(span));
    return text.toString();
  }

  private interface Condition {
    boolean holds();
  }

  /** Waits until something holds or the time is over; called with this locked. */
  @SuppressWarnings("WaitNotInLoop") // It is in one.
  private void awaitInTime(Condition condition) {
    long until = System.nanoTime() + timeoutNanos;
    try {
      while (!condition.holds()) {
        long left = until - System.nanoTime();
        if (left <= 0) {
          return;
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public ActiveSpan startServer(GrpcCall call, @Nullable TraceContext incoming) {
    return begin(call.method().getFullMethodName(), Kind.SERVER, incoming, true);
  }

  @Override
  public ActiveSpan startClient(GrpcCall call, ActiveSpan parent) {
    return begin(call.method().getFullMethodName(), Kind.CLIENT, parent.context(), true);
  }

  @Override
  public ActiveSpan start(String name, Kind kind, @Nullable TraceContext incoming) {
    return begin(name, kind, incoming, false);
  }

  ActiveSpan begin(String name, Kind kind, @Nullable TraceContext parent, boolean ofCall) {
    if (parent != null && parent.decision() == Decision.NOT_SAMPLED) {
      // With a trace, as not every header can carry a refusal alone.
      return ActiveSpan.unsampled(
          parent.traceId() == null
              ? TraceContext.of(RecordingSpan.newTrace(), null, Decision.NOT_SAMPLED)
              : parent);
    }
    RecordingSpan span =
        new RecordingSpan(this, Objects.requireNonNull(name, "name"), kind, parent, ofCall);
    synchronized (this) {
      if (closed) {
        return ActiveSpan.unsampled(parent);
      }
      open.add(span);
    }
    return span;
  }

  synchronized void end(RecordingSpan span, RecordedSpan recorded) {
    if (open.remove(span)) {
      ended.add(recorded);
      endedCount++;
      notifyAll();
    }
  }

  /** Returns true: what has ended is here. */
  @Override
  public boolean flush(Duration timeout) {
    return true;
  }

  /**
   * Stops recording, and checks that nothing is left as {@link #assertNothingLeft} does. A second
   * time does nothing.
   *
   * @throws AssertionError if a span does not end in time or was not taken
   */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      assertNothingLeft();
    }
  }

  /** Returns how many spans go on and have ended; none is dropped. */
  @Override
  public synchronized SpanStatistics statistics() {
    return new SpanStatistics(open.size(), endedCount, 0);
  }
}
