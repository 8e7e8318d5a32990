// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one span of a trace must be like, as a tree. */
public sealed interface SpanTest {
  /** Returns what every span is like. */
  static SpanTest any() {
    return new AllOf(List.of());
  }

  /** Returns what no span is like. */
  static SpanTest none() {
    return new AnyOf(List.of());
  }

  /**
   * Returns whether a span is like this.
   *
   * @param rootId the id of the span that stands for its trace, see {@link TraceSummary#root}
   */
  boolean matches(Span span, SpanId rootId);

  /** All of these; an empty list matches every span. */
  record AllOf(List<SpanTest> tests) implements SpanTest {
    public AllOf {
      tests = List.copyOf(tests);
    }

    @Override
    public boolean matches(Span span, SpanId rootId) {
      for (SpanTest test : tests) {
        if (!test.matches(span, rootId)) {
          return false;
        }
      }
      return true;
    }
  }

  /** At least one of these; an empty list matches no span. */
  record AnyOf(List<SpanTest> tests) implements SpanTest {
    public AnyOf {
      tests = List.copyOf(tests);
    }

    @Override
    public boolean matches(Span span, SpanId rootId) {
      for (SpanTest test : tests) {
        if (test.matches(span, rootId)) {
          return true;
        }
      }
      return false;
    }
  }

  /** Not this. */
  record Not(SpanTest test) implements SpanTest {
    @Override
    public boolean matches(Span span, SpanId rootId) {
      return !test.matches(span, rootId);
    }
  }

  /** A text that every span has; it may be empty. */
  enum TextField {
    SERVICE,
    SERVICE_TYPE,
    NAME,
    PEER_NAME,
    PEER_TYPE;

    String of(Span span) {
      return switch (this) {
        case SERVICE -> span.service();
        case SERVICE_TYPE -> span.serviceType();
        case NAME -> span.name();
        case PEER_NAME -> span.peerName();
        case PEER_TYPE -> span.peerType();
      };
    }
  }

  /** A text that every span has is like {@code test}. */
  record Field(TextField field, ValueTest.Text test) implements SpanTest {
    @Override
    public boolean matches(Span span, SpanId rootId) {
      return test.matches(field.of(span));
    }
  }

  /** Where an attribute is looked for. */
  enum Place {
    /** Among the span's own. */
    SPAN,
    /** Among the span's own and, if the key is not there, among its resource's. */
    SPAN_THEN_RESOURCE,
    /** Among its resource's. */
    RESOURCE
  }

  /** There is an attribute with that key, and its value is like {@code test}. */
  record Attribute(String key, Place place, ValueTest test) implements SpanTest {
    @Override
    public boolean matches(Span span, SpanId rootId) {
      Value value = valueOrNull(span);
      return value != null && test.matches(value);
    }

    private @Nullable Value valueOrNull(Span span) {
      Value own = span.attributes().get(key);
      Value shared = span.resourceScope().resource().attributes().get(key);
      return switch (place) {
        case SPAN -> own;
        case SPAN_THEN_RESOURCE -> own != null ? own : shared;
        case RESOURCE -> shared;
      };
    }
  }

  /** The span is complete, and its duration in nanoseconds lies in one of {@code durations}. */
  record Lasts(List<LongRange> durations) implements SpanTest {
    public Lasts {
      durations = List.copyOf(durations);
    }

    @Override
    public boolean matches(Span span, SpanId rootId) {
      return !span.inProgress()
          && durations.stream().anyMatch(range -> range.contains(span.durationNanos()));
    }
  }

  /** The span went that way. */
  record Went(SpanCondition.Status status) implements SpanTest {
    @Override
    public boolean matches(Span span, SpanId rootId) {
      return status.matches(span.outcome());
    }
  }

  /** What a span is or is not. */
  enum Is implements SpanTest {
    /** See {@link Span#segment}. */
    SEGMENT,
    IN_PROGRESS,
    /** It names a parent, which may have arrived or not. */
    CHILD,
    /** It stands for its trace: {@link TraceSummary#root}. */
    ROOT;

    @Override
    public boolean matches(Span span, SpanId rootId) {
      return switch (this) {
        case SEGMENT -> span.segment();
        case IN_PROGRESS -> span.inProgress();
        case CHILD -> span.parentSpanId() != null;
        case ROOT -> span.spanId().equals(rootId);
      };
    }
  }
}
