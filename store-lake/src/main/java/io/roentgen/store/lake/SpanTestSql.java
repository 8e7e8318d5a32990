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
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tests of spans as flags, in one pass over the spans of parts. A flag is true or false and never null, as NOT may stand
 * above anything; hence the IS NOT NULL before each comparison of a column.
 */
final class SpanTestSql {
  private static final String OF_SPAN = "s.";
  private static final String OF_PARENT = "s.parent_";
  private static final String STRING_PREFIX = "{\"stringValue\":";
  private static final String LONG_PREFIX = "{\"intValue\":\"";
  private static final String DOUBLE_PREFIX = "{\"doubleValue\":";
  private static final ValueTest.Text EMPTY = new ValueTest.Text(ValueTest.TextOperator.EQUAL, "");

  private final Set<String> columns;
  private final Map<Long, ResourceScope> scopes;

  /** The flag of each test of one span. */
  private final Map<SpanTest, String> flags = new HashMap<>();

  /** The SQL of each flag; its name is the prefix and its place here. */
  private final List<String> terms = new ArrayList<>();

  private final List<Object> testParameters = new ArrayList<>();

  /** Keys that are looked for in the map, each once. */
  private final Set<String> mapKeys = new LinkedHashSet<>();

  /** Before the number in a flag's name. */
  private final String prefix;

  /** The flags that a span has as another only if it would have them as the root too. */
  private final Set<String> rootHelps = new HashSet<>();

  private boolean needsRoot;

  /** What stands for whether the span is its trace's root, while a flag is said twice; null if it is looked up. */
  private @Nullable String rootIs;

  /**
   * @param prefix before the number in the name of a flag: a letter
   * @param columns names of the attribute columns that the parts have
   * @param scopes the parts' scopes; not looked at unless an attribute of resources is asked for
   */
  SpanTestSql(String prefix, Set<String> columns, Map<Long, ResourceScope> scopes) {
    this.prefix = prefix;
    this.columns = columns;
    this.scopes = scopes;
  }

  /** Returns the name of the flag that says whether a span is like {@code test}. */
  String flag(SpanTest test) {
    String known = flags.get(test);
    if (known != null) {
      return known;
    }
    String flag = prefix + terms.size();
    flags.put(test, flag);
    terms.add(span(test));
    return flag;
  }

  /**
   * Returns the name of the flag that says whether a span is like {@code test}, which asks for the root. All flags of these
   * tests have to be such ones, and {@link #rowsByRoot} has them.
   */
  String flagByRoot(SpanTest test) {
    String flag = prefix + terms.size();
    rootIs = "TRUE";
    String ofRoot = span(test);
    rootIs = "FALSE";
    String ofOther = span(test);
    rootIs = null;
    terms.add(ofRoot + " AS " + ofRoot(flag) + ", " + ofOther + " AS " + ofOther(flag));
    if (helps(test)) {
      rootHelps.add(flag);
    }
    return flag;
  }

  /** Returns whether every span that is like {@code test} would also be if it were the root. */
  private static boolean helps(SpanTest test) {
    return switch (test) {
      case SpanTest.AllOf(List<SpanTest> all) -> all.stream().allMatch(SpanTestSql::helps);
      case SpanTest.AnyOf(List<SpanTest> any) -> any.stream().allMatch(SpanTestSql::helps);
      case SpanTest.Not(SpanTest inner) -> !asksForRoot(inner);
      case SpanTest.Field _,
          SpanTest.Attribute _,
          SpanTest.Lasts _,
          SpanTest.Went _,
          SpanTest.Is _ ->
          true;
    };
  }

  /** Returns whether it takes the whole trace to tell whether a span is like {@code test}. */
  static boolean asksForRoot(SpanTest test) {
    return switch (test) {
      case SpanTest.AllOf(List<SpanTest> all) -> all.stream().anyMatch(SpanTestSql::asksForRoot);
      case SpanTest.AnyOf(List<SpanTest> any) -> any.stream().anyMatch(SpanTestSql::asksForRoot);
      case SpanTest.Not(SpanTest inner) -> asksForRoot(inner);
      case SpanTest.Is is -> is == SpanTest.Is.ROOT;
      case SpanTest.Field _, SpanTest.Attribute _, SpanTest.Lasts _, SpanTest.Went _ -> false;
    };
  }

  private static String ofRoot(String flag) {
    return flag + "_of_root";
  }

  private static String ofOther(String flag) {
    return flag + "_of_other";
  }

