// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Starts servers on empty folders. */
final class StartRun {
  private static final int STARTS = 5;
  private static final double BUDGET_SECONDS = 3;
  private static final double BUDGET_MEBI = 300;

  private StartRun() {}

  static List<Row> run(Workspace workspace) throws IOException, InterruptedException {
    List<Double> seconds = new ArrayList<>();
    List<Double> cpuSeconds = new ArrayList<>();
    double idleMebi = 0;
    for (int i = 0; i < STARTS; i++) {
      Progress.say("cold start " + (i + 1) + " of " + STARTS);
      try (ServerProcess server =
          ServerProcess.start(workspace, Files.createTempDirectory(workspace.folder(), "empty-"))) {
        seconds.add(server.startSeconds());
        cpuSeconds.add(server.usage().cpuSeconds());
        if (i == STARTS - 1) {
          var _ = server.awaitIdle(Duration.ofSeconds(20));
          idleMebi = server.usage().residentMebi();
        }
      }
    }
    Collections.sort(seconds);
    Collections.sort(cpuSeconds);
    return List.of(
        Row.of("cold start to ready, empty store", seconds.get(STARTS / 2), "s")
            .atMost(BUDGET_SECONDS)
            .note("Median of " + STARTS + " starts, the file cache being warm."),
        Row.of("cold start to ready, empty store, CPU", cpuSeconds.get(STARTS / 2), "CPU-s"),
        Row.of("resident memory, idle, empty store", idleMebi, "MiB").atMost(BUDGET_MEBI));
  }
}
