// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Marks made, listed and deleted over the JSON API. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ITMarks {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TestServer server;

  @BeforeAll
  void start() {
    server = new TestServer();
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private HttpResponse<String> send(String method, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.uri(ListenerName.HTTP, path))
            .method(method, BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return server.client.send(request.build(), BodyHandlers.ofString());
  }

  private JsonNode ok(String method, String path, String body) throws Exception {
    HttpResponse<String> answer = send(method, path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private List<String> titles(String query) throws Exception {
    JsonNode page = ok("GET", "/api/marks?" + query, "");
    valid(page, "Marks");
    List<String> titles = new ArrayList<>();
    page.get("marks").forEach(mark -> titles.add(mark.get("title").asText()));
    return titles;
  }

  /** Holds an answer against the description that the server gives of itself. */
  private void valid(JsonNode answer, String schema) throws Exception {
    JsonNode description = new YAMLMapper().readTree(server.get("/api/openapi.yaml").body());
    JsonSchema whole =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(
                JSON.createObjectNode()
                    .put("$ref", "#/components/schemas/" + schema)
                    .set("components", description.get("components")));
    assertThat(whole.validate(answer)).isEmpty();
  }

  @Test
  void mark_withAll_isAnsweredAndListedUntilItIsDeleted() throws Exception {
    JsonNode made =
        ok(
            "POST",
            "/api/marks",
            "{\"time\":\"2026-01-31T12:00:00Z\",\"end\":\"2026-01-31T12:00:30.5Z\",\"title\":\"slow\","
                + "\"text\":\"50 to 500 ms\",\"service\":\"cart\",\"tags\":[\"chaos\",\"latency\",\"chaos\"]}");

    valid(made, "Mark");
    String id = made.get("id").asText();
    assertThat(made)
        .isEqualTo(
            JSON.readTree(
                "{\"id\":\""
                    + id
                    + "\",\"startEpochNanos\":\"1769860800000000000\",\"endEpochNanos\":\"1769860830500000000\","
                    + "\"title\":\"slow\",\"text\":\"50 to 500 ms\",\"service\":\"cart\",\"tags\":[\"chaos\",\"latency\"]}"));
    String range = "start=2026-01-31T12:00:10Z&end=2026-01-31T12:00:20Z";
    assertThat(titles(range)).containsExactly("slow");
    assertThat(titles(range + "&tag=chaos&tag=latency")).containsExactly("slow");
    assertThat(titles(range + "&tag=chaos&tag=kill")).isEmpty();
    assertThat(ok("DELETE", "/api/marks/" + id, "")).isEqualTo(made);
    assertThat(titles(range)).isEmpty();
    assertThat(send("DELETE", "/api/marks/" + id, "").statusCode()).isEqualTo(404);
  }

  @Test
  void mark_titleOnly_isNow_andListedWithoutARange() throws Exception {
    JsonNode made = ok("POST", "/api/marks", "{\"title\":\"deployed 1.2 \u00e4\"}");

    valid(made, "Mark");
    assertThat(made.has("endEpochNanos")).isFalse();
    assertThat(titles("")).contains("deployed 1.2 \u00e4");
  }

  @ParameterizedTest
  @CsvSource({
    "1769860800, 1769860800000000000",
    "1769860800.25, 1769860800250000000",
    "1769860800123, 1769860800123000000",
    "'\"1769860800123\"', 1769860800123000000",
    "1769860800123456789, 1769860800123456789"
  })
  void mark_time_isTakenInEachSpelling(String time, String nanos) throws Exception {
    JsonNode made = ok("POST", "/api/marks", "{\"title\":\"t\",\"time\":" + time + "}");

    assertThat(made.get("startEpochNanos").asText()).isEqualTo(nanos);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "POST | /api/marks | {} | 400 | title | title: missing (expected: a string of 1 to 200 characters)",
        "POST | /api/marks | {\"title\":\"\"} | 400 | title | title: empty (expected: 1 to 200 characters)",
        "POST | /api/marks | {\"title\":1} | 400 | title | title: 1 (expected: a string)",
        "POST | /api/marks | {\"title\":\"a\",\"when\":1} | 400 | when | when: unknown (expected: one of end, service, tags, text, time, title)",
        "POST | /api/marks | {\"title\":\"a\",\"time\":\"noon\"} | 400 | time | time: 'noon' (expected: RFC 3339",
        "POST | /api/marks | {\"title\":\"a\",\"time\":1e999} | 400 | time | time: '1E+999' (expected: RFC 3339",
        "POST | /api/marks | {\"title\":\"a\",\"time\":-1} | 400 | time | time: '-1' (expected: RFC 3339",
        "POST | /api/marks | {\"title\":\"a\",\"time\":true} | 400 | time | time: true (expected: a string or a number)",
        "POST | /api/marks | {\"title\":\"a\",\"time\":5,\"end\":5} | 400 | end | end: '5' (expected: after time)",
        "POST | /api/marks | {\"title\":\"a\",\"end\":\"-1m\"} | 400 | end | end: '-1m' (expected: after time, which is now unless given)",
        "POST | /api/marks | {\"title\":\"a\",\"tags\":\"chaos\"} | 400 | tags | tags: \"chaos\" (expected: a list of strings)",
        "POST | /api/marks | {\"title\":\"a\",\"tags\":[\"\"]} | 400 | tags | tags: \"\" (expected: strings of 1 to 64 characters)",
        "POST | /api/marks | {\"title\":\"\\ud800\"} | 400 | title | title: ",
        "POST | /api/marks | [] | 400 | `` | body: ARRAY (expected: a JSON object)",
        "POST | /api/marks | `` | 400 | `` | body: ",
        "POST | /api/marks | {\"title\": | 400 | `` | body: Unexpected end-of-input",
        "POST | /api/marks?tag=a | {\"title\":\"a\"} | 400 | tag | unknown parameter 'tag' (expected: none)",
        "GET | /api/marks?tags=a | `` | 400 | tags | unknown parameter 'tags' (did you mean tag?)",
        "GET | /api/marks?start=5&end=4 | `` | 400 | end | end: '4' (expected: after start)",
        "PUT | /api/marks | `` | 405 | `` | method: PUT (expected: GET or POST)",
        "DELETE | /api/marks/nope | `` | 404 | id | id: 'nope' (expected: the id of a mark that is there)",
        "DELETE | /api/marks/nope | {} | 400 | body | body: '{}' (expected: none)"
      })
  void refused_saysWhatAndWhere_andMakesNone(
      String method, String path, String body, int status, String parameter, String message)
      throws Exception {
    List<String> before = titles("start=1&end=2100-01-01T00:00:00Z");

    HttpResponse<String> answer = send(method, path, body);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    valid(JSON.readTree(answer.body()), "Error");
    JsonNode error = JSON.readTree(answer.body()).get("error");
    assertThat(error.get("message").asText()).startsWith(message);
    assertThat(error.path("parameter").asText()).isEqualTo(parameter);
    assertThat(titles("start=1&end=2100-01-01T00:00:00Z")).isEqualTo(before);
  }

  @Test
  void tooLong_isRefused() throws Exception {
    assertThat(send("POST", "/api/marks", "{\"title\":\"" + "a".repeat(201) + "\"}").body())
        .contains("title: 201 characters (expected: 1 to 200 characters)");
    assertThat(
            send("POST", "/api/marks", "{\"title\":\"a\",\"text\":\"" + "a".repeat(2001) + "\"}")
                .body())
        .contains("text: 2001 characters (expected: at most 2000 characters)");
    assertThat(
            send(
                    "POST",
                    "/api/marks",
                    "{\"title\":\"a\",\"tags\":[" + "\"t\",".repeat(16) + "\"t\"]}")
                .body())
        .contains("tags: 17 values (expected: 0 to 16)");
  }

  @Test
  void mark_fromAPageOfAnotherServer_isRefused() throws Exception {
    HttpResponse<String> answer =
        send("POST", "/api/marks", "{\"title\":\"planted\"}", "Sec-Fetch-Site", "cross-site");

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(titles("")).doesNotContain("planted");
  }
}
