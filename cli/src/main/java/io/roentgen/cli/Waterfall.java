// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import io.roentgen.cli.Terminal.Style;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * Draws a trace: a line for each span with its place in the tree, a bar on the time axis of the
 * trace, its duration and how it went. Times are drawn with clock skew taken out, and the line says
 * by how much.
 */
final class Waterfall {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final int DURATION_WIDTH = 7;
  private static final int MIN_BAR_WIDTH = 16;

  /** Levels drawn as lines; what is deeper is given as a number, or lines would fill the screen. */
  private static final int MAX_LEVELS = 12;

  private final JsonObject trace;
  private final Terminal terminal;

  Waterfall(JsonObject trace, Terminal terminal) {
    this.trace = trace;
    this.terminal = terminal;
  }

  private record Row(
      String guides,
      String service,
      String name,
      JsonObject span,
      Status status,
      List<String> notes) {
    String label() {
      return service.isEmpty() || name.isEmpty() ? service + name : service + ' ' + name;
    }
  }

  void print(PrintWriter out) {
    List<JsonObject> spans = trace.objects("spans");
    List<Row> rows = rows(spans);
    header(spans.size(), out);
    int labelWidth = 0;
    int statusWidth = 0;
    for (Row row : rows) {
      labelWidth = Math.max(labelWidth, length(row.guides + row.label()));
      statusWidth = Math.max(statusWidth, length(status(row)));
    }
    int rest = terminal.columns() - DURATION_WIDTH - 4;
    statusWidth = Math.min(statusWidth, rest / 3);
    labelWidth = Math.min(labelWidth, Math.max(rest - statusWidth - MIN_BAR_WIDTH, 1));
    labelWidth = Math.min(labelWidth, rest / 2);
    int barWidth = rest - statusWidth - labelWidth;
    for (Row row : rows) {
      out.println(line(row, labelWidth, barWidth, statusWidth).stripTrailing());
    }
  }

  private void header(int spanCount, PrintWriter out) {
    long start = trace.number("startEpochNanos");
    String time =
        DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS XXX", Locale.ROOT)
            .withZone(terminal.zone())
            .format(
                Instant.ofEpochSecond(
                    Math.floorDiv(start, NANOS_PER_SECOND),
                    Math.floorMod(start, NANOS_PER_SECOND)));
    Status status = Status.of(trace);
    int services = trace.texts("services").size();
    out.println("trace " + terminal.paint(Style.BOLD, trace.text("xrayTraceId")));
    out.println(
        time
            + "  "
            + DurationFormat.format(trace.number("durationNanos"))
            + "  "
            + count(spanCount, "span")
            + "  "
            + count(services, "service")
            + "  "
            + terminal.paint(status.style(), status.word())
            + (trace.flag("inProgress") ? "  in progress" : ""));
    out.println();
  }

  private static String count(int count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  private List<Row> rows(List<JsonObject> spans) {
    List<Row> rows = new ArrayList<>(spans.size());
    int[] remaining = new int[spans.size()];
    BitSet more = new BitSet(); // by depth: whether the span drawn there has siblings below
    for (int i = 0; i < spans.size(); i++) {
      JsonObject span = spans.get(i);
      remaining[i] = (int) span.number("childCount");
      int depth = (int) span.number("depth");
      String above = "";
      if (span.has("parentIndex")) {
        int parent = (int) span.number("parentIndex");
        more.set(depth, --remaining[parent] > 0);
        above = spans.get(parent).text("service");
      }
      String service = terminal.clean(span.text("service"));
      String name = terminal.clean(span.text("name"));
      boolean shown = depth == 0 || !span.text("service").equals(above) || span.flag("segment");
      rows.add(
          new Row(
              guides(depth, more),
              shown ? service : "",
              shown && name.equals(service) ? "" : name,
              span,
              Status.of(span),
              notes(span)));
    }
    return rows;
  }

  private String guides(int depth, BitSet more) {
    if (depth == 0) {
      return "";
    }
    StringBuilder guides = new StringBuilder();
    int shown = Math.min(depth, MAX_LEVELS);
    for (int level = 1; level < shown; level++) {
      guides.append(more.get(level) ? (terminal.unicode() ? "│ " : "| ") : "  ");
    }
    if (depth > MAX_LEVELS) {
      return guides.append('+').append(depth - MAX_LEVELS).append(' ').toString();
    }
    if (more.get(depth)) {
      return guides.append(terminal.unicode() ? "├ " : "|-").toString();
    }
    return guides.append(terminal.unicode() ? "└ " : "`-").toString();
  }

  private static List<String> notes(JsonObject span) {
    List<String> notes = new ArrayList<>();
    if (span.flag("inProgress")) {
      notes.add("in progress");
    }
    long skew = span.number("clockSkewNanos");
    if (skew != 0) {
      notes.add("skew " + (skew < 0 ? "-" : "+") + DurationFormat.format(Math.abs(skew)));
    }
    String placement = span.text("placement");
    if (placement.equals("orphan") || placement.equals("cycle")) {
      notes.add(placement);
    }
    return notes;
  }

  private static String status(Row row) {
    return row.notes.isEmpty()
        ? row.status.word()
        : row.status.word() + ", " + String.join(", ", row.notes);
  }

  private String line(Row row, int labelWidth, int barWidth, int statusWidth) {
    String label = terminal.fit(row.guides + row.label(), labelWidth);
    int serviceStart = Math.min(row.guides.length(), label.length());
    int serviceEnd = Math.min(serviceStart + row.service.length(), label.length());
    String duration =
        row.span.has("durationNanos")
            ? DurationFormat.format(row.span.number("durationNanos"))
            : "";
    String status = terminal.fit(status(row), statusWidth);
    int wordEnd = Math.min(row.status.word().length(), status.length());
    return terminal.paint(Style.DIM, label.substring(0, serviceStart))
        + terminal.paint(Style.BOLD, label.substring(serviceStart, serviceEnd))
        + label.substring(serviceEnd)
        + ' '
        + terminal.paint(
            row.status == Status.OK ? Style.CYAN : row.status.style(), bar(row.span, barWidth))
        + ' '
        + " ".repeat(Math.max(0, DURATION_WIDTH - duration.length()))
        + duration
        + "  "
        + terminal.paint(row.status.style(), status.substring(0, wordEnd))
        + status.substring(wordEnd);
  }

  private String bar(JsonObject span, int width) {
    long traceStart = trace.number("startEpochNanos");
    double traceDuration = trace.number("durationNanos");
    boolean open = span.flag("inProgress");
    double start = span.number("startEpochNanos") + span.number("clockSkewNanos") - traceStart;
    double end = open ? traceDuration : start + span.number("durationNanos");
    int from = 0;
    int to = width;
    if (traceDuration > 0) {
      from = (int) Math.clamp(Math.floor(start / traceDuration * width), 0, width - 1.0);
      to = (int) Math.clamp(Math.round(end / traceDuration * width), from + 1L, width);
    }
    String fill = terminal.unicode() ? (open ? "░" : "█") : (open ? "." : "=");
    return " ".repeat(from) + fill.repeat(to - from) + " ".repeat(width - to);
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
