// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http|Missing required parameter: 'URL'",
        "http nowhere|URL: nowhere (expected: http://host:port/path)",
        "http ftp://127.0.0.1/|URL: ftp://127.0.0.1/ (expected: http://host:port/path)",
        "http http://192.0.2.1/|host: 192.0.2.1 is 192.0.2.1 (expected: this machine's loopback);"
            + " load on others needs --allow-remote, and their owner's leave",
        "http http://127.0.0.1:1/ --rate 0|--rate: 0.0 (expected: above 0, at most 100000 a second)",
        "http http://127.0.0.1:1/ --rate 5 --users 3|--rate and --users (expected: one of them)",
        "http http://127.0.0.1:1/ --seconds 99999|--seconds: 99999 (expected: 1 to 14400)",
        "http http://127.0.0.1:1/ -H broken|header: not usable (expected: 'name: value' in ASCII)",
        "http http://127.0.0.1:1/ --trace b3|--trace: b3 (expected: none, xray or w3c)",
        "http http://127.0.0.1:1/ --max-errors 101|--max-errors: 101.0 (expected: 0 to 100)",
        "grpc 127.0.0.1 a.B/C|target: 127.0.0.1 (expected: host:port)",
        "grpc 127.0.0.1:1 a.B|method: a.B (expected: package.Service/Method)",
        "grpc 127.0.0.1:1 a.B/C|cannot ask the server: UNAVAILABLE",
        "order-mix 192.0.2.1:1|host: 192.0.2.1 is 192.0.2.1",
      })
  void commandLine_wrongUse_saysWhatIsExpected(String line, String message) {
    assertThat(execute(line.split(" "))).isEqualTo(2);
    assertThat(err.toString()).contains("roentgen load: " + message);
    assertThat(err.toString()).containsPattern("try 'roentgen load .*--help'");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void commandLine_withoutCommand_isAnsweredWithTheUsage() {
    assertThat(execute()).isEqualTo(2);
    assertThat(err.toString())
        .contains("http", "grpc", "hey15", "shop2", "order-mix", "fetch-loop", "Exit codes");
  }

  @ParameterizedTest
  @EnumSource
  void help_ofEachProfile_saysWhatItDoes(ProfileCommand.Profile profile) {
    assertThat(execute(profile.command(), "--help")).isZero();
    String first = profile.description().substring(0, 20);
    assertThat(out.toString()).contains(first, "--rate", "--allow-remote");
    assertThat(profile.command()).isEqualTo(profile.command().toLowerCase(Locale.ROOT));
  }

  private int execute(String... arguments) {
    CommandLine command =
        Main.commandLine(
            new RunCommand.Ending() {
              @Override
              public boolean hasTerminal() {
                return false;
              }

              @Override
              public AutoCloseable onEnd(Runnable stop) {
                return () -> {};
              }
            });
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }
}
