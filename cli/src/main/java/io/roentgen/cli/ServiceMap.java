// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Draws who calls whom as a tree, from clients downwards: a line for each call of one service to
 * another, with its numbers as the caller saw them. Below a queue are those who received from it,
 * with their own numbers and the messages' median age. What a service calls is drawn below the
 * first line that leads to it; other lines say that it is above.
 */
final class ServiceMap {
  private static final String[] TITLES = {
    "SERVICE", "TYPE", "CALLS", "FAULT", "ERROR", "THROTTLE", "P50", "P99"
  };
  private static final String AGE = "AGE P50";
  private static final String CLIENT = "client";

  private final Terminal terminal;
  private final Map<Id, JsonObject> nodes = new LinkedHashMap<>();
  private final Map<Id, List<JsonObject>> calls = new LinkedHashMap<>();
  private final Set<Id> called = new HashSet<>();
  private final Set<Id> drawn = new HashSet<>();
  private final boolean hasAges;
  private final Table table;

  private record Id(String name, String type) {
    static Id of(JsonObject object) {
      return new Id(object.text("name"), object.text("type"));
    }
  }

  ServiceMap(JsonObject graph, Terminal terminal) {
    this.terminal = terminal;
    hasAges = graph.objects("edges").stream().anyMatch(edge -> edge.has("ages"));
    table = new Table(terminal, withAge(TITLES, AGE));
    table.alignRight(2, 3, 4, 5, 6, 7);
    if (hasAges) {
      table.alignRight(TITLES.length);
    }
    for (JsonObject node : graph.objects("nodes")) {
      nodes.put(Id.of(node), node);
    }
    for (JsonObject edge : graph.objects("edges")) {
      calls.computeIfAbsent(Id.of(edge.object("caller")), _ -> new ArrayList<>()).add(edge);
      called.add(Id.of(edge.object("callee")));
    }
  }

  /** Returns a row with the column for ages, if there are any in the graph. */
  private String[] withAge(String[] row, String age) {
    if (!hasAges) {
      return row;
    }
    String[] wider = Arrays.copyOf(row, row.length + 1);
    wider[row.length] = age;
    return wider;
  }

  boolean isEmpty() {
    return nodes.isEmpty();
  }

  void print(PrintWriter out) {
    for (Id id : nodes.keySet()) {
      if (id.type().equals(CLIENT)) {
        root(id);
      }
    }
    for (Id id : nodes.keySet()) {
      if (!called.contains(id)) {
        root(id);
      }
    }
    // Services that only call each other in a circle.
    for (Id id : nodes.keySet()) {
      root(id);
    }
    table.print(out);
  }

  private void root(Id id) {
    if (drawn.add(id)) {
      JsonObject node = nodes.get(id);
      row("", id, node == null ? null : node.object("statistics"), "", "");
      children(id, "");
    }
  }

  // Each service is drawn once, so this goes no deeper than there are services.
  private void children(Id caller, String guides) {
    List<JsonObject> edges = calls.getOrDefault(caller, List.of());
    for (int i = 0; i < edges.size(); i++) {
      JsonObject edge = edges.get(i);
      Id callee = Id.of(edge.object("callee"));
      boolean last = i == edges.size() - 1;
      boolean first = drawn.add(callee);
      String branch = terminal.unicode() ? (last ? "└ " : "├ ") : (last ? "`-" : "|-");
      boolean above = !first && !calls.getOrDefault(callee, List.of()).isEmpty();
      String note = above ? " (above)" : "";
      String age =
          edge.has("ages") ? DurationFormat.format(edge.object("ages").number("p50Nanos")) : "";
      row(guides + branch, callee, edge.object("statistics"), note, age);
      if (first) {
        children(callee, guides + (last ? "  " : terminal.unicode() ? "│ " : "| "));
      }
    }
  }

  private void row(String guides, Id id, @Nullable JsonObject statistics, String note, String age) {
    String label = guides + id.name() + note;
    // A client answers nothing, so that it has no numbers.
    if (statistics == null || statistics.number("totalCount") == 0) {
      table.add(withAge(new String[] {label, id.type(), "", "", "", "", "", ""}, ""));
      return;
    }
    long total = statistics.number("totalCount");
    boolean timed = statistics.has("latency");
    String[] row = {
      label,
      id.type(),
      Long.toString(total),
      percent(statistics.number("faultCount"), total),
      percent(statistics.number("errorCount"), total),
      percent(statistics.number("throttleCount"), total),
      timed ? DurationFormat.format(statistics.object("latency").number("p50Nanos")) : "",
      timed ? DurationFormat.format(statistics.object("latency").number("p99Nanos")) : ""
    };
    table.add(withAge(row, age));
  }

  private static String percent(long part, long whole) {
    return part == 0 ? "-" : String.format(Locale.ROOT, "%.1f%%", 100.0 * part / whole);
  }
}
