// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.store.Trace;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A filter expression that was understood. Immutable; may be used by many threads.
 *
 * <pre>{@code
 * Filter filter = Filter.parse("service(\"api\") { fault } AND duration > 2", groups);
 * boolean matches = filter.matches(trace);
 * }</pre>
 *
 * <p>Source: AWS X-Ray developer guide, "Using filter expressions"; docs/compat.md has what is
 * beyond it and what was chosen where it is silent.
 */
public final class Filter {
  /** The longest expression, in characters. */
  public static final int MAX_LENGTH = 10_000;

  /** How deep {@code !}, parentheses and braces may be nested. */
  public static final int MAX_DEPTH = 128;

  /** How many groups an expression may refer to, those that groups refer to counted in. */
  public static final int MAX_GROUPS = 100;

  /**
   * How long the expressions of the groups that one refers to may be together, in characters: each
   * condition is looked at for each trace, however few characters ask for a group.
   */
  public static final int MAX_GROUPS_LENGTH = 20_000;

  /** Matches every trace. */
  public static final Filter EVERYTHING =
      new Filter(Expression.And.EVERYTHING, Expression.And.EVERYTHING);

  private final Expression resolved;
  private final String text;
  private final FilterPlan plan;

  private Filter(Expression expression, Expression resolved) {
    this.resolved = resolved;
    text = ExpressionWriter.write(expression);
    plan = Planner.plan(resolved);
  }

  /** Knows the filter expressions of groups. */
  public interface Groups {
    /** No group at all. */
    Groups NONE =
        new Groups() {
          @Override
          public @Nullable String ofNameOrNull(String name) {
            return null;
          }

          @Override
          public @Nullable String ofArnOrNull(String arn) {
            return null;
          }
        };

    /** Returns the filter expression of the group with that name, or null if there is none. */
    @Nullable String ofNameOrNull(String name);

    /** Returns the filter expression of the group with that ARN, or null if there is none. */
    @Nullable String ofArnOrNull(String arn);
  }

  /**
   * Returns the filter that {@code text} spells; an empty one matches every trace. A group that
   * {@code groups} does not know has no traces.
   *
   * @throws FilterException if it is not an expression, if a group's own expression is none, or if
   *     groups refer to each other in a circle, too deep, or too often, or are too long together
   */
  public static Filter parse(String text, Groups groups) {
    Objects.requireNonNull(groups, "groups");
    Expression expression = Parser.parse(text, MAX_LENGTH, MAX_DEPTH);
    return new Filter(expression, new GroupResolver(groups).resolve(expression, text));
  }

  /** Returns the filter in its one canonical spelling. */
  public String text() {
    return text;
  }

  /** Returns whether the filter matches a trace. */
  public boolean matches(Trace trace) {
    return new Evaluator(new TraceView(trace)).matches(resolved);
  }

  /** Returns what a store can look for to find every trace that matches, and maybe others. */
  public FilterPlan plan() {
    return plan;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Filter that && text.equals(that.text) && resolved.equals(that.resolved);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return "Filter[" + text + "]";
  }
}
