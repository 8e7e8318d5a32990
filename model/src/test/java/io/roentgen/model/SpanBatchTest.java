// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class SpanBatchTest {
  private static final TraceId TRACE = new TraceId(1, 2);

  @Provide
  Arbitrary<List<Span>> batches() {
    return SpanArbitraries.batches();
  }

  @Property(tries = 300)
  void toSpans_anySpans_areThoseThatWereAdded(@ForAll("batches") List<Span> spans) {
    SpanBatch batch = SpanBatch.of(spans);

    assertThat(batch.spanCount()).isEqualTo(spans.size());
    assertThat(batch.toSpans()).isEqualTo(spans);
    assertKeyOrder(batch.toSpans(), spans);
  }

  /** Equality of maps leaves order out, which a batch keeps. */
  private static void assertKeyOrder(List<Span> actual, List<Span> expected) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).attributes().keySet())
          .containsExactlyElementsOf(expected.get(i).attributes().keySet());
      assertThat(actual.get(i).resourceScope().resource().attributes().keySet())
          .containsExactlyElementsOf(
              expected.get(i).resourceScope().resource().attributes().keySet());
    }
  }

  @Property(tries = 200)
  void ofBytes_atAnOffset_isTheSameBatch(
      @ForAll("batches") List<Span> spans, @ForAll byte before, @ForAll byte after) {
    SpanBatch batch = SpanBatch.of(spans);
    int offset = before & 0xff;
    byte[] bytes = new byte[offset + batch.length() + (after & 0xff)];
    Arrays.fill(bytes, (byte) 0x5a);
    System.arraycopy(batch.bytes(), batch.offset(), bytes, offset, batch.length());

    SpanBatch read = SpanBatch.ofBytes(bytes, offset, batch.length());

    assertThat(read.toSpans()).isEqualTo(spans);
    assertThat(read.offset()).isEqualTo(offset);
    assertThat(read.length()).isEqualTo(batch.length());
    assertThat(read.keyCount()).isEqualTo(batch.keyCount());
    assertThat(read.scopeCount()).isEqualTo(batch.scopeCount());
  }

  @Test
  void ofBytes_somethingElse_isRefused() {
    SpanBatch batch = SpanBatch.of(List.of(span(1)));
    byte[] bytes = Arrays.copyOf(batch.bytes(), batch.length() + 8);
    byte[] otherMagic = bytes.clone();
    otherMagic[0]++;

    assertRefused(bytes, 0, batch.length() - 1);
    assertRefused(bytes, 0, batch.length() + 1);
    assertRefused(bytes, 1, batch.length());
    assertRefused(bytes, 0, 31);
    assertRefused(bytes, 0, 0);
    assertRefused(otherMagic, 0, batch.length());
    assertThatThrownBy(() -> SpanBatch.ofBytes(bytes, 0, bytes.length + 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  private static void assertRefused(byte[] bytes, int offset, int length) {
    assertThatThrownBy(() -> SpanBatch.ofBytes(bytes, offset, length))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("span batch: " + length + " bytes that are no batch");
  }

  @Test
  void build_nothing_isAnEmptyBatch() {
    SpanBatch batch = SpanBatch.builder().build();

    assertThat(batch.spanCount()).isZero();
    assertThat(batch.toSpans()).isEmpty();
    assertThat(batch.cursor().next()).isFalse();
  }

  @Test
  void build_sameSpanTwice_keepsBothInOrder() {
    Span first = span(1);
    Span second = first.toBuilder().name("second").build();

    assertThat(SpanBatch.of(List.of(first, second, first)).toSpans())
        .containsExactly(first, second, first);
  }

  @Test
  void build_equalScopes_areKeptOnce() {
    SpanBatch batch =
        SpanBatch.of(
            List.of(
                span(1).toBuilder().resourceScope(scope("a")).build(),
                span(2).toBuilder().resourceScope(scope("b")).build(),
                span(3).toBuilder().resourceScope(scope("a")).build()));

    assertThat(batch.scopeCount()).isEqualTo(2);
    assertThat(batch.scope(0)).isEqualTo(scope("a"));
    assertThat(batch.scope(1)).isEqualTo(scope("b"));
  }

  @Test
  void service_ofScope_isTheSpansUnlessItHasItsOwn() {
    Span ofScope = span(1).toBuilder().resourceScope(scope("shop")).service("shop").build();
    Span own = ofScope.toBuilder().service("other").build();
    Span none = ofScope.toBuilder().service("").build();

    assertThat(SpanBatch.of(List.of(ofScope, own, none)).toSpans())
        .containsExactly(ofScope, own, none);
  }

  @Test
  void key_moreThanTheFirstTables_growsAndKeepsEach() {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Map<String, Value> attributes = new LinkedHashMap<>();
      for (int key = 0; key < 50; key++) {
        attributes.put("key " + i + "/" + (i % 2 == 0 ? key : 49 - key), Value.of(key));
        attributes.put("shared " + key, Value.of(i));
      }
      spans.add(span(i + 1).toBuilder().attributes(attributes).build());
    }

    SpanBatch batch = SpanBatch.of(spans);

    assertThat(batch.keyCount()).isEqualTo(40 * 50 + 50);
    assertThat(batch.toSpans()).isEqualTo(spans);
  }

  @Test
  void key_secondTimeInOneSpan_isMinusOne() {
    SpanBatch.Builder builder = SpanBatch.builder();
    int scope = builder.scope(ResourceScope.EMPTY);
    builder.begin(1, 2, 3).scopeIndex(scope);
    assertThat(builder.key("a")).isZero();
    builder.longAttribute(0, 1);
    assertThat(builder.key("b")).isEqualTo(1);
    builder.longAttribute(1, 2);
    assertThat(builder.key("a")).isEqualTo(-1);
    assertThat(builder.key("b")).isEqualTo(-1);
    assertThat(builder.key("")).isEqualTo(2);
    builder.booleanAttribute(2, true);
    builder.end();
    builder.begin(1, 2, 4).scopeIndex(scope);
    assertThat(builder.key("b")).isEqualTo(1);
    builder.doubleAttribute(1, 0.5);
    builder.end();

    assertThat(builder.build().toSpans())
        .extracting(Span::attributes)
        .containsExactly(
            Map.of("a", Value.of(1), "b", Value.of(2), "", Value.of(true)),
            Map.of("b", Value.of(0.5)));
  }

  @Test
  void key_afterDiscard_isFreeAgain() {
    SpanBatch.Builder builder = SpanBatch.builder();
    int scope = builder.scope(ResourceScope.EMPTY);
    builder.begin(1, 2, 3).scopeIndex(scope);
    builder.longAttribute(builder.key("a"), 1).discard();
    builder.begin(1, 2, 3).scopeIndex(scope);
    builder.longAttribute(builder.key("a"), 2).end();

    assertThat(builder.build().toSpans())
        .extracting(Span::attributes)
        .containsExactly(Map.of("a", Value.of(2)));
  }

  @Test
  void discard_leavesNothingOfTheSpan() {
    Span kept = span(1).toBuilder().attribute("k", Value.of("v")).build();
    SpanBatch.Builder builder = SpanBatch.builder().add(kept);
    int scope = builder.scope(ResourceScope.EMPTY);
    builder
        .begin(9, 9, 9)
        .scopeIndex(scope)
        .parent(8)
        .start(7)
        .endTime(6)
        .kind(5)
        .status(2)
        .outcome(7)
        .flags(-1)
        .inProgress()
        .segment()
        .format(Format.XRAY)
        .text(SpanBatch.FIELD_NAME, "gone")
        .discard();
    builder.begin(1, 2, 3).scopeIndex(scope).end();

    assertThat(builder.spanCount()).isEqualTo(2);
    assertThat(builder.build().toSpans())
        .containsExactly(kept, Span.builder(TRACE, new SpanId(3)).build());
  }

  @Test
  void rollback_dropsSpansSinceTheMark() {
    Span kept = span(1).toBuilder().attribute("a", Value.of("v")).build();
    Span dropped =
        span(2).toBuilder()
            .attribute("b", Value.of("v"))
            .attribute("a", Value.of("w"))
            .resourceScope(scope("gone"))
            .build();
    Span after = span(3).toBuilder().attribute("b", Value.of(1)).build();
    SpanBatch.Builder builder = SpanBatch.builder().add(kept);
    SpanBatch.Mark mark = builder.mark();
    builder.add(dropped).add(dropped);
    builder.begin(5, 5, 5);
    builder.longAttribute(builder.key("b"), 3);

    builder.rollback(mark).add(after);

    assertThat(builder.build().toSpans()).containsExactly(kept, after);
  }

  @Test
  void begin_withoutIds_isRefused() {
    SpanBatch.Builder builder = SpanBatch.builder();

    assertThatThrownBy(() -> builder.begin(0, 0, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.begin(1, 1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThat(builder.build().spanCount()).isZero();
  }

  @Test
  void beginAndBuild_whileASpanIsOpen_areRefused() {
    SpanBatch.Builder builder = SpanBatch.builder().begin(1, 1, 1);

    assertThatThrownBy(() -> builder.begin(1, 1, 2))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("cannot begin span: one is open; call end() or discard()");
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("cannot build batch: a span is open; call end() or discard()");
  }

  @Test
  void cursor_fieldByField_readsWhatWasWritten() {
    SpanBatch.Builder builder = SpanBatch.builder();
    int scope = builder.scope(scope("shop"));
    byte[] text = "xxvaluexx".getBytes(UTF_8);
    builder
        .begin(-1, 2, -3)
        .scopeIndex(scope)
        .parent(4)
        .start(5)
        .endTime(6)
        .kind(SpanKind.CLIENT.number())
        .status(StatusCode.ERROR.number())
        .outcome(Outcome.FAULT_BIT)
        .flags(0x301)
        .segment()
        .format(Format.XRAY)
        .block(SpanBatch.FIELD_NAME, text, 2, 5)
        .count(SpanBatch.FIELD_DROPPED_EVENTS, 300);
    int key = builder.key("k".getBytes(UTF_8), 0, 1);
    builder.stringAttribute(key, text, 2, 5).end();

    SpanBatch.Cursor cursor = builder.build().cursor();
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.traceIdHigh()).isEqualTo(-1);
    assertThat(cursor.traceIdLow()).isEqualTo(2);
    assertThat(cursor.spanId()).isEqualTo(-3);
    assertThat(cursor.parentSpanId()).isEqualTo(4);
    assertThat(cursor.startEpochNanos()).isEqualTo(5);
    assertThat(cursor.endEpochNanos()).isEqualTo(6);
    assertThat(cursor.kind()).isEqualTo(3);
    assertThat(cursor.status()).isEqualTo(2);
    assertThat(cursor.outcome()).isEqualTo(Outcome.FAULT_BIT);
    assertThat(cursor.flags()).isEqualTo(0x301);
    assertThat(cursor.segment()).isTrue();
    assertThat(cursor.inProgress()).isFalse();
    assertThat(cursor.format()).isEqualTo(Format.XRAY.number());
    assertThat(cursor.nextField()).isEqualTo(SpanBatch.FIELD_NAME);
    assertThat(cursor.text()).isEqualTo("value");
    assertThat(cursor.nextField()).isEqualTo(SpanBatch.FIELD_DROPPED_EVENTS);
    assertThat(cursor.number()).isEqualTo(300);
    assertThat(cursor.nextField()).isEqualTo(SpanBatch.FIELD_ATTRIBUTE);
    assertThat(cursor.keyIndex()).isZero();
    assertThat(cursor.valueType()).isEqualTo(SpanBatch.VALUE_STRING);
    assertThat(cursor.value()).isEqualTo(Value.of("value"));
    assertThat(cursor.nextField()).isEqualTo(SpanBatch.FIELD_NONE);
    assertThat(cursor.nextField()).isEqualTo(SpanBatch.FIELD_NONE);
    assertThat(cursor.next()).isFalse();
  }

  @Test
  void cursor_fieldsLeftUnread_doesNotDisturbTheNextSpan() {
    List<Span> spans = List.of(span(1).toBuilder().attribute("a", Value.of("x")).build(), span(2));
    SpanBatch.Cursor cursor = SpanBatch.of(spans).cursor();

    cursor.next();
    cursor.nextField();
    assertThat(cursor.toSpan()).isEqualTo(spans.get(0));
    cursor.next();
    assertThat(cursor.toSpan()).isEqualTo(spans.get(1));
  }

  private static Span span(long id) {
    return Span.builder(TRACE, new SpanId(id))
        .name("span " + id)
        .startEpochNanos(10)
        .endEpochNanos(20)
        .build();
  }

  private static ResourceScope scope(String service) {
    return new ResourceScope(
        new Resource(Map.of("service.name", Value.of(service)), 0, "", Raw.EMPTY), Scope.EMPTY);
  }
}
