// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.testkit;

import io.roentgen.model.Format;
import io.roentgen.model.Outcome;
import io.roentgen.model.Resource;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Raw;
import io.roentgen.model.Scope;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.StatusCode;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Small traces with a name. Ids come from a seeded generator and times from a fixed base, so that two objects
 * made alike give the same traces when asked in the same order; each call gives a trace of its own.
 */
public final class TestTraces {
  /** 1 March 2026, noon UTC. */
  public static final long BASE_EPOCH_NANOS = 1_772_366_400_000_000_000L;

  public static final long MILLI = 1_000_000L;
  public static final long SECOND = 1_000 * MILLI;
  public static final long MINUTE = 60 * SECOND;
  public static final long HOUR = 60 * MINUTE;
  public static final long DAY = 24 * HOUR;

  private final Random random;
  private final long base;

  /** Makes traces around {@link #BASE_EPOCH_NANOS}, always the same ones. */
  public TestTraces() {
    this(1, BASE_EPOCH_NANOS);
  }

  /** Makes traces that start at {@code baseEpochNanos}, with ids that follow from {@code seed}. */
  public TestTraces(long seed, long baseEpochNanos) {
    random = new Random(seed);
    base = baseEpochNanos;
  }

  /** Returns the base time plus {@code nanos}. */
  public long at(long nanos) {
    return base + nanos;
  }

  /** Returns a new trace id made the X-Ray way: it spells the base time. */
  public TraceId traceId() {
    return traceIdAt(base);
  }

  /** Returns a new trace id that spells a time, as X-Ray makes them. */
  public TraceId traceIdAt(long epochNanos) {
    long seconds = epochNanos / SECOND;
    return new TraceId(seconds << 32 | random.nextLong() >>> 32, random.nextLong());
  }

  /** Returns a new random trace id, as W3C has them; its first half is negative as a signed number. */
  public TraceId randomTraceId() {
    return new TraceId(random.nextLong() | Long.MIN_VALUE, random.nextLong());
  }

  /** Returns a new trace id of 64 bits, as old B3 senders make them. */
  public TraceId shortTraceId() {
    return new TraceId(0, random.nextLong() | 1);
  }

  /** Returns a new span id. */
  public SpanId spanId() {
    return new SpanId(random.nextLong() | 1);
  }

  /** Returns a complete internal span of service {@code service}, from the base time for 10 ms. */
  public Span.Builder span(TraceId traceId, String service) {
    return Span.builder(traceId, spanId())
        .service(service)
        .name("work")
        .kind(SpanKind.INTERNAL)
        .startEpochNanos(base)
        .endEpochNanos(base + 10 * MILLI);
  }

  /** Returns a complete segment of {@code service} below {@code parent}. */
  public Span.Builder server(TraceId traceId, String service, @Nullable Span parent) {
    return below(span(traceId, service), parent).kind(SpanKind.SERVER).segment(true);
  }

  /** Returns a complete client span of {@code service} below {@code parent}. */
  public Span.Builder client(TraceId traceId, String service, Span parent) {
    return below(span(traceId, service), parent).kind(SpanKind.CLIENT);
  }

  private static Span.Builder below(Span.Builder span, @Nullable Span parent) {
    return parent == null ? span : span.parentSpanId(parent.spanId());
  }

  private static Span.Builder between(Span.Builder span, long start, long end) {
    return span.startEpochNanos(start).endEpochNanos(end);
  }

  /** Returns a trace of one span. */
  public Span single() {
    return server(traceId(), "shop", null).name("GET /").build();
  }

  /**
   * Returns a request through three services: {@code shop} calls {@code payment}, which reads a database, and
   * {@code stock}, which answers 503; each call has a client and a server span. Seven spans in the trace's order.
   */
  public List<Span> checkout() {
    TraceId trace = traceId();
    Span shop =
        between(server(trace, "shop", null).name("POST /checkout"), at(0), at(100 * MILLI))
            .outcome(new Outcome(false, true, false))
            .statusCode(StatusCode.ERROR)
            .statusMessage("stock is gone")
            .resourceScope(resource("shop"))
            .attribute("http.response.status_code", Value.of(502))
            .build();
    Span callPayment =
        between(client(trace, "shop", shop).name("Payment/Charge"), at(10 * MILLI), at(50 * MILLI))
            .resourceScope(resource("shop"))
            .peerName("payment")
            .peerType("remote")
            .build();
    Span payment =
        between(
                server(trace, "payment", callPayment).name("Payment/Charge"),
                at(12 * MILLI),
                at(48 * MILLI))
            .resourceScope(resource("payment"))
            .attribute("amount", Value.of(12.5))
            .build();
    Span query =
        between(client(trace, "payment", payment).name("SELECT"), at(15 * MILLI), at(40 * MILLI))
            .resourceScope(resource("payment"))
            .peerName("ledger")
            .peerType("postgresql")
            .attribute("db.query.text", Value.of("select * from entries where id = 'x'"))
            .build();
    Span callStock =
        between(client(trace, "shop", shop).name("Stock/Take"), at(55 * MILLI), at(90 * MILLI))
            .resourceScope(resource("shop"))
            .outcome(new Outcome(false, true, false))
            .peerName("stock")
            .peerType("remote")
            .build();
    Span stock =
        between(server(trace, "stock", callStock).name("Stock/Take"), at(60 * MILLI), at(85 * MILLI))
            .resourceScope(resource("stock"))
            .outcome(new Outcome(false, true, false))
            .build();
    Span check =
        between(span(trace, "stock").name("check shelf"), at(61 * MILLI), at(70 * MILLI))
            .parentSpanId(stock.spanId())
            .resourceScope(resource("stock"))
            .build();
    return List.of(shop, callPayment, payment, query, callStock, stock, check);
  }

