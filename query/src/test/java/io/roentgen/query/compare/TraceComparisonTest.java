// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.TraceId;
import io.roentgen.query.TraceTree;
import io.roentgen.query.compare.TraceComparison.Node;
import io.roentgen.query.compare.TraceComparison.Part;
import io.roentgen.query.compare.TraceComparison.Side;
import io.roentgen.store.Trace;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TraceComparisonTest {
  private static final TraceId TRACE = TraceId.parse("1-5759e988-bd862e3fe1be46a994272793");
  private static final long BASE = 1_700_000_000_000_000_000L;

  private final TraceComparison.Builder builder = new TraceComparison.Builder();

  @Test
  void twoTraces_samePaths_areOneTreeWithBothSides() {
    // 0 [root          ] 100, in it bank twice: 10-30 and 40-90
    builder.addA(
        tree(span(1, 0, "root", 0, 100), span(2, 1, "bank", 10, 30), span(3, 1, "bank", 40, 90)),
        0);
    builder.addB(tree(span(1, 0, "root", 0, 50), span(2, 1, "bank", 10, 40)), 0);

    TraceComparison comparison = builder.build();

    assertThat(comparison.a()).isEqualTo(new Side(1, 3, 100, 100));
    assertThat(comparison.b()).isEqualTo(new Side(1, 2, 50, 50));
    assertThat(comparison.nodes())
        .containsExactly(
            node(-1, "root", new Part(1, 1, 100, 30, 30, 0), new Part(1, 1, 50, 20, 20, 0)),
            node(0, "bank", new Part(1, 2, 70, 70, 70, 0), new Part(1, 1, 30, 30, 30, 0)));
    assertThat(comparison.pathCount()).isEqualTo(2);
    assertThat(comparison.leftOutSpanCount()).isZero();
  }

  @Test
  void pathOfOneSideOnly_hasNoPartOnTheOther_andStandsWhereItBegan() {
    builder.addA(
        tree(span(1, 0, "root", 0, 100), span(2, 1, "first", 1, 2), span(3, 1, "last", 50, 60)), 0);
    builder.addB(
        tree(span(1, 0, "root", 0, 100), span(2, 1, "between", 20, 30), span(3, 2, "deep", 21, 22)),
        0);

    assertThat(builder.build().nodes())
        .extracting(
            each ->
                each.parentIndex()
                    + " "
                    + each.name()
                    + (each.a() == null ? " B" : each.b() == null ? " A" : ""))
        .containsExactly("-1 root", "0 first A", "0 between B", "2 deep B", "0 last A");
  }

  @Test
  void sameNameOfAnotherKind_isAnotherPath() {
    builder.addA(tree(span(1, 0, "root", 0, 100)), 0);
    Span client =
        Span.builder(TRACE, new SpanId(1))
            .service("s")
            .name("root")
            .kind(SpanKind.CLIENT)
            .startEpochNanos(BASE)
            .endEpochNanos(BASE + 7)
            .build();
    builder.addB(tree(client), 0);

    assertThat(builder.build().nodes())
        .extracting(Node::kind)
        .containsExactly(SpanKind.UNSPECIFIED, SpanKind.CLIENT);
  }

  @Test
  void childrenSideBySide_areSubtractedOnceFromTheSelfTime() {
    // Together the children cover 10-60; the second outlasts its parent, of which only 90-100
    // counts.
    builder.addA(
        tree(
            span(1, 0, "root", 0, 100),
            span(2, 1, "x", 10, 50),
            span(3, 1, "y", 20, 60),
            span(4, 1, "z", 90, 300)),
        0);

    assertThat(builder.build().nodes().getFirst().a()).extracting(Part::selfNanos).isEqualTo(40L);
  }

  @Test
  void set_hasTheMedian_andTracesWithoutAPathCountWithZero() {
    for (int end : new int[] {100, 300, 200}) {
      builder.addA(tree(span(1, 0, "root", 0, end)), 0);
    }
    builder.addB(tree(span(1, 0, "root", 0, 100), span(2, 1, "rare", 0, 40)), 0);
    builder.addB(tree(span(1, 0, "root", 0, 200)), 0);

    TraceComparison comparison = builder.build();

    assertThat(comparison.a()).isEqualTo(new Side(3, 1, 200, 200));
    assertThat(comparison.b()).isEqualTo(new Side(2, 1.5, 150, 150));
    assertThat(comparison.nodes())
        .containsExactly(
            node(-1, "root", new Part(3, 1, 200, 200, 200, 0), new Part(2, 1, 150, 130, 130, 0)),
            node(0, "rare", null, new Part(1, 0.5, 20, 20, 20, 0)));
  }

  @Test
  void failedSpans_areCounted() {
    Span failed =
        Span.builder(TRACE, new SpanId(1))
            .service("s")
            .name("root")
            .startEpochNanos(BASE)
            .endEpochNanos(BASE + 5)
            .outcome(new Outcome(false, true, false))
            .build();
    builder.addA(tree(failed), 0);

    assertThat(builder.build().nodes().getFirst().a()).extracting(Part::failedCount).isEqualTo(1.0);
  }

  @Test
  void morePathsThanShown_keepsThoseThatDifferMostWithAllAbove() {
    List<Span> spans = new ArrayList<>(List.of(span(1, 0, "root", 0, 10_000)));
    for (int i = 0; i < 3_000; i++) {
      spans.add(span(2 + i, 1, "n" + i, 0, i + 1));
    }
    spans.add(span(5_000, 2, "below", 0, 9_000));
    builder.addA(tree(spans.toArray(Span[]::new)), 0);

    TraceComparison comparison = builder.build();

    assertThat(comparison.pathCount()).isEqualTo(3_002);
    assertThat(comparison.nodes()).hasSize(TraceComparison.MAX_NODES);
    assertThat(comparison.nodes())
        .extracting(Node::name)
        .contains("root", "n0", "below", "n2999")
        .doesNotContain("n1");
    for (int i = 1; i < comparison.nodes().size(); i++) {
      assertThat(comparison.nodes().get(i).parentIndex()).isBetween(0, i - 1);
    }
  }

  @Test
  void setOfManySpans_takesInNoMoreThanItMay_butOneTraceAlways() {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < TraceComparison.MAX_SET_SPANS; i++) {
      spans.add(span(i + 1, 0, "n", i, i + 1));
    }

    assertThat(builder.addA(tree(spans.toArray(Span[]::new)), 0)).isTrue();
    assertThat(builder.addA(tree(span(1, 0, "n", 0, 1)), 0)).isFalse();
    assertThat(builder.build().a().traceCount()).isEqualTo(1);
  }

  @Test
  void nothingTakenIn_isEmpty() {
    assertThat(builder.build())
        .isEqualTo(
            new TraceComparison(new Side(0, 0, 0, 0), new Side(0, 0, 0, 0), List.of(), 0, 0));
  }

  @Test
  void veryDeepTrace_doesNotOverflowTheStack() {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < 40_000; i++) {
      spans.add(span(i + 1, i, "n", i, 100_000L - i));
    }
    builder.addA(tree(spans.toArray(Span[]::new)), 0);

    assertThat(builder.build().nodes()).hasSize(TraceComparison.MAX_NODES);
  }

  private static Node node(int parent, String name, Part a, Part b) {
    return new Node(parent, "s", name, SpanKind.UNSPECIFIED, a, b);
  }

  private static TraceTree tree(Span... spans) {
    return TraceTree.assemble(Trace.ofWritten(List.of(spans)));
  }

  private static Span span(long id, long parent, String name, long start, long end) {
    return Span.builder(TRACE, new SpanId(id))
        .parentSpanId(parent == 0 ? null : new SpanId(parent))
        .service("s")
        .name(name)
        .startEpochNanos(BASE + start)
        .endEpochNanos(BASE + end)
        .build();
  }
}
