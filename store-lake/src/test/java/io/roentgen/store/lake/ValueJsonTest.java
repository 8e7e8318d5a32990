// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.model.Raw;
import io.roentgen.model.Resource;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Scope;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanLink;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.StoreCorruptedException;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ValueJsonTest {
  private static Arbitrary<byte[]> bytes() {
    return Arbitraries.bytes().array(byte[].class).ofMaxSize(20);
  }

  private static Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.strings().ofMaxLength(12),
        Arbitraries.of("", "\u0000", "\"\\\n\u2028", "😀", "NaN", "{}"));
  }

  private static Arbitrary<Value> scalars() {
    return Arbitraries.oneOf(
        texts().map(Value::of),
        Arbitraries.longs().map(Value::of),
        Arbitraries.oneOf(
                Arbitraries.doubles(),
                Arbitraries.longs().map(Double::longBitsToDouble),
                Arbitraries.of(Double.NaN, 0.0, -0.0, Double.MIN_VALUE, Double.NEGATIVE_INFINITY))
            .map(number -> Value.of((double) number)),
        Arbitraries.of(true, false).map(Value::of),
        bytes().map(Value.BytesValue::new),
        Arbitraries.just(Value.EmptyValue.INSTANCE));
  }

  private static Arbitrary<Value> valuesOfDepth(int depth) {
    if (depth == 0) {
      return scalars();
    }
    Arbitrary<Value> below = valuesOfDepth(depth - 1);
    return Arbitraries.oneOf(
        scalars(),
        below.list().ofMaxSize(4).map(Value.ArrayValue::new),
        Arbitraries.maps(texts(), below).ofMaxSize(4).map(Value.MapValue::new));
  }

  @Provide
  Arbitrary<Value> values() {
    return valuesOfDepth(3);
  }

  private static Arbitrary<Map<String, Value>> attributes() {
    return Arbitraries.maps(texts(), valuesOfDepth(1)).ofMaxSize(4);
  }

  @Provide
  Arbitrary<List<SpanEvent>> events() {
    return Combinators.combine(Arbitraries.longs(), texts(), attributes(), Arbitraries.integers())
        .as(SpanEvent::new)
        .list()
        .ofMaxSize(3);
  }

  @Provide
  Arbitrary<List<SpanLink>> links() {
    Arbitrary<Long> ids = Arbitraries.longs().filter(id -> id != 0);
    return Combinators.combine(
            Combinators.combine(ids, ids).as(TraceId::new),
            ids.map(SpanId::new),
            texts(),
            Arbitraries.integers(),
            attributes(),
            Arbitraries.integers())
        .as(SpanLink::new)
        .list()
        .ofMaxSize(3);
  }

  @Provide
  Arbitrary<ResourceScope> scopes() {
    Arbitrary<Raw> raw = bytes().map(Raw::of);
    Arbitrary<Integer> dropped = Arbitraries.integers();
    return Combinators.combine(
            Combinators.combine(attributes(), dropped, texts(), raw).as(Resource::new),
            Combinators.combine(texts(), texts(), attributes(), dropped, texts(), raw)
                .as(Scope::new))
        .as(ResourceScope::new);
  }

  @Property(tries = 500)
  void value_any_readsBack(@ForAll("values") Value value) {
    assertThat(ValueJson.value(ValueJson.value(value))).isEqualTo(value);
  }

  @Property(tries = 200)
  void events_any_readBack(@ForAll("events") List<SpanEvent> events) {
    assertThat(ValueJson.events(ValueJson.events(events))).isEqualTo(events);
  }

  @Property(tries = 200)
  void links_any_readBack(@ForAll("links") List<SpanLink> links) {
    assertThat(ValueJson.links(ValueJson.links(links))).isEqualTo(links);
  }

  @Property(tries = 200)
  void resourceScope_any_readsBack(@ForAll("scopes") ResourceScope both) {
    assertThat(
            ValueJson.resourceScope(
                ValueJson.resource(both.resource()), ValueJson.scope(both.scope())))
        .isEqualTo(both);
  }

  @Property(tries = 200)
  void strings_any_readBack(@ForAll List<String> strings) {
    assertThat(ValueJson.strings(ValueJson.strings(strings))).isEqualTo(strings);
  }

  @Test
  void value_nestedFarDeeperThanCodecsLetIn_readsBack() {
    Value value = Value.of("innermost");
    for (int depth = 0; depth < 600; depth++) {
      value = new Value.ArrayValue(List.of(new Value.MapValue(Map.of("k", value))));
    }
    String text = ValueJson.value(value);

    assertThat(ValueJson.value(ValueJson.value(text))).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"stringValue\":\"x\"",
        "{\"otherValue\":1}",
        "{\"intValue\":{}}",
        "{\"intValue\":\"x\"}",
        "{\"doubleValue\":\"y\"}"
      })
  void value_damaged_isRefused(String text) {
    assertThatThrownBy(() -> ValueJson.value(text))
        .isInstanceOf(StoreCorruptedException.class)
        .hasMessageStartingWith("stored JSON: ");
  }
}
