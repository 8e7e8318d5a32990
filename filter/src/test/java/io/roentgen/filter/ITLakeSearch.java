// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceQuery.TimeField;
import io.roentgen.store.lake.LakeConfig;
import io.roentgen.store.lake.LakeStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random expressions over random traces: what the SQL of the durable store finds, and the
 * evaluator.
 */
class ITLakeSearch {
  private static final int EXPRESSIONS = 40;
  private static final Duration SEAL_LIMIT = Duration.ofMinutes(1);

  /** The traces' times lie anywhere. */
  private static final Duration FOREVER = Duration.ofDays(1_000_000);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void search_anyExpressionInPartsAndLive_findsWhatTheEvaluatorFinds(
      long seed, @TempDir Path folder) {
    RandomTraces traces = new RandomTraces(seed);
    Random random = new Random(seed);
    List<Span> written = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      written.addAll(traces.written());
    }
    // In three parts and the log, with traces split among them where the lists are cut and where
    // spans are mixed.
    Collections.shuffle(written.subList(0, written.size() / 3), random);
    LakeConfig config =
        LakeConfig.of(folder).withKeep(new LakeConfig.Keep(FOREVER, Long.MAX_VALUE));
    try (LakeStore store = LakeStore.open(config)) {
      int quarter = written.size() / 4;
      for (int i = 0; i < 4; i++) {
        int end = i == 3 ? written.size() : (i + 1) * quarter;
        store.writer().write(SpanBatch.of(written.subList(i * quarter, end)));
        if (i < 3) {
          store.seal(SEAL_LIMIT);
        }
      }
      List<TraceId> ids = written.stream().map(Span::traceId).distinct().toList();
      List<Trace> all = store.reader().findAll(ids);
      for (int i = 0; i < EXPRESSIONS; i++) {
        Filter filter =
            Filter.parse(
                ExpressionWriter.write(new RandomExpressions(random.nextLong()).next()),
                Filter.Groups.NONE);
        List<TraceId> expected = all.stream().filter(filter::matches).map(Trace::traceId).toList();
        assertThat(search(store, filter, 1 + random.nextInt(60)))
            .as(filter.text())
            .containsExactlyInAnyOrderElementsOf(expected);
      }
    }
  }

  private static List<TraceId> search(LakeStore store, Filter filter, int limit) {
    TraceQuery query =
        new TraceQuery(TimeRange.ALL, TimeField.START, SpanCondition.ANY, limit, null);
    List<TraceId> found = new ArrayList<>();
    @Nullable String next = null;
    do {
      next =
          FilterSearch.run(
                  store.reader(),
                  query.from(next),
                  filter,
                  1_000,
                  trace -> found.add(trace.traceId()))
              .next();
    } while (next != null);
    return found;
  }
}
