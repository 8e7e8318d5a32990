// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.benchmarks.Question.Kind;
import io.roentgen.model.ServiceGraph;
import io.roentgen.store.Trace;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceStore;
import java.util.Optional;

/** Asks a store in this process. */
final class StoreAnswers implements Question.Answerer {
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

  private static void require(boolean right, Question question) {
    if (!right) {
      throw new IllegalStateException("wrong answer to " + question);
    }
  }
}
