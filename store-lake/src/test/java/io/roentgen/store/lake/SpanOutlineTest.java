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
import java.util.List;
import java.util.Random;
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
      for (int i = 0; i < spans.size(); i++) {
        ofSpans.add(SpanOutline.of(new WrittenSpan(i, spans.get(i))));
      }
      assertThat(written).isEqualTo(ofSpans);
    }
  }
}
