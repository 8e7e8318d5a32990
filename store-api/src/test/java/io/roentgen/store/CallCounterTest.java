// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.NodeId;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.TraceId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CallCounterTest {
  private static final TraceId TRACE = new TraceId(1, 1);

  /**
   * Returns the calls as text, sorted: {@code node by span}, {@code caller > callee by span}, and {@code queue >>
   * consumer by span}.
   */
  private static List<String> count(Span... spans) {
    return count(Arrays.asList(spans));
  }

  private static List<String> count(List<Span> spans) {
    List<String> calls = new ArrayList<>();
    CallCounter.count(
        spans.stream().map(CallSpan::of).toList(),
        new CallCounter.Sink() {
          @Override
          public void request(NodeId node, CallSpan measured, long workNanos) {
            String work =
                workNanos == measured.durationNanos() ? "" : " for " + workNanos;
            calls.add(text(node) + " by " + measured.spanId() + work);
          }

          @Override
          public void call(
              NodeId caller, NodeId callee, @Nullable NodeId alias, CallSpan measured) {
            String as = alias == null ? "" : " as " + text(alias);
            calls.add(text(caller) + " > " + text(callee) + as + " by " + measured.spanId());
          }

          @Override
          public void receipt(NodeId queue, NodeId consumer, CallSpan measured, long ageNanos) {
            String age = ageNanos == CallCounter.NO_AGE ? "" : " after " + ageNanos;
            calls.add(text(queue) + " >> " + text(consumer) + " by " + measured.spanId() + age);
          }
        });
    Collections.sort(calls);
    return calls;
  }

  private static String text(NodeId node) {
    return node.type().isEmpty() ? node.name() : node.name() + ":" + node.type();
  }

  private static Span.Builder span(long id, long parent, String service) {
    return Span.builder(TRACE, new SpanId(id))
        .parentSpanId(SpanId.ofOrNull(parent))
        .service(service)
        .kind(SpanKind.INTERNAL)
        .startEpochNanos(10)
        .endEpochNanos(20);
  }

  private static Span segment(long id, long parent, String service) {
    return span(id, parent, service).segment(true).kind(SpanKind.SERVER).build();
  }

  private static Span client(long id, long parent, String service) {
    return span(id, parent, service).kind(SpanKind.CLIENT).build();
  }

  private static Span running(Span span) {
    return span.toBuilder().inProgress(true).endEpochNanos(0).build();
  }

  private static Span calling(Span span, String peer, String type) {
    return span.toBuilder().peerName(peer).peerType(type).build();
  }

  @Test
  void segment_withoutParent_isARequestFromTheClient() {
    assertThat(count(segment(1, 0, "a"))).containsExactly("a by 1", "a:client > a by 1");
  }

  @Test
  void segment_inProgress_isNothingYet() {
    assertThat(count(running(segment(1, 0, "a")))).isEmpty();
  }

  @Test
  void span_thatIsNoSegment_isNoRequest() {
    assertThat(count(span(1, 0, "a").build(), span(2, 1, "b").build())).isEmpty();
  }

  @Test
  void segment_belowClientSpan_isTimedByTheCaller() {
    assertThat(count(segment(1, 0, "a"), client(2, 1, "a"), segment(3, 2, "b")))
        .containsExactly("a > b by 2", "a by 1", "a:client > a by 1", "b by 3");
  }

  @Test
  void segment_belowInternalSpan_isTimedByItself() {
    assertThat(count(segment(1, 0, "a"), span(2, 1, "a").build(), segment(3, 2, "b")))
        .containsExactly("a > b by 3", "a by 1", "a:client > a by 1", "b by 3");
  }

  @Test
  void segment_belowProducerOrSpanWithPeer_isTimedByThose() {
    Span producer = span(2, 1, "a").kind(SpanKind.PRODUCER).build();
    Span withPeer = calling(span(4, 1, "a").build(), "b.example", "remote");

    assertThat(
            count(
                segment(1, 0, "a"), producer, segment(3, 2, "b"), withPeer, segment(5, 4, "c")))
        .containsExactly(
            "a > b by 2",
            "a > c as b.example:remote by 4",
            "a by 1",
            "a:client > a by 1",
            "b by 3",
            "c by 5");
  }

  @Test
  void segment_belowCallerInProgress_isTimedByItself() {
    assertThat(count(segment(1, 0, "a"), running(client(2, 1, "a")), segment(3, 2, "b")))
        .containsExactly("a > b by 3", "a by 1", "a:client > a by 1", "b by 3");
  }

  @Test
  void segments_severalBelowOneCaller_areTimedByThemselves() {
    assertThat(
            count(
                segment(1, 0, "a"), client(2, 1, "a"), segment(3, 2, "b"), segment(4, 2, "b")))
        .containsExactly(
            "a > b by 3", "a > b by 4", "a by 1", "a:client > a by 1", "b by 3", "b by 4");
  }

  @Test
  void segments_oneOfTwoBelowOneCallerInProgress_countsAsOneOfTwo() {
    assertThat(
            count(
                segment(1, 0, "a"),
                client(2, 1, "a"),
                segment(3, 2, "b"),
                running(segment(4, 2, "b"))))
        .containsExactly("a > b by 3", "a by 1", "a:client > a by 1", "b by 3");
  }

  @Test
  void segment_whoseParentIsMissing_isARequestWithoutEdge() {
    assertThat(count(segment(3, 2, "b"))).containsExactly("b by 3");
  }

  @Test
  void segment_whoseParentHasNoOwnerYet_isARequestWithoutEdge() {
    assertThat(count(client(2, 1, ""), segment(3, 2, "b"))).containsExactly("b by 3");
  }

  @Test
  void segment_whoseParentsOwnerIsAnAncestor_isCalledByThat() {
    assertThat(
            count(
                running(segment(1, 0, "a")),
                span(2, 1, "").build(),
                client(3, 2, ""),
                segment(4, 3, "b")))
        .containsExactly("a > b by 3", "b by 4");
  }

  @Test
  void segment_withoutService_belongsToItsAncestor() {
    assertThat(count(segment(1, 0, "a"), segment(2, 1, "")))
        .containsExactly("a > a by 2", "a by 1", "a by 2", "a:client > a by 1");
    assertThat(count(segment(2, 0, ""))).isEmpty();
  }

  @Test
  void peer_withoutSegmentBelow_isANodeOfItsOwn() {
    assertThat(count(segment(1, 0, "a"), calling(client(2, 1, "a"), "db", "postgresql")))
        .containsExactly(
            "a > db:postgresql by 2", "a by 1", "a:client > a by 1", "db:postgresql by 2");
  }

  @Test
  void peer_withSegmentBelow_isThatSegment() {
    for (Span below : List.of(segment(3, 2, "b"), running(segment(3, 2, "b")))) {
      assertThat(count(calling(client(2, 0, "a"), "b.example", "remote"), below))
          .noneMatch(call -> call.startsWith("b.example") || call.contains("> b.example"));
    }
  }

  @Test
  void peer_withOtherSpansBelow_isStillANode() {
    assertThat(count(calling(client(2, 0, "a"), "db", ""), span(3, 2, "a").build()))
        .containsExactly("a > db by 2", "db by 2");
  }

  @Test
  void peer_ofSpanInProgressOrOfNobody_isNothingYet() {
    assertThat(count(running(calling(client(2, 0, "a"), "db", "")))).isEmpty();
    assertThat(count(calling(client(2, 0, ""), "db", ""))).isEmpty();
    assertThat(count(calling(client(2, 1, ""), "db", ""), span(1, 9, "").build())).isEmpty();
  }

  @Test
  void segment_thatCallsAPeerItself_isBoth() {
    assertThat(count(calling(segment(1, 0, "a"), "db", "")))
        .containsExactly("a > db by 1", "a by 1", "a:client > a by 1", "db by 1");
  }

  @Test
  void owner_hasTheTypeOfItsService() {
    Span a = segment(1, 0, "a").toBuilder().serviceType("AWS::Lambda").build();

    assertThat(count(a, calling(span(2, 1, "").build(), "t", "AWS::DynamoDB::Table")))
        .containsExactly(
            "a:AWS::Lambda > t:AWS::DynamoDB::Table by 2",
            "a:AWS::Lambda by 1",
            "a:client > a:AWS::Lambda by 1",
            "t:AWS::DynamoDB::Table by 2");
  }

  @Test
  void parents_inACircle_endTheSearch() {
    assertThat(
            count(
                calling(span(1, 3, "").build(), "db", ""),
                span(2, 1, "").build(),
                span(3, 2, "").build()))
        .isEmpty();
    assertThat(count(calling(span(1, 1, "").build(), "db", ""))).isEmpty();
    assertThat(count(segment(1, 2, "a"), segment(2, 1, "b")))
        .containsExactly("a > b by 2", "a by 1", "b > a by 1", "b by 2");
    assertThat(count(segment(1, 1, "a"))).containsExactly("a > a by 1", "a by 1");
  }

  @Test
  void count_spansInAnyOrder_givesTheSameCalls() {
    List<Span> spans =
        new ArrayList<>(
            List.of(
                segment(1, 0, "a"),
                client(2, 1, "a"),
                segment(3, 2, "b"),
                span(4, 3, "").build(),
                calling(client(5, 4, ""), "db", ""),
                segment(6, 99, "c"),
                running(segment(7, 5, "d"))));
    List<String> calls = count(spans);
    Random random = new Random(1);
    for (int i = 0; i < 50; i++) {
      Collections.shuffle(spans, random);
      assertThat(count(spans)).isEqualTo(calls);
    }
  }

  @Test
  void count_veryDeepTrace_takesNoRecursion() {
    List<Span> spans = new ArrayList<>();
    spans.add(segment(1, 0, "a"));
    for (int i = 2; i <= 50_000; i++) {
      spans.add(span(i, i - 1, "").build());
    }
    spans.add(calling(client(50_001, 50_000, ""), "db", ""));

    assertThat(count(spans)).containsExactly("a > db by 50001", "a by 1", "a:client > a by 1", "db by 50001");
  }

  private static Span producer(long id, long parent, String service, String queue) {
    return calling(
        span(id, parent, service).kind(SpanKind.PRODUCER).build(), queue, "Messaging::kafka");
  }

  private static Span consumer(long id, long parent, String service, String queue) {
    Span.Builder span = span(id, parent, service).segment(true).kind(SpanKind.CONSUMER);
    return queue.isEmpty() ? span.build() : calling(span.build(), queue, "Messaging::kafka");
  }

  private static Span at(Span span, long start, long end) {
    return span.toBuilder().startEpochNanos(start).endEpochNanos(end).build();
  }

  @Test
  void queue_betweenProducerAndConsumer_isBetweenThem() {
    for (Span below : List.of(consumer(3, 2, "b", "q"), consumer(3, 2, "b", ""), segment(3, 2, "b"))) {
      assertThat(count(segment(1, 0, "a"), producer(2, 1, "a", "q"), at(below, 25, 30)))
          .containsExactly(
              "a > q:Messaging::kafka by 2",
              "a by 1",
              "a:client > a by 1",
              "b by 3",
              "q:Messaging::kafka >> b by 3 after 5",
              "q:Messaging::kafka by 2");
    }
  }

  @Test
  void queue_ofAnXraySubsegment_isBetweenSenderAndConsumer() {
    Span send = calling(client(2, 1, ""), "https://sqs/1/q", "AWS::SQS::Queue");
    assertThat(count(segment(1, 0, "a"), send, segment(3, 2, "b")))
        .containsExactly(
            "a > https://sqs/1/q:AWS::SQS::Queue by 2",
            "a by 1",
            "a:client > a by 1",
            "b by 3",
            "https://sqs/1/q:AWS::SQS::Queue >> b by 3 after 0",
            "https://sqs/1/q:AWS::SQS::Queue by 2");
  }

  @Test
  void queue_ofConsumerInATraceOfItsOwn_isItsCaller() {
    List<String> expected = List.of("b by 3", "q:Messaging::kafka >> b by 3");
    assertThat(count(consumer(3, 0, "b", "q"))).isEqualTo(expected);
    assertThat(count(consumer(3, 99, "b", "q"))).isEqualTo(expected);
    assertThat(count(running(consumer(3, 0, "b", "q")))).isEmpty();
    assertThat(count(consumer(3, 0, "b", ""))).containsExactly("b by 3", "b:client > b by 3");
  }

  @Test
  void queue_belowSpanThatIsNoSender_isWhatTheConsumerSays() {
    assertThat(count(segment(1, 0, "b"), consumer(3, 1, "b", "q")))
        .containsExactly(
            "b by 1", "b by 3", "b:client > b by 1", "q:Messaging::kafka >> b by 3");
  }

  @Test
  void queue_ofProducerInProgress_isReceivedFromWithoutAge() {
    assertThat(count(running(producer(2, 0, "a", "q")), consumer(3, 2, "b", "other")))
        .containsExactly("b by 3", "q:Messaging::kafka >> b by 3");
  }

  @Test
  void queue_ofProducerWithoutOwner_isReceivedFrom() {
    assertThat(count(producer(2, 0, "", "q"), at(consumer(3, 2, "b", ""), 20, 21)))
        .containsExactly("b by 3", "q:Messaging::kafka >> b by 3 after 0");
  }

  @Test
  void queue_namedByTheConsumersOnly_isWhatTheProducerCalled() {
    assertThat(
            count(
                segment(1, 0, "a"),
                span(2, 1, "a").kind(SpanKind.PRODUCER).build(),
                consumer(3, 2, "b", "q"),
                at(consumer(4, 2, "c", "r"), 21, 22)))
        .containsExactly(
            "a > q:Messaging::kafka by 2",
            "a by 1",
            "a:client > a by 1",
            "b by 3",
            "c by 4",
            "q:Messaging::kafka >> b by 3 after 0",
            "q:Messaging::kafka >> c by 4 after 1",
            "q:Messaging::kafka by 2");
  }

  @Test
  void queue_workOnWhatWasReceived_isNoSecondReceipt() {
    assertThat(count(consumer(3, 0, "b", "q"), consumer(4, 3, "b", "q"), consumer(5, 3, "b", "r")))
        .containsExactly(
            "b by 3",
            "b by 4",
            "b by 5",
            "q:Messaging::kafka >> b by 3",
            "r:Messaging::kafka >> b by 5");
  }

  @Test
  void consumer_ofWhatIsNoQueue_callsItAsAnyOther() {
    assertThat(count(calling(consumer(3, 0, "b", ""), "x", "remote")))
        .containsExactly("b > x:remote by 3", "b by 3", "b:client > b by 3", "x:remote by 3");
  }

  @Test
  void consumer_thatIsNoSegment_isNothing() {
    Span inner = calling(span(2, 1, "b").kind(SpanKind.CONSUMER).build(), "q", "Messaging::kafka");
    assertThat(count(segment(1, 0, "b"), inner)).containsExactly("b by 1", "b:client > b by 1");
  }

  @Test
  void alias_isAnotherNameOrATypeThatSaysMore() {
    Span callee = segment(3, 2, "b");
    assertThat(count(calling(client(2, 0, "a"), "b", "remote"), callee))
        .containsExactly("a > b by 2", "b by 3");
    assertThat(count(calling(client(2, 0, "a"), "b", "AWS::Lambda"), callee))
        .containsExactly("a > b as b:AWS::Lambda by 2", "b by 3");
    assertThat(count(running(calling(client(2, 0, "a"), "b.example", "remote")), callee))
        .containsExactly("a > b as b.example:remote by 3", "b by 3");
  }

  @Test
  void work_lastsToTheEndOfTheSpansOfTheSegment() {
    assertThat(
            count(
                segment(1, 0, "a"),
                at(span(2, 1, "a").build(), 12, 45),
                at(span(3, 2, "a").build(), 13, 40),
                at(span(4, 2, "a").build(), 14, 50),
                running(span(5, 4, "a").build()),
                at(span(6, 5, "a").build(), 15, 60),
                at(segment(7, 4, "b"), 16, 90)))
        .containsExactly(
            "a > b by 7", "a by 1 for 50", "a:client > a by 1", "b by 7");
    assertThat(count(at(span(2, 3, "").build(), 1, 50), at(span(3, 2, "").build(), 1, 60))).isEmpty();
  }
}
