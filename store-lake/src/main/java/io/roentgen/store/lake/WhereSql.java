// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.Outcome;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Value;
import io.roentgen.store.Comparison;
import io.roentgen.store.LongRange;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.SpanTest;
import io.roentgen.store.SpanTest.Place;
import io.roentgen.store.TraceCondition;
import io.roentgen.store.ValueTest;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/*
 * All tests of spans are decided in one pass over the spans, whatever the tree looks like: each becomes a flag of the
 * trace, and the tree is a term over flags. A subquery for each would read the spans once for each, and give the engine
 * a plan that grows with the tree.
 *
 * NOT may stand above anything, so that every term must be true or false: one that is null would be neither the term nor
 * its opposite. Hence the IS NOT NULL before each comparison of a column, and the coalesce around what is joined.
 */
/**
 * A {@link TraceCondition} as SQL over the traces and spans of parts.
 *
 * <p>A row of a part decides alone only for a trace that is nowhere else and of which every span counts. If some spans do
 * not count, as others replaced them, their flags may say too much, never too little: such a trace is a candidate unless
 * some span is missed that had to be there. If other places have spans of it too, nothing is known, and it always is a
 * candidate; by {@code continued}, which all of its rows have but the one that was written first. That one is enough for
 * the trace to be found. Both are looked at as a whole then.
 */
final class WhereSql {
  /** How deep a tree may be; the engine takes its time for more, and nobody writes it. */
  private static final int MAX_DEPTH = 24;

  /** How many tests a tree may have. */
  private static final int MAX_LEAVES = 500;

  /** In what the engine takes the difference of two times for, where Java's wraps around. */
  private static final String WRAP = "18446744073709551616::HUGEINT";

  private static final String STRING_PREFIX = "{\"stringValue\":";
  private static final String LONG_PREFIX = "{\"intValue\":\"";
  private static final String DOUBLE_PREFIX = "{\"doubleValue\":";

  /** That a span has ended, of which every trace without a span in progress has one. */
  private static final SpanTest ENDED = new SpanTest.Not(SpanTest.Is.IN_PROGRESS);

  private final TraceCondition where;
  private final Set<String> columns;
  private final Map<Long, ResourceScope> scopes;

  /** The flag of each test. */
  private final Map<SpanTest, String> flags = new LinkedHashMap<>();

  /** The SQL of each flag. */
  private final List<String> tests = new ArrayList<>();

  private final List<Object> testParameters = new ArrayList<>();

  /** Keys that are looked for in the map, each once. */
  private final Set<String> mapKeys = new LinkedHashSet<>();

  private boolean needsRoot;

  /**
   * @param where one that {@link #canSay}
   * @param columns names of the attribute columns that the parts have
   * @param scopes the parts' scopes; not looked at unless {@link #needsScopes}
   */
  WhereSql(TraceCondition where, Set<String> columns, Map<Long, ResourceScope> scopes) {
    this.where = where;
    this.columns = columns;
    this.scopes = scopes;
    collect(where);
  }

  /** Returns whether a condition is small enough for the engine. */
  static boolean canSay(TraceCondition where) {
    int[] leaves = new int[1];
    return depth(where, leaves, 0) && leaves[0] <= MAX_LEAVES;
  }

  private static boolean depth(TraceCondition condition, int[] leaves, int depth) {
    if (depth > MAX_DEPTH) {
      return false;
    }
    return switch (condition) {
      case TraceCondition.AllOf(List<TraceCondition> all) ->
          all.stream().allMatch(each -> depth(each, leaves, depth + 1));
      case TraceCondition.AnyOf(List<TraceCondition> any) ->
          any.stream().allMatch(each -> depth(each, leaves, depth + 1));
      case TraceCondition.Not(TraceCondition inner) -> depth(inner, leaves, depth + 1);
      case TraceCondition.SomeSpan(SpanTest test) -> depth(test, leaves, 0);
      case TraceCondition.Lasts _ -> ++leaves[0] > 0;
    };
  }

