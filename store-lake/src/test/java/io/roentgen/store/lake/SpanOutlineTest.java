// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.TraceId;
import io.roentgen.store.CallSpan;
import io.roentgen.store.Trace;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Outlines follow the rules of {@link Trace}, which works with whole spans. */
final class SpanOutlineTest {
  private static final TraceId TRACE = new TraceId(1, 2);
  private static final String[] NAMES = {"", "shop", "käse", "stock", "\"", "bank"};

  private static String name(Random random) {
    return NAMES[random.nextInt(NAMES.length)];
  }

  /** Returns one of so many ids, half of them with the highest bit. */
  private static long id(Random random, int ids) {
    int number = random.nextInt(ids);
    return number % 2 == 0 ? -1 - number : number;
  }

  /** Returns a span with ids and times from small ranges, so that they come again. */
  private static Span span(Random random, int ids) {
    boolean inProgress = random.nextInt(5) == 0;
    long start = random.nextInt(20);
    return Span.builder(TRACE, new SpanId(id(random, ids)))
        .parentSpanId(random.nextInt(4) == 0 ? null : new SpanId(id(random, 2 * ids)))
        .service(name(random))
        .serviceType(name(random))
        .name(name(random))
        .peerName(name(random))
        .peerType(name(random))
        .kind(SpanKind.ofNumber(random.nextInt(6)))
        .outcome(Outcome.ofBits(random.nextInt(8)))
        .startEpochNanos(start)
        .endEpochNanos(inProgress ? 0 : Math.max(0, start - 3 + random.nextInt(30)))
        .inProgress(inProgress)
        .segment(random.nextBoolean())
        .build();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 8, 40, 300})
  void counting_anySpans_isTheSameTrace(int ids) {
    Random random = new Random(ids);
    for (int round = 0; round < 400; round++) {
      List<Span> spans = new ArrayList<>();
      for (int i = 1 + random.nextInt(ids); i > 0; i--) {
        spans.add(span(random, ids));
      }
      SpanBatch batch = SpanBatch.of(spans);
      TraceIndex index = new TraceIndex();
      SpanBatch.Cursor cursor = batch.cursor();
      for (int i = 0; cursor.next(); i++) {
        index.add(TRACE.high(), TRACE.low(), 0, cursor.position(), i, 0);
      }
      List<SpanOutline> written =
          new OutlineReader().trace(List.of(batch), index, 0, index.rowCount());
      List<SpanOutline> counting = SpanOutline.counting(written);

      Trace expected = Trace.ofWritten(spans);
      assertThat(SpanOutline.summary(TRACE, counting)).isEqualTo(expected.summary());
      assertThat(SpanOutline.calls(counting))
          .isEqualTo(expected.spans().stream().map(CallSpan::of).toList());
      List<SpanOutline> ofSpans = new ArrayList<>();
      Texts texts = new Texts();
      for (int i = 0; i < spans.size(); i++) {
        ofSpans.add(SpanOutline.of(new WrittenSpan(i, spans.get(i)), texts));
      }
      assertThat(written).isEqualTo(ofSpans);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 40})
  void outlineSet_anySpansInAnyOrder_meansTheSameAsAllOfThem(int ids) {
    Random random = new Random(ids);
    for (int round = 0; round < 400; round++) {
      List<WrittenSpan> spans = new ArrayList<>();
      for (int i = 1 + random.nextInt(4 * ids); i > 0; i--) {
        spans.add(new WrittenSpan(spans.size(), span(random, ids)));
      }
      Texts texts = new Texts();
      List<SpanOutline> written =
          spans.stream().map(each -> SpanOutline.of(each, texts)).toList();
      Collections.shuffle(spans, random);
      OutlineSet set = new OutlineSet();
      spans.forEach(set::add);
      List<SpanOutline> held = SpanOutline.inOrder(set.byTrace().getOrDefault(TRACE, List.of()));

      assertThat(SpanOutline.counting(held)).isEqualTo(SpanOutline.counting(written));
      assertThat(SpanOutline.timeShift(held)).isEqualTo(SpanOutline.timeShift(written));
    }
  }

  @Test
  void outlineSet_oneSpanAThousandTimes_isHeldOnce() {
    Span span = span(new Random(1), 1);
    OutlineSet set = new OutlineSet();
    for (int i = 0; i < 1_000; i++) {
      set.add(new WrittenSpan(i, span));
    }

    assertThat(set.byTrace())
        .containsExactly(
            Map.entry(
                TRACE, List.of(SpanOutline.of(new WrittenSpan(999, span), new Texts()))));
  }
}
