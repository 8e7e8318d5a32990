// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.testkit;

import static io.roentgen.store.testkit.ExpectedGraph.client;
import static io.roentgen.store.testkit.ExpectedGraph.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.roentgen.model.NodeId;
import io.roentgen.model.Outcome;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.CallCounter;
import io.roentgen.store.GraphReader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What {@link GraphReader} promises: each call once, in its minute, whatever became of its spans underway. */
public abstract class GraphReaderContract extends StoreContract {
  private static final ServiceGraph EMPTY = new ServiceGraph(List.of(), List.of());

  private ServiceGraph all() {
    return graph().graph(TimeRange.ALL);
  }

  @Test
  void graph_emptyStore_isEmpty() {
    assertThat(all()).isEqualTo(EMPTY);
  }

  @Test
  void graph_checkout_hasCallersCalleesClientAndDatabase() {
    List<Span> spans = traces().checkout();
    write(spans);

    assertThat(all()).isEqualTo(checkoutGraph(spans).build());
  }

  private static ExpectedGraph checkoutGraph(List<Span> spans) {
    return new ExpectedGraph()
        .answered(client("shop"), node("shop"), spans.get(0), spans.get(0))
        .answered(node("shop"), node("payment"), spans.get(1), spans.get(2))
        .answered(
            node("payment"), new NodeId("ledger", "postgresql"), spans.get(3), spans.get(3))
        .answered(node("shop"), node("stock"), spans.get(4), spans.get(5));
  }

  @Test
  void graph_outcomes_areCountedFaultBeforeThrottleBeforeError() {
    ExpectedGraph expected = new ExpectedGraph();
    for (int bits = 0; bits < 8; bits++) {
      Span span =
          traces().server(traces().traceId(), "s", null).outcome(Outcome.ofBits(bits)).build();
      write(span);
      expected.answered(client("s"), node("s"), span, span);
    }

    ServiceGraph graph = all();

    assertThat(graph).isEqualTo(expected.build());
    assertThat(graph.edges())
        .singleElement()
        .satisfies(
            edge -> {
              assertThat(edge.statistics().okCount()).isEqualTo(1);
              assertThat(edge.statistics().errorCount()).isEqualTo(1);
              assertThat(edge.statistics().throttleCount()).isEqualTo(2);
              assertThat(edge.statistics().faultCount()).isEqualTo(4);
              assertThat(edge.statistics().totalDurationNanos())
                  .isEqualTo(80 * TestTraces.MILLI);
              assertThat(edge.statistics().latency().count()).isEqualTo(8);
            });
  }

  @Test
  void graph_splitTrace_isThatOfOneBatch() {
    List<List<Span>> batches = traces().splitTrace();
    batches.forEach(this::write);

    assertThat(all()).isEqualTo(ExpectedGraph.ofWritten(batches.stream().flatMap(List::stream).toList()));
  }

  @Test
  void graph_afterEachBatchOfATrace_isThatOfTheSpansSoFar() {
    List<Span> soFar = new ArrayList<>();
    for (List<Span> batch : traces().splitTrace()) {
      write(batch);
      soFar.addAll(batch);
      assertThat(all()).isEqualTo(ExpectedGraph.ofWritten(soFar));
    }
  }