  /**
   * Returns the name of the flag that says whether a span is like {@code test} and its parent, as far as the part knows
   * it, like {@code parent}, of which {@link #saysOfParent} is true.
   */
  String flag(SpanTest test, SpanTest parent) {
    String flag = prefix + terms.size();
    terms.add(ofParentToo(test, parent));
    return flag;
  }

  /**
   * Returns the name of the flag that says whether a span is like one of these, which are about a span or about one and a
   * parent of which {@link #saysOfParent} is true.
   */
  String anyFlag(List<TraceCondition> conditions) {
    String flag = prefix + terms.size();
    List<String> any = new ArrayList<>();
    for (TraceCondition condition : conditions) {
      any.add(
          switch (condition) {
            case TraceCondition.SomeSpan(SpanTest test) -> span(test);
            case TraceCondition.SomeChild(SpanTest child, SpanTest parent) ->
                ofParentToo(child, parent);
            case TraceCondition.AllOf _,
                TraceCondition.AnyOf _,
                TraceCondition.Not _,
                TraceCondition.Lasts _ ->
                throw new IllegalArgumentException("not about a span: " + condition);
          });
    }
    terms.add(joined(any, " OR ", "FALSE"));
    return flag;
  }

  private String ofParentToo(SpanTest test, SpanTest parent) {
    return joined(
        List.of(
            "s." + Column.PARENT_IN_PROGRESS.column() + " IS NOT NULL",
            span(test),
            term(parent, OF_PARENT)),
        " AND ",
        "TRUE");
  }

  /** Returns whether the row of a span says whether its parent is like {@code test}. */
  static boolean saysOfParent(SpanTest test) {
    return switch (test) {
      case SpanTest.AllOf(List<SpanTest> all) -> all.stream().allMatch(SpanTestSql::saysOfParent);
      case SpanTest.AnyOf(List<SpanTest> any) -> any.stream().allMatch(SpanTestSql::saysOfParent);
      case SpanTest.Not(SpanTest inner) -> saysOfParent(inner);
      case SpanTest.Field field -> field.field() != SpanTest.TextField.NAME;
      case SpanTest.Is is -> is == SpanTest.Is.IN_PROGRESS;
      case SpanTest.Attribute _, SpanTest.Lasts _, SpanTest.Went _ -> false;
    };
  }

  boolean isEmpty() {
    return terms.isEmpty();
  }

  /**
   * Returns, as a table, the ids {@code high}, {@code low}, {@code id} and {@code parent} and the flags of each span of
   * which one of these is true.
   *
   * @param spans the parts' spans, as a table
   * @param traces the parts' traces
   */
  String rows(String spans, String traces) {
    List<String> names = names();
    // All columns, as s.*, would cost milliseconds in planning.
    StringBuilder sql = new StringBuilder("(SELECT high, low, id, parent, ");
    sql.append(String.join(", ", names));
    sql.append(" FROM (SELECT s.trace_id_high AS high, s.trace_id_low AS low, s.span_id AS id");
    sql.append(", s.parent_span_id AS parent").append(valuesOfMap());
    for (int i = 0; i < terms.size(); i++) {
      sql.append(", ").append(terms.get(i)).append(" AS ").append(names.get(i));
    }
    sql.append(" FROM ").append(spans).append(" s");
    if (needsRoot) {
      sql.append(" JOIN ").append(traces).append(" r ON r.trace_id_high = s.trace_id_high");
      sql.append(" AND r.trace_id_low = s.trace_id_low");
    }
    return sql.append(") WHERE ").append(String.join(" OR ", names)).append(")").toString();
  }

  /**
   * Returns, as a table, the ids {@code high} and {@code low} and the flags of each span of which one of these is true. Only
   * spans that would be like one of the tests, as the root or as another, are looked up among the traces.
   *
   * @param spans the parts' spans, as a table
   * @param traces the parts' traces
   */
  String rowsByRoot(String spans, String traces) {
    List<String> names = names();
    List<String> cases = new ArrayList<>();
    List<String> either = new ArrayList<>();
    List<String> possible = new ArrayList<>();
    for (String name : names) {
      cases.add(
          "CASE WHEN s.id = r.root_span_id THEN "
              + ofRoot(name)
              + " ELSE "
              + ofOther(name)
              + " END AS "
              + name);
      either.add(ofRoot(name));
      either.add(ofOther(name));
      possible.add(ofRoot(name));
      if (!rootHelps.contains(name)) {
        possible.add(ofOther(name));
      }
    }
    return "(SELECT high, low, "
        + String.join(", ", names)
        + " FROM (SELECT s.high, s.low, "
        + String.join(", ", cases)
        + " FROM (SELECT high, low, id, "
        + String.join(", ", either)
        + " FROM (SELECT s.trace_id_high AS high, s.trace_id_low AS low, s.span_id AS id"
        + valuesOfMap()
        + ", "
        + String.join(", ", terms)
        + " FROM "
        + spans
        + " s) WHERE "
        + String.join(" OR ", possible)
        + ") s JOIN "
        + traces
        + " r ON r.trace_id_high = s.high AND r.trace_id_low = s.low) WHERE "
        + String.join(" OR ", names)
        + ")";
  }

