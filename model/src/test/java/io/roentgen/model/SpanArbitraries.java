// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Builders;
import net.jqwik.api.Combinators;

/** Spans with anything in each of their fields. */
final class SpanArbitraries {
  private SpanArbitraries() {}

  /** Any text that UTF-8 can carry: lone surrogates are none. */
  static Arbitrary<String> texts() {
    return Arbitraries.of("", "a", "B", "é", "名", "😀", "\u0000", "\n", "\"", "'", "\uFFFF", "long ".repeat(40))
        .list()
        .ofMaxSize(5)
        .map(parts -> String.join("", parts));
  }

  private static Arbitrary<byte[]> bytes() {
    return Arbitraries.bytes().array(byte[].class).ofMaxSize(20);
  }

  private static Arbitrary<Raw> raws() {
    return bytes().map(Raw::of);
  }

  static Arbitrary<Value> values() {
    return Arbitraries.lazyOf(
        () -> texts().map(Value::of),
        () -> Arbitraries.longs().map(Value::of),
        () -> Arbitraries.doubles().map(Value::of),
        () ->
            Arbitraries.of(Double.NaN, -0.0, Double.POSITIVE_INFINITY, Double.MIN_VALUE)
                .map(Value::of),
        () -> Arbitraries.of(true, false).map(Value::of),
        () -> bytes().map(Value.BytesValue::new),
        () -> Arbitraries.just(Value.EmptyValue.INSTANCE),
        () -> values().list().ofMaxSize(3).map(Value.ArrayValue::new),
        () -> attributes().map(Value.MapValue::new));
  }

  static Arbitrary<Map<String, Value>> attributes() {
    return Arbitraries.maps(texts(), values()).ofMaxSize(3);
  }

  private static Arbitrary<TraceId> traceIds() {
    return Combinators.combine(Arbitraries.longs(), Arbitraries.longs().filter(low -> low != 0))
        .as(TraceId::new);
  }

  private static Arbitrary<SpanId> spanIds() {
    return Arbitraries.longs().filter(id -> id != 0).map(SpanId::new);
  }

  private static Arbitrary<SpanEvent> events() {
    return Combinators.combine(
            Arbitraries.longs(), texts(), attributes(), Arbitraries.integers())
        .as(SpanEvent::new);
  }

  private static Arbitrary<SpanLink> links() {
    return Combinators.combine(
            traceIds(),
            spanIds(),
            texts(),
            Arbitraries.integers(),
            attributes(),
            Arbitraries.integers())
        .as(SpanLink::new);
  }

  private static Arbitrary<ResourceScope> resourceScopes() {
    Arbitrary<Resource> resources =
        Combinators.combine(
                attributes(),
                texts().injectNull(0.5),
                Arbitraries.integers(),
                texts(),
                raws())
            .as(
                (attributes, service, dropped, schema, raw) -> {
                  Map<String, Value> all = new LinkedHashMap<>(attributes);
                  if (service != null) {
                    all.put("service.name", Value.of(service));
                  }
                  return new Resource(all, dropped, schema, raw);
                });
    Arbitrary<Scope> scopes =
        Combinators.combine(
                texts(), texts(), attributes(), Arbitraries.integers(), texts(), raws())
            .as(Scope::new);
    return Combinators.combine(resources, scopes).as(ResourceScope::new);
  }

  static Arbitrary<Span> spans() {
    return Combinators.combine(traceIds(), spanIds())
        .as((traceId, spanId) -> Span.builder(traceId, spanId).build())
        .flatMap(SpanArbitraries::filled);
  }

  private static Arbitrary<Span> filled(Span bare) {
    return Builders.withBuilder(bare::toBuilder)
        .use(spanIds().injectNull(0.3)).in(Span.Builder::parentSpanId)
        .use(texts()).in(Span.Builder::service)
        .use(texts()).in(Span.Builder::serviceType)
        .use(texts()).in(Span.Builder::peerName)
        .use(texts()).in(Span.Builder::peerType)
        .use(texts()).in(Span.Builder::name)
        .use(Arbitraries.of(SpanKind.class)).in(Span.Builder::kind)
        .use(Arbitraries.longs()).in(Span.Builder::startEpochNanos)
        .use(Arbitraries.longs()).in(Span.Builder::endEpochNanos)
        .use(Arbitraries.of(true, false)).in(Span.Builder::inProgress)
        .use(Arbitraries.of(true, false)).in(Span.Builder::segment)
        .use(Arbitraries.of(StatusCode.class)).in(Span.Builder::statusCode)
        .use(texts()).in(Span.Builder::statusMessage)
        .use(Arbitraries.integers().between(0, 7).map(Outcome::ofBits)).in(Span.Builder::outcome)
        .use(Arbitraries.integers()).in(Span.Builder::flags)
        .use(texts()).in(Span.Builder::traceState)
        .use(attributes()).in(Span.Builder::attributes)
        .use(Arbitraries.integers()).in(Span.Builder::droppedAttributesCount)
        .use(events().list().ofMaxSize(2)).in(Span.Builder::events)
        .use(Arbitraries.integers()).in(Span.Builder::droppedEventsCount)
        .use(links().list().ofMaxSize(2)).in(Span.Builder::links)
        .use(Arbitraries.integers()).in(Span.Builder::droppedLinksCount)
        .use(resourceScopes()).in(Span.Builder::resourceScope)
        .use(Arbitraries.of(Format.class)).in(Span.Builder::format)
        .use(texts()).in(Span.Builder::document)
        .use(raws()).in(Span.Builder::raw)
        .build(Span.Builder::build);
  }

  static Arbitrary<List<Span>> batches() {
    return spans().list().ofMaxSize(6);
  }
}
