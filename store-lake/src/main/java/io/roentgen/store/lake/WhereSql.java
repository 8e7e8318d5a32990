// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.ResourceScope;
import io.roentgen.model.Value;
import io.roentgen.store.LongRange;
import io.roentgen.store.SpanTest;
import io.roentgen.store.SpanTest.Place;
import io.roentgen.store.TraceCondition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/*
 * All tests of spans are decided in one pass over the spans, whatever the tree looks like: each becomes a flag of the
 * trace, alternatives that rows tell one flag together, and the tree is a term over flags. A subquery for each would
 * read the spans once for each, and give the engine a plan that grows with the tree. Tests of a span and its parent are
 * one flag, if the span's row says enough of the parent. Else they are two; the rows with a flag, which are kept for it,
 * are joined with themselves.
 *
 * NOT may stand above anything, so that every term must be true or false: one that is null would be neither the term nor
 * its opposite. Hence the coalesce around what is joined.
 */
/**
 * A {@link TraceCondition} as SQL over the traces and spans of parts.
 *
 * <p>A row of a part decides alone only for a trace that is nowhere else and of which every span counts. If some spans do
 * not count, as others replaced them, their flags may say too much, never too little: such a trace is a candidate unless
 * some span is missed that had to be there. If other places have spans of it too, nothing is known, and it always is a
 * candidate; by {@code continued}, which all of its rows have but the one that was written first. That one is enough for
 * the trace to be found. Only where {@link #findsByFlags} is {@code continued} of no interest. Both are looked at as a whole
 * then.
 */
final class WhereSql {
  /** How deep a tree may be; the engine takes its time for more, and nobody writes it. */
  private static final int MAX_DEPTH = 24;

  /** How many tests a tree may have. */
  private static final int MAX_LEAVES = 500;

  /** In what the engine takes the difference of two times for, where Java's wraps around. */
  private static final String WRAP = "18446744073709551616::HUGEINT";

  /** That a span has ended, of which every trace without a span in progress has one. */
  private static final SpanTest ENDED = new SpanTest.Not(SpanTest.Is.IN_PROGRESS);

  private final TraceCondition where;
  private final SpanTestSql tests;

  /** Those that ask for the root: few spans are to be looked up among the traces, and not for the other tests. */
  private final SpanTestSql rootTests;

  /**
   * The tests of some span that its own row answers, and the name of the flag that says whether a trace has one; those of
   * spans have it too.
   */
  private final Map<TraceCondition, String> spans = new LinkedHashMap<>();

  /** Likewise the tests of some span that ask for the root. */
  private final Map<TraceCondition, String> roots = new LinkedHashMap<>();

  /** The tests of some span and its parent that take the rows of both, likewise. */
  private final Map<TraceCondition.SomeChild, Pair> pairs = new LinkedHashMap<>();

  /**
   * The flags of a test of two spans.
   *
   * @param name whether a trace has the two
   * @param child whether a span is as the child is to be
   * @param parent whether one is as the parent is to be
   */
  private record Pair(String name, String child, String parent) {
    private String term() {
      return "(c." + child + " AND p." + parent + ")";
    }
  }

