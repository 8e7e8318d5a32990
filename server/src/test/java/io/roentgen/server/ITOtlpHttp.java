// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.roentgen.model.Span;
import io.roentgen.model.TraceId;
import io.roentgen.store.StoreOverloadedException;
import io.roentgen.store.StoreUnavailableException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ITOtlpHttp {
  private static final String PATH = "/v1/traces";
  private static final String PROTOBUF = "application/x-protobuf";
  private static final String JSON = "application/json";
  private static final TraceId TRACE_ID = TraceId.parse("5b8efff798038103d269b633813fc60c");
  private static final int MAX_BYTES = 1 << 20;
  private static final byte[] ONE_SPAN = ITOtlpGrpc.request(ITOtlpGrpc.span(1)).toByteArray();
  private static final String ONE_SPAN_JSON =
      """
      {"resourceSpans":[{"resource":{"attributes":[
        {"key":"service.name","value":{"stringValue":"order-service"}}]},
       "scopeSpans":[{"spans":[{
        "traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174",
        "name":"POST /orders","kind":2,
        "startTimeUnixNano":"1700000000000000000","endTimeUnixNano":1700000000100000000}]}]}]}
      """;

  private final ObjectMapper json = new ObjectMapper();
  private TestServer server;

  @BeforeEach
  void start() {
    server =
        new TestServer(
            new ServerSettings()
                .set(Setting.MAX_REQUEST, "1MiB", "test")
                .set(Setting.MAX_ADMITTED, "1MiB", "test"));
  }

  @AfterEach
  void close() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip"})
  void export_openTelemetrySdk_isStored(String compression) {
    String traceId;
    try (var provider =
        SdkTracerProvider.builder()
            .addSpanProcessor(
                SimpleSpanProcessor.create(
                    OtlpHttpSpanExporter.builder()
                        .setEndpoint(server.uri(ListenerName.OTLP_HTTP, PATH).toString())
                        .setCompression(compression)
                        .build()))
            .build()) {
      var span = provider.get("test").spanBuilder("GET /items").startSpan();
      span.end();
      traceId = span.getSpanContext().getTraceId();
      assertThat(provider.forceFlush().join(20, TimeUnit.SECONDS).isSuccess()).isTrue();
    }
    assertThat(server.spans(TraceId.parse(traceId)))
        .extracting(Span::name)
        .containsExactly("GET /items");
  }

  @Test
  void export_json_isStoredAndAnsweredInJson() throws Exception {
    HttpResponse<byte[]> response =
        server.post(PATH, utf8(ONE_SPAN_JSON), "Content-Type", JSON + "; charset=utf-8");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue(JSON);
    assertThat(json.readTree(response.body())).isEqualTo(json.createObjectNode());
    assertThat(server.spans(TRACE_ID))
        .singleElement()
        .extracting(Span::name, Span::service, Span::startEpochNanos)
        .containsExactly("POST /orders", "order-service", 1_700_000_000_000_000_000L);
  }

  @Test
  void export_compressed_isStored() throws Exception {
    assertThat(
            server
                .post(PATH, gzip(ONE_SPAN), "Content-Type", PROTOBUF, "Content-Encoding", "gzip")
                .statusCode())
        .isEqualTo(200);
    byte[] second = ITOtlpGrpc.request(ITOtlpGrpc.span(2)).toByteArray();
    HttpResponse<byte[]> response =
        server.post(
            ListenerName.OTLP_HTTP,
            PATH,
            Zstd.compress(second),
            "Content-Type",
            PROTOBUF,
            "Content-Encoding",
            "zstd");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue(PROTOBUF);
    assertThat(response.body()).isEmpty();
    assertThat(server.spans(TRACE_ID)).hasSize(2);
  }

  @Test
  void export_someSpansInvalid_isPartialSuccessInBothEncodings() throws Exception {
    ExportTraceServiceRequest request =
        ITOtlpGrpc.request(ITOtlpGrpc.span(1), ITOtlpGrpc.span(2).setSpanId(ByteString.EMPTY));
    HttpResponse<byte[]> response =
        server.post(PATH, request.toByteArray(), "Content-Type", PROTOBUF);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(
            ExportTraceServiceResponse.parseFrom(response.body())
                .getPartialSuccess()
                .getRejectedSpans())
        .isOne();

    response =
        server.post(
            PATH,
            utf8(ONE_SPAN_JSON.replace("eee19b7ec3c1b174", "0000000000000000")),
            "Content-Type",
            JSON);
    assertThat(response.statusCode()).isEqualTo(200);
    JsonNode partial = json.readTree(response.body()).path("partialSuccess");
    assertThat(partial.path("rejectedSpans").textValue()).isEqualTo("1");
    assertThat(partial.path("errorMessage").textValue()).isNotEmpty();
  }

  @Test
  void export_undecodable_is400InTheEncodingOfTheRequest() throws Exception {
    HttpResponse<byte[]> protobuf =
        server.post(PATH, new byte[] {10, 127, 1}, "Content-Type", PROTOBUF);
    assertThat(protobuf.statusCode()).isEqualTo(400);
    assertThat(Status.parseFrom(protobuf.body()).getMessage()).isNotEmpty();
    assertThat(Status.parseFrom(protobuf.body()).getCode()).isEqualTo(3);

    HttpResponse<byte[]> text = server.post(PATH, utf8("{"), "Content-Type", JSON);
    assertThat(text.statusCode()).isEqualTo(400);
    assertThat(json.readTree(text.body()).path("code").intValue()).isEqualTo(3);
    assertThat(json.readTree(text.body()).path("message").textValue()).isNotEmpty();

    HttpResponse<byte[]> gzip =
        server.post(PATH, ONE_SPAN, "Content-Type", PROTOBUF, "Content-Encoding", "gzip");
    assertThat(gzip.statusCode()).isEqualTo(400);
    assertThat(Status.parseFrom(gzip.body()).getMessage()).contains("not gzip");
    byte[] cut = Zstd.compress(ONE_SPAN);
    HttpResponse<byte[]> zstd =
        server.post(
            PATH,
            java.util.Arrays.copyOf(cut, cut.length - 5),
            "Content-Type",
            PROTOBUF,
            "Content-Encoding",
            "zstd");
    assertThat(zstd.statusCode()).isEqualTo(400);
  }

  @Test
  void export_otherTypesAndMethods_areRefused() throws Exception {
    assertThat(server.post(PATH, ONE_SPAN, "Content-Type", "text/plain").statusCode())
        .isEqualTo(415);
    assertThat(server.post(PATH, ONE_SPAN).statusCode()).isEqualTo(415);
    assertThat(
            server
                .post(PATH, ONE_SPAN, "Content-Type", PROTOBUF, "Content-Encoding", "br")
                .statusCode())
        .isEqualTo(415);
    HttpResponse<String> get = server.get(PATH);
    assertThat(get.statusCode()).isEqualTo(405);
    assertThat(get.headers().firstValue("allow")).hasValue("POST");
    assertThat(server.post("/v1/metrics", ONE_SPAN, "Content-Type", PROTOBUF).statusCode())
        .isEqualTo(404);
  }

  @Test
  void export_tooLarge_is413() throws Exception {
    HttpResponse<byte[]> response =
        server.post(PATH, new byte[MAX_BYTES + 1], "Content-Type", PROTOBUF);
    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(Status.parseFrom(response.body()).getMessage()).contains("1048576");
  }

  @Test
  void export_refusedWhileItsSenderStillWrites_senderGetsTheAnswer() throws Exception {
    assertThat(server.get("/healthz").version()).isEqualTo(HttpClient.Version.HTTP_2);
    CompletableFuture<HttpResponse<byte[]>> response;
    try (var body = new SubmissionPublisher<ByteBuffer>()) {
      HttpRequest request =
          HttpRequest.newBuilder(server.uri(ListenerName.HTTP, PATH))
              .header("Content-Type", PROTOBUF)
              .POST(BodyPublishers.fromPublisher(body, MAX_BYTES + 1))
              .build();
      response = server.client.sendAsync(request, BodyHandlers.ofByteArray());
      Awaitility.await().until(body::hasSubscribers);
      body.submit(ByteBuffer.allocate(MAX_BYTES / 2));
      // Server decides by the announced length; half a second later a reset would be here too.
      Awaitility.await()
          .during(java.time.Duration.ofMillis(500))
          .untilAsserted(
              () ->
                  assertThat(server.metrics())
                      .containsEntry(
                          "ingest_requests_total{result=\"rejected\",transport=\"otlp_http\"}",
                          1.0));
      body.submit(ByteBuffer.allocate(MAX_BYTES / 2 + 1));
    }
    assertThat(response.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(413);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "zstd"})
  void export_zipBomb_is413AndGivesItsRoomBack(String encoding) throws Exception {
    byte[] bomb = new byte[200 << 20];
    byte[] body = encoding.equals("gzip") ? gzip(bomb) : Zstd.compress(bomb);
    assertThat(body).hasSizeLessThan(MAX_BYTES);

    HttpResponse<byte[]> response =
        server.post(PATH, body, "Content-Type", JSON, "Content-Encoding", encoding);

    assertThat(response.statusCode()).isEqualTo(413);
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(server.metrics()).containsEntry("ingest_admitted_bytes", 0.0));
    assertThat(server.post(PATH, ONE_SPAN, "Content-Type", PROTOBUF).statusCode()).isEqualTo(200);
  }

  @Test
  void export_storeOverloaded_is429WithRetryAfter() throws Exception {
    server.store.failure = () -> new StoreOverloadedException("too much waits", 1_500);

    HttpResponse<byte[]> response = server.post(PATH, ONE_SPAN, "Content-Type", PROTOBUF);

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.headers().firstValue("retry-after")).hasValue("2");
    assertThat(
            Status.parseFrom(response.body()).getDetails(0).unpack(RetryInfo.class).getRetryDelay())
        .isEqualTo(Duration.newBuilder().setSeconds(1).setNanos(500_000_000).build());
  }

  @Test
  void export_storeUnavailable_is503WithRetryAfter() throws Exception {
    server.store.failure = () -> new StoreUnavailableException("disk full");

    HttpResponse<byte[]> response = server.post(PATH, utf8(ONE_SPAN_JSON), "Content-Type", JSON);

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("retry-after")).hasValue("5");
    JsonNode status = json.readTree(response.body());
    assertThat(status.path("message").textValue()).isEqualTo("disk full");
    assertThat(status.at("/details/0/retryDelay").textValue()).isEqualTo("5.0s");
  }

  @Test
  void export_othersHoldTheRoom_is429AtOnceAndServedLater() throws Exception {
    // A request that has sent half of what it announced holds its room.
    byte[] half = new byte[MAX_BYTES / 2];
    try (Socket slow = new Socket()) {
      slow.connect(server.address(ListenerName.HTTP));
      slow.getOutputStream()
          .write(
              utf8(
                  "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                      + PROTOBUF
                      + "\r\nContent-Length: "
                      + MAX_BYTES
                      + "\r\n\r\n"));
      slow.getOutputStream().write(half);
      slow.getOutputStream().flush();
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(server.metrics().get("ingest_admitted_bytes"))
                      .isGreaterThanOrEqualTo(MAX_BYTES / 2.0));

      HttpResponse<byte[]> refused =
          server.post(PATH, new byte[MAX_BYTES - 100], "Content-Type", PROTOBUF);
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.headers().firstValue("retry-after")).hasValue("1");
    }
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(server.metrics()).containsEntry("ingest_admitted_bytes", 0.0));
    assertThat(server.post(PATH, ONE_SPAN, "Content-Type", PROTOBUF).statusCode()).isEqualTo(200);
    assertThat(server.metrics())
        .containsEntry("ingest_requests_total{result=\"overloaded\",transport=\"otlp_http\"}", 1.0);
  }

  @Test
  void delete_isRefused() throws Exception {
    HttpResponse<Void> response =
        server.client.send(
            HttpRequest.newBuilder(server.uri(ListenerName.HTTP, PATH))
                .method("DELETE", HttpRequest.BodyPublishers.noBody())
                .build(),
            BodyHandlers.discarding());
    assertThat(response.statusCode()).isEqualTo(405);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    var compressed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(compressed)) {
      gzip.write(bytes);
    }
    return compressed.toByteArray();
  }
}
