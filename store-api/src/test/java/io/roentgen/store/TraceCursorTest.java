// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.model.Outcome;
import io.roentgen.model.SpanId;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.SpanCondition.Status;
import io.roentgen.store.TraceQuery.TimeField;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class TraceCursorTest {
  private static final TimeRange RANGE = new TimeRange(10, 20);
  private static final SpanCondition CONDITION =
      new SpanCondition("shop", "GET", 1L, 2L, Status.OK, Map.of("k", "v"));
  private static final TraceQuery QUERY =
      new TraceQuery(RANGE, TimeField.START, CONDITION, 5, null);

  private static TraceSummary trace(long start, long high, long low) {
    return new TraceSummary(
        new TraceId(high, low),
        start,
        start,
        new TraceSummary.Root(new SpanId(1), "", "", 0, Outcome.OK),
        1,
        Outcome.OK,
        false,
        List.of());
  }

  @Test
  void of_cursorOfThisQuery_isThePlaceBehindTheTrace() {
    for (TraceSummary last :
        List.of(
            trace(5, 1, 2),
            trace(0, 0, 1),
            trace(Long.MAX_VALUE, -1, -1),
            trace(Long.MIN_VALUE, Long.MIN_VALUE, 0))) {
      String text = TraceCursor.after(last, QUERY);

      assertThat(text).hasSize(43).matches("[A-Za-z0-9_-]+");
      assertThat(TraceCursor.of(QUERY.from(text)))
          .isEqualTo(new TraceCursor(last.startEpochNanos(), last.traceId()));
      assertThat(TraceCursor.after(last, QUERY.from(text))).isEqualTo(text);
    }
  }

  @Test
  void of_firstPage_isNull() {
    assertThat(TraceCursor.of(QUERY)).isNull();
  }

  /** Old cursors must go on after a change of the program. */
  @Test
  void toText_ofAKnownQuery_staysTheSame() {
    TraceQuery any = TraceQuery.of(TimeRange.ALL, SpanCondition.ANY, 20);
    byte[] bytes = Base64.getUrlDecoder().decode(TraceCursor.after(trace(7, 8, 9), any));
    ByteBuffer buffer = ByteBuffer.wrap(bytes);

    assertThat(List.of(buffer.getLong(), buffer.getLong(), buffer.getLong()))
        .containsExactly(7L, 8L, 9L);
    assertThat(buffer.getLong()).isEqualTo(0x083fc47cbb0f0dcdL);
  }

  @Test
  void of_cursorOfAnotherQuery_isRefused() {
    String text = TraceCursor.after(trace(5, 1, 2), QUERY);
    List<TraceQuery> others = new ArrayList<>();
    others.add(new TraceQuery(new TimeRange(11, 20), TimeField.START, CONDITION, 5, text));
    others.add(new TraceQuery(new TimeRange(10, 21), TimeField.START, CONDITION, 5, text));
    others.add(new TraceQuery(RANGE, TimeField.ACTIVE, CONDITION, 5, text));
    others.add(new TraceQuery(RANGE, TimeField.START, CONDITION, 6, text));
    for (SpanCondition condition :
        List.of(
            SpanCondition.ANY,
            new SpanCondition(null, "GET", 1L, 2L, Status.OK, Map.of("k", "v")),
            new SpanCondition("", "GET", 1L, 2L, Status.OK, Map.of("k", "v")),
            new SpanCondition("GET", "shop", 1L, 2L, Status.OK, Map.of("k", "v")),
            new SpanCondition("shop", null, 1L, 2L, Status.OK, Map.of("k", "v")),
            new SpanCondition("shop", "GET", null, 2L, Status.OK, Map.of("k", "v")),
            new SpanCondition("shop", "GET", 1L, null, Status.OK, Map.of("k", "v")),
            new SpanCondition("shop", "GET", 2L, 1L, Status.OK, Map.of("k", "v")),
            new SpanCondition("shop", "GET", 1L, 2L, null, Map.of("k", "v")),
            new SpanCondition("shop", "GET", 1L, 2L, Status.FAULT, Map.of("k", "v")),
            new SpanCondition("shop", "GET", 1L, 2L, Status.OK, Map.of()),
            new SpanCondition("shop", "GET", 1L, 2L, Status.OK, Map.of("k", "w")),
            new SpanCondition("shop", "GET", 1L, 2L, Status.OK, Map.of("K", "v")),
            new SpanCondition("shop", "GET", 1L, 2L, Status.OK, Map.of("kv", "")),
            new SpanCondition("shop", "GET", 1L, 2L, Status.OK, Map.of("k", "v", "l", "v")))) {
      others.add(new TraceQuery(RANGE, TimeField.START, condition, 5, text));
    }

    for (TraceQuery other : others) {
      assertThatThrownBy(() -> TraceCursor.of(other))
          .as("%s", other)
          .isInstanceOf(CursorException.class)
          .hasMessage("cursor: '" + text + "' (expected: next of a page of an equal query)");
    }
  }

  @Test
  void of_attributesInAnotherOrder_isAnEqualQuery() {
    Map<String, String> one = new LinkedHashMap<>();
    one.put("a", "1");
    one.put("b", "2");
    Map<String, String> other = new LinkedHashMap<>();
    other.put("b", "2");
    other.put("a", "1");
    String text = TraceCursor.after(trace(5, 1, 2), having(one));

    assertThat(TraceCursor.of(having(other).from(text))).isNotNull();
  }

  private static TraceQuery having(Map<String, String> attributes) {
    return TraceQuery.of(
        RANGE, new SpanCondition(null, null, null, null, null, attributes), 5);
  }

  @Test
  void of_anythingElse_isRefused() {
    String good = TraceCursor.after(trace(5, 1, 2), QUERY);
    byte[] zeroId = Base64.getUrlDecoder().decode(good);
    ByteBuffer.wrap(zeroId).putLong(8, 0).putLong(16, 0);

    for (String text :
        List.of(
            "",
            "*",
            "AAAA",
            good.substring(1),
            good + "A",
            good.substring(0, 42) + "!",
            "A".repeat(100_000),
            Base64.getUrlEncoder().withoutPadding().encodeToString(zeroId))) {
      assertThatThrownBy(() -> TraceCursor.of(QUERY.from(text)))
          .isInstanceOf(CursorException.class)
          .hasMessageStartingWith("cursor: '")
          .hasMessageEndingWith("' (expected: next of a page)")
          .satisfies(refused -> assertThat(refused.getMessage()).hasSizeLessThan(120));
    }
  }

  @Test
  void isBefore_tracesInTheOrderOfAResult_isTrueFromTheNextOn() {
    List<TraceSummary> result =
        List.of(
            trace(6, 1, 1),
            trace(5, -1, -1),
            trace(5, Long.MIN_VALUE, 0),
            trace(5, 1, -1),
            trace(5, 1, 1),
            trace(5, 0, 1),
            trace(4, -1, -1));
    for (int i = 0; i < result.size(); i++) {
      @Nullable TraceCursor cursor =
          TraceCursor.of(QUERY.from(TraceCursor.after(result.get(i), QUERY)));
      assertThat(cursor).isNotNull();
      for (int j = 0; j < result.size(); j++) {
        assertThat(cursor.isBefore(result.get(j))).as("%s behind %s", j, i).isEqualTo(j > i);
      }
    }
  }
}