  private static boolean depth(SpanTest test, int[] leaves, int depth) {
    if (depth > MAX_DEPTH) {
      return false;
    }
    return switch (test) {
      case SpanTest.AllOf(List<SpanTest> all) ->
          all.stream().allMatch(each -> depth(each, leaves, depth + 1));
      case SpanTest.AnyOf(List<SpanTest> any) ->
          any.stream().allMatch(each -> depth(each, leaves, depth + 1));
      case SpanTest.Not(SpanTest inner) -> depth(inner, leaves, depth + 1);
      case SpanTest.Field _,
          SpanTest.Attribute _,
          SpanTest.Lasts _,
          SpanTest.Went _,
          SpanTest.Is _ ->
          ++leaves[0] > 0;
    };
  }

  /**
   * Returns whether a test is only of interest for traces in progress. Almost every span is like it, so that it is no flag:
   * a row of such a trace does not decide if {@link #asksForEnd}.
   */
  static boolean isOfEnd(SpanTest test) {
    return test.equals(ENDED);
  }

  /** Returns whether a condition has a test that {@link #isOfEnd}. */
  static boolean asksForEnd(TraceCondition condition) {
    return switch (condition) {
      case TraceCondition.AllOf(List<TraceCondition> all) ->
          all.stream().anyMatch(WhereSql::asksForEnd);
      case TraceCondition.AnyOf(List<TraceCondition> any) ->
          any.stream().anyMatch(WhereSql::asksForEnd);
      case TraceCondition.Not(TraceCondition inner) -> asksForEnd(inner);
      case TraceCondition.SomeSpan(SpanTest test) -> isOfEnd(test);
      case TraceCondition.Lasts _ -> false;
    };
  }

  /** Returns whether a condition asks for attributes of resources. */
  static boolean needsScopes(TraceCondition condition) {
    return switch (condition) {
      case TraceCondition.AllOf(List<TraceCondition> all) ->
          all.stream().anyMatch(WhereSql::needsScopes);
      case TraceCondition.AnyOf(List<TraceCondition> any) ->
          any.stream().anyMatch(WhereSql::needsScopes);
      case TraceCondition.Not(TraceCondition inner) -> needsScopes(inner);
      case TraceCondition.SomeSpan(SpanTest test) -> needsScopes(test);
      case TraceCondition.Lasts _ -> false;
    };
  }

  private static boolean needsScopes(SpanTest test) {
    return switch (test) {
      case SpanTest.AllOf(List<SpanTest> all) -> all.stream().anyMatch(WhereSql::needsScopes);
      case SpanTest.AnyOf(List<SpanTest> any) -> any.stream().anyMatch(WhereSql::needsScopes);
      case SpanTest.Not(SpanTest inner) -> needsScopes(inner);
      case SpanTest.Attribute attribute -> attribute.place() != Place.SPAN;
      case SpanTest.Field _, SpanTest.Lasts _, SpanTest.Went _, SpanTest.Is _ -> false;
    };
  }

  /**
   * Returns what is joined to the traces {@code t} for {@link #condition}: a row {@code f} of flags for each trace with
   * a span that one of the tests is true of.
   *
   * @param spans the parts' spans, as a table
   * @param traces the parts' traces
   */
  String join(String spans, String traces) {
    if (tests.isEmpty()) {
      return "";
    }
    List<String> told = new ArrayList<>();
    List<String> summed = new ArrayList<>();
    for (int i = 0; i < tests.size(); i++) {
      told.add(tests.get(i) + " AS f" + i);
      summed.add("bool_or(f" + i + ") AS f" + i);
    }
    StringBuilder sql = new StringBuilder(" LEFT JOIN (SELECT high, low, ");
    sql.append(String.join(", ", summed));
    sql.append(" FROM (SELECT s.trace_id_high AS high, s.trace_id_low AS low, ");
    sql.append(String.join(", ", told)).append(" FROM (SELECT s.*");
    if (needsRoot) {
      sql.append(", r.root_span_id");
    }
    for (int i = 0; i < mapKeys.size(); i++) {
      sql.append(", coalesce(s.attributes[?], '') AS m").append(i);
    }
    sql.append(" FROM ").append(spans).append(" s");
    if (needsRoot) {
      sql.append(" JOIN ").append(traces).append(" r ON r.trace_id_high = s.trace_id_high");
      sql.append(" AND r.trace_id_low = s.trace_id_low");
    }
    sql.append(") s) WHERE ");
    for (int i = 0; i < tests.size(); i++) {
      sql.append(i == 0 ? "f" : " OR f").append(i);
    }
    return sql.append(" GROUP BY high, low) f ON f.high = t.trace_id_high AND f.low = t.trace_id_low")
        .toString();
  }

