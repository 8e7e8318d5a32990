// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The console in Debian's Chromium; pictures of its pages go to target/console-screenshots. With
 * {@code -Dconsole.pictures=docs} those of the story renew docs/images.
 */
class ITConsole {
  private static final Path SCREENSHOTS = Path.of("target/console-screenshots");
  private static final Path DOCS_PICTURES = Path.of("../docs/images");
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final String TOKEN = "0123456789abcdef0123456789abcdef";
  private static final Duration TIMEOUT = Duration.ofMinutes(8);

  @TempDir private Path folder;

  @Test
  void browser_mainPaths_workWithoutErrorsOrBarriers() throws Exception {
    assertThat(CHROMIUM).as("Debian's package chromium").isExecutable();
    NodeProject.install(folder);
    Path token = Files.writeString(folder.resolve("token"), TOKEN + "\n");
    try (ServerProcess server = ServerProcess.start(folder, folder.resolve("data"));
        ServerProcess guarded =
            ServerProcess.start(
                folder, folder.resolve("guarded"), "server.token-file=" + token.toAbsolutePath())) {
      Map<String, String> environment =
          Map.of(
              "CONSOLE_URL", server.http().toString(),
              "OTLP_URL", server.otlpHttp().toString(),
              "XRAY_UDP", Integer.toString(server.xrayUdp().getPort()),
              "GUARDED_URL", guarded.http().toString(),
              "GUARDED_TOKEN", TOKEN,
              "SCREENSHOTS", SCREENSHOTS.toAbsolutePath().toString(),
              "CHROMIUM", CHROMIUM.toString());
      run("console.js", environment);
    }
  }

  @Test
  void browser_serviceMap_worksWithoutErrorsOrBarriers() throws Exception {
    runWithServer("console-map.js");
  }

  @Test
  void browser_traceDetail_worksWithoutErrorsOrBarriers() throws Exception {
    runWithServer("console-trace.js");
  }

  @Test
  void browser_compareAndAnalytics_workWithoutErrorsOrBarriers() throws Exception {
    runWithServer("console-analysis.js");
  }

  @Test
  void browser_search_worksWithoutErrorsOrBarriers() throws Exception {
    runWithServer("console-search.js");
  }

  @Test
  void browser_groupsSamplingAndInsights_workWithoutErrorsOrBarriers() throws Exception {
    runWithServer("console-admin.js");
  }

  @Test
  void browser_firstRun_worksWithoutErrorsOrBarriers() throws Exception {
    runWithServer("console-start.js");
  }

  @Test
  void browser_firstQuarterOfAnHour_answersWithoutDocumentation() throws Exception {
    String pictures = System.getProperty("console.pictures", "target");
    assertThat(pictures).as("console.pictures").isIn("target", "docs");
    runWithServer(
        "console-story.js", pictures.equals("docs") ? DOCS_PICTURES : SCREENSHOTS.resolve("story"));
  }

  private void runWithServer(String script) throws Exception {
    runWithServer(script, SCREENSHOTS);
  }

  private void runWithServer(String script, Path pictures) throws Exception {
    assertThat(CHROMIUM).as("Debian's package chromium").isExecutable();
    NodeProject.install(folder);
    try (ServerProcess server = ServerProcess.start(folder, folder.resolve("data"))) {
      run(
          script,
          Map.of(
              "CONSOLE_URL", server.http().toString(),
              "OTLP_URL", server.otlpHttp().toString(),
              "SCREENSHOTS", pictures.toAbsolutePath().toString(),
              "CHROMIUM", CHROMIUM.toString()));
    }
  }

  private void run(String script, Map<String, String> environment) throws Exception {
    try (ChildProcess browser = NodeProject.start(folder, script, List.of(), environment)) {
      assertThat(browser.awaitExit(TIMEOUT)).as(browser.output()).isZero();
      assertThat(browser.output()).endsWith("all is well\n");
    }
  }
}
