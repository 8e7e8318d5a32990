// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Time series of a group that the server keeps in its data folder. */
class ITGroupSums {
  @TempDir private Path folder;
  private final HttpClient client = HttpClient.newHttpClient();

  private RoentgenServer start() {
    return RoentgenServer.start(
        TestServer.onFreePorts(new ServerSettings())
            .set(Setting.STORE_PATH, folder.toString(), "test")
            .toConfig());
  }

  private String post(RoentgenServer server, String path, String body)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + server.address(ListenerName.HTTP).getPort() + path);
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private static String segment(long epochSeconds, int id, boolean fault) {
    return "{\\\"trace_id\\\":\\\"1-%08x-%024x\\\",\\\"id\\\":\\\"%016x\\\",\\\"name\\\":\\\"shop\\\",\\\"start_time\\\":%d,\\\"end_time\\\":%d,\\\"fault\\\":%b}"
        .formatted(epochSeconds, id, id, epochSeconds, epochSeconds + 1, fault);
  }

  private void put(RoentgenServer server, long epochSeconds, int id, boolean fault)
      throws IOException, InterruptedException {
    post(
        server,
        "/TraceSegments",
        "{\"TraceSegmentDocuments\":[\"" + segment(epochSeconds, id, fault) + "\"]}");
  }

  @Test
  void timeSeries_ofGroup_areKeptOverRestartAndHaveWhatComesLate() throws Exception {
    long minute = Clock.systemUTC().instant().getEpochSecond() / 60 * 60;
    String question =
        "{\"GroupName\":\"bad\",\"StartTime\":%d,\"EndTime\":%d}"
            .formatted(minute - 3_600, minute + 120);
    String one;
    try (RoentgenServer server = start()) {
      put(server, minute - 1_800, 1, true);
      put(server, minute - 1_800, 2, false);
      post(server, "/CreateGroup", "{\"GroupName\":\"bad\",\"FilterExpression\":\"fault\"}");
      one = post(server, "/TimeSeriesServiceStatistics", question);
      assertThat(one).contains("\"FaultStatistics\":{\"OtherCount\":1,\"TotalCount\":1}");
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                try (Stream<Path> files = Files.walk(folder)) {
                  return files.filter(file -> file.toString().endsWith(".sums")).count();
                }
              },
              count -> count >= 1);
      assertThat(post(server, "/TimeSeriesServiceStatistics", question)).isEqualTo(one);
    }
    try (RoentgenServer server = start()) {
      assertThat(post(server, "/TimeSeriesServiceStatistics", question)).isEqualTo(one);
      put(server, minute - 1_800, 3, true);
      assertThat(post(server, "/TimeSeriesServiceStatistics", question))
          .contains("\"FaultStatistics\":{\"OtherCount\":2,\"TotalCount\":2}");
    }
  }
}
