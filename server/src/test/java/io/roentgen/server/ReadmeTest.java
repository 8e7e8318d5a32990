// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReadmeTest {
  @Test
  void settings_areAllInTheReadme() throws IOException {
    assertThat(
            Files.readAllLines(Path.of("README.md")).stream()
                .filter(line -> line.matches("\\| `(server|ingest|store)\\..*")))
        .containsExactlyElementsOf(
            Stream.of(Setting.values())
                .map(
                    setting ->
                        "| `"
                            + setting.key()
                            + "` | "
                            + (setting.defaultText().isEmpty()
                                ? "none"
                                : "`" + setting.defaultText() + "`")
                            + " | "
                            + setting.meaning()
                            + " |")
                .toList());
  }
}
