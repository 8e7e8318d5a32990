// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.store.ValueTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The tree of a filter expression. Two texts that mean the same by grammar give equal trees. */
sealed interface Expression {
  /** All of these; an empty list is true. Never has another {@code And} right in it. */
  record And(List<Expression> parts) implements Expression {
    static final And EVERYTHING = new And(List.of());

    public And {
      parts = List.copyOf(parts);
    }
  }

  /**
   * One of these at least, of two or more, or none for false. Never has another {@code Or} right in
   * it.
   */
  record Or(List<Expression> parts) implements Expression {
    static final Or NOTHING = new Or(List.of());

    public Or {
      parts = List.copyOf(parts);
    }
  }

  record Not(Expression part) implements Expression {}

  /** A keyword of kind FLAG has that value. */
  record Flag(Keyword keyword, boolean wanted) implements Expression {}

  /**
   * One of the operand's values is like {@code test}. Times are in seconds, gRPC codes are numbers.
   */
  record Test(Operand operand, ValueTest test) implements Expression {}

  /** A bare annotation or attribute: one of its values is there and is not false. */
  record Truth(Operand operand) implements Expression {}

  /** A node that is like {@code node} was visited, with a visit that is like {@code inner}. */
  record Service(NodeSelector node, Expression inner) implements Expression {}

  /** The one called the other, with a call that is like {@code inner}. */
  record Edge(NodeSelector caller, NodeSelector callee, Expression inner) implements Expression {}

  /** A root cause of that kind has a part of that level which is like {@code inner}. */
  record Cause(CauseKind kind, CauseLevel level, Expression inner) implements Expression {}

  /** For each element of the array there is a root cause that has all of its members. */
  record CauseJson(Json.Array causes) implements Expression {}

  /** The trace is in a group. */
  record Group(GroupKey key, String value) implements Expression {}

  enum CauseKind {
    FAULT,
    ERROR,
    RESPONSETIME;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  enum CauseLevel {
    SERVICE,
    ENTITY,
    EXCEPTION;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  enum GroupKey {
    NAME("group.name"),
    ARN("group.arn");

    private final String text;

    GroupKey(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  static Expression and(List<Expression> parts) {
    List<Expression> flat = new ArrayList<>();
    for (Expression part : parts) {
      if (part instanceof And and) {
        flat.addAll(and.parts());
      } else {
        flat.add(part);
      }
    }
    return flat.size() == 1 ? flat.getFirst() : new And(flat);
  }

  static Expression or(List<Expression> parts) {
    List<Expression> flat = new ArrayList<>();
    for (Expression part : parts) {
      if (part instanceof Or or) {
        flat.addAll(or.parts());
      } else {
        flat.add(part);
      }
    }
    return flat.size() == 1 ? flat.getFirst() : new Or(flat);
  }
}