  /** Returns a resource of a service, with an instance of its own and a scope. */
  public static ResourceScope resource(String service) {
    return new ResourceScope(
        new Resource(
            Map.of(
                "service.name", Value.of(service),
                "service.instance.id", Value.of(service + "-0")),
            0,
            "https://opentelemetry.io/schemas/1.38.0",
            Raw.EMPTY),
        new Scope("io.roentgen.test", "1.2", Map.of("tier", Value.of("scope")), 0, "", Raw.EMPTY));
  }

  /** Returns one segment of {@code hub} with {@code count} client spans, each answered by a service of its own. */
  public List<Span> fanOut(int count) {
    TraceId trace = traceId();
    List<Span> spans = new ArrayList<>();
    Span hub = between(server(trace, "hub", null), at(0), at(count * MILLI)).build();
    spans.add(hub);
    for (int i = 0; i < count; i++) {
      Span call =
          between(client(trace, "hub", hub), at(i * MILLI), at(i * MILLI + MILLI))
              .peerName("leaf-" + i)
              .peerType("remote")
              .build();
      spans.add(call);
      spans.add(between(server(trace, "leaf-" + i, call), at(i * MILLI + 1), at(i * MILLI + 9)).build());
    }
    return spans;
  }

  /** Returns many services that call {@code db}, each in a trace of its own: one client span without a segment. */
  public List<Span> hugeFanIn(int callers) {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      TraceId trace = traceId();
      Span caller = server(trace, "caller-" + i, null).build();
      spans.add(caller);
      spans.add(
          client(trace, "caller-" + i, caller).name("GET").peerName("db").peerType("redis").build());
    }
    return spans;
  }

  /** Returns a call whose callee's clock is two hours behind: it seems to answer before it was asked. */
  public List<Span> clockSkew() {
    TraceId trace = traceId();
    Span caller = between(server(trace, "east", null), at(0), at(20 * MILLI)).build();
    Span call = between(client(trace, "east", caller), at(MILLI), at(19 * MILLI)).build();
    Span callee =
        between(server(trace, "west", call), at(2 * MILLI - 2 * HOUR), at(18 * MILLI - 2 * HOUR)).build();
    return List.of(caller, call, callee);
  }

  /**
   * Returns, as they are sent, a segment in progress, a subsegment of it, and the segment when it is complete.
   */
  public List<Span> inProgress() {
    TraceId trace = traceId();
    Span running =
        server(trace, "slow", null).format(Format.XRAY).inProgress(true).endEpochNanos(0).build();
    Span step =
        between(span(trace, "").format(Format.XRAY), at(MILLI), at(2 * MILLI))
            .parentSpanId(running.spanId())
            .build();
    Span complete = running.toBuilder().inProgress(false).endEpochNanos(at(5 * SECOND)).build();
    return List.of(running, step, complete);
  }

  /** Returns two spans of which the upper one's parent is not there. */
  public List<Span> orphan() {
    TraceId trace = traceId();
    Span upper = server(trace, "left", null).parentSpanId(spanId()).build();
    Span lower =
        between(client(trace, "left", upper), at(MILLI), at(2 * MILLI)).build();
    return List.of(upper, lower);
  }

  /** Returns a checkout in batches as four processes would send it: no batch holds a span and its parent. */
  public List<List<Span>> splitTrace() {
    List<Span> spans = checkout();
    return List.of(
        List.of(spans.get(3), spans.get(5)),
        List.of(spans.get(1), spans.get(4)),
        List.of(spans.get(6)),
        List.of(spans.get(2), spans.get(0)));
  }

  /**
   * Returns an X-Ray segment with an embedded subsegment, and two subsegments that were sent alone, the lower of
   * them calling a table.
   */
  public List<Span> xray() {
    TraceId trace = traceId();
    Span segment =
        between(server(trace, "orders", null), at(0), at(30 * MILLI))
            .name("orders")
            .serviceType("AWS::ECS::Container")
            .format(Format.XRAY)
            .document("{\"user\":\"u1\",\"metadata\":{\"default\":{\"a\":[1,2.50,\"\\u0000\"]}}}")
            .attribute("http.request.method", Value.of("GET"))
            .build();
    Span embedded =
        between(span(trace, "orders"), at(MILLI), at(9 * MILLI))
            .name("validate")
            .serviceType("AWS::ECS::Container")
            .parentSpanId(segment.spanId())
            .format(Format.XRAY)
            .build();
    Span independent =
        between(span(trace, ""), at(10 * MILLI), at(29 * MILLI))
            .name("load")
            .parentSpanId(segment.spanId())
            .format(Format.XRAY)
            .build();
    Span table =
        between(span(trace, "").kind(SpanKind.CLIENT), at(11 * MILLI), at(28 * MILLI))
            .name("DynamoDB")
            .parentSpanId(independent.spanId())
            .peerName("orders-table")
            .peerType("AWS::DynamoDB::Table")
            .outcome(new Outcome(true, false, true))
            .format(Format.XRAY)
            .document("{\"aws\":{\"retries\":3}}")
            .build();
    return List.of(segment, embedded, independent, table);
  }

  /** Returns a trace whose id has 64 bits. */
  public Span shortId() {
    return server(shortTraceId(), "mesh", null).build();
  }
}
