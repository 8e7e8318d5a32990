// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code roentgen services}. */
@Command(
    name = "services",
    description = "List the services that sent spans.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {"", "Examples:", "  roentgen services", "  roentgen services --since 24h --json"})
final class ServicesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ApiClient api;
  @Mixin private RangeOptions range;

  @Option(names = "--json", description = "Print the server's JSON.")
  private boolean json;

  private final Terminal terminal;

  ServicesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    List<Map.Entry<String, String>> parameters = new ArrayList<>();
    range.addTo(parameters);
    ApiClient.Answer answer = api.get("/api/services", parameters);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(answer.json());
    } else {
      List<String> services = answer.object().texts("services");
      for (String service : services) {
        out.println(terminal.clean(service));
      }
      if (services.isEmpty()) {
        spec.commandLine().getErr().println("no services; --since looks further back");
        spec.commandLine().getErr().flush();
      }
    }
    out.flush();
    return ExitCode.OK;
  }
}