  /** Returns the values of the question marks of {@link #join}; {@link #condition} has none. */
  List<Object> parameters() {
    List<Object> parameters = new ArrayList<>(testParameters);
    parameters.addAll(mapKeys);
    return parameters;
  }

  /** Returns what is true of a row {@code t} of a trace that is like this, if the row alone decides. */
  String condition() {
    String decides = asksForEnd(where) ? "(t.replaced = 0 AND t.in_progress = 0)" : "(t.replaced = 0)";
    return "((" + decides + " AND " + exactly(where) + ") OR (NOT " + decides + " AND " + atMost(where) + "))";
  }

  private void collect(TraceCondition condition) {
    switch (condition) {
      case TraceCondition.AllOf(List<TraceCondition> all) -> all.forEach(this::collect);
      case TraceCondition.AnyOf(List<TraceCondition> any) -> any.forEach(this::collect);
      case TraceCondition.Not(TraceCondition inner) -> collect(inner);
      case TraceCondition.SomeSpan(SpanTest test) -> {
        if (!isOfEnd(test) && !flags.containsKey(test)) {
          flags.put(test, "coalesce(f.f" + tests.size() + ", FALSE)");
          tests.add(span(test));
        }
      }
      case TraceCondition.Lasts _ -> {}
    }
  }

  private String exactly(TraceCondition condition) {
    return switch (condition) {
      case TraceCondition.AllOf(List<TraceCondition> all) ->
          joined(all.stream().map(this::exactly).toList(), " AND ", "TRUE");
      case TraceCondition.AnyOf(List<TraceCondition> any) ->
          joined(any.stream().map(this::exactly).toList(), " OR ", "FALSE");
      case TraceCondition.Not(TraceCondition inner) -> "(NOT " + exactly(inner) + ")";
      case TraceCondition.SomeSpan some -> flag(some);
      case TraceCondition.Lasts lasts -> lasts(lasts);
    };
  }

  /** What every match meets though flags may be set by spans that do not count. */
  private String atMost(TraceCondition condition) {
    return switch (condition) {
      case TraceCondition.AllOf(List<TraceCondition> all) ->
          joined(all.stream().map(this::atMost).toList(), " AND ", "TRUE");
      case TraceCondition.AnyOf(List<TraceCondition> any) ->
          joined(any.stream().map(this::atMost).toList(), " OR ", "FALSE");
      case TraceCondition.Not _ -> "TRUE";
      case TraceCondition.SomeSpan some -> flag(some);
      case TraceCondition.Lasts lasts -> lasts(lasts);
    };
  }

  private String flag(TraceCondition.SomeSpan some) {
    return isOfEnd(some.test()) ? "TRUE" : flags.getOrDefault(some.test(), "FALSE");
  }

  private static String lasts(TraceCondition.Lasts lasts) {
    String length = "(t.end_epoch_nanos::HUGEINT - t.start_epoch_nanos)";
    return joined(
        List.of(
            in(length, lasts.durations()),
            in("(" + length + " - " + WRAP + ")", lasts.durations()),
            in("(" + length + " + " + WRAP + ")", lasts.durations())),
        " OR ",
        "FALSE");
  }

  private static String joined(List<String> terms, String operator, String ofNone) {
    return terms.isEmpty() ? ofNone : "(" + String.join(operator, terms) + ")";
  }

  /** Returns whether a number that is not null lies in a range. */
  private static String in(String number, List<LongRange> ranges) {
    List<String> terms = new ArrayList<>();
    for (LongRange range : ranges) {
      // The least number is a minus before one that is no long.
      terms.add(
          "("
              + number
              + " >= "
              + (range.min() == Long.MIN_VALUE ? "-9223372036854775807 - 1" : range.min())
              + " AND "
              + number
              + " <= "
              + (range.max() == Long.MIN_VALUE ? "-9223372036854775807 - 1" : range.max())
              + ")");
    }
    return joined(terms, " OR ", "FALSE");
  }

