// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import io.roentgen.cli.Terminal.Style;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Lines in columns as wide as their widest value; the last is cut at the end of the terminal's
 * line.
 */
final class Table {
  private static final String GAP = "  ";
  private static final int MIN_LAST_WIDTH = 10;

  private final Terminal terminal;
  private final String[] titles;
  private final List<String[]> rows = new ArrayList<>();
  private final BitSet right = new BitSet();

  Table(Terminal terminal, String... titles) {
    this.terminal = terminal;
    this.titles = titles.clone();
  }

  void alignRight(int... columns) {
    for (int column : columns) {
      right.set(column);
    }
  }

  void add(String... values) {
    String[] row = new String[titles.length];
    for (int i = 0; i < row.length; i++) {
      row[i] = terminal.clean(values[i]);
    }
    rows.add(row);
  }

  void print(PrintWriter out) {
    int[] widths = new int[titles.length];
    int used = 0;
    for (int i = 0; i < titles.length; i++) {
      widths[i] = titles[i].length();
      for (String[] row : rows) {
        widths[i] = Math.max(widths[i], row[i].codePointCount(0, row[i].length()));
      }
      used += i == titles.length - 1 ? 0 : widths[i] + GAP.length();
    }
    int last = titles.length - 1;
    widths[last] = Math.min(widths[last], Math.max(MIN_LAST_WIDTH, terminal.columns() - used));
    out.println(terminal.paint(Style.BOLD, line(titles, widths)));
    for (String[] row : rows) {
      out.println(line(row, widths));
    }
  }

  private String line(String[] row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.length; i++) {
      line.append(i == 0 ? "" : GAP);
      if (right.get(i)) {
        line.append(" ".repeat(widths[i] - row[i].codePointCount(0, row[i].length())));
        line.append(row[i]);
      } else {
        line.append(terminal.fit(row[i], widths[i]));
      }
    }
    return line.toString().stripTrailing();
  }
}
