// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.Outcome;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Value;
import io.roentgen.store.SpanCondition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A {@link SpanCondition} as SQL over the spans of parts. */
final class ConditionSql {
  private final List<String> terms = new ArrayList<>();
  private final List<Object> parameters = new ArrayList<>();

  /**
   * @param columns names of the attribute columns that the parts have
   * @param scopes the parts' scopes
   */
  ConditionSql(SpanCondition condition, Set<String> columns, Map<Long, ResourceScope> scopes) {
    text(Column.SERVICE, condition.service());
    text(Column.NAME, condition.operation());
    Long min = condition.minDurationNanos();
    if (min != null) {
      term("NOT in_progress AND greatest(duration_nanos, 0) >= ?", min);
    }
    Long max = condition.maxDurationNanos();
    if (max != null) {
      term("NOT in_progress AND greatest(duration_nanos, 0) <= ?", max);
    }
    SpanCondition.Status status = condition.status();
    if (status != null) {
      terms.add(
          switch (status) {
            case OK -> "outcome = 0";
            case ERROR -> "(outcome & " + Outcome.ERROR_BIT + ") <> 0";
            case FAULT -> "(outcome & " + Outcome.FAULT_BIT + ") <> 0";
            case THROTTLE -> "(outcome & " + Outcome.THROTTLE_BIT + ") <> 0";
          });
    }
    for (Map.Entry<String, String> each : condition.attributes().entrySet()) {
      attribute(each.getKey(), each.getValue(), columns, scopes);
    }
  }

  /** Returns the condition, or TRUE. */
  String sql() {
    return terms.isEmpty() ? "TRUE" : String.join(" AND ", terms);
  }

  /** Returns the values of its question marks. */
  List<Object> parameters() {
    return parameters;
  }

  private void term(String sql, Object parameter) {
    terms.add(sql);
    parameters.add(parameter);
  }

  private void text(Column column, @Nullable String text) {
    if (text == null) {
      return;
    }
    if (text.isEmpty()) {
      terms.add(column.column() + " IS NULL");
    } else {
      term(column.column() + " = ?", text);
    }
  }

  private void attribute(
      String key, String text, Set<String> columns, Map<Long, ResourceScope> scopes) {
    List<String> own = new ArrayList<>();
    List<String> absent = new ArrayList<>();
    List<Object> values = new ArrayList<>();
    for (AttributeColumn column : AttributeColumn.ofKey(key)) {
      if (!columns.contains(column.name())) {
        continue;
      }
      String name = Engine.quoted(column.name());
      absent.add(name + " IS NULL");
      Object value =
          switch (column.type()) {
            case STRING -> text;
            case LONG -> SpanCondition.longOrNull(text);
            case DOUBLE -> SpanCondition.doubleOrNull(text);
            case BOOLEAN ->
                text.equals("true")
                    ? Boolean.TRUE
                    : text.equals("false") ? Boolean.FALSE : null;
          };
      if (value != null) {
        own.add(name + " = ?");
        values.add(value);
      }
    }
    // The map holds what has no column, in OTLP's JSON.
    String inMap = "attributes[?]";
    absent.add("attributes IS NULL OR " + inMap + " IS NULL");
    for (Value candidate : candidates(text)) {
      own.add("(attributes IS NOT NULL AND " + inMap + " = ?)");
      values.add(key);
      values.add(ValueJson.value(candidate));
    }
    List<String> either = new ArrayList<>(List.of("(" + String.join(" OR ", own) + ")"));
    String matching = matchingScopes(key, text, scopes);
    if (!matching.isEmpty()) {
      List<String> noneOwn = absent.stream().map(each -> "(" + each + ")").toList();
      either.add(
          "(scope_id IN (" + matching + ") AND " + String.join(" AND ", noneOwn) + ")");
      values.add(key);
    }
    terms.add("(" + String.join(" OR ", either) + ")");
    parameters.addAll(values);
  }

  /** Returns the values that a search for {@code text} finds. */
  static List<Value> candidates(String text) {
    List<Value> candidates = new ArrayList<>(List.of(Value.of(text)));
    Long integer = SpanCondition.longOrNull(text);
    if (integer != null) {
      candidates.add(Value.of(integer));
    }
    Double number = SpanCondition.doubleOrNull(text);
    if (number != null) {
      candidates.add(Value.of(number));
      if (number == 0) {
        candidates.add(Value.of(-number));
      }
    }
    if (text.equals("true") || text.equals("false")) {
      candidates.add(Value.of(text.equals("true")));
    }
    return candidates;
  }

  private static String matchingScopes(
      String key, String text, Map<Long, ResourceScope> scopes) {
    List<String> ids = new ArrayList<>();
    scopes.forEach(
        (id, scope) -> {
          Value value = scope.resource().attributes().get(key);
          if (value != null && SpanCondition.matches(value, text)) {
            ids.add(Long.toString(id));
          }
        });
    return String.join(", ", ids);
  }
}
