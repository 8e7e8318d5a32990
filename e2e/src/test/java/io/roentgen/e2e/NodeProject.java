// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The Node programs of {@code src/test/node}, with what they depend on. */
final class NodeProject {
  private static final Path SOURCE = Path.of("src/test/node");
  private static final Path FOLDER = Path.of("target/node");
  private static final Duration INSTALL_TIMEOUT = Duration.ofMinutes(5);

  private NodeProject() {}

  /** Copies the project to {@code target} and installs what its lock file names. */
  static void install(Path logs) throws IOException, InterruptedException {
    Files.createDirectories(FOLDER);
    try (var files = Files.list(SOURCE)) {
      for (Path file : files.toList()) {
        Files.copy(file, FOLDER.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    try (ChildProcess npm =
        ChildProcess.command(
            logs,
            FOLDER,
            List.of("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"),
            Map.of())) {
      assertThat(npm.awaitExit(INSTALL_TIMEOUT)).as(npm.output()).isZero();
    }
  }

  /** Starts one of the programs. */
  static ChildProcess start(
      Path logs, String program, List<String> arguments, Map<String, String> environment)
      throws IOException {
    var command = new ArrayList<>(List.of("node", program));
    command.addAll(arguments);
    return ChildProcess.command(logs, FOLDER, command, environment);
  }
}