  @Test
  void graph_randomTracesInAnyOrderAndBatches_isThatOfOneWrite() {
    for (int seed = 0; seed < 6; seed++) {
      RandomSpans spans = new RandomSpans(seed, baseEpochNanos());
      Random random = new Random(seed);
      List<Span> distinct = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        distinct.addAll(oneOfEachId(spans.trace(12)));
      }
      List<Span> sent = new ArrayList<>(distinct);
      sent.addAll(distinct.subList(0, distinct.size() / 2));
      Collections.shuffle(sent, random);
      store().close();
      use(openStore());
      for (int at = 0; at < sent.size(); ) {
        int to = Math.min(sent.size(), at + 1 + random.nextInt(15));
        write(sent.subList(at, to));
        at = to;
      }
      assertThat(all()).as("seed %s", seed).isEqualTo(ExpectedGraph.ofWritten(distinct));
    }
  }

  /** Order does not matter when no two different spans share an id. */
  private static Collection<Span> oneOfEachId(List<Span> trace) {
    Map<SpanId, Span> byId = new LinkedHashMap<>();
    trace.forEach(span -> byId.putIfAbsent(span.spanId(), span));
    return byId.values();
  }

  @Test
  void graph_randomTracesWithReplacedSpans_countsWhatIsSeen() {
    RandomSpans spans = new RandomSpans(99, baseEpochNanos());
    List<Span> sent = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      List<Span> trace = spans.trace(10);
      for (int at = 0; at < trace.size(); at += 4) {
        write(trace.subList(at, Math.min(at + 4, trace.size())));
      }
      sent.addAll(trace);
      if (i % 10 == 9) {
        assertThat(all()).as("%s traces", i).isEqualTo(ExpectedGraph.ofWritten(sent));
      }
    }
  }

  @Test
  void graph_repeatedBatches_countOnce() {
    List<Span> spans = traces().checkout();
    for (int i = 0; i < 4; i++) {
      write(spans);
      write(spans.subList(2, 5));
    }

    assertThat(all()).isEqualTo(checkoutGraph(spans).build());
  }

  @Test
  void graph_segmentInProgress_countsWhenItIsComplete() {
    List<Span> sent = traces().inProgress();
    write(sent.get(0));
    write(sent.get(1));
    assertThat(all()).isEqualTo(EMPTY);

    write(sent.get(2));
    ServiceGraph once =
        new ExpectedGraph()
            .answered(client("slow"), node("slow"), sent.get(2), sent.get(2))
            .build();
    assertThat(all()).isEqualTo(once);

    write(sent.get(0));
    assertThat(all()).isEqualTo(once);
  }

  @Test
  void graph_completeSegmentReplaced_countsTheLastOnly() {
    Span first =
        traces().server(traces().traceId(), "wrong", null).outcome(new Outcome(true, false, false)).build();
    Span last =
        first.toBuilder()
            .service("right")
            .outcome(Outcome.OK)
            .endEpochNanos(first.endEpochNanos() + 3 * TestTraces.MINUTE)
            .build();
    write(first);
    assertThat(all())
        .isEqualTo(
            new ExpectedGraph().answered(client("wrong"), node("wrong"), first, first).build());

    write(last);
    assertThat(all())
        .isEqualTo(new ExpectedGraph().answered(client("right"), node("right"), last, last).build());
  }

  @Test
  void graph_orphan_hasItsEdgeOnceTheParentArrives() {
    List<Span> spans = traces().orphan();
    Span upper = spans.get(0);
    spans.forEach(this::write);
    assertThat(all()).isEqualTo(new ExpectedGraph().request(node("left"), upper).build());

    Span parent =
        Span.builder(upper.traceId(), Objects.requireNonNull(upper.parentSpanId()))
            .service("far")
            .segment(true)
            .kind(SpanKind.SERVER)
            .startEpochNanos(traces().at(-TestTraces.HOUR))
            .endEpochNanos(traces().at(2 * TestTraces.HOUR))
            .build();
    write(parent);
    assertThat(all())
        .isEqualTo(
            new ExpectedGraph()
                .answered(client("far"), node("far"), parent, parent)
                .answered(node("far"), node("left"), upper, upper)
                .build());
  }

  @Test
  void graph_calleeArrivingAfterItsCaller_takesThePeersPlace() {
    TraceId trace = traces().traceId();
    Span shop = traces().server(trace, "shop", null).build();
    Span call = traces().client(trace, "shop", shop).peerName("pay.example").peerType("remote").build();
    Span pay = traces().server(trace, "pay", call).endEpochNanos(traces().at(5)).build();
    write(shop);
    write(call);
    ExpectedGraph caller =
        new ExpectedGraph().answered(client("shop"), node("shop"), shop, shop);
    assertThat(all())
        .isEqualTo(
            caller.answered(node("shop"), new NodeId("pay.example", "remote"), call, call).build());

    write(pay);
    assertThat(all())
        .isEqualTo(
            new ExpectedGraph()
                .answered(client("shop"), node("shop"), shop, shop)
                .call(node("shop"), node("pay"), new NodeId("pay.example", "remote"), call)
                .request(node("pay"), pay)
                .build());
  }

  @Test
  void graph_messagesThroughAQueue_joinSenderAndConsumer() {
    TraceId trace = traces().traceId();
    NodeId queue = new NodeId("orders", "Messaging::kafka");
    Span shop =
        traces().server(trace, "shop", null).endEpochNanos(traces().at(TestTraces.SECOND)).build();
    Span send =
        traces().client(trace, "shop", shop).kind(SpanKind.PRODUCER)
            .peerName(queue.name()).peerType(queue.type())
            .endEpochNanos(traces().at(TestTraces.SECOND))
            .build();
    Span mail =
        traces().server(trace, "mail", send).kind(SpanKind.CONSUMER)
            .startEpochNanos(traces().at(TestTraces.MINUTE))
            .endEpochNanos(traces().at(2 * TestTraces.MINUTE))
            .build();
    Span bill =
        traces().server(trace, "bill", send)
            .startEpochNanos(traces().at(0))
            .endEpochNanos(traces().at(5))
            .build();
    Span alone =
        traces().server(traces().traceId(), "mail", null).kind(SpanKind.CONSUMER)
            .peerName(queue.name()).peerType(queue.type())
            .build();
    // Consumers come first: it is not known yet whom they received from.
    write(bill, alone);
    write(mail);
    assertThat(all())
        .isEqualTo(
            new ExpectedGraph()
                .request(node("bill"), bill)
                .request(node("mail"), mail)
                .received(queue, node("mail"), alone, CallCounter.NO_AGE)
                .build());

    Span sending = send.toBuilder().inProgress(true).endEpochNanos(0).build();
    write(sending);
    write(shop);
    assertThat(all())
        .isEqualTo(
            new ExpectedGraph()
                .answered(client("shop"), node("shop"), shop, shop)
                .received(queue, node("bill"), bill, CallCounter.NO_AGE)
                .received(queue, node("mail"), mail, CallCounter.NO_AGE)
                .received(queue, node("mail"), alone, CallCounter.NO_AGE)
                .build());

    write(send);
    assertThat(all())
        .isEqualTo(
            new ExpectedGraph()
                .answered(client("shop"), node("shop"), shop, shop)
                .answered(node("shop"), queue, send, send)
                .received(queue, node("bill"), bill, 0)
                .received(queue, node("mail"), mail, 59 * TestTraces.SECOND)
                .received(queue, node("mail"), alone, CallCounter.NO_AGE)
                .build());
    assertThat(all().edges())
        .filteredOn(ServiceGraph.Edge::isLink)
        .extracting(edge -> edge.callee().name())
        .containsExactly("bill", "mail");
  }

  @Test
  void graph_namesOfACallee_areThoseOfTheCallsThatCount() {
    TraceId trace = traces().traceId();
    Span call = traces().client(trace, "shop", traces().server(trace, "shop", null).build()).build();
    Span first = call.toBuilder().peerName("b.example").peerType("remote").build();
    Span pay = traces().server(trace, "pay", call).build();
    TraceId otherTrace = traces().traceId();
    Span other =
        traces().client(otherTrace, "shop", traces().server(otherTrace, "shop", null).build())
            .peerName("a.example").peerType("remote")
            .build();
    Span otherPay = traces().server(otherTrace, "pay", other).build();
    write(first, pay);
    write(other, otherPay);
    assertThat(all().edges())
        .singleElement()
        .extracting(ServiceGraph.Edge::aliases)
        .isEqualTo(List.of(new NodeId("a.example", "remote"), new NodeId("b.example", "remote")));
    assertThat(all().edges().getFirst().statistics().totalCount()).isEqualTo(2);

    write(call);
    assertThat(all().edges())
        .singleElement()
        .extracting(ServiceGraph.Edge::aliases)
        .isEqualTo(List.of(new NodeId("a.example", "remote")));
  }

  @Test
  void graph_workAfterTheAnswer_isInTheDurations() {
    TraceId trace = traces().traceId();
    Span shop = traces().server(trace, "shop", null).build();
    Span save =
        traces().span(trace, "shop").parentSpanId(shop.spanId())
            .endEpochNanos(traces().at(TestTraces.SECOND))
            .build();
    Span later =
        traces().span(trace, "shop").parentSpanId(save.spanId())
            .endEpochNanos(traces().at(3 * TestTraces.SECOND))
            .build();
    write(shop);
    write(later);
    assertThat(all()).isEqualTo(requests("shop", shop, shop.durationNanos()));

    write(save);
    assertThat(all()).isEqualTo(requests("shop", shop, 3 * TestTraces.SECOND));

    write(later.toBuilder().endEpochNanos(traces().at(5)).build());
    assertThat(all()).isEqualTo(requests("shop", shop, TestTraces.SECOND));
  }

  private static ServiceGraph requests(String service, Span segment, long workNanos) {
    return new ExpectedGraph()
        .call(client(service), node(service), segment)
        .request(node(service), segment, workNanos)
        .build();
  }

  @Test
  void graph_serviceWithAndWithoutType_isOneNode() {
    long hour = TestTraces.HOUR;
    Span plain = traces().server(traces().traceId(), "shop", null).build();
    Span later =
        traces().server(traces().traceId(), "shop", null)
            .startEpochNanos(traces().at(hour))
            .endEpochNanos(traces().at(hour + 7))
            .serviceType("AWS::ECS::Container")
            .build();
    TraceId trace = traces().traceId();
    Span table =
        traces().client(trace, "shop", traces().server(trace, "shop", null).build())
            .peerName("shop").peerType("AWS::DynamoDB::Table")
            .build();
    write(plain, table);
    assertThat(all().nodes()).extracting(ServiceGraph.Node::id).contains(node("shop"));

    write(later);
    NodeId shop = new NodeId("shop", "AWS::ECS::Container");
    NodeId named = new NodeId("shop", "AWS::DynamoDB::Table");
    assertThat(all())
        .isEqualTo(
            new ExpectedGraph()
                .answered(client("shop"), shop, plain, plain)
                .answered(client("shop"), shop, later, later)
                .answered(shop, named, table, table)
                .build());
    // Each period knows what the others know.
    assertThat(graph().series(TimeRange.ALL, hour))
        .flatExtracting(period -> period.graph().nodes())
        .extracting(ServiceGraph.Node::id)
        .doesNotContain(node("shop"));

    write(
        traces().server(traces().traceId(), "shop", null)
            .serviceType("AWS::EC2::Instance")
            .build());
    assertThat(all().nodes())
        .extracting(ServiceGraph.Node::id)
        .contains(node("shop"), shop, new NodeId("shop", "AWS::EC2::Instance"));
  }

  @Test
  void graph_serviceThatWasDown_isTheNodeOfItsName() {
    TraceId trace = traces().traceId();
    Span shop = traces().server(trace, "shop", null).build();
    Span failed =
        traces().client(trace, "shop", shop)
            .peerName("stock").peerType(NodeId.REMOTE)
            .outcome(new Outcome(false, true, false))
            .build();
    write(shop, failed);
    assertThat(all().nodes())
        .extracting(ServiceGraph.Node::id)
        .contains(new NodeId("stock", NodeId.REMOTE));

    Span stock = traces().server(traces().traceId(), "stock", null).build();
    write(stock);
    assertThat(all())
        .isEqualTo(
            new ExpectedGraph()
                .answered(client("shop"), node("shop"), shop, shop)
                .answered(node("shop"), node("stock"), failed, failed)
                .answered(client("stock"), node("stock"), stock, stock)
                .build());

    // Two services of that name: nobody knows which was meant.
    write(
        traces().server(traces().traceId(), "stock", null)
            .serviceType("AWS::EC2::Instance")
            .build(),
        traces().server(traces().traceId(), "stock", null)
            .serviceType("AWS::ECS::Container")
            .build());
    assertThat(all().nodes())
        .extracting(ServiceGraph.Node::id)
        .contains(node("stock"), new NodeId("stock", NodeId.REMOTE));
  }

  @Test
  void graph_queueByUrlAndByName_isOneNode() {
    TraceId trace = traces().traceId();
    NodeId queue = new NodeId("https://sqs.eu.example/1/mails", "AWS::SQS::Queue");
    Span send =
        traces().client(trace, "shop", traces().server(trace, "shop", null).build())
            .peerName(queue.name()).peerType(queue.type())
            .build();
    Span mail =
        traces().server(traces().traceId(), "mail", null).kind(SpanKind.CONSUMER)
            .peerName("mails").peerType(queue.type())
            .build();
    write(mail);
    write(send);

    assertThat(all())
        .isEqualTo(
            new ExpectedGraph()
                .answered(node("shop"), queue, send, send)
                .received(queue, node("mail"), mail, CallCounter.NO_AGE)
                .build());
  }

  @Test
  void graph_calleeInProgress_hidesThePeerAndIsNoCallYet() {
    TraceId trace = traces().traceId();
    Span shop = traces().server(trace, "shop", null).build();
    Span call = traces().client(trace, "shop", shop).peerName("pay.example").peerType("remote").build();
    Span pay = traces().server(trace, "pay", call).inProgress(true).endEpochNanos(0).build();
    write(shop, call);
    write(pay);

    assertThat(all())
        .isEqualTo(
            new ExpectedGraph().answered(client("shop"), node("shop"), shop, shop).build());
  }

  @Test
  void graph_severalSegmentsBelowOneSpan_areTimedByThemselves() {
    TraceId trace = traces().traceId();
    Span send = traces().server(trace, "shop", null).kind(SpanKind.PRODUCER).build();
    Span first = traces().server(trace, "mail", send).endEpochNanos(traces().at(7)).build();
    write(send, first);
    ExpectedGraph expected =
        new ExpectedGraph().answered(client("shop"), node("shop"), send, send);
    assertThat(all())
        .isEqualTo(
            new ExpectedGraph()
                .answered(client("shop"), node("shop"), send, send)
                .answered(node("shop"), node("mail"), send, first)
                .build());

    Span second = traces().server(trace, "bill", send).endEpochNanos(traces().at(9)).build();
    write(second);
    assertThat(all())
        .isEqualTo(
            expected
                .answered(node("shop"), node("mail"), first, first)
                .answered(node("shop"), node("bill"), second, second)
                .build());
  }

  @Test
  void graph_callerInProgress_isTimedByTheCalleeUntilItIsComplete() {
    TraceId trace = traces().traceId();
    Span shop = traces().server(trace, "shop", null).build();
    Span call = traces().client(trace, "shop", shop).endEpochNanos(traces().at(77)).build();
    Span running = call.toBuilder().inProgress(true).endEpochNanos(0).build();
    Span pay = traces().server(trace, "pay", call).endEpochNanos(traces().at(5)).build();
    write(shop, pay);
    write(running);
    assertThat(all())
        .isEqualTo(
            new ExpectedGraph()
                .answered(client("shop"), node("shop"), shop, shop)
                .answered(node("shop"), node("pay"), pay, pay)
                .build());

    write(call);
    assertThat(all())
        .isEqualTo(
            new ExpectedGraph()
                .answered(client("shop"), node("shop"), shop, shop)
                .answered(node("shop"), node("pay"), call, pay)
                .build());
  }

  @Test
  void graph_subsegmentsSentAlone_belongToTheirSegmentsService() {
    List<Span> spans = traces().xray();
    List<Span> backwards = new ArrayList<>(spans);
    Collections.reverse(backwards);
    backwards.forEach(this::write);
    NodeId orders = new NodeId("orders", "AWS::ECS::Container");

    assertThat(all())
        .isEqualTo(
            new ExpectedGraph()
                .answered(client("orders"), orders, spans.get(0), spans.get(0))
                .answered(
                    orders,
                    new NodeId("orders-table", "AWS::DynamoDB::Table"),
                    spans.get(3),
                    spans.get(3))
                .build());
  }

  @Test
  void graph_callOfNobodyKnown_isNotCountedYet() {
    List<Span> spans = traces().xray();
    write(spans.get(3));
    write(spans.get(2));

    assertThat(all()).isEqualTo(EMPTY);
  }

  @Test
  void graph_servicesOfOneNameAndTwoTypes_areTwoNodes() {
    TraceId trace = traces().traceId();
    Span caller = traces().server(trace, "same", null).serviceType("AWS::Lambda").build();
    Span callee =
        traces().server(trace, "same", caller).serviceType("AWS::Lambda::Function").build();
    write(callee);
    write(caller);
    NodeId lambda = new NodeId("same", "AWS::Lambda");

    assertThat(all())
        .isEqualTo(
            new ExpectedGraph()
                .answered(client("same"), lambda, caller, caller)
                .answered(lambda, new NodeId("same", "AWS::Lambda::Function"), callee, callee)
                .build());
  }

  @Test
  void graph_parentsInACircle_areCountedWithoutEnd() {
    TraceId trace = traces().traceId();
    Span first = traces().server(trace, "one", null).build();
    Span second = traces().server(trace, "two", first).build();
    Span closing = first.toBuilder().parentSpanId(second.spanId()).build();
    Span own = traces().server(trace, "three", null).build();
    Span self = own.toBuilder().parentSpanId(own.spanId()).build();
    Span nobody = traces().span(trace, "").peerName("db").build();
    Span nobodyToo = traces().span(trace, "").parentSpanId(nobody.spanId()).peerName("db").build();
    write(second);
    write(closing);
    write(self);
    write(nobody.toBuilder().parentSpanId(nobodyToo.spanId()).build());
    write(nobodyToo);

    assertThat(all())
        .isEqualTo(
            new ExpectedGraph()
                .answered(node("two"), node("one"), closing, closing)
                .answered(node("one"), node("two"), second, second)
                .answered(node("three"), node("three"), self, self)
                .build());
  }

  @Test
  void graph_range_isRoundedOutwardsToMinutes() {
    long minute = traces().at(0) - traces().at(0) % TestTraces.MINUTE;
    List<Span> ends = new ArrayList<>();
    for (long end : new long[] {-1, 0, 30 * TestTraces.SECOND, TestTraces.MINUTE - 1, TestTraces.MINUTE}) {
      Span span =
          traces().server(traces().traceId(), "s", null)
              .startEpochNanos(minute + end - 5)
              .endEpochNanos(minute + end)
              .build();
      ends.add(span);
      write(span);
    }

    assertThat(graph().graph(new TimeRange(minute, minute + 1)))
        .isEqualTo(requests(ends.subList(1, 4)));
    assertThat(graph().graph(new TimeRange(minute + 7, minute + TestTraces.MINUTE)))
        .isEqualTo(requests(ends.subList(1, 4)));
    assertThat(graph().graph(new TimeRange(minute + 7, minute + TestTraces.MINUTE + 1)))
        .isEqualTo(requests(ends.subList(1, 5)));
    assertThat(graph().graph(new TimeRange(minute - 1, minute)))
        .isEqualTo(requests(ends.subList(0, 1)));
    assertThat(graph().graph(new TimeRange(minute - 1, minute + 1)))
        .isEqualTo(requests(ends.subList(0, 4)));
    assertThat(graph().graph(new TimeRange(minute - TestTraces.HOUR, minute - TestTraces.MINUTE)))
        .isEqualTo(EMPTY);
    assertThat(all()).isEqualTo(requests(ends));
  }

  private static ServiceGraph requests(List<Span> spans) {
    ExpectedGraph expected = new ExpectedGraph();
    spans.forEach(span -> expected.answered(client("s"), node("s"), span, span));
    return expected.build();
  }

  @Test
  void series_rangeIsRoundedOutwardsToPeriods_andEmptyOnesAreLeftOut() {
    long hour = traces().at(0) - traces().at(0) % TestTraces.HOUR;
    List<Span> ends = new ArrayList<>();
    for (long end :
        new long[] {-1, 0, TestTraces.MINUTE, 7 * TestTraces.MINUTE, 14 * TestTraces.MINUTE - 1}) {
      Span span =
          traces().server(traces().traceId(), "s", null)
              .startEpochNanos(hour + end - 5)
              .endEpochNanos(hour + end)
              .build();
      ends.add(span);
      write(span);
    }
    long five = 5 * TestTraces.MINUTE;

    assertThat(graph().series(new TimeRange(hour + 9, hour + 10), five))
        .containsExactly(new GraphReader.Period(hour, requests(ends.subList(1, 3))));
    assertThat(graph().series(new TimeRange(hour - 1, hour + five + 1), five))
        .containsExactly(
            new GraphReader.Period(hour - five, requests(ends.subList(0, 1))),
            new GraphReader.Period(hour, requests(ends.subList(1, 3))),
            new GraphReader.Period(hour + five, requests(ends.subList(3, 4))));
    assertThat(graph().series(new TimeRange(hour, hour + TestTraces.HOUR), TestTraces.MINUTE))
        .extracting(GraphReader.Period::startEpochNanos)
        .containsExactly(
            hour,
            hour + TestTraces.MINUTE,
            hour + 7 * TestTraces.MINUTE,
            hour + 13 * TestTraces.MINUTE);
    assertThat(graph().series(TimeRange.ALL, TestTraces.HOUR))
        .containsExactly(
            new GraphReader.Period(hour - TestTraces.HOUR, requests(ends.subList(0, 1))),
            new GraphReader.Period(hour, requests(ends.subList(1, 5))));
    assertThat(graph().series(new TimeRange(hour + TestTraces.HOUR, Long.MAX_VALUE), five)).isEmpty();
  }

  @Test
  void series_callTakenBackByALaterSpan_isInNoPeriod() {
    List<Span> spans = traces().clockSkew();
    spans.forEach(this::write);
    long nanos = spans.stream().mapToLong(Span::endEpochNanos).max().orElseThrow();

    for (GraphReader.Period period : graph().series(new TimeRange(0, nanos + 1), TestTraces.MINUTE)) {
      long start = period.startEpochNanos();
      assertThat(period.graph())
          .isEqualTo(graph().graph(new TimeRange(start, start + TestTraces.MINUTE)))
          .isNotEqualTo(EMPTY);
    }
  }

  @Test
  void series_periodNoMultipleOfTheResolution_isRefused() {
    for (long period : new long[] {Long.MIN_VALUE, -TestTraces.MINUTE, 0, 1, TestTraces.MINUTE + 1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> graph().series(TimeRange.ALL, period))
          .withMessageContaining("periodNanos: " + period);
    }
  }

  @Test
  void graph_callMeasuredInAnotherMinuteThanItsRequest_isInItsOwn() {
    long minute = traces().at(0) - traces().at(0) % TestTraces.MINUTE;
    List<Span> spans = traces().clockSkew();
    spans.forEach(this::write);
    Span caller = spans.get(0);
    Span call = spans.get(1);
    Span callee = spans.get(2);

    assertThat(graph().graph(new TimeRange(minute, minute + TestTraces.MINUTE)))
        .isEqualTo(
            new ExpectedGraph()
                .answered(client("east"), node("east"), caller, caller)
                .call(node("east"), node("west"), call)
                .build());
    long callees = callee.endEpochNanos();
    assertThat(graph().graph(new TimeRange(callees, callees + 1)))
        .isEqualTo(new ExpectedGraph().request(node("west"), callee).build());
  }

  @Test
  void graph_timesFarOff_areCountedThere() {
    Span atZero = Span.builder(traces().traceId(), traces().spanId()).service("s").segment(true).build();
    Span atTheEnd =
        Span.builder(traces().traceId(), traces().spanId())
            .service("s")
            .segment(true)
            .startEpochNanos(Long.MAX_VALUE - 9)
            .endEpochNanos(Long.MAX_VALUE - 1)
            .build();
    Span endBeforeStart =
        Span.builder(traces().traceId(), traces().spanId())
            .service("s")
            .segment(true)
            .startEpochNanos(traces().at(TestTraces.HOUR))
            .endEpochNanos(traces().at(0))
            .build();
    write(atZero);
    write(atTheEnd, endBeforeStart);

    assertThat(all()).isEqualTo(requests(List.of(atZero, atTheEnd, endBeforeStart)));
    assertThat(graph().graph(new TimeRange(0, 1))).isEqualTo(requests(List.of(atZero)));
    assertThat(graph().graph(new TimeRange(Long.MAX_VALUE - 1, Long.MAX_VALUE)))
        .isEqualTo(requests(List.of(atTheEnd)));
    assertThat(graph().graph(new TimeRange(traces().at(0), traces().at(1))))
        .isEqualTo(requests(List.of(endBeforeStart)));
  }

  @Test
  void graph_traceSpreadOverHours_joinsItsCalls() {
    TraceId trace = traces().traceId();
    List<Span> spans = new ArrayList<>();
    Span parent = traces().server(trace, "hop-0", null).build();
    spans.add(parent);
    for (int i = 1; i <= 6; i++) {
      parent =
          traces().server(trace, "hop-" + i, parent)
              .startEpochNanos(traces().at(5L * i * TestTraces.HOUR))
              .endEpochNanos(traces().at(5L * i * TestTraces.HOUR + TestTraces.SECOND))
              .build();
      spans.add(parent);
    }
    List<Span> backwards = new ArrayList<>(spans);
    Collections.reverse(backwards);
    backwards.forEach(this::write);

    assertThat(all()).isEqualTo(ExpectedGraph.ofWritten(spans));
    assertThat(all().edges()).hasSize(7);
  }

  @Test
  void graph_hugeFanIn_countsEveryCaller() {
    List<Span> spans = traces().hugeFanIn(500);
    write(spans.subList(0, 501));
    write(spans.subList(501, 1_000));

    ServiceGraph graph = all();

    assertThat(graph).isEqualTo(ExpectedGraph.ofWritten(spans));
    assertThat(graph.edges()).filteredOn(edge -> edge.callee().name().equals("db")).hasSize(500);
  }

  @Test
  void graph_fanOut_countsEveryCallee() {
    List<Span> spans = traces().fanOut(100);
    write(spans.subList(50, spans.size()));
    write(spans.subList(0, 50));

    assertThat(all()).isEqualTo(ExpectedGraph.ofWritten(spans));
    assertThat(all().edges()).hasSize(101);
  }
}
