// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.SpanCondition;
import org.jspecify.annotations.Nullable;

/**
 * What a user asks.
 *
 * @param kind which sort of question
 * @param traceId the trace to find, when asked by id
 * @param condition what to search for; any span when asked by id or for the graph
 * @param range when
 */
record Question(Kind kind, @Nullable TraceId traceId, SpanCondition condition, TimeRange range) {
  static final int LIMIT = 20;

  /** Sorts of questions, with the milliseconds that their 99th percentile is to keep. */
  enum Kind {
    ID("trace by id", 20),
    SERVICE("newest 20 by service", 30),
    OPERATION("newest 20 by operation", 30),
    DURATION("newest 20 by duration", 30),
    ATTRIBUTE_COMMON("newest 20 by attribute, common value", 100),
    ATTRIBUTE_RARE("newest 20 by attribute, rare value", 100),
    ATTRIBUTE_ANY("newest 20 by attribute, any of the values", 100),
    ATTRIBUTE_MISSING("newest 20 by attribute, value not there", 100),
    GRAPH("graph of 24 h", 100);

    private final String label;
    private final double budgetMillis;

    Kind(String label, double budgetMillis) {
      this.label = label;
      this.budgetMillis = budgetMillis;
    }

    String label() {
      return label;
    }

    double budgetMillis() {
      return budgetMillis;
    }
  }

  /** Something that answers questions. */
  interface Answerer {
    /**
     * Answers one question.
     *
     * @throws IllegalStateException if the answer is plainly wrong
     */
    void answer(Question question);
  }
}
