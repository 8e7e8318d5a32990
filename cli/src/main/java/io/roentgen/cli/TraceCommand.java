// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code roentgen trace ID}. */
@Command(
    name = "trace",
    description = "Show one trace as a waterfall.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {
      "",
      "A bar is drawn from the start to the end of its span; one in progress is drawn light.",
      "'skew +5ms' says that a service's clock differs and its times were moved by that.",
      "'orphan' says that the span's parent has not arrived.",
      "",
      "Examples:",
      "  roentgen trace 1-5759e988-bd862e3fe1be46a994272793",
      "  roentgen trace --json 5759e988bd862e3fe1be46a994272793 | jq '.spans[].name'"
    })
final class TraceCommand implements Callable<Integer> {
  @Mixin private ApiClient api;

  @Parameters(paramLabel = "ID", description = "Trace id as X-Ray, W3C or B3 spell it.")
  private String id = "";

  @Mixin private AnswerOptions output;

  private final Terminal terminal;

  TraceCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    ApiClient.Answer answer = api.get("/api/traces/" + ApiClient.encode(id), List.of());
    return output.print(answer, (object, out) -> new Waterfall(object, terminal).print(out));
  }
}