  private List<String> names() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < terms.size(); i++) {
      names.add(prefix + i);
    }
    return names;
  }

  private String valuesOfMap() {
    StringBuilder values = new StringBuilder();
    for (int i = 0; i < mapKeys.size(); i++) {
      values.append(", coalesce(s.attributes[?], '') AS m").append(i);
    }
    return values.toString();
  }

  /** Returns the values of the question marks of {@link #rows} or {@link #rowsByRoot}. */
  List<Object> parameters() {
    List<Object> parameters = new ArrayList<>(mapKeys);
    parameters.addAll(testParameters);
    return parameters;
  }

  static String joined(List<String> terms, String operator, String ofNone) {
    return terms.isEmpty() ? ofNone : "(" + String.join(operator, terms) + ")";
  }

  /** Returns whether a number that is not null lies in a range. */
  static String in(String number, List<LongRange> ranges) {
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
    return term(test, OF_SPAN);
  }

  /** Returns what is true of a row if the span, or its parent, is like {@code test}. */
  private String term(SpanTest test, String of) {
    return switch (test) {
      case SpanTest.AllOf(List<SpanTest> all) -> joined(each(all, of), " AND ", "TRUE");
      case SpanTest.AnyOf(List<SpanTest> any) -> joined(alternatives(any, of), " OR ", "FALSE");
      case SpanTest.Not(SpanTest inner) -> "(NOT " + term(inner, of) + ")";
      case SpanTest.Field field -> field(field, of);
      case SpanTest.Attribute attribute -> attribute(attribute);
      case SpanTest.Lasts(List<LongRange> durations) ->
          "(NOT s.in_progress AND " + in("greatest(s.duration_nanos, 0)", durations) + ")";
      case SpanTest.Went(SpanCondition.Status status) ->
          switch (status) {
            case OK -> "(s.outcome = 0)";
            case ERROR -> "((s.outcome & " + Outcome.ERROR_BIT + ") <> 0)";
            case FAULT -> "((s.outcome & " + Outcome.FAULT_BIT + ") <> 0)";
            // Its bit is the highest; a comparison is decided before other columns are read.
            case THROTTLE -> "(s.outcome >= " + Outcome.THROTTLE_BIT + ")";
          };
      case SpanTest.Is is ->
          switch (is) {
            case SEGMENT -> "s.segment";
            case IN_PROGRESS -> of + "in_progress";
            case CHILD -> "(s.parent_span_id IS NOT NULL)";
            case ROOT -> {
              if (rootIs != null) {
                yield rootIs;
              }
              needsRoot = true;
              yield "(s.span_id = r.root_span_id)";
            }
          };
    };
  }

  private List<String> each(List<SpanTest> tests, String of) {
    List<String> terms = new ArrayList<>();
    tests.forEach(test -> terms.add(term(test, of)));
    return terms;
  }

  private List<String> alternatives(List<SpanTest> tests, String of) {
    List<String> terms = new ArrayList<>();
    for (SpanTest test : tests) {
      // Beside IS NULL the comparison needs no test of its own, and each term is one more for the engine to plan.
      terms.add(
          test instanceof SpanTest.Field field
                  && !field.test().matches("")
                  && tests.contains(new SpanTest.Field(field.field(), EMPTY))
              ? text(of + column(field.field()).column(), field.test())
              : term(test, of));
    }
    return terms;
  }

  /** Returns where a text is that every span has. */
  static Column column(SpanTest.TextField field) {
    return switch (field) {
      case SERVICE -> Column.SERVICE;
      case SERVICE_TYPE -> Column.SERVICE_TYPE;
      case NAME -> Column.NAME;
      case PEER_NAME -> Column.PEER_NAME;
      case PEER_TYPE -> Column.PEER_TYPE;
    };
  }

  private String field(SpanTest.Field field, String of) {
    String column = of + column(field.field()).column();
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
    terms.add(ofMap("m" + List.copyOf(mapKeys).indexOf(key), test));
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
