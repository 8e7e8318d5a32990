// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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

  @Mixin private AnswerOptions output;

  private final Terminal terminal;

  ServicesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    QueryParameters parameters = range.parameters();
    ApiClient.Answer answer = api.get("/api/services", parameters);
    return output.print(
        answer,
        (object, out) -> {
          List<String> services = object.texts("services");
          for (String service : services) {
            out.println(terminal.clean(service));
          }
          if (services.isEmpty()) {
            spec.commandLine().getErr().println("no services; --since looks further back");
            spec.commandLine().getErr().flush();
          }
        });
  }
}
