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
 * @param filter the filter expression that summaries are asked for by, as X-Ray has them; else null
 * @param range when
 */
record Question(
    Kind kind,
    @Nullable TraceId traceId,
    SpanCondition condition,
    @Nullable String filter,
    TimeRange range) {
  static final int LIMIT = 20;

  /** How many summaries a page of the X-Ray API has. */
  static final int SUMMARIES = 100;

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
    GRAPH("graph of 24 h", 100),
    SUMMARIES_SERVICE("newest 100 summaries by service", 100),
    SUMMARIES_EDGE("newest 100 summaries by edge", 100),
    SUMMARIES_DURATION("newest 100 summaries by duration", 100),
    SUMMARIES_ANNOTATION("newest 100 summaries by annotation", 100),
    SUMMARIES_COMPOUND("newest 100 summaries by compound expression", 300);

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

    /** Returns whether it is about filter expressions, which only Roentgen understands. */
    boolean isOfXRay() {
      return name().startsWith("SUMMARIES_");
    }
  }

  /** Something that answers questions. */
  interface Answerer {
    /** Returns whether it answers such questions. */
    default boolean understands(Kind kind) {
      return true;
    }

    /**
     * Answers one question.
     *
     * @throws IllegalStateException if the answer is plainly wrong
     */
    void answer(Question question);
  }
}