  private String span(SpanTest test) {
    return switch (test) {
      case SpanTest.AllOf(List<SpanTest> all) -> joined(each(all), " AND ", "TRUE");
      case SpanTest.AnyOf(List<SpanTest> any) -> joined(each(any), " OR ", "FALSE");
      case SpanTest.Not(SpanTest inner) -> "(NOT " + span(inner) + ")";
      case SpanTest.Field field -> field(field);
      case SpanTest.Attribute attribute -> attribute(attribute);
      case SpanTest.Lasts(List<LongRange> durations) ->
          "(NOT s.in_progress AND " + in("greatest(s.duration_nanos, 0)", durations) + ")";
      case SpanTest.Went(SpanCondition.Status status) ->
          switch (status) {
            case OK -> "(s.outcome = 0)";
            case ERROR -> "((s.outcome & " + Outcome.ERROR_BIT + ") <> 0)";
            case FAULT -> "((s.outcome & " + Outcome.FAULT_BIT + ") <> 0)";
            case THROTTLE -> "((s.outcome & " + Outcome.THROTTLE_BIT + ") <> 0)";
          };
      case SpanTest.Is is ->
          switch (is) {
            case SEGMENT -> "s.segment";
            case IN_PROGRESS -> "s.in_progress";
            case CHILD -> "(s.parent_span_id IS NOT NULL)";
            case ROOT -> {
              needsRoot = true;
              yield "(s.span_id = s.root_span_id)";
            }
          };
    };
  }

  private List<String> each(List<SpanTest> tests) {
    List<String> terms = new ArrayList<>();
    tests.forEach(test -> terms.add(span(test)));
    return terms;
  }

  private String field(SpanTest.Field field) {
    Column fixed =
        switch (field.field()) {
          case SERVICE -> Column.SERVICE;
          case SERVICE_TYPE -> Column.SERVICE_TYPE;
          case NAME -> Column.NAME;
          case PEER_NAME -> Column.PEER_NAME;
          case PEER_TYPE -> Column.PEER_TYPE;
        };
    String column = "s." + fixed.column();
    String wanted = field.test().wanted();
    boolean isOfEmpty = field.test().matches("");
    if (wanted.isEmpty()) {
      // Empty texts are null.
      return switch (field.test().operator()) {
        case EQUAL -> "(" + column + " IS NULL)";
        case NOT_EQUAL -> "(" + column + " IS NOT NULL)";
        case CONTAINS, BEGINS_WITH, ENDS_WITH -> "TRUE";
      };
    }
    return isOfEmpty
        ? "(" + column + " IS NULL OR " + text(column, field.test()) + ")"
        : "(" + column + " IS NOT NULL AND " + text(column, field.test()) + ")";
  }

  /** Returns what a text that is not null is like. */
  private String text(String text, ValueTest.Text test) {
    testParameters.add(test.wanted());
    return switch (test.operator()) {
      case EQUAL -> text + " = ?";
      case NOT_EQUAL -> text + " <> ?";
      case CONTAINS -> "contains(" + text + ", ?)";
      case BEGINS_WITH -> "starts_with(" + text + ", ?)";
      case ENDS_WITH -> "ends_with(" + text + ", ?)";
    };
  }

  private String attribute(SpanTest.Attribute attribute) {
    ValueTest test = attribute.test();
    String shared = attribute.place() == Place.SPAN ? "FALSE" : scopesWith(attribute.key(), test);
    return switch (attribute.place()) {
      case SPAN -> own(attribute.key(), test);
      case RESOURCE -> shared;
      case SPAN_THEN_RESOURCE -> {
        String own = own(attribute.key(), test);
        yield shared.equals("FALSE")
            ? own
            : "("
                + own
                + " OR ("
                + shared
                + " AND NOT "
                + own(attribute.key(), new ValueTest.Present())
                + "))";
      }
    };
  }

