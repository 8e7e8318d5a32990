// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.filter.TraceContent;
import io.roentgen.filter.TraceField;
import io.roentgen.model.Outcome;
import io.roentgen.store.TraceSummary;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Traces by the values that they have of one field. Not safe for use by several threads. */
final class FieldValueCounts {
  /** Values beyond are not told apart: of a field that has so many, few are seen twice. */
  private static final int MAX_VALUES = 20_000;

  private final TraceField field;
  private final Map<String, Counts> values = new HashMap<>();
  private long traceCount;
  private long withoutCount;
  private boolean valuesLeftOut;

  FieldValueCounts(TraceField field) {
    this.field = field;
  }

  private static final class Counts {
    private final String clause;
    private long traces;
    private long errors;
    private long throttles;
    private long faults;
    private double totalNanos;

    Counts(String clause) {
      this.clause = clause;
    }

    void add(TraceSummary summary) {
      Outcome outcome = summary.outcome();
      traces++;
      errors += outcome.error() ? 1 : 0;
      throttles += outcome.throttle() ? 1 : 0;
      faults += outcome.fault() ? 1 : 0;
      totalNanos += Math.max(0, summary.endEpochNanos() - summary.startEpochNanos());
    }
  }

  void add(TraceContent trace) {
    TraceSummary summary = trace.trace().summary();
    Map<String, String> found = field.valuesOf(trace);
    traceCount++;
    withoutCount += found.isEmpty() ? 1 : 0;
    found.forEach(
        (value, clause) -> {
          Counts counts = values.get(value);
          if (counts == null && values.size() == MAX_VALUES) {
            valuesLeftOut = true;
            return;
          }
          if (counts == null) {
            counts = new Counts(clause);
            values.put(value, counts);
          }
          counts.add(summary);
        });
  }

  /**
   * A value with the traces that have it.
   *
   * @param value what people read
   * @param clause the filter expression that finds them
   * @param traceCount how many
   */
  record Counted(String value, String clause, long traceCount) {}

  /** Returns the values, those that most traces have first. */
  List<Counted> values() {
    return sorted().stream()
        .map(each -> new Counted(each.getKey(), each.getValue().clause, each.getValue().traces))
        .toList();
  }

  private List<Map.Entry<String, Counts>> sorted() {
    return values.entrySet().stream()
        .sorted(
            Comparator.<Map.Entry<String, Counts>>comparingLong(each -> -each.getValue().traces)
                .thenComparing(Map.Entry::getKey))
        .toList();
  }

  void write(ModelJson model, JsonGenerator json, int limit) throws IOException {
    json.writeStringField("field", field.text());
    json.writeNumberField("traceCount", traceCount);
    json.writeNumberField("withoutCount", withoutCount);
    json.writeNumberField("valueCount", values.size());
    json.writeBooleanField("valuesLeftOut", valuesLeftOut);
    json.writeArrayFieldStart("values");
    for (Map.Entry<String, Counts> each : sorted().stream().limit(limit).toList()) {
      Counts counts = each.getValue();
      json.writeStartObject();
      json.writeStringField("value", each.getKey());
      json.writeStringField("clause", counts.clause);
      json.writeNumberField("traceCount", counts.traces);
      json.writeNumberField("errorCount", counts.errors);
      json.writeNumberField("throttleCount", counts.throttles);
      json.writeNumberField("faultCount", counts.faults);
      model.nanos("meanDurationNanos", Math.round(counts.totalNanos / counts.traces));
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
