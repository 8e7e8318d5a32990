// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import io.roentgen.cli.Terminal.Style;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code roentgen insights}. */
@Command(
    name = "insights",
    description = "List what was unusual, newest first, with traces that show it.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {
      "",
      "Groups are watched that have insights on. To watch everything:",
      "  aws --endpoint-url http://127.0.0.1:8600 xray update-group --group-name Default \\",
      "    --insights-configuration InsightsEnabled=true",
      "",
      "Examples:",
      "  roentgen insights",
      "  roentgen insights --since 24h --state active",
      "  roentgen insights --json | jq -r '.insights[].exampleTraces[].xrayTraceId'"
    })
final class InsightsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ApiClient api;
  @Mixin private RangeOptions range;

  @Option(names = "--group", paramLabel = "NAME", description = "Exact name of the group.")
  private @Nullable String group;

  @Option(names = "--state", paramLabel = "STATE", description = "active or closed.")
  private @Nullable String state;

  @Mixin private AnswerOptions output;

  private final Terminal terminal;

  InsightsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    QueryParameters parameters = range.parameters();
    parameters.add("group", group);
    parameters.add("state", state);
    ApiClient.Answer answer = api.get("/api/insights", parameters);
    return output.print(answer, (object, out) -> print(object.objects("insights"), out));
  }

  private void print(List<JsonObject> insights, PrintWriter out) {
    if (insights.isEmpty()) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("no insights; --since looks further back, --help says how groups are watched");
      err.flush();
      return;
    }
    boolean first = true;
    for (JsonObject insight : insights) {
      if (!first) {
        out.println();
      }
      first = false;
      JsonObject root = insight.object("rootCause");
      String type = root.text("type");
      String until = insight.textOrNull("endEpochNanos");
      out.println(
          terminal.paint(
              Style.BOLD,
              terminal.clean(
                  root.text("name")
                      + (type.isEmpty() ? "" : " (" + type + ")")
                      + ": "
                      + String.join(" and ", insight.texts("categories"))
                      + ", "
                      + insight.text("state"))));
      out.println("  " + terminal.clean(insight.text("summary")));
      out.println(
          "  "
              + time(insight.number("startEpochNanos"))
              + (until == null ? " until now" : " to " + time(Long.parseLong(until)))
              + ", group "
              + terminal.clean(insight.text("group"))
              + ", id "
              + insight.text("id"));
      out.println(
          "  clients: "
              + impact(insight.object("clientImpact"))
              + "; root cause: "
              + impact(insight.object("rootCauseImpact")));
      for (JsonObject example : insight.objects("exampleTraces")) {
        out.println("  " + example.text("category") + " in trace " + example.text("xrayTraceId"));
      }
    }
  }

  private static String impact(JsonObject impact) {
    return impact.text("faultCount") + " of " + impact.text("totalCount") + " requests failed";
  }

  private String time(long epochNanos) {
    return DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT)
        .withZone(terminal.zone())
        .format(Instant.ofEpochSecond(Math.floorDiv(epochNanos, 1_000_000_000L)));
  }
}
