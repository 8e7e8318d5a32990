// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class MainTest {
  @TempDir private Path root;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "all nonsense|part: nonsense (expected: platform, shop, orders, archive or all)",
        "nonsense|part: nonsense (expected: platform, shop, orders, archive or all)",
        "orders --users 1001|--users: 1001 (expected: 1 to 1000)",
        "orders --users -1|--users: -1 (expected: 1 to 1000)",
        "orders --chaos|--chaos: without shop (expected: shop or all, whose services it ends)",
        "orders --console ftp://x|--console: ftp://x (expected: such as http://127.0.0.1:8600)",
        "--nonsense|Unknown option: '--nonsense'",
      })
  void commandLine_wrongUse_saysWhatIsExpected(String line, String message) {
    StringWriter err = new StringWriter();
    CommandLine command = Main.commandLine(root).setErr(new PrintWriter(err, true));
    assertThat(command.execute(line.split(" "))).isEqualTo(2);
    assertThat(err.toString()).startsWith("roentgen demo: " + message);
  }

  @Test
  void spans_ofSeveralTransports_areSummed() {
    String metrics =
        """
        # TYPE ingest_spans counter
        ingest_spans_total{transport="udp"} 12.0
        ingest_spans_total{transport="http"} 1.0E3
        ingest_spans_rejected_total{reason="x"} 7.0
        """;
    assertThat(Roentgen.sum(metrics)).isEqualTo(OptionalLong.of(1012));
    assertThat(Roentgen.sum("")).isEmpty();
  }
}
