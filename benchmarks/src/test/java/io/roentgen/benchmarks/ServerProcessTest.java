// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ServerProcessTest {
  @Test
  void flags_ofServer_areTheLaunchers() throws IOException {
    String launcher = Files.readString(Path.of("..", "roentgen"));

    assertThat(launcher).contains("up) flags=\"" + String.join(" ", ServerProcess.UP_FLAGS) + " ");
    assertThat(launcher).contains(ServerProcess.COMMON_FLAGS);
  }
}
