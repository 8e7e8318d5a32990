// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code roentgen map}. */
@Command(
    name = "map",
    description = "Print who calls whom, how often, and how it goes.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {
      "",
      "Examples:",
      "  roentgen map",
      "  roentgen map --since 24h --json",
      "  roentgen map --filter 'annotation.version = \"2\"'"
    })
final class MapCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ApiClient api;
  @Mixin private RangeOptions range;

  @Option(
      names = {"-f", "--filter"},
      paramLabel = "EXPRESSION",
      description = "Only calls of traces of which a filter expression is true.")
  private @Nullable String filter;

  @Mixin private AnswerOptions output;

  private final Terminal terminal;

  MapCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    QueryParameters parameters = range.parameters();
    parameters.add("filter", filter);
    ApiClient.Answer answer = api.get("/api/graph", parameters);
    return output.print(
        answer,
        (object, out) -> {
          ServiceMap map = new ServiceMap(object, terminal);
          if (map.isEmpty()) {
            spec.commandLine().getErr().println("no calls; --since looks further back");
            spec.commandLine().getErr().flush();
          } else {
            map.print(out);
          }
        });
  }
}
