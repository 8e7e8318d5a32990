// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import java.io.PrintWriter;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code roentgen traces}. */
@Command(
    name = "traces",
    description = "List traces, newest first.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {
      "",
      "A trace is listed if one of its spans is like all of the options at once, and the filter"
          + " expression is true of it.",
      "",
      "Examples:",
      "  roentgen traces",
      "  roentgen traces --since 24h --service checkout --status fault",
      "  roentgen traces --min-duration 1.5s --attribute http.request.method=POST",
      "  roentgen traces --filter 'service(\"checkout\") { fault } AND responsetime > 1'",
      "  roentgen traces --json --limit 1000 | jq -r '.traces[].xrayTraceId'"
    })
final class TracesCommand implements Callable<Integer> {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  @Spec private CommandSpec spec;
  @Mixin private ApiClient api;
  @Mixin private RangeOptions range;

  @Option(names = "--service", paramLabel = "NAME", description = "Exact service name.")
  private @Nullable String service;

  @Option(names = "--operation", paramLabel = "NAME", description = "Exact span name.")
  private @Nullable String operation;

  @Option(
      names = "--min-duration",
      paramLabel = "DURATION",
      description = "Took at least this long, such as 10ms or 1.5s.")
  private @Nullable String minDuration;

  @Option(
      names = "--max-duration",
      paramLabel = "DURATION",
      description = "Took at most this long.")
  private @Nullable String maxDuration;

  @Option(
      names = "--status",
      paramLabel = "STATUS",
      description = "One of ok, error, fault, throttle.")
  private @Nullable String status;

  @Option(
      names = {"-a", "--attribute"},
      paramLabel = "KEY=VALUE",
      description = "Attribute or annotation of the span or its resource. May be repeated.")
  private List<String> attributes = new ArrayList<>();

  @Option(
      names = {"-f", "--filter"},
      paramLabel = "EXPRESSION",
      description = "Filter expression as the X-Ray API takes it.")
  private @Nullable String filter;

  @Option(
      names = "--time-field",
      paramLabel = "FIELD",
      description = "What must lie in the range: start (default), traceId, active or segmentEnd.")
  private @Nullable String timeField;

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "COUNT",
      description = "How many at the most, 1 to 1000. Default: 20.")
  private @Nullable String limit;

  @Option(
      names = "--cursor",
      paramLabel = "CURSOR",
      description = "Where to go on, as the page before said.")
  private @Nullable String cursor;

  @Mixin private AnswerOptions output;

  private final Terminal terminal;

  TracesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    QueryParameters parameters = range.parameters();
    parameters.add("service", service);
    parameters.add("operation", operation);
    parameters.add("minDuration", minDuration);
    parameters.add("maxDuration", maxDuration);
    parameters.add("status", status);
    for (String attribute : attributes) {
      parameters.add("attribute", attribute);
    }
    parameters.add("filter", filter);
    parameters.add("timeField", timeField);
    parameters.add("limit", limit);
    parameters.add("cursor", cursor);
    ApiClient.Answer answer = api.get("/api/traces", parameters);
    return output.print(answer, this::print);
  }

  private void print(JsonObject page, PrintWriter out) {
    List<JsonObject> traces = page.objects("traces");
    String next = page.textOrNull("nextCursor");
    if (traces.isEmpty() && next == null) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(
          "no traces from "
              + time(page.number("startEpochNanos"))
              + " to "
              + time(page.number("endEpochNanos"))
              + "; --since looks further back");
      err.flush();
      return;
    }
    Table table = new Table(terminal, "STARTED", "TRACE ID", "DURATION", "SPANS", "STATUS", "ROOT");
    table.alignRight(2, 3);
    for (JsonObject trace : traces) {
      Status worst = Status.of(trace);
      JsonObject root = trace.object("root");
      String service = root.text("service");
      String name = root.text("name");
      table.add(
          time(trace.number("startEpochNanos")),
          trace.text("xrayTraceId"),
          DurationFormat.format(trace.number("durationNanos")),
          trace.text("spanCount"),
          worst.word() + (trace.flag("inProgress") ? "*" : ""),
          service.isEmpty() || service.equals(name) ? name : service + ' ' + name);
    }
    if (!traces.isEmpty()) {
      table.print(out);
    }
    if (traces.stream().anyMatch(trace -> trace.flag("inProgress"))) {
      out.println();
      out.println("* in progress");
    }
    if (next != null) {
      out.println();
      out.println("more: --cursor " + next);
    }
  }

  private String time(long epochNanos) {
    return DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
        .withZone(terminal.zone())
        .format(Instant.ofEpochSecond(Math.floorDiv(epochNanos, NANOS_PER_SECOND)));
  }
}
