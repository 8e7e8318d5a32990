// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.store.ValueTest;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Writes a tree in its one canonical spelling, which parses to an equal tree. */
final class ExpressionWriter {
  private static final int MAX_PLAIN_SCALE = 18;
  private static final Pattern PLAIN_KEY = Pattern.compile("[A-Za-z0-9_]+");

  private final StringBuilder out = new StringBuilder();

  private ExpressionWriter() {}

  static String write(Expression expression) {
    ExpressionWriter writer = new ExpressionWriter();
    writer.append(expression);
    return writer.out.toString();
  }

  static String write(Operand operand) {
    ExpressionWriter writer = new ExpressionWriter();
    writer.append(operand);
    return writer.out.toString();
  }

  private void append(Expression expression) {
    switch (expression) {
      case Expression.And(List<Expression> parts) -> joined(parts, " AND ");
      case Expression.Or(List<Expression> parts) -> joined(parts, " OR ");
      case Expression.Not(Expression part) -> {
        out.append('!');
        part(part, part instanceof Expression.And || part instanceof Expression.Or);
      }
      case Expression.Flag(Keyword keyword, boolean wanted) ->
          out.append(keyword.text()).append(wanted ? "" : " = false");
      case Expression.Test(Operand operand, ValueTest test) -> {
        append(operand);
        out.append(' ');
        append(test);
      }
      case Expression.Truth(Operand operand) -> append(operand);
      case Expression.Service(NodeSelector node, Expression inner) -> {
        out.append("service(");
        append(node);
        out.append(')');
        braces(inner);
      }
      case Expression.Edge(NodeSelector caller, NodeSelector callee, Expression inner) -> {
        out.append("edge(");
        if (!caller.equals(NodeSelector.ANY) || !callee.equals(NodeSelector.ANY)) {
          append(caller);
          out.append(", ");
          append(callee);
        }
        out.append(')');
        braces(inner);
      }
      case Expression.Cause cause -> {
        out.append("rootcause.").append(cause.kind().text());
        out.append('.').append(cause.level().text());
        braces(cause.inner());
      }
      case Expression.CauseJson(Json.Array causes) -> {
        out.append("rootcause.json = #");
        causes.append(out);
      }
      case Expression.Group group -> {
        out.append(group.key().text()).append(" = ");
        quote(group.value());
      }
    }
  }

  private void joined(List<Expression> parts, String separator) {
    for (int i = 0; i < parts.size(); i++) {
      out.append(i == 0 ? "" : separator);
      part(parts.get(i), parts.get(i) instanceof Expression.Or);
    }
  }

  private void part(Expression expression, boolean parentheses) {
    out.append(parentheses ? "(" : "");
    append(expression);
    out.append(parentheses ? ")" : "");
  }

  private void braces(Expression inner) {
    if (!inner.equals(Expression.And.EVERYTHING)) {
      out.append(" { ");
      append(inner);
      out.append(" }");
    }
  }

  private void append(Operand operand) {
    switch (operand) {
      case Keyword keyword -> out.append(keyword.text());
      case Operand.Annotation(String key) -> {
        if (PLAIN_KEY.matcher(key).matches()) {
          out.append("annotation.").append(key);
        } else {
          key("annotation", key);
        }
      }
      case Operand.Attribute(String key) -> key("attribute", key);
    }
  }

  private void key(String word, String key) {
    out.append(word).append('[');
    quote(key);
    out.append(']');
  }

  private void append(ValueTest test) {
    switch (test) {
      case ValueTest.Present() -> out.append("EXISTS");
      case ValueTest.Text(ValueTest.TextOperator operator, String wanted) -> {
        out.append(
            switch (operator) {
              case EQUAL -> "= ";
              case NOT_EQUAL -> "!= ";
              case CONTAINS -> "CONTAINS ";
              case BEGINS_WITH -> "BEGINSWITH ";
              case ENDS_WITH -> "ENDSWITH ";
            });
        quote(wanted);
      }
      case ValueTest.Numeric numeric -> {
        BigDecimal wanted = numeric.wanted();
        boolean small = Math.abs(wanted.scale()) <= MAX_PLAIN_SCALE;
        out.append(numeric.comparison().sign()).append(' ');
        out.append(small ? wanted.toPlainString() : wanted.toString());
      }
      case ValueTest.Flag(boolean wanted) -> out.append("= ").append(wanted);
    }
  }

  private void append(NodeSelector node) {
    if (node.name() != null && node.type() == null && node.accountId() == null) {
      quote(node.name());
      return;
    }
    List<String> members = new ArrayList<>();
    if (node.name() != null) {
      members.add("name: " + quoted(node.name()));
    }
    if (node.type() != null) {
      members.add("type: " + quoted(node.type()));
    }
    if (node.accountId() != null) {
      members.add("account.id: " + quoted(node.accountId()));
    }
    if (!members.isEmpty()) {
      out.append("id(").append(String.join(", ", members)).append(')');
    }
  }

  private void quote(String text) {
    out.append(quoted(text));
  }

  static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
