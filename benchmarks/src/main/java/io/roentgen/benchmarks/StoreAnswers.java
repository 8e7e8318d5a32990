// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.benchmarks.Question.Kind;
import io.roentgen.filter.Filter;
import io.roentgen.filter.FilterSearch;
import io.roentgen.model.ServiceGraph;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.Trace;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceStore;
import java.util.Optional;

/** Asks a store in this process. */
final class StoreAnswers implements Question.Answerer {
  /** As the X-Ray API. */
  private static final int MAX_CANDIDATES = 5_000;

  private final TraceStore store;

  StoreAnswers(TraceStore store) {
    this.store = store;
  }

  @Override
  public void answer(Question question) {
    if (question.traceId() != null) {
      Optional<Trace> trace = store.reader().find(question.traceId());
      require(
          trace.isPresent() && trace.get().spans().size() == ReferenceData.SPANS_PER_TRACE,
          question);
    } else if (question.kind() == Kind.GRAPH) {
      ServiceGraph graph = store.graph().graph(question.range());
      require(!graph.nodes().isEmpty(), question);
    } else if (question.filter() != null) {
      require(isAnswered(question, Filter.parse(question.filter(), Filter.Groups.NONE)), question);
    } else {
      TracePage page =
          store
              .reader()
              .search(TraceQuery.of(question.range(), question.condition(), Question.LIMIT));
      require(
          switch (question.kind()) {
            case SERVICE, ATTRIBUTE_COMMON -> page.traces().size() == Question.LIMIT;
            case ATTRIBUTE_MISSING -> page.traces().isEmpty();
            default -> true;
          },
          question);
    }
  }

  /** Finds what GetTraceSummaries would write down. */
  private boolean isAnswered(Question question, Filter filter) {
    TraceQuery query =
        new TraceQuery(
            question.range(),
            TraceQuery.TimeField.TRACE_ID,
            SpanCondition.ANY,
            Question.SUMMARIES,
            null);
    FilterSearch.Progress progress =
        FilterSearch.run(
            store.reader(),
            query,
            filter,
            MAX_CANDIDATES,
            trace -> require(!trace.spans().isEmpty(), question));
    return question.kind() != Kind.SUMMARIES_SERVICE || progress.foundCount() == Question.SUMMARIES;
  }

  private static void require(boolean right, Question question) {
    if (!right) {
      throw new IllegalStateException("wrong answer to " + question);
    }
  }
}
