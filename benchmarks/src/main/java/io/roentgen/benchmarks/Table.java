// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.benchmarks.Row.Bound;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Prints rows as an aligned Markdown table, with the notes below it, or as JSON. */
final class Table {
  private static final List<String> HEAD = List.of("name", "value", "unit", "budget", "met?");

  private Table() {}

  static String markdown(List<Row> rows) {
    Map<String, Integer> notes = new LinkedHashMap<>();
    List<List<String>> lines = new ArrayList<>();
    lines.add(HEAD);
    for (Row row : rows) {
      String mark = "";
      if (!row.note().isEmpty()) {
        Integer number = notes.get(row.note());
        if (number == null) {
          number = notes.size() + 1;
          notes.put(row.note(), number);
        }
        mark = " [" + number + "]";
      }
      lines.add(
          List.of(row.name() + mark, number(row.value()), row.unit(), budget(row), row.met()));
    }
    int[] widths = new int[HEAD.size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      append(text, lines.get(i), widths);
      if (i == 0) {
        appendRule(text, widths);
      }
    }
    if (!notes.isEmpty()) {
      text.append('\n');
      notes.forEach(
          (note, number) -> text.append('[').append(number).append("] ").append(note).append('\n'));
    }
    return text.toString();
  }

  private static void append(StringBuilder text, List<String> line, int[] widths) {
    text.append('|');
    for (int i = 0; i < widths.length; i++) {
      String padding = " ".repeat(widths[i] - line.get(i).length());
      boolean right = i == 1 || i == 3;
      text.append(' ')
          .append(right ? padding : "")
          .append(line.get(i))
          .append(right ? "" : padding)
          .append(" |");
    }
    text.append('\n');
  }

  private static void appendRule(StringBuilder text, int[] widths) {
    text.append('|');
    for (int i = 0; i < widths.length; i++) {
      boolean right = i == 1 || i == 3;
      text.append(' ')
          .append("-".repeat(right ? widths[i] - 1 : widths[i]))
          .append(right ? ":" : "")
          .append(" |");
    }
    text.append('\n');
  }

  private static String budget(Row row) {
    Row.Budget budget = row.budget();
    if (budget == null) {
      return "-";
    }
    return (budget.bound() == Bound.AT_LEAST ? ">= " : "<= ") + number(budget.limit());
  }

  /** Returns a number with three digits, or all of those before the point. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "-";
    }
    double size = Math.abs(value);
    if (size >= 99.95 || value == Math.rint(value)) {
      return String.format(Locale.ROOT, "%,d", Math.round(value));
    }
    int digits = size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /** Returns the rows as an array of objects. */
  static String json(List<Row> rows) {
    StringBuilder text = new StringBuilder("[");
    for (Row row : rows) {
      text.append(text.length() == 1 ? "\n" : ",\n").append("  {\"name\":");
      quote(text, row.name());
      text.append(",\"value\":").append(Double.isNaN(row.value()) ? "null" : row.value());
      text.append(",\"unit\":");
      quote(text, row.unit());
      Row.Budget budget = row.budget();
      if (budget != null) {
        text.append(budget.bound() == Bound.AT_LEAST ? ",\"atLeast\":" : ",\"atMost\":");
        text.append(budget.limit()).append(",\"met\":").append(budget.isMet(row.value()));
      }
      if (!row.note().isEmpty()) {
        text.append(",\"note\":");
        quote(text, row.note());
      }
      text.append('}');
    }
    return text.append("\n]\n").toString();
  }

  private static void quote(StringBuilder text, String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ') {
        text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }
}
