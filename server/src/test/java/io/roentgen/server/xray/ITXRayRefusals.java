// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.roentgen.store.Document;
import io.roentgen.store.memory.MemoryStore;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/** What operations refuse that no client of AWS would send; nothing is changed by any of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ITXRayRefusals {
  private final ObjectMapper json = new ObjectMapper();
  private final XRayServer server = new XRayServer(new MemoryStore());

  @BeforeAll
  void make() {
    server.aws.createGroup(request -> request.groupName("kept").filterExpression("fault"));
    server.aws.updateSamplingRule(
        request -> request.samplingRuleUpdate(update -> update.ruleName("Default").fixedRate(0.5)));
    server.aws.putEncryptionConfig(request -> request.type("KMS").keyId("kept"));
    assertThat(server.state().values().stream().filter(kind -> !kind.isEmpty())).hasSize(3);
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvFileSource(resources = "/xray/refused.csv", delimiter = '|', quoteCharacter = '`')
  void anyOperation_badInput_isRefusedInTheShapeThatClientsRead(
      String path, String body, String message) throws Exception {
    Map<String, List<Document>> before = server.state();
    HttpResponse<String> answer = server.post(path, body);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("x-amzn-ErrorType")).contains("InvalidRequestException");
    assertThat(answer.headers().firstValue("x-amzn-RequestId")).isPresent();
    JsonNode error = json.readTree(answer.body());
    assertThat(error.path("__type").asText()).isEqualTo("InvalidRequestException");
    assertThat(error.path("Message").asText()).isEqualTo(message);
    assertThat(error.path("message").asText()).isEqualTo(message);
    assertThat(server.state()).isEqualTo(before);
  }
}
