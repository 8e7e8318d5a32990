// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import java.util.ArrayList;
import java.util.List;

/** Puts the expressions of groups in the places where they are referred to. Used once. */
final class GroupResolver {
  /** Each parenthesis may hold an OR of ANDs. */
  private static final int MAX_TREE_DEPTH = 2 * Filter.MAX_DEPTH + 2;

  private final Filter.Groups groups;
  private final List<Expression.Group> open = new ArrayList<>();
  private int count;
  private int length;
  private int depth;

  GroupResolver(Filter.Groups groups) {
    this.groups = groups;
  }

  /**
   * Returns {@code expression} without references.
   *
   * @param text what it was parsed from
   */
  Expression resolve(Expression expression, String text) {
    depth++;
    if (depth > MAX_TREE_DEPTH) {
      throw new FilterException(
          text,
          0,
          "too many levels with those of groups",
          "!, ( and { nested at most " + Filter.MAX_DEPTH + " deep",
          null);
    }
    Expression resolved =
        switch (expression) {
          case Expression.And(List<Expression> parts) -> Expression.and(resolve(parts, text));
          case Expression.Or(List<Expression> parts) -> Expression.or(resolve(parts, text));
          case Expression.Not(Expression part) -> new Expression.Not(resolve(part, text));
          case Expression.Group group -> resolve(group, text);
          case Expression.Flag _,
              Expression.Test _,
              Expression.Truth _,
              Expression.Service _,
              Expression.Edge _,
              Expression.Cause _,
              Expression.CauseJson _ ->
              expression;
        };
    depth--;
    return resolved;
  }

  private List<Expression> resolve(List<Expression> parts, String text) {
    List<Expression> resolved = new ArrayList<>();
    for (Expression part : parts) {
      resolved.add(resolve(part, text));
    }
    return resolved;
  }

  private Expression resolve(Expression.Group group, String text) {
    String name = group.key().text() + " \"" + Scanner.shown(group.value()) + "\"";
    if (open.contains(group)) {
      throw new FilterException(
          text, 0, name + " within itself", "groups that do not refer to each other", null);
    }
    count++;
    if (count > Filter.MAX_GROUPS) {
      throw new FilterException(
          text,
          0,
          "more than " + Filter.MAX_GROUPS + " groups",
          "at most so many, those that groups refer to counted in",
          null);
    }
    String expression =
        switch (group.key()) {
          case NAME -> groups.ofNameOrNull(group.value());
          case ARN -> groups.ofArnOrNull(group.value());
        };
    if (expression == null) {
      return Expression.Or.NOTHING;
    }
    length += expression.length();
    if (length > Filter.MAX_GROUPS_LENGTH) {
      throw new FilterException(
          text,
          0,
          "groups of more than " + Filter.MAX_GROUPS_LENGTH + " characters together",
          "at most so many, each group counted as often as it is referred to",
          null);
    }
    open.add(group);
    Expression resolved =
        resolve(Parser.parse(expression, Filter.MAX_LENGTH, Filter.MAX_DEPTH), expression);
    open.removeLast();
    return resolved;
  }
}