  private String scopesWith(String key, ValueTest test) {
    List<String> ids = new ArrayList<>();
    scopes.forEach(
        (id, scope) -> {
          Value value = scope.resource().attributes().get(key);
          if (value != null && test.matches(value)) {
            ids.add(Long.toString(id));
          }
        });
    return ids.isEmpty() ? "FALSE" : "(s.scope_id IN (" + String.join(", ", ids) + "))";
  }

  /** Returns whether the span itself has an attribute that is like this, in a column of its own or in the map. */
  private String own(String key, ValueTest test) {
    List<String> terms = new ArrayList<>();
    for (AttributeColumn column : AttributeColumn.ofKey(key)) {
      if (columns.contains(column.name())) {
        String name = "s." + Engine.quoted(column.name());
        String term = ofColumn(column.type(), name, test);
        if (!term.equals("FALSE")) {
          terms.add("(" + name + " IS NOT NULL" + term + ")");
        }
      }
    }
    mapKeys.add(key);
    terms.add(ofMap("s.m" + List.copyOf(mapKeys).indexOf(key), test));
    return joined(terms, " OR ", "FALSE");
  }

  /** Returns what a column's value that is not null must be like, with AND before it; or FALSE, or nothing. */
  private String ofColumn(AttributeColumn.Type type, String name, ValueTest test) {
    return switch (test) {
      case ValueTest.Present _ -> "";
      case ValueTest.Text text ->
          type == AttributeColumn.Type.STRING ? " AND " + text(name, text) : "FALSE";
      case ValueTest.Flag(boolean wanted) ->
          type == AttributeColumn.Type.BOOLEAN ? " AND " + name + " = " + wanted : "FALSE";
      case ValueTest.Numeric numeric ->
          switch (type) {
            case LONG -> " AND " + in(name, numeric.integers());
            case DOUBLE -> " AND " + compared(name, numeric);
            case STRING, BOOLEAN -> "FALSE";
          };
    };
  }

  private String compared(String number, ValueTest.Numeric test) {
    BigDecimal wanted = test.wanted();
    testParameters.add(wanted.doubleValue());
    String sign = test.comparison() == Comparison.NOT_EQUAL ? "<>" : test.comparison().sign();
    return "isfinite(" + number + ") AND " + number + " " + sign + " ?";
  }

  /** Returns what JSON of the map is like; it is empty where the key is not there. */
  private String ofMap(String json, ValueTest test) {
    return switch (test) {
      case ValueTest.Present _ -> "(" + json + " <> '')";
      case ValueTest.Flag(boolean wanted) ->
          "(" + json + " = " + Engine.literal(ValueJson.value(Value.of(wanted))) + ")";
      case ValueTest.Text text ->
          switch (text.operator()) {
            case EQUAL -> {
              testParameters.add(ValueJson.value(Value.of(text.wanted())));
              yield "(" + json + " = ?)";
            }
            case NOT_EQUAL, CONTAINS, BEGINS_WITH, ENDS_WITH ->
                "coalesce("
                    + text(
                        after(
                            json,
                            STRING_PREFIX,
                            "json_extract_string(" + json + ", '$.stringValue')"),
                        text)
                    + ", FALSE)";
          };
      case ValueTest.Numeric numeric -> {
        // What is between the prefix and the closing quote and brace, or brace.
        String integer =
            after(json, LONG_PREFIX, "TRY_CAST(" + middle(json, LONG_PREFIX, 2) + " AS BIGINT)");
        String number =
            after(
                json, DOUBLE_PREFIX, "TRY_CAST(" + middle(json, DOUBLE_PREFIX, 1) + " AS DOUBLE)");
        yield "(coalesce("
            + in(integer, numeric.integers())
            + ", FALSE) OR coalesce("
            + compared(number, numeric)
            + ", FALSE))";
      }
    };
  }

  private static String after(String json, String prefix, String value) {
    return "CASE WHEN starts_with("
        + json
        + ", "
        + Engine.literal(prefix)
        + ") THEN "
        + value
        + " END";
  }

  private static String middle(String json, String prefix, int end) {
    int start = prefix.length();
    return "substr(" + json + ", " + (start + 1) + ", length(" + json + ") - " + (start + end) + ")";
  }
}
