// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a whole trace must be like, as a tree: statements about some span of it, about some span and its parent, and
 * about its length, joined by AND, OR and NOT. Two statements may be true of two different spans.
 */
public sealed interface TraceCondition {
  /** Returns what every trace is like. */
  static TraceCondition any() {
    return new AllOf(List.of());
  }

  /** Returns what no trace is like. */
  static TraceCondition none() {
    return new AnyOf(List.of());
  }

  /** Returns whether a trace is like this; its {@code summary} is that of {@code trace}. */
  boolean matches(Trace trace, TraceSummary summary);

  /** Returns whether a trace is like this. */
  default boolean matches(Trace trace) {
    return matches(trace, trace.summary());
  }

  /** Returns whether every trace matches. */
  default boolean isAny() {
    return equals(any());
  }

  /** All of these; an empty list matches every trace. */
  record AllOf(List<TraceCondition> conditions) implements TraceCondition {
    public AllOf {
      conditions = List.copyOf(conditions);
    }

    @Override
    public boolean matches(Trace trace, TraceSummary summary) {
      for (TraceCondition condition : conditions) {
        if (!condition.matches(trace, summary)) {
          return false;
        }
      }
      return true;
    }
  }

  /** At least one of these; an empty list matches no trace. */
  record AnyOf(List<TraceCondition> conditions) implements TraceCondition {
    public AnyOf {
      conditions = List.copyOf(conditions);
    }

    @Override
    public boolean matches(Trace trace, TraceSummary summary) {
      for (TraceCondition condition : conditions) {
        if (condition.matches(trace, summary)) {
          return true;
        }
      }
      return false;
    }
  }

  /** Not this. */
  record Not(TraceCondition condition) implements TraceCondition {
    @Override
    public boolean matches(Trace trace, TraceSummary summary) {
      return !condition.matches(trace, summary);
    }
  }

  /** At least one span, of those that are seen, is like {@code test}. */
  record SomeSpan(SpanTest test) implements TraceCondition {
    @Override
    public boolean matches(Trace trace, TraceSummary summary) {
      return trace.spans().stream().anyMatch(span -> test.matches(span, summary.root().spanId()));
    }
  }

  /**
   * At least one span that is seen is like {@code child}, and the span that it names as its parent is seen too and is
   * like {@code parent}. A span that names itself is both.
   */
  record SomeChild(SpanTest child, SpanTest parent) implements TraceCondition {
    @Override
    public boolean matches(Trace trace, TraceSummary summary) {
      SpanId root = summary.root().spanId();
      Set<SpanId> parents = new HashSet<>();
      for (Span span : trace.spans()) {
        if (parent.matches(span, root)) {
          parents.add(span.spanId());
        }
      }
      return trace.spans().stream()
          .anyMatch(
              span ->
                  span.parentSpanId() != null
                      && parents.contains(span.parentSpanId())
                      && child.matches(span, root));
    }
  }

  /**
   * The nanoseconds from {@link TraceSummary#startEpochNanos} to {@link TraceSummary#endEpochNanos} lie in one of
   * {@code durations}.
   */
  record Lasts(List<LongRange> durations) implements TraceCondition {
    public Lasts {
      durations = List.copyOf(durations);
    }

    @Override
    public boolean matches(Trace trace, TraceSummary summary) {
      long duration = summary.endEpochNanos() - summary.startEpochNanos();
      return durations.stream().anyMatch(range -> range.contains(duration));
    }
  }
}
