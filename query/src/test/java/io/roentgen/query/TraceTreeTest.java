// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.TraceId;
import io.roentgen.query.TraceTree.Placement;
import io.roentgen.store.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TraceTreeTest {
  private static final TraceId TRACE = TraceId.parse("1-5759e988-bd862e3fe1be46a994272793");
  private static final long BASE = 1_700_000_000_000_000_000L;

  @Test
  void assemble_siblings_areSortedByStartThenId() {
    TraceTree tree =
        tree(
            local(1, 0, 0, 100),
            local(5, 1, 20, 30),
            local(4, 1, 20, 30),
            local(3, 1, 50, 60),
            local(2, 1, 10, 15),
            local(6, 4, 21, 22));

    assertThat(tree.nodes())
        .extracting(
            node -> node.span().spanId().value(),
            TraceTree.Node::depth,
            TraceTree.Node::parentIndex,
            TraceTree.Node::childCount,
            TraceTree.Node::placement)
        .containsExactly(
            tuple(1L, 0, -1, 4, Placement.ROOT),
            tuple(2L, 1, 0, 0, Placement.CHILD),
            tuple(4L, 1, 0, 1, Placement.CHILD),
            tuple(6L, 2, 2, 0, Placement.CHILD),
            tuple(5L, 1, 0, 0, Placement.CHILD),
            tuple(3L, 1, 0, 0, Placement.CHILD));
  }

  @Test
  void assemble_parentNotArrived_isRootOfItsOwnAndOrphan() {
    TraceTree tree = tree(local(1, 0, 0, 100), local(2, 77, 10, 20), local(3, 2, 11, 12));

    assertThat(tree.nodes())
        .extracting(
            node -> node.span().spanId().value(), TraceTree.Node::depth, TraceTree.Node::placement)
        .containsExactly(
            tuple(1L, 0, Placement.ROOT),
            tuple(2L, 0, Placement.ORPHAN),
            tuple(3L, 1, Placement.CHILD));
  }

  @Test
  void assemble_parentsInACircle_areCutAtTheFirstSpan() {
    TraceTree tree =
        tree(
            local(1, 1, 0, 5),
            local(2, 4, 10, 20),
            local(3, 2, 11, 19),
            local(4, 3, 12, 18),
            local(5, 4, 9, 10));

    assertThat(tree.nodes())
        .extracting(
            node -> node.span().spanId().value(), TraceTree.Node::depth, TraceTree.Node::placement)
        .containsExactly(
            tuple(1L, 0, Placement.CYCLE),
            tuple(2L, 0, Placement.CYCLE),
            tuple(3L, 1, Placement.CHILD),
            tuple(4L, 2, Placement.CHILD),
            tuple(5L, 3, Placement.CHILD));
  }

  @Test
  void assemble_spanWithoutService_takesThatOfNearestAncestor() {
    TraceTree tree =
        tree(
            local(1, 0, 0, 100).toBuilder().service("shop").build(),
            local(2, 1, 10, 90).toBuilder().service("").build(),
            local(3, 2, 20, 80).toBuilder().service("").build(),
            local(4, 99, 30, 40).toBuilder().service("").build());

    assertThat(tree.nodes())
        .extracting(TraceTree.Node::service)
        .containsExactly("shop", "shop", "shop", "");
  }

  @Test
  void clockSkew_calleeBeforeItsCaller_isPutInTheMiddleWithAllBelow() {
    TraceTree tree =
        tree(
            local(1, 0, 0, 100),
            client(2, 1, 10, 90),
            segment(3, 2, "b", -1_000, -960),
            local(4, 3, -990, -980).toBuilder().service("b").build());

    assertThat(skews(tree)).containsExactly(0L, 0L, 1_030L, 1_030L);
    assertThat(tree.nodes().get(2).startEpochNanos()).isEqualTo(BASE + 30);
    assertThat(tree.nodes().get(2).endEpochNanos()).isEqualTo(BASE + 70);
    assertThat(tree.nodes().get(3).startEpochNanos()).isEqualTo(BASE + 40);
    assertThat(tree.nodes().get(2).span().startEpochNanos()).isEqualTo(BASE - 1_000);
    assertThat(tree.startEpochNanos()).isEqualTo(BASE);
    assertThat(tree.endEpochNanos()).isEqualTo(BASE + 100);
  }

  @Test
  void clockSkew_calleeInsideItsCaller_isZero() {
    assertThat(skews(tree(client(1, 0, 0, 100), segment(2, 1, "b", 0, 100)))).containsOnly(0L);
  }

  @Test
  void clockSkew_calleeOfAMovedCallee_onTheSameClock_movesAlike() {
    TraceTree tree =
        tree(
            client(1, 0, 0, 100),
            segment(2, 1, "b", 1_000, 1_080),
            client(3, 2, 1_010, 1_070).toBuilder().service("b").build(),
            segment(4, 3, "c", 1_011, 1_069));

    assertThat(skews(tree)).containsExactly(0L, -990L, -990L, -990L);
  }

  @Test
  void clockSkew_calleeOfAMovedCallee_onTheRootsClock_staysWhereItIs() {
    TraceTree tree =
        tree(
            client(1, 0, 0, 100),
            segment(2, 1, "b", 1_000, 1_080),
            client(3, 2, 1_010, 1_070).toBuilder().service("b").build(),
            segment(4, 3, "a", 30, 70));

    assertThat(skews(tree)).containsExactly(0L, -990L, -990L, 0L);
  }

  @Test
  void clockSkew_callThatOutlastsItsCaller_onlyStartsWithIt() {
    assertThat(skews(tree(client(1, 0, 0, 100), segment(2, 1, "b", -30, 90))))
        .containsExactly(0L, 30L);
    assertThat(skews(tree(client(1, 0, 0, 100), segment(2, 1, "b", 10, 150))))
        .containsExactly(0L, 0L);
  }

  @Test
  void clockSkew_messageConsumedLater_isZero() {
    Span producer = local(1, 0, 0, 10).toBuilder().kind(SpanKind.PRODUCER).build();
    Span consumer = segment(2, 1, "b", 500, 505).toBuilder().kind(SpanKind.CONSUMER).build();

    assertThat(skews(tree(producer, consumer))).containsExactly(0L, 0L);
  }

  @Test
  void clockSkew_callerOrCalleeInProgress_onlyKeepsTheOrderOfStarts() {
    Span waiting = client(1, 0, 0, 0).toBuilder().inProgress(true).endEpochNanos(0).build();
    assertThat(skews(tree(waiting, segment(2, 1, "b", -50, 700)))).containsExactly(0L, 50L);

    Span open = segment(2, 1, "b", -50, 0).toBuilder().inProgress(true).endEpochNanos(0).build();
    assertThat(skews(tree(client(1, 0, 0, 100), open))).containsExactly(0L, 50L);
  }

  @Test
  void clockSkew_timesAtTheLimit_doesNotOverflow() {
    Span caller =
        client(1, 0, 0, 0).toBuilder().startEpochNanos(0).endEpochNanos(Long.MAX_VALUE).build();
    Span callee =
        segment(2, 1, "b", 0, 0).toBuilder()
            .startEpochNanos(Long.MAX_VALUE)
            .endEpochNanos(Long.MAX_VALUE)
            .build();
    TraceTree tree = tree(caller, callee);

    assertThat(tree.startEpochNanos()).isZero();
    assertThat(tree.endEpochNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void assemble_aHundredThousandSpansDeep_needsNoStack() {
    int count = 100_000;
    List<Span> spans = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      spans.add(local(i, i - 1, i, 2 * count - i));
    }
    TraceTree tree = TraceTree.assemble(Trace.ofWritten(spans));

    assertThat(tree.nodes()).hasSize(count);
    assertThat(tree.nodes().getLast().depth()).isEqualTo(count - 1);
  }

  @Test
  void assemble_anyParents_showsEachSpanOnceBelowItsParent() {
    Random random = new Random(42);
    for (int round = 0; round < 500; round++) {
      int count = 1 + random.nextInt(30);
      List<Span> spans = new ArrayList<>();
      for (int i = 1; i <= count; i++) {
        Span span = local(i, random.nextInt(count + 5), random.nextInt(50), random.nextInt(99));
        spans.add(span.toBuilder().segment(random.nextBoolean()).build());
      }
      TraceTree tree = TraceTree.assemble(Trace.ofWritten(spans));

      assertThat(tree.nodes()).extracting(TraceTree.Node::span).doesNotHaveDuplicates();
      assertThat(tree.nodes()).hasSize(count);
      for (int i = 0; i < count; i++) {
        TraceTree.Node node = tree.nodes().get(i);
        if (node.parentIndex() < 0) {
          assertThat(node.placement()).isNotEqualTo(Placement.CHILD);
          assertThat(node.depth()).isZero();
        } else {
          TraceTree.Node above = tree.nodes().get(node.parentIndex());
          assertThat(node.parentIndex()).isLessThan(i);
          assertThat(node.span().parentSpanId()).isEqualTo(above.span().spanId());
          assertThat(node.depth()).isEqualTo(above.depth() + 1);
        }
      }
    }
  }

  private static List<Long> skews(TraceTree tree) {
    return tree.nodes().stream().map(TraceTree.Node::clockSkewNanos).toList();
  }

  private static TraceTree tree(Span... spans) {
    return TraceTree.assemble(Trace.ofWritten(List.of(spans)));
  }

  private static Span client(long id, long parent, long start, long end) {
    return local(id, parent, start, end).toBuilder().kind(SpanKind.CLIENT).build();
  }

  private static Span segment(long id, long parent, String service, long start, long end) {
    return local(id, parent, start, end).toBuilder()
        .kind(SpanKind.SERVER)
        .service(service)
        .segment(true)
        .build();
  }

  private static Span local(long id, long parent, long start, long end) {
    return Span.builder(TRACE, new SpanId(id))
        .parentSpanId(SpanId.ofOrNull(parent))
        .service("a")
        .name("work")
        .kind(SpanKind.INTERNAL)
        .startEpochNanos(BASE + start)
        .endEpochNanos(BASE + end)
        .build();
  }
}
