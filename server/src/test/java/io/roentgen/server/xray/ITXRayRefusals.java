// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.roentgen.store.memory.MemoryStore;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/** What operations refuse that no client of AWS would send; nothing is changed by any of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ITXRayRefusals {
  private final ObjectMapper json = new ObjectMapper();
  private final XRayServer server = new XRayServer(new MemoryStore());

  @AfterAll
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvFileSource(resources = "/xray/refused.csv", delimiter = '|', quoteCharacter = '`')
  void anyOperation_badInput_isRefusedInTheShapeThatClientsRead(
      String path, String body, String message) throws Exception {
    HttpResponse<String> answer = server.post(path, body);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("x-amzn-ErrorType")).contains("InvalidRequestException");
    assertThat(answer.headers().firstValue("x-amzn-RequestId")).isPresent();
    JsonNode error = json.readTree(answer.body());
    assertThat(error.path("__type").asText()).isEqualTo("InvalidRequestException");
    assertThat(error.path("Message").asText()).isEqualTo(message);
    assertThat(error.path("message").asText()).isEqualTo(message);
    assertThat(server.aws.getGroups().groups()).hasSize(1);
    assertThat(server.aws.getSamplingRules().samplingRuleRecords()).hasSize(1);
  }
}
