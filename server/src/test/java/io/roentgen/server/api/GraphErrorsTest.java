// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.roentgen.model.NodeId;
import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.Trace;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class GraphErrorsTest {
  private final GraphErrors errors = new GraphErrors(new NodeId("pay", ""));

  private void add(int number, UnaryOperator<Span.Builder> with) {
    TraceId id = new TraceId(1L << 32, number);
    Span span =
        with.apply(
                Span.builder(id, new SpanId(1))
                    .service("pay")
                    .name("charge")
                    .kind(SpanKind.SERVER)
                    .segment(true)
                    .startEpochNanos(1)
                    .endEpochNanos(2)
                    .outcome(new Outcome(false, true, false)))
            .build();
    errors.add(new Trace(id, List.of(span)));
  }

  private JsonNode written() throws Exception {
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      errors.write(json);
      json.writeEndObject();
    }
    return new ObjectMapper().readTree(text.toString());
  }

  private static SpanEvent exception(String type, String message) {
    return new SpanEvent(
        1,
        "exception",
        Map.of("exception.type", Value.of(type), "exception.message", Value.of(message)),
        0);
  }

  @Test
  void exceptions_ofOneType_countTogetherWithTheNewestMessage() throws Exception {
    for (int i = 1; i <= 5; i++) {
      String message = "order " + i;
      add(i, span -> span.events(List.of(exception("NoMoney", message))));
    }
    add(6, span -> span.events(List.of(exception("Rare", "x"))));

    JsonNode first = written().at("/errors/0");
    assertThat(first.get("name").asText()).isEqualTo("NoMoney");
    assertThat(first.get("kind").asText()).isEqualTo("exception");
    assertThat(first.get("message").asText()).isEqualTo("order 1");
    assertThat(first.get("count").asInt()).isEqualTo(5);
    assertThat(first.get("traceIds")).hasSize(3);
    assertThat(written().at("/errors/1/name").asText()).isEqualTo("Rare");
    assertThat(written().get("traceCount").asInt()).isEqualTo(6);
  }

  @Test
  void withoutException_statusSays() throws Exception {
    add(1, span -> span.attribute("rpc.grpc.status_code", Value.of(14L)).statusMessage("no bank"));
    add(2, span -> span.attribute("http.response.status_code", Value.of(503L)));
    add(3, span -> span.outcome(new Outcome(false, false, true)));

    assertThat(written().get("errors"))
        .extracting(each -> each.get("kind").asText() + ' ' + each.get("name").asText())
        .containsExactly("http HTTP 503", "grpc UNAVAILABLE", "other throttle");
    assertThat(written().at("/errors/1/message").asText()).isEqualTo("no bank");
  }

  @Test
  void xrayCause_isAnException() throws Exception {
    add(
        1,
        span ->
            span.document(
                "{\"cause\":{\"exceptions\":[{\"type\":\"java.io.IOException\",\"message\":\"m\"}]}}"));
    add(2, span -> span.document("{\"metadata\":{\"exceptions\":1}}"));

    assertThat(written().get("errors"))
        .extracting(each -> each.get("kind").asText() + ' ' + each.get("name").asText())
        .containsExactly("other fault", "exception java.io.IOException");
  }

  @Test
  void okAndOtherNodes_areNotCounted() throws Exception {
    add(1, span -> span.outcome(Outcome.OK));
    add(2, span -> span.service("cart"));

    assertThat(written().get("errors")).isEmpty();
    assertThat(written().get("traceCount").asInt()).isZero();
  }

  @Test
  void names_tooMany_areNotToldApart() throws Exception {
    for (int i = 0; i < 1_010; i++) {
      String type = "E" + i;
      add(i + 1, span -> span.events(List.of(exception(type, "m"))));
    }

    assertThat(written().get("errors")).hasSize(10);
    assertThat(written().at("/errors/0/name").asText()).isEqualTo("further errors");
    assertThat(written().at("/errors/0/count").asInt()).isEqualTo(10);
  }

  @Test
  void texts_tooLong_areCutBetweenCharacters() throws Exception {
    add(1, span -> span.events(List.of(exception("x".repeat(198) + "😀😀", "m".repeat(5_000)))));

    assertThat(written().at("/errors/0/name").asText()).isEqualTo("x".repeat(198) + "…");
    assertThat(written().at("/errors/0/message").asText()).hasSize(500).endsWith("…");
  }
}
