// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import java.io.PrintWriter;
import java.util.function.BiConsumer;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The option that says how an answer is printed. */
final class AnswerOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(names = "--json", description = "Print the server's JSON.")
  private boolean json;

  /** Prints an answer, as it came or else as {@code printer} does; returns the exit code. */
  int print(ApiClient.Answer answer, BiConsumer<JsonObject, PrintWriter> printer) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(answer.json());
    } else {
      printer.accept(answer.object(), out);
    }
    out.flush();
    return ExitCode.OK;
  }
}
