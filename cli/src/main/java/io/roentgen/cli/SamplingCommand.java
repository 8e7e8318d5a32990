// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code roentgen sampling}. */
@Command(
    name = "sampling",
    description = "Show sampling rules, and what others would have kept.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  roentgen sampling rules",
      "  roentgen sampling simulate --rules sampling-rules.json"
    })
final class SamplingCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  /** Called when no subcommand is named: that is a wrong use, answered with the usage. */
  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ExitCode.USAGE;
  }

  /** {@code roentgen sampling rules}. */
  @Command(
      name = "rules",
      description = "List the sampling rules in force, the first to be tried first.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class,
      footer = {
        "",
        "They are made and changed over the X-Ray API (CreateSamplingRule and so on), or come from",
        "the file that the server was started with (up --sampling-rules).",
        "",
        "Examples:",
        "  roentgen sampling rules",
        "  roentgen sampling rules --json"
      })
  static final class RulesCommand implements Callable<Integer> {
    @Mixin private ApiClient api;

    @Mixin private AnswerOptions output;

    private final Terminal terminal;

    RulesCommand(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      ApiClient.Answer answer = api.get("/api/sampling/rules", List.of());
      return output.print(
          answer,
          (object, out) -> {
            Table table =
                new Table(terminal, "PRIORITY", "RULE", "RESERVOIR", "RATE", "FROM", "REQUESTS");
            table.alignRight(0, 2, 3);
            for (JsonObject rule : object.objects("rules")) {
              table.add(
                  rule.text("priority"),
                  rule.text("name"),
                  rule.text("reservoirSize") + "/s",
                  percent(rule.text("fixedRate")),
                  rule.text("source").equals("builtIn") ? "built in" : rule.text("source"),
                  requests(rule));
            }
            table.print(out);
          });
    }
  }

  /** {@code roentgen sampling simulate}. */
  @Command(
      name = "simulate",
      description = "Work out how many of the stored traces sampling rules would have kept.",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class,
      footer = {
        "",
        "FILE is a local rule file of the X-Ray SDKs, version 1 or 2, or what",
        "'aws xray get-sampling-rules' prints. A request is taken to be as the trace's root says.",
        "",
        "Where rules are in force already, only what they let in is stored: then the numbers are of",
        "that, not of all requests. They are right where everything was kept.",
        "",
        "Examples:",
        "  roentgen sampling simulate",
        "  roentgen sampling simulate --rules sampling-rules.json --since 24h"
      })
  static final class SimulateCommand implements Callable<Integer> {
    @Mixin private ApiClient api;
    @Mixin private RangeOptions range;

    @Option(
        names = "--rules",
        paramLabel = "FILE",
        description = "The rules. Default: those in force.")
    private @Nullable Path rules;

    @Option(
        names = {"-n", "--limit"},
        paramLabel = "COUNT",
        description = "How many traces to look at, the newest first. Default: 20000.")
    private @Nullable String limit;

    @Mixin private AnswerOptions output;

    private final Terminal terminal;

    SimulateCommand(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      QueryParameters parameters = range.parameters();
      parameters.add("limit", limit);
      ApiClient.Answer answer = api.post("/api/sampling/simulation", parameters, read(rules));
      return output.print(answer, this::print);
    }

    private static String read(@Nullable Path file) {
      if (file == null) {
        return "";
      }
      String text;
      try {
        text = Files.readString(file, StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw CliException.failure("cannot read --rules " + file + ": " + e.getMessage(), e);
      }
      if (text.isBlank()) {
        // To the server, nothing means the rules in force.
        throw CliException.usage("--rules: " + file + " is empty (expected: sampling rules)");
      }
      return text;
    }

    private void print(JsonObject simulated, PrintWriter out) {
      Table table = new Table(terminal, "RULE", "TRACES", "KEPT", "SHARE", "REQUESTS");
      table.alignRight(1, 2, 3);
      for (JsonObject rule : simulated.objects("rules")) {
        table.add(
            rule.text("name"),
            rule.text("matchedCount"),
            kept(rule),
            share(rule),
            requests(rule)
                + ": "
                + rule.text("reservoirSize")
                + "/s, then "
                + percent(rule.text("fixedRate")));
      }
      table.add("all", simulated.text("traceCount"), kept(simulated), share(simulated), "");
      table.print(out);
      out.println();
      out.println(
          "traces that began "
              + time(simulated.number("startEpochNanos"))
              + " to "
              + time(simulated.number("endEpochNanos"))
              + (simulated.flag("limitReached")
                  ? ", the newest " + simulated.text("traceCount") + "; --limit looks at more"
                  : ""));
      long sampled = simulated.number("sampledByRuleCount");
      if (sampled > 0) {
        out.println(
            sampled
                + " of them were let in by a sampling rule: the numbers are of what is stored, not"
                + " of all requests");
      }
    }

    private static String kept(JsonObject counts) {
      return String.format(Locale.ROOT, "%.1f", Double.parseDouble(counts.text("expectedCount")));
    }

    private static String share(JsonObject counts) {
      String share = counts.textOrNull("share");
      return share == null ? "-" : percent(share);
    }

    private String time(long epochNanos) {
      return DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
          .withZone(terminal.zone())
          .format(Instant.ofEpochSecond(Math.floorDiv(epochNanos, 1_000_000_000L)));
    }
  }

  private static String percent(String share) {
    String text = String.format(Locale.ROOT, "%.2f", 100 * Double.parseDouble(share));
    return text.replaceAll("\\.?0+$", "") + "%";
  }

  /** Returns what a rule is about, without what matches anything. */
  private static String requests(JsonObject rule) {
    List<String> parts = new ArrayList<>();
    add(parts, "", rule.text("httpMethod"));
    add(parts, "", rule.text("urlPath"));
    add(parts, "service ", rule.text("serviceName"));
    add(parts, "type ", rule.text("serviceType"));
    add(parts, "host ", rule.text("host"));
    add(parts, "arn ", rule.text("resourceArn"));
    JsonObject attributes = rule.object("attributes");
    for (String key : attributes.names()) {
      parts.add(key + '=' + attributes.text(key));
    }
    return parts.isEmpty() ? "all" : String.join(", ", parts);
  }

  private static void add(List<String> parts, String label, String pattern) {
    if (!pattern.equals("*")) {
      parts.add(label + pattern);
    }
  }
}
