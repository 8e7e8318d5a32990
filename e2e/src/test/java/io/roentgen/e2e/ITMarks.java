// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mark that was answered for is there after the server was killed. */
class ITMarks {
  @TempDir private Path folder;

  @Test
  void mark_serverKilled_isThereAfterTheNextStart() throws Exception {
    Path data = folder.resolve("data");
    JsonNode before;
    try (ServerProcess server = ServerProcess.start(folder, data);
        Api api = new Api(server.http());
        HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> made =
          client.send(
              HttpRequest.newBuilder(server.http().resolve("/api/marks"))
                  .POST(
                      BodyPublishers.ofString(
                          "{\"title\":\"deployed 1.2\",\"service\":\"cart\",\"tags\":[\"deploy\"]}"))
                  .build(),
              BodyHandlers.ofString());
      assertThat(made.statusCode()).as(made.body()).isEqualTo(200);
      before = api.get("/api/marks").get("marks");
      server.kill();
    }
    try (ServerProcess server = ServerProcess.start(folder, data);
        Api api = new Api(server.http())) {
      assertThat(before).hasSize(1);
      assertThat(api.get("/api/marks").get("marks")).isEqualTo(before);
    }
  }
}
