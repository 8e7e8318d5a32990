// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.testkit;

import io.roentgen.model.Format;
import io.roentgen.model.Outcome;
import io.roentgen.model.Raw;
import io.roentgen.model.Resource;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Scope;
import io.roentgen.model.Span;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.SpanLink;
import io.roentgen.model.StatusCode;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Spans and traces made up from a seed, on purpose unlike what well-behaved senders send. Names, keys and values
 * come from small pools that searches draw from too, so that random searches find something. Not safe for use by
 * several threads.
 */
public final class RandomSpans {
  static final List<String> SERVICES =
      List.of("shop", "payment", "Shop", "ser'vice\"", "größe 😀", "\uFFFDlast", "null", "client");
  static final List<String> OPERATIONS =
      List.of("GET /", "get /", "SELECT 1; --", "50%_\\", "line\nbreak\u0000nul", "", "名前");
  static final List<String> TEXTS =
      List.of("", "1", "1.0", "true", "it's", "\"q\"", "a\u0000b", "a\nb", "ü😀", "NULL", "%", "x".repeat(3_000));
  static final List<String> KEYS =
      List.of(
          "userId",
          "userid",
          "http.request.method",
          "",
          "name",
          "trace_id",
          "k'1",
          "k\"2",
          "k 3\n",
          "k\u00004",
          "ключ😀",
          "service.name",
          "long." + "k".repeat(2_000),
          "amount");
  static final List<Long> LONGS =
      List.of(0L, 1L, -1L, 42L, (1L << 53) + 1, Long.MAX_VALUE, Long.MIN_VALUE);
  static final List<Double> DOUBLES =
      List.of(
          0.0,
          -0.0,
          1.0,
          0.1,
          42.0,
          1e300,
          Double.MIN_VALUE,
          9_007_199_254_740_992.0,
          Double.NaN,
          Double.POSITIVE_INFINITY,
          Double.NEGATIVE_INFINITY);
  static final List<String> PEERS = List.of("db", "queue", "shop", "it's a peer", "https://sqs/1/queue");
  static final List<String> TYPES =
      List.of("", "remote", "AWS::ECS::Container", "client", "AWS::SQS::Queue", "Messaging::kafka");
  static final List<String> QUEUE_TYPES = List.of("AWS::SQS::Queue", "Messaging::kafka");

  private static final int MAX_DEPTH = 4;

  private final Random random;
  private final long base;
  private final List<ResourceScope> scopes = new ArrayList<>();

  /** Makes spans that follow from {@code seed} and lie mostly within hours of {@code baseEpochNanos}. */
  public RandomSpans(long seed, long baseEpochNanos) {
    random = new Random(seed);
    base = baseEpochNanos;
    scopes.add(ResourceScope.EMPTY);
    for (int i = 0; i < 4; i++) {
      scopes.add(resourceScope());
    }
  }

  Random random() {
    return random;
  }

  <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private long nonZero() {
    long value = random.nextLong();
    return value == 0 ? 1 : value;
  }

  /** Returns a trace id: spelling a time, random, or of 64 bits. */
  public TraceId traceId() {
    return switch (random.nextInt(4)) {
      case 0 -> new TraceId(0, nonZero());
      case 1 -> new TraceId(random.nextLong(), nonZero());
      default -> {
        long seconds = (base + random.nextLong(-2, 3) * TestTraces.HOUR) / TestTraces.SECOND;
        yield new TraceId(seconds << 32 | random.nextInt(1_000), nonZero());
      }
    };
  }

  /** Returns a span id. */
  public SpanId spanId() {
    return new SpanId(nonZero());
  }

  /** Returns a start: mostly near the base time, now and then at the ends of what can be stored. */
  public long startEpochNanos() {
    return switch (random.nextInt(40)) {
      case 0 -> 0;
      case 1 -> random.nextInt(3);
      case 2 -> Long.MAX_VALUE - 1 - random.nextInt(3);
      case 3 -> base + random.nextLong(-30, 31) * TestTraces.DAY;
      case 4 -> base;
      default -> base + random.nextLong(3 * TestTraces.HOUR);
    };
  }

  private long endEpochNanos(long start) {
    long end =
        switch (random.nextInt(12)) {
          case 0 -> start;
          case 1 -> start - random.nextLong(TestTraces.HOUR);
          case 2 -> start + random.nextLong(TestTraces.DAY);
          case 3 -> start - start % TestTraces.MINUTE + TestTraces.MINUTE;
          default -> start + random.nextLong(2 * TestTraces.SECOND);
        };
    // Past the end of time it has become negative.
    return end < 0 ? start : end;
  }

  /** Returns a value of any kind, nested up to a few levels. */
  public Value value() {
    return value(0);
  }

