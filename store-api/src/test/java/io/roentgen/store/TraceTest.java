// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TraceTest {
  private static final TraceId ID = new TraceId(1, 1);

  private static Span.Builder span(long id, long start, long end) {
    return Span.builder(ID, new SpanId(id)).startEpochNanos(start).endEpochNanos(end);
  }

  @Test
  void ofWritten_severalOfOneId_isTheLastCompleteElseTheLast() {
    Span running = span(1, 1, 0).inProgress(true).build();
    Span runningLater = running.toBuilder().name("later").build();
    Span complete = span(1, 1, 5).build();
    Span completeLater = complete.toBuilder().name("later").build();

    assertThat(seen(running, runningLater)).isEqualTo(runningLater);
    assertThat(seen(running, complete)).isEqualTo(complete);
    assertThat(seen(complete, running)).isEqualTo(complete);
    assertThat(seen(complete, completeLater)).isEqualTo(completeLater);
    assertThat(seen(completeLater, running, complete, runningLater)).isEqualTo(complete);
    assertThat(seen(complete, complete)).isEqualTo(complete);
  }

  private static Span seen(Span... written) {
    Trace trace = Trace.ofWritten(List.of(written));
    assertThat(trace.spans()).hasSize(1);
    return trace.spans().get(0);
  }

  @Test
  void ofWritten_anyOrder_isSortedByStartThenUnsignedId() {
    List<Span> sorted =
        List.of(
            span(-1, 1, 2).build(),
            span(1, 2, 2).build(),
            span(Long.MAX_VALUE, 2, 2).build(),
            span(-2, 2, 2).build(),
            span(2, 3, 2).build());
    List<Span> written = new ArrayList<>(sorted);
    Collections.reverse(written);

    assertThat(Trace.ofWritten(written)).isEqualTo(new Trace(ID, sorted));
    assertThatThrownBy(() -> new Trace(ID, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("spans: none (expected: at least 1)");
  }

  @Test
  void summary_root_isTheFirstWithoutParentElseFirstOrphanElseFirst() {
    Span child = span(2, 1, 4).parentSpanId(new SpanId(3)).service("b").build();
    Span orphan = span(3, 2, 9).parentSpanId(new SpanId(99)).service("a").name("o").build();
    Span root = span(4, 3, 8).service("a").name("r").build();
    Span laterRoot = span(5, 4, 8).build();
    Span circle = orphan.toBuilder().parentSpanId(new SpanId(2)).build();

    assertThat(summary(child, orphan, root, laterRoot).root())
        .isEqualTo(new TraceSummary.Root(new SpanId(4), "a", "r", 5, Outcome.OK));
    assertThat(summary(child, orphan).root())
        .isEqualTo(new TraceSummary.Root(new SpanId(3), "a", "o", 7, Outcome.OK));
    assertThat(summary(child, circle).root())
        .isEqualTo(new TraceSummary.Root(new SpanId(2), "b", "", 3, Outcome.OK));
    assertThat(summary(child, orphan).services()).containsExactly("a", "b");
  }

  private static TraceSummary summary(Span... spans) {
    return Trace.ofWritten(List.of(spans)).summary();
  }

  @Test
  void summary_end_isTheLatestEndOrStart() {
    assertThat(summary(span(1, 5, 9).build(), span(2, 6, 7).build()).endEpochNanos()).isEqualTo(9);
    assertThat(summary(span(1, 5, 2).build()).endEpochNanos()).isEqualTo(5);
    assertThat(
            summary(span(1, 5, 9).build(), span(2, 12, 0).inProgress(true).build()).endEpochNanos())
        .isEqualTo(12);
  }

  @Test
  void summary_outcomeAndProgress_areThoseOfAnySpan() {
    TraceSummary summary =
        summary(
            span(1, 1, 2).outcome(new Outcome(true, false, false)).build(),
            span(2, 1, 0).inProgress(true).build(),
            span(3, 1, 2).outcome(new Outcome(false, false, true)).build());

    assertThat(summary.outcome()).isEqualTo(new Outcome(true, false, true));
    assertThat(summary.inProgress()).isTrue();
    assertThat(summary.spanCount()).isEqualTo(3);
  }
}
