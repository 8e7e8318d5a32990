// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.benchmarks.Question.Kind;
import io.roentgen.store.lake.LakeStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Asks a store of the reference data, opened in this process, one question after another. */
final class QueryRun {
  private static final int REOPENS = 10;
  private static final int FIRST_QUESTIONS = 20;

  private QueryRun() {}

  static List<Row> run(Path folder, ReferenceData data, double seconds) {
    Questions questions = new Questions(data, data.traceCount(), data.range());
    List<Row> rows = new ArrayList<>();
    Latencies opening = new Latencies();
    Latencies cold = new Latencies();
    Latencies first = new Latencies();
    SplittableRandom random = new SplittableRandom(3);
    Progress.say("query cold trace by id");
    for (int i = 0; i < REOPENS; i++) {
      long begin = System.nanoTime();
      try (LakeStore store = LakeStore.open(IngestRun.config(folder))) {
        opening.add(System.nanoTime() - begin);
        StoreAnswers answers = new StoreAnswers(store);
        for (int j = 0; j < FIRST_QUESTIONS; j++) {
          Question question = questions.next(Kind.ID, random);
          long asked = System.nanoTime();
          answers.answer(question);
          long nanos = System.nanoTime() - asked;
          cold.add(nanos);
          if (j == 0) {
            first.add(nanos);
          }
        }
      }
    }
    rows.add(Row.of("open the store, p50", opening.millis(0.5), "ms"));
    String note =
        "The first "
            + FIRST_QUESTIONS
            + " questions after opening the store, "
            + REOPENS
            + " times; the files are in the system's cache.";
    for (Row row : cold.rows("query trace by id, cold", Kind.ID.budgetMillis())) {
      rows.add(row.note(note));
    }
    rows.add(Row.of("query trace by id, very first, p50", first.millis(0.5), "ms"));
    try (LakeStore store = LakeStore.open(IngestRun.config(folder))) {
      rows.addAll(questions.askAll(new StoreAnswers(store), "query ", seconds, true));
    }
    return rows;
  }
}