  private Value value(int depth) {
    return switch (random.nextInt(depth < MAX_DEPTH ? 11 : 8)) {
      case 0, 1 -> Value.of(pick(TEXTS));
      case 2, 3 -> Value.of((long) pick(LONGS));
      case 4 -> Value.of((double) pick(DOUBLES));
      case 5 -> Value.of(random.nextBoolean());
      case 6 -> Value.EmptyValue.INSTANCE;
      case 7 -> new Value.BytesValue(bytes());
      case 8 -> {
        List<Value> values = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          values.add(value(depth + 1));
        }
        yield new Value.ArrayValue(values);
      }
      default -> new Value.MapValue(attributes(depth + 1));
    };
  }

  private byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(20)];
    random.nextBytes(bytes);
    return bytes;
  }

  private Map<String, Value> attributes(int depth) {
    Map<String, Value> attributes = new LinkedHashMap<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      attributes.put(pick(KEYS), value(depth));
    }
    return attributes;
  }

  private int count() {
    return oneIn(4) ? random.nextInt(1_000_000) : 0;
  }

  private String text() {
    return oneIn(2) ? pick(TEXTS) : "";
  }

  private Raw raw() {
    return oneIn(3) ? Raw.of(bytes()) : Raw.EMPTY;
  }

  /** Returns a resource and scope with everything that those can have. */
  public ResourceScope resourceScope() {
    Map<String, Value> attributes = attributes(1);
    if (oneIn(2)) {
      attributes.put("service.name", Value.of(pick(SERVICES)));
    }
    return new ResourceScope(
        new Resource(attributes, count(), text(), raw()),
        new Scope(text(), text(), attributes(1), count(), text(), raw()));
  }

  /** Returns a span with a random value, or none, in each of its fields. */
  public Span span(TraceId traceId) {
    return fill(Span.builder(traceId, spanId())).build();
  }

  private Span.Builder fill(Span.Builder span) {
    long start = startEpochNanos();
    boolean inProgress = oneIn(8);
    span.service(oneIn(6) ? "" : pick(SERVICES))
        .serviceType(pick(TYPES))
        .name(pick(OPERATIONS))
        .kind(pick(List.of(SpanKind.values())))
        .startEpochNanos(start)
        .endEpochNanos(inProgress ? 0 : endEpochNanos(start))
        .inProgress(inProgress)
        .segment(oneIn(3))
        .statusCode(pick(List.of(StatusCode.values())))
        .statusMessage(text())
        .outcome(Outcome.ofBits(oneIn(2) ? 0 : random.nextInt(8)))
        .flags(random.nextInt())
        .traceState(oneIn(4) ? "vendor=1,other=2" : "")
        .attributes(attributes(0))
        .droppedAttributesCount(count())
        .events(several(this::event))
        .droppedEventsCount(count())
        .links(several(this::link))
        .droppedLinksCount(count())
        .resourceScope(pick(scopes));
    if (oneIn(3)) {
      span.peerName(pick(PEERS)).peerType(pick(TYPES));
    }
    if (oneIn(5)) {
      // Either side of a queue.
      boolean consumer = oneIn(2);
      span.kind(consumer ? SpanKind.CONSUMER : SpanKind.PRODUCER)
          .segment(consumer)
          .peerName(oneIn(4) ? "" : pick(PEERS))
          .peerType(pick(QUEUE_TYPES));
    }
    if (oneIn(2)) {
      span.format(Format.XRAY).document(oneIn(2) ? "{\"k\":\"ü\\u0000\",\"n\":1.50}" : "");
    } else {
      span.raw(raw());
    }
    return span;
  }

  private <T> List<T> several(Supplier<T> one) {
    List<T> several = new ArrayList<>();
    for (int i = random.nextInt(8) - 5; i > 0; i--) {
      several.add(one.get());
    }
    return several;
  }

  private SpanEvent event() {
    return new SpanEvent(startEpochNanos(), pick(OPERATIONS), attributes(1), count());
  }

  private SpanLink link() {
    return new SpanLink(traceId(), spanId(), text(), random.nextInt(), attributes(1), count());
  }

  /**
   * Returns a trace of at most {@code maxSpanCount} spans in the order in which they were sent: a tree, apart
   * from the odd orphan, circle of parents, repeated span, span in progress, and changed span of the same id.
   */
  public List<Span> trace(int maxSpanCount) {
    TraceId traceId = traceId();
    int count = 1 + random.nextInt(maxSpanCount);
    List<SpanId> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(spanId());
    }
    List<Span> sent = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Span.Builder span = fill(Span.builder(traceId, ids.get(i)));
      if (oneIn(25)) {
        span.parentSpanId(spanId());
      } else if (oneIn(25)) {
        span.parentSpanId(pick(ids));
      } else if (i > 0) {
        span.parentSpanId(ids.get(random.nextInt(i)));
      }
      sent.add(span.build());
    }
    for (Span span : List.copyOf(sent)) {
      if (oneIn(6)) {
        Span.Builder changed = fill(Span.builder(traceId, span.spanId()));
        sent.add(changed.parentSpanId(span.parentSpanId()).build());
      } else if (oneIn(8)) {
        sent.add(span);
      }
    }
    return sent;
  }
}
