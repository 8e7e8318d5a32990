// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The unmodified AWS CLI and AWS SDK for JavaScript, with only the endpoint changed, against a
 * server that has one trace of two services.
 */
class ITAwsClients {
  private static final Duration EXIT_TIMEOUT = Duration.ofMinutes(1);
  private static final String FILTER =
      "service(\"orders\") { fault } AND annotation.item = \"book\"";

  @TempDir private Path folder;
  private final ObjectMapper json = new ObjectMapper();
  private final long now = Instant.now().getEpochSecond();
  private final String traceId = "1-%08x-a006649127e371903a2de979".formatted(now);
  private ServerProcess server;

  @BeforeEach
  void start() throws Exception {
    server = ServerProcess.start(folder, folder.resolve("data"));
    JsonNode answer =
        aws(
            "put-trace-segments",
            "--trace-segment-documents",
            """
            {"name":"shop","id":"0000000000000001","trace_id":"%s","start_time":%d.0,
             "end_time":%d.5,"annotations":{"item":"book"},"subsegments":[{"name":"orders",
             "id":"0000000000000002","start_time":%d.1,"end_time":%d.4,"namespace":"remote"}]}
            """
                .formatted(traceId, now, now, now, now),
            """
            {"name":"orders","id":"0000000000000003","trace_id":"%s","start_time":%d.2,
             "end_time":%d.3,"parent_id":"0000000000000002","fault":true}
            """
                .formatted(traceId, now, now));
    assertThat(answer.get("UnprocessedTraceSegments")).isEmpty();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void awsCli_readsTracesAndGraph() throws Exception {
    String[] range = {"--start-time", "" + (now - 3600), "--end-time", "" + (now + 60)};
    JsonNode summaries = aws("get-trace-summaries", range, "--filter-expression", FILTER);
    assertThat(summaries.get("TraceSummaries")).hasSize(1);
    assertThat(summaries.at("/TraceSummaries/0/Id").textValue()).isEqualTo(traceId);
    JsonNode none = aws("get-trace-summaries", range, "--filter-expression", "duration > 1");
    assertThat(none.get("TraceSummaries")).isEmpty();
    JsonNode traces = aws("batch-get-traces", "--trace-ids", traceId);
    assertThat(traces.at("/Traces/0/Segments")).hasSize(2);
    JsonNode graph = aws("get-service-graph", range);
    assertThat(graph.get("Services").findValuesAsText("Name"))
        .containsExactlyInAnyOrder("orders", "shop", "shop");
  }

  @Test
  void javaScriptSdk_readsTracesGraphAndState() throws Exception {
    NodeProject.install(folder);
    try (ChildProcess program =
        NodeProject.start(
            folder, "xray-api.js", List.of(server.http().toString(), traceId, FILTER), Map.of())) {
      assertThat(program.awaitExit(EXIT_TIMEOUT)).as(program.output()).isZero();
      // The SDK may print before it that this Node is too old for it.
      String line =
          program.output().lines().filter(each -> each.startsWith("{")).findFirst().orElseThrow();
      JsonNode answers = json.readTree(line);
      assertThat(texts(answers.get("found"))).containsExactly(traceId);
      assertThat(answers.get("refused").textValue())
          .startsWith("InvalidRequestException: FilterExpression: line 1, column 1")
          .contains("did you mean responsetime?");
      assertThat(texts(answers.get("services"))).containsExactly("orders", "shop", "shop");
      assertThat(answers.get("segments").intValue()).isEqualTo(2);
      assertThat(texts(answers.get("groups"))).containsExactly("Default", "from-node");
      assertThat(texts(answers.get("rules"))).containsExactly("Default");
    }
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(each -> texts.add(each.asText()));
    return texts;
  }

  private JsonNode aws(String operation, String[] range, String... more) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(range));
    arguments.addAll(List.of(more));
    return aws(operation, arguments.toArray(String[]::new));
  }

  private JsonNode aws(String operation, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("aws", "--endpoint-url", server.http().toString(), "xray", operation));
    command.addAll(List.of(arguments));
    Map<String, String> environment =
        Map.of(
            "AWS_ACCESS_KEY_ID", "x",
            "AWS_SECRET_ACCESS_KEY", "x",
            "AWS_DEFAULT_REGION", "us-east-1",
            "AWS_DEFAULT_OUTPUT", "json",
            "AWS_PAGER", "",
            "HOME", folder.toString());
    try (ChildProcess aws = ChildProcess.command(folder, folder, command, environment)) {
      assertThat(aws.awaitExit(EXIT_TIMEOUT)).as(aws.output()).isZero();
      return json.readTree(aws.output());
    }
  }
}
