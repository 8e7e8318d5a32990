// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.roentgen.model.GrpcStatus;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sends a call with each status of gRPC by each protocol: a client span of {@code front} and the
 * segment of {@code back}, each with the status, and reads the numbers of {@code GetServiceGraph}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ITGrpcStatus {
  private static final long SECOND = 1_700_000_040;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** X-Ray's count for each code: 0 ok, F fault, E error, T throttle. */
  private static final String EXPECTED = "0EFEFEEETEEEFFFFE";

  private final TestServer server = new TestServer();
  private final Map<String, JsonNode> services = new HashMap<>();
  private final Map<Integer, String> names = new HashMap<>();

  enum Protocol {
    OTLP_PROTOBUF,
    OTLP_PROTOBUF_NEW_NAMES,
    OTLP_JSON,
    OTLP_JSON_NEW_NAMES,
    XRAY_ANNOTATIONS,
    XRAY_ANNOTATIONS_WITH_DOTS,
    XRAY_METADATA,
    XRAY_METADATA_NEW_NAMES
  }

  @BeforeAll
  void send() throws Exception {
    for (Protocol protocol : Protocol.values()) {
      for (int code = 0; code < GrpcStatus.names().size(); code++) {
        if (protocol.name().startsWith("OTLP")) {
          sendOtlp(protocol, code);
        } else {
          sendXRay(protocol, code);
        }
      }
    }
    JsonNode graph =
        post("/ServiceGraph", "{\"StartTime\":%d,\"EndTime\":%d}".formatted(SECOND, SECOND + 60));
    for (JsonNode service : graph.get("Services")) {
      names.put(service.get("ReferenceId").asInt(), service.get("Name").asText());
      if (!service.path("Type").asText().equals("client")) {
        services.put(service.get("Name").asText(), service);
      }
    }
  }

  @AfterAll
  void stop() {
    server.close();
  }

  static Stream<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (Protocol protocol : Protocol.values()) {
      for (int code = 0; code < GrpcStatus.names().size(); code++) {
        cases.add(Arguments.of(protocol, code));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void status_byAnyProtocol_countsByTheTable(Protocol protocol, int code) {
    JsonNode back = services.get("back" + of(protocol, code));
    assertCounted(back.get("SummaryStatistics"), EXPECTED.charAt(code));

    JsonNode front = services.get("front" + of(protocol, code));
    assertCounted(front.get("SummaryStatistics"), '0');
    assertThat(front.get("Edges")).hasSize(1);
    JsonNode edge = front.get("Edges").get(0);
    assertThat(names.get(edge.get("ReferenceId").asInt())).isEqualTo("back" + of(protocol, code));
    assertCounted(edge.get("SummaryStatistics"), EXPECTED.charAt(code));
  }

  private static void assertCounted(JsonNode statistics, char how) {
    int error = how == 'E' ? 1 : 0;
    int throttle = how == 'T' ? 1 : 0;
    int fault = how == 'F' ? 1 : 0;
    assertThat(statistics.get("TotalCount").asInt()).isEqualTo(1);
    assertThat(statistics.get("OkCount").asInt()).isEqualTo(how == '0' ? 1 : 0);
    assertThat(statistics.at("/ErrorStatistics/OtherCount").asInt()).isEqualTo(error);
    assertThat(statistics.at("/ErrorStatistics/ThrottleCount").asInt()).isEqualTo(throttle);
    assertThat(statistics.at("/ErrorStatistics/TotalCount").asInt()).isEqualTo(error + throttle);
    assertThat(statistics.at("/FaultStatistics/TotalCount").asInt()).isEqualTo(fault);
  }

  private static String of(Protocol protocol, int code) {
    return "-" + protocol + "-" + code;
  }

  private JsonNode post(String path, String json) throws Exception {
    HttpResponse<byte[]> response =
        server.post(
            path, json.getBytes(StandardCharsets.UTF_8), "Content-Type", "application/json");
    assertThat(response.statusCode()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private void sendXRay(Protocol protocol, int code) throws Exception {
    String name = GrpcStatus.names().get(code);
    String status =
        switch (protocol) {
          case XRAY_ANNOTATIONS -> "\"annotations\":{\"rpc_grpc_status_code\":" + code + "}";
          case XRAY_ANNOTATIONS_WITH_DOTS ->
              "\"annotations\":{\"rpc.response.status_code\":\"" + name + "\"}";
          // As the Collector's exporter writes them.
          case XRAY_METADATA ->
              "\"error\":false,\"fault\":false,\"throttle\":false,\"metadata\":{\"default\":"
                  + "{\"rpc.system\":\"grpc\",\"rpc.grpc.status_code\":"
                  + code
                  + "}}";
          default -> "\"metadata\":{\"calls\":{\"rpc.response.status_code\":\"" + name + "\"}}";
        };
    String trace = "\"trace_id\":\"1-%08x-%016x%08x\"".formatted(SECOND, protocol.ordinal(), code);
    String times = "\"start_time\":%d.1,\"end_time\":%d.2".formatted(SECOND, SECOND) + "," + trace;
    String front =
        "{\"name\":\"front%s\",\"id\":\"000000000000000a\",%s,\"subsegments\":[{\"name\":\"back\","
                .formatted(of(protocol, code), times)
            + "\"id\":\"000000000000000b\",\"namespace\":\"remote\",%s,%s}]}"
                .formatted(times, status);
    String back =
        "{\"name\":\"back%s\",\"id\":\"000000000000000c\",\"parent_id\":\"000000000000000b\",%s,%s}"
            .formatted(of(protocol, code), times, status);
    JsonNode answer =
        post(
            "/TraceSegments",
            JSON.writeValueAsString(Map.of("TraceSegmentDocuments", List.of(front, back))));
    assertThat(answer.get("UnprocessedTraceSegments")).isEmpty();
  }

  private void sendOtlp(Protocol protocol, int code) throws Exception {
    boolean newNames = protocol.name().endsWith("NEW_NAMES");
    String key = newNames ? "rpc.response.status_code" : "rpc.grpc.status_code";
    String text = GrpcStatus.names().get(code);
    if (protocol == Protocol.OTLP_JSON || protocol == Protocol.OTLP_JSON_NEW_NAMES) {
      String value =
          newNames ? "{\"stringValue\":\"" + text + "\"}" : "{\"intValue\":\"" + code + "\"}";
      String status = "[{\"key\":\"" + key + "\",\"value\":" + value + "}]";
      String trace = "%016x%016x".formatted(protocol.ordinal() + 1, code + 1);
      post(
          "/v1/traces",
          "{\"resourceSpans\":["
              + resource("front" + of(protocol, code))
              + span(trace, 10, 0, 2, "[]")
              + ","
              + span(trace, 11, 10, 3, status)
              + "]}]},"
              + resource("back" + of(protocol, code))
              + span(trace, 12, 11, 2, status)
              + "]}]}]}");
      return;
    }
    AnyValue value =
        newNames
            ? AnyValue.newBuilder().setStringValue(text).build()
            : AnyValue.newBuilder().setIntValue(code).build();
    KeyValue status = KeyValue.newBuilder().setKey(key).setValue(value).build();
    Span root = span(protocol, code, 10, 0, Span.SpanKind.SPAN_KIND_SERVER).build();
    Span call =
        span(protocol, code, 11, 10, Span.SpanKind.SPAN_KIND_CLIENT).addAttributes(status).build();
    Span answer =
        span(protocol, code, 12, 11, Span.SpanKind.SPAN_KIND_SERVER).addAttributes(status).build();
    byte[] request =
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(resource("front" + of(protocol, code), root, call))
            .addResourceSpans(resource("back" + of(protocol, code), answer))
            .build()
            .toByteArray();
    assertThat(
            server
                .post("/v1/traces", request, "Content-Type", "application/x-protobuf")
                .statusCode())
        .isEqualTo(200);
  }

  private static String resource(String service) {
    return "{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\""
        + service
        + "\"}}]},\"scopeSpans\":[{\"spans\":[";
  }

  private static String span(String trace, int id, int parent, int kind, String attributes) {
    String parentId = parent == 0 ? "" : "%016x".formatted(parent);
    return ("{\"traceId\":\"%s\",\"spanId\":\"%016x\",\"parentSpanId\":\"%s\",\"name\":\"call\","
            + "\"kind\":%d,\"startTimeUnixNano\":\"%d000000000\",\"endTimeUnixNano\":\"%d100000000\","
            + "\"attributes\":%s}")
        .formatted(trace, id, parentId, kind, SECOND, SECOND, attributes);
  }

  private static ResourceSpans resource(String service, Span... spans) {
    KeyValue name =
        KeyValue.newBuilder()
            .setKey("service.name")
            .setValue(AnyValue.newBuilder().setStringValue(service))
            .build();
    return ResourceSpans.newBuilder()
        .setResource(Resource.newBuilder().addAttributes(name))
        .addScopeSpans(ScopeSpans.newBuilder().addAllSpans(List.of(spans)))
        .build();
  }

  private static Span.Builder span(
      Protocol protocol, int code, long id, long parent, Span.SpanKind kind) {
    ByteBuffer trace = ByteBuffer.allocate(16).putLong(protocol.ordinal() + 1).putLong(code + 1);
    Span.Builder span =
        Span.newBuilder()
            .setTraceId(ByteString.copyFrom(trace.array()))
            .setSpanId(ByteString.copyFrom(ByteBuffer.allocate(8).putLong(id).array()))
            .setName("call")
            .setKind(kind)
            .setStartTimeUnixNano(SECOND * 1_000_000_000)
            .setEndTimeUnixNano(SECOND * 1_000_000_000 + 100_000_000);
    return parent == 0
        ? span
        : span.setParentSpanId(ByteString.copyFrom(ByteBuffer.allocate(8).putLong(parent).array()));
  }
}
