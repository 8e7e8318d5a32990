// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.Context;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.ActiveSpan.Kind;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.SegmentTransport;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.LogManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JsonLogsTest {
  private static final System.Logger LOG = System.getLogger(JsonLogsTest.class.getName());

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @AfterEach
  void reset() throws Exception {
    LogManager.getLogManager().readConfiguration();
  }

  @Test
  void line_isAnObjectWithWhoWhereAndWhichTrace() throws Exception {
    JsonLogs.install(new PrintStream(out, true, StandardCharsets.UTF_8), "shop");
    JsonLogs.setLevel("info");
    GrpcKit kit =
        GrpcKit.builder("shop")
            .environment(Map.of())
            .sampler(CallSampler.ALWAYS)
            .transport(new Nowhere())
            .build();
    ActiveSpan span = kit.start("job", Kind.INTERNAL, null);
    LOG.log(System.Logger.Level.INFO, "plain \"quoted\"\n\u0001 ünï");
    LOG.log(System.Logger.Level.DEBUG, "not seen");
    try (ActiveSpan.Scope scope = span.makeCurrent()) {
      assertThat(scope).isNotNull();
      JsonLogs.serviceContext(Context.current(), "stock")
          .run(
              () ->
                  LOG.log(
                      System.Logger.Level.WARNING, "failed", new IllegalStateException("gone")));
    }
    JsonLogs.setLevel("debug");
    LOG.log(System.Logger.Level.DEBUG, "seen now");

    List<JsonNode> lines = lines();
    assertThat(lines).hasSize(3);
    JsonNode first = lines.get(0);
    assertThat(first.get("msg").asText()).isEqualTo("plain \"quoted\"\n\u0001 ünï");
    assertThat(first.get("level").asText()).isEqualTo("info");
    assertThat(first.get("service").asText()).isEqualTo("shop");
    assertThat(first.get("function").asText())
        .isEqualTo(JsonLogsTest.class.getName() + ".line_isAnObjectWithWhoWhereAndWhichTrace");
    assertThat(first.get("line").asInt()).isPositive();
    assertThat(Instant.parse(first.get("time").asText())).isBefore(Instant.now().plusSeconds(1));
    assertThat(first.has("trace_id")).isFalse();
    JsonNode second = lines.get(1);
    assertThat(second.get("level").asText()).isEqualTo("warning");
    assertThat(second.get("service").asText()).isEqualTo("stock");
    assertThat(second.get("trace_id").asText()).isEqualTo(span.traceId().toHex());
    assertThat(second.get("span_id").asText()).isEqualTo(span.spanId().toHex());
    assertThat(second.get("error").asText()).contains("IllegalStateException: gone");
    assertThat(lines.get(2).get("level").asText()).isEqualTo("debug");
    span.end();
    kit.close();
  }

  @Test
  void level_isOneOfThoseKnown() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JsonLogs.install(Settings.of(Map.of("LOG_LEVEL", "loud")), "shop"))
        .withMessageContaining("LOG_LEVEL: loud (expected: trace, debug, info");
    assertThatIllegalArgumentException().isThrownBy(() -> JsonLogs.setLevel("loud"));
  }

  private List<JsonNode> lines() throws Exception {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : out.toString(StandardCharsets.UTF_8).split("\n", -1)) {
      if (!line.isEmpty()) {
        lines.add(new ObjectMapper().readTree(line));
      }
    }
    return lines;
  }

  private static final class Nowhere implements SegmentTransport {
    @Override
    public void send(byte[] buffer, int length) {}

    @Override
    public void close() {}
  }
}
