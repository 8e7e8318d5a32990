// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void version_printsNameAndVersion() {
    assertThat(run("version")).isZero();
    assertThat(out.toString()).matches("roentgen \\d+\\.\\d+\\.\\d+\\R");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void help_listsSubcommands() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).contains("Usage: roentgen", "version");
  }

  @Test
  void noSubcommand_printsUsageAndFails() {
    assertThat(run()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("Usage: roentgen");
    assertThat(out.toString()).isEmpty();
  }

  private int run(String... args) {
    return Main.commandLine(new Terminal(100, false, true, ZoneOffset.UTC))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }
}