  /**
   * @param where one that {@link #canSay}
   * @param columns names of the attribute columns that the parts have
   * @param scopes the parts' scopes; not looked at unless {@link #needsScopes}
   */
  WhereSql(TraceCondition where, Set<String> columns, Map<Long, ResourceScope> scopes) {
    this.where = where;
    tests = new SpanTestSql("f", columns, scopes);
    rootTests = new SpanTestSql("r", columns, scopes);
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
      case TraceCondition.SomeChild(SpanTest child, SpanTest parent) ->
          depth(child, leaves, 0) && depth(parent, leaves, 0);
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
      case TraceCondition.SomeChild _, TraceCondition.Lasts _ -> false;
    };
  }

  /** Returns whether a condition is decided by rows of spans, none of them joined with another. */
  static boolean isOfRows(TraceCondition condition) {
    return switch (condition) {
      case TraceCondition.AllOf(List<TraceCondition> all) -> all.stream().allMatch(WhereSql::isOfRows);
      case TraceCondition.AnyOf(List<TraceCondition> any) -> any.stream().allMatch(WhereSql::isOfRows);
      case TraceCondition.Not(TraceCondition inner) -> isOfRows(inner);
      case TraceCondition.SomeSpan _ -> true;
      case TraceCondition.SomeChild(SpanTest _, SpanTest parent) -> SpanTestSql.saysOfParent(parent);
      case TraceCondition.Lasts _ -> true;
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
      case TraceCondition.SomeChild(SpanTest child, SpanTest parent) ->
          needsScopes(child) || needsScopes(parent);
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
   * @param spanTable the parts' spans, as a table
   * @param traceTable the parts' traces
   * @param flaggedOnly whether traces without a flag are left out
   */
  String join(String spanTable, String traceTable, boolean flaggedOnly) {
    if (tests.isEmpty() && rootTests.isEmpty()) {
      return "";
    }
    List<String> flags = new ArrayList<>(spans.values());
    pairs.values().forEach(pair -> flags.add(pair.name));
    List<String> sums = new ArrayList<>();
    flags.forEach(flag -> sums.add("bool_or(" + flag + ") AS " + flag));
    roots.values().forEach(flag -> sums.add("bool_or(" + flag + ") AS " + flag));
    StringBuilder sql = new StringBuilder(flaggedOnly ? " JOIN (" : " LEFT JOIN (");
    if (!pairs.isEmpty()) {
      sql.append("WITH m AS MATERIALIZED ").append(tests.rows(spanTable, traceTable)).append(' ');
    }
    sql.append("SELECT high, low, ").append(String.join(", ", sums)).append(" FROM ");
    if (roots.isEmpty()) {
      sql.append(plainRows(spanTable, traceTable));
    } else if (tests.isEmpty()) {
      sql.append(rootTests.rowsByRoot(spanTable, traceTable));
    } else {
      sql.append("(SELECT high, low");
      flags.forEach(flag -> sql.append(", ").append(flag));
      roots.values().forEach(flag -> sql.append(", FALSE AS ").append(flag));
      sql.append(" FROM ").append(plainRows(spanTable, traceTable));
      sql.append(" UNION ALL SELECT high, low");
      flags.forEach(flag -> sql.append(", FALSE AS ").append(flag));
      roots.values().forEach(flag -> sql.append(", ").append(flag));
      sql.append(" FROM ").append(rootTests.rowsByRoot(spanTable, traceTable)).append(')');
    }
    sql.append(" GROUP BY high, low) f");
    return sql.append(" ON f.high = t.trace_id_high AND f.low = t.trace_id_low").toString();
  }

  private String plainRows(String spanTable, String traceTable) {
    return pairs.isEmpty() ? tests.rows(spanTable, traceTable) : rowsWithPairs();
  }

  /** Returns the rows of {@code m}, with flags of two spans beside those of one. */
  private String rowsWithPairs() {
    List<String> terms = new ArrayList<>();
    List<String> ofSpans = new ArrayList<>(List.of("high", "low"));
    List<String> ofPairs = new ArrayList<>(List.of("c.high", "c.low"));
    for (String flag : spans.values()) {
      ofSpans.add(flag);
      ofPairs.add("FALSE AS " + flag);
    }
    for (Pair pair : pairs.values()) {
      ofSpans.add("FALSE AS " + pair.name);
      ofPairs.add(pair.term() + " AS " + pair.name);
      terms.add(pair.term());
    }
    String children = String.join(" OR ", pairs.values().stream().map(pair -> "c." + pair.child).toList());
    String parents = String.join(" OR ", pairs.values().stream().map(pair -> "p." + pair.parent).toList());
    String found =
        "SELECT "
            + String.join(", ", ofPairs)
            + " FROM m c JOIN m p ON p.id = c.parent AND p.low = c.low AND p.high = c.high WHERE ("
            + children
            + ") AND ("
            + parents
            + ") AND ("
            + String.join(" OR ", terms)
            + ")";
    return spans.isEmpty()
        ? "(" + found + ")"
        : "(SELECT "
            + String.join(", ", ofSpans)
            + " FROM m WHERE "
            + String.join(" OR ", spans.values())
            + " UNION ALL "
            + found
            + ")";
  }

  /** Returns the values of the question marks of {@link #join}; {@link #condition} has none. */
  List<Object> parameters() {
    List<Object> parameters = new ArrayList<>(tests.parameters());
    parameters.addAll(rootTests.parameters());
    return parameters;
  }

  /**
   * Returns whether a trace is like {@code condition} just if one of the places that have spans of it has a span that is
   * like one of the tests, whatever else is there. Then its row in that place finds it.
   */
  static boolean findsByFlags(TraceCondition condition) {
    return switch (condition) {
      case TraceCondition.AnyOf(List<TraceCondition> any) ->
          any.stream().allMatch(WhereSql::findsByFlags);
      case TraceCondition.SomeSpan(SpanTest test) -> !isOfEnd(test) && !SpanTestSql.asksForRoot(test);
      case TraceCondition.AllOf _,
          TraceCondition.Not _,
          TraceCondition.SomeChild _,
          TraceCondition.Lasts _ ->
          false;
    };
  }

  /** Returns what is true of a row {@code t} of a trace that is like this, if the row alone decides. */
  String condition() {
    String exactly = exactly(where);
    String atMost = atMost(where);
    if (exactly.equals(atMost)) {
      return exactly;
    }
    String decides = asksForEnd(where) ? "(t.replaced = 0 AND t.in_progress = 0)" : "(t.replaced = 0)";
    return "((" + decides + " AND " + exactly + ") OR (NOT " + decides + " AND " + atMost + "))";
  }

  private void collect(TraceCondition condition) {
    switch (condition) {
      case TraceCondition.AllOf(List<TraceCondition> all) -> all.forEach(this::collect);
      case TraceCondition.AnyOf(List<TraceCondition> any) -> {
        TraceCondition.AnyOf inRow = inRow(any);
        if (!inRow.conditions().isEmpty()) {
          spans.computeIfAbsent(inRow, _ -> tests.anyFlag(inRow.conditions()));
        }
        any.stream().filter(each -> !isInRow(each)).forEach(this::collect);
      }
      case TraceCondition.Not(TraceCondition inner) -> collect(inner);
      case TraceCondition.SomeSpan(SpanTest test) -> {
        if (SpanTestSql.asksForRoot(test)) {
          roots.computeIfAbsent(condition, _ -> rootTests.flagByRoot(test));
        } else if (!isOfEnd(test)) {
          spans.computeIfAbsent(condition, _ -> tests.flag(test));
        }
      }
      case TraceCondition.SomeChild pair -> {
        if (SpanTestSql.saysOfParent(pair.parent())) {
          spans.computeIfAbsent(pair, _ -> tests.flag(pair.child(), pair.parent()));
        } else {
          pairs.computeIfAbsent(
              pair,
              _ ->
                  new Pair(
                      "g" + pairs.size(), tests.flag(pair.child()), tests.flag(pair.parent())));
        }
      }
      case TraceCondition.Lasts _ -> {}
    }
  }

  /** Returns whether a condition is about some span whose row tells whether it is like that, with no look at the trace's. */
  private static boolean isInRow(TraceCondition condition) {
    return switch (condition) {
      case TraceCondition.SomeSpan(SpanTest test) ->
          !isOfEnd(test) && !SpanTestSql.asksForRoot(test);
      case TraceCondition.SomeChild(SpanTest child, SpanTest parent) ->
          !SpanTestSql.asksForRoot(child) && SpanTestSql.saysOfParent(parent);
      case TraceCondition.AllOf _,
          TraceCondition.AnyOf _,
          TraceCondition.Not _,
          TraceCondition.Lasts _ ->
          false;
    };
  }

  /** Returns those alternatives that are one flag together, as each flag is worked out and summed up for every span. */
  private static TraceCondition.AnyOf inRow(List<TraceCondition> any) {
    return new TraceCondition.AnyOf(any.stream().filter(WhereSql::isInRow).toList());
  }

  /** Returns the terms of alternatives, those that are one flag as one. */
  private List<String> alternatives(
      List<TraceCondition> any, Function<TraceCondition, String> term) {
    List<String> terms = new ArrayList<>();
    TraceCondition.AnyOf inRow = inRow(any);
    if (!inRow.conditions().isEmpty()) {
      terms.add(flag(spans.get(inRow)));
    }
    any.stream().filter(each -> !isInRow(each)).map(term).forEach(terms::add);
    return terms;
  }

  private String exactly(TraceCondition condition) {
    return switch (condition) {
      case TraceCondition.AllOf(List<TraceCondition> all) ->
          SpanTestSql.joined(all.stream().map(this::exactly).toList(), " AND ", "TRUE");
      case TraceCondition.AnyOf(List<TraceCondition> any) ->
          SpanTestSql.joined(alternatives(any, this::exactly), " OR ", "FALSE");
      case TraceCondition.Not(TraceCondition inner) -> "(NOT " + exactly(inner) + ")";
      case TraceCondition.SomeSpan some -> flag(some);
      case TraceCondition.SomeChild pair -> flag(pair);
      case TraceCondition.Lasts lasts -> lasts(lasts);
    };
  }

  /** What every match meets though flags may be set by spans that do not count. */
  private String atMost(TraceCondition condition) {
    return switch (condition) {
      case TraceCondition.AllOf(List<TraceCondition> all) ->
          SpanTestSql.joined(all.stream().map(this::atMost).toList(), " AND ", "TRUE");
      case TraceCondition.AnyOf(List<TraceCondition> any) ->
          SpanTestSql.joined(alternatives(any, this::atMost), " OR ", "FALSE");
      case TraceCondition.Not _ -> "TRUE";
      case TraceCondition.SomeSpan some -> flag(some);
      case TraceCondition.SomeChild pair -> flag(pair);
      case TraceCondition.Lasts lasts -> lasts(lasts);
    };
  }

  private String flag(TraceCondition.SomeSpan some) {
    return isOfEnd(some.test())
        ? "TRUE"
        : flag(SpanTestSql.asksForRoot(some.test()) ? roots.get(some) : spans.get(some));
  }

  private String flag(TraceCondition.SomeChild some) {
    Pair pair = pairs.get(some);
    return flag(pair == null ? spans.get(some) : pair.name);
  }

  private static String flag(@Nullable String name) {
    return name == null ? "FALSE" : "coalesce(f." + name + ", FALSE)";
  }

  private static String lasts(TraceCondition.Lasts lasts) {
    String length = "(t.end_epoch_nanos::HUGEINT - t.start_epoch_nanos)";
    return SpanTestSql.joined(
        List.of(
            SpanTestSql.in(length, lasts.durations()),
            SpanTestSql.in("(" + length + " - " + WRAP + ")", lasts.durations()),
            SpanTestSql.in("(" + length + " + " + WRAP + ")", lasts.durations())),
        " OR ",
        "FALSE");
  }
}
