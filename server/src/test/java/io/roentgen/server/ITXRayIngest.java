// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.amazonaws.xray.AWSXRayRecorder;
import com.amazonaws.xray.AWSXRayRecorderBuilder;
import com.amazonaws.xray.config.DaemonConfiguration;
import com.amazonaws.xray.emitters.Emitter;
import com.amazonaws.xray.entities.Segment;
import com.amazonaws.xray.strategy.sampling.CentralizedSamplingStrategy;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.roentgen.model.Span;
import io.roentgen.model.TraceId;
import io.roentgen.store.StoreOverloadedException;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.xray.XRayClient;
import software.amazon.awssdk.services.xray.model.GetSamplingRulesResponse;
import software.amazon.awssdk.services.xray.model.GetSamplingTargetsResponse;
import software.amazon.awssdk.services.xray.model.InvalidRequestException;
import software.amazon.awssdk.services.xray.model.PutTraceSegmentsResponse;
import software.amazon.awssdk.services.xray.model.SamplingRule;
import software.amazon.awssdk.services.xray.model.SamplingStatisticsDocument;
import software.amazon.awssdk.services.xray.model.TelemetryRecord;
import software.amazon.awssdk.services.xray.model.ThrottledException;
import software.amazon.awssdk.services.xray.model.UnprocessedTraceSegment;

class ITXRayIngest {
  private static final TraceId TRACE_ID = TraceId.parse("1-58406520-a006649127e371903a2de979");
  private static final String CLIENT_ID = "ABCDEF1234567890ABCDEF10";

  private final TestServer server = new TestServer();
  private final ObjectMapper json = new ObjectMapper();

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void udp_xraySdk_isStored() throws Exception {
    AWSXRayRecorder recorder = recorder();
    Segment segment = recorder.beginSegment("checkout");
    segment.setSampled(true);
    segment.putAnnotation("customer", "c-17");
    recorder.beginSubsegment("charge");
    recorder.endSubsegment();
    recorder.endSegment();
    TraceId traceId = TraceId.parse(segment.getTraceId().toString());

    await()
        .untilAsserted(
            () ->
                assertThat(server.spans(traceId))
                    .extracting(Span::name)
                    .containsExactlyInAnyOrder("checkout", "charge"));
  }

  @Test
  void sampling_xraySdk_fetchesRulesAndReportsTargets() throws Exception {
    AWSXRayRecorder recorder = recorder();
    assertThat(recorder.getSamplingStrategy()).isInstanceOf(CentralizedSamplingStrategy.class);
    // The first decision starts the pollers; until their answer it comes from the local rules.
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () -> {
              recorder.beginSegmentWithSampling("sampled");
              recorder.endSegment();
              assertThat(server.metrics())
                  .hasEntrySatisfying(
                      "xray_sampling_requests_total{operation=\"targets\"}",
                      count -> assertThat(count).isPositive())
                  .hasEntrySatisfying(
                      "xray_sampling_requests_total{operation=\"rules\"}",
                      count -> assertThat(count).isPositive());
            });
    ((CentralizedSamplingStrategy) recorder.getSamplingStrategy()).shutdown();
  }

  @Test
  void putTraceSegments_awsSdk_takesTheGoodAndNamesTheBad() throws Exception {
    try (XRayClient client = client(ListenerName.HTTP)) {
      PutTraceSegmentsResponse response =
          client.putTraceSegments(
              request ->
                  request.traceSegmentDocuments(
                      segment("70de5b6f19ff9a0a", ""),
                      segment("70de5b6f19ff9a0b", "").replace("\"end_time\"", "\"finish\""),
                      segment("70de5b6f19ff9a0c", "").replace("checkout", "check?out"),
                      "{",
                      segment("70de5b6f19ff9a0d", ",\"metadata\":{\"n\":1.50}")));

      assertThat(response.unprocessedTraceSegments())
          .extracting(UnprocessedTraceSegment::id, UnprocessedTraceSegment::errorCode)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple("70de5b6f19ff9a0b", "MissingEndTime"),
              org.assertj.core.groups.Tuple.tuple("70de5b6f19ff9a0c", "InvalidName"),
              org.assertj.core.groups.Tuple.tuple(null, "ParseError"));
      assertThat(response.unprocessedTraceSegments())
          .allSatisfy(bad -> assertThat(bad.message()).contains(bad.errorCode()));
      assertThat(response.responseMetadata().requestId()).hasSize(36);
    }
    assertThat(server.spans(TRACE_ID))
        .extracting(span -> span.spanId().toString())
        .containsExactlyInAnyOrder("70de5b6f19ff9a0a", "70de5b6f19ff9a0d");
    assertThat(server.metrics())
        .containsEntry("ingest_spans_total{transport=\"xray_http\"}", 2.0)
        .containsEntry(
            "ingest_spans_rejected_total{reason=\"invalid_name\",transport=\"xray_http\"}", 1.0);
  }

  @Test
  void putTraceSegments_tooManyDocuments_isInvalidRequest() {
    try (XRayClient client = client(ListenerName.HTTP)) {
      InvalidRequestException e =
          catchThrowableOfType(
              InvalidRequestException.class,
              () ->
                  client.putTraceSegments(
                      request ->
                          request.traceSegmentDocuments(
                              Collections.nCopies(51, segment("70de5b6f19ff9a0a", "")))));
      assertThat(e.statusCode()).isEqualTo(400);
      assertThat(e.awsErrorDetails().errorMessage())
          .isEqualTo("TraceSegmentDocuments: more than 50 elements (expected: at most 50)");
    }
  }

  @Test
  void putTraceSegments_overloaded_isThrottled() {
    server.store.failure = () -> new StoreOverloadedException("too much waits", 700);
    try (XRayClient client = client(ListenerName.HTTP)) {
      ThrottledException e =
          catchThrowableOfType(
              ThrottledException.class,
              () ->
                  client.putTraceSegments(
                      request -> request.traceSegmentDocuments(segment("70de5b6f19ff9a0a", ""))));
      assertThat(e.statusCode()).isEqualTo(429);
      assertThat(e.awsErrorDetails().sdkHttpResponse().firstMatchingHeader("Retry-After"))
          .hasValue("1");
    }
  }

  @Test
  void putTraceSegments_rawJson_isTakenGzippedAndMisshapenIsRefused() throws Exception {
    byte[] body =
        ("{\"Unknown\":{\"a\":[1]},\"TraceSegmentDocuments\":["
                + json.writeValueAsString(segment("70de5b6f19ff9a0a", ""))
                + "]}")
            .getBytes(StandardCharsets.UTF_8);
    var gzipped = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(gzipped)) {
      gzip.write(body);
    }
    HttpResponse<byte[]> response =
        server.post("/TraceSegments", gzipped.toByteArray(), "Content-Encoding", "gzip");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(json.readTree(response.body()))
        .isEqualTo(json.readTree("{\"UnprocessedTraceSegments\":[]}"));
    assertThat(server.spans(TRACE_ID)).hasSize(1);

    for (String bad :
        new String[] {
          "", "[]", "{", "{\"TraceSegmentDocuments\":\"x\"}", "{\"TraceSegmentDocuments\":[{}]}"
        }) {
      HttpResponse<byte[]> refused =
          server.post("/TraceSegments", bad.getBytes(StandardCharsets.UTF_8));
      assertThat(refused.statusCode()).as(bad).isEqualTo(400);
      assertThat(refused.headers().firstValue("x-amzn-ErrorType"))
          .hasValue("InvalidRequestException");
      assertThat(refused.headers().firstValue("x-amzn-RequestId")).isPresent();
      JsonNode error = json.readTree(refused.body());
      assertThat(error.path("__type").textValue()).isEqualTo("InvalidRequestException");
      assertThat(error.path("Message").textValue())
          .isNotEmpty()
          .isEqualTo(error.path("message").textValue());
    }
  }

  @Test
  void unknownOperation_is404AsAws() throws Exception {
    HttpResponse<byte[]> response =
        server.post(ListenerName.XRAY_TCP, "/NoSuchOperation", new byte[0]);
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.headers().firstValue("x-amzn-ErrorType"))
        .hasValue("UnknownOperationException");
  }

  @Test
  void putTelemetryRecords_awsSdk_isCounted() throws Exception {
    try (XRayClient client = client(ListenerName.XRAY_TCP)) {
      client.putTelemetryRecords(
          request ->
              request
                  .hostname("")
                  .telemetryRecords(
                      TelemetryRecord.builder()
                          .timestamp(java.time.Instant.now())
                          .segmentsReceivedCount(7)
                          .segmentsSpilloverCount(2)
                          .build()));
    }
    assertThat(server.metrics())
        .containsEntry("xray_daemon_segments_total{state=\"received\"}", 7.0)
        .containsEntry("xray_daemon_segments_total{state=\"spillover\"}", 2.0);
  }

  @Test
  void getSamplingRules_answer_hasEveryMemberThatClientsNeed() throws Exception {
    try (XRayClient client = client(ListenerName.XRAY_TCP)) {
      GetSamplingRulesResponse response = client.getSamplingRules();
      assertThat(response.samplingRuleRecords()).hasSize(1);
      SamplingRule rule = response.samplingRuleRecords().getFirst().samplingRule();
      assertThat(rule)
          .isEqualTo(
              SamplingRule.builder()
                  .ruleName("Default")
                  .ruleARN("arn:aws:xray:us-east-1:000000000000:sampling-rule/Default")
                  .resourceARN("*")
                  .priority(10_000)
                  .fixedRate(0.05)
                  .reservoirSize(1)
                  .serviceName("*")
                  .serviceType("*")
                  .host("*")
                  .httpMethod("*")
                  .urlPath("*")
                  .version(1)
                  .attributes(java.util.Map.of())
                  .build());
    }
    JsonNode record =
        json.readTree(server.post("/GetSamplingRules", new byte[0]).body())
            .at("/SamplingRuleRecords/0");
    assertThat(record.path("CreatedAt").isNumber()).isTrue();
    assertThat(record.path("ModifiedAt").isNumber()).isTrue();
    assertThat(record.at("/SamplingRule/Attributes")).isEqualTo(json.createObjectNode());
  }

  @Test
  void getSamplingTargets_answer_sharesTheReservoirAndNamesUnknownRules() throws Exception {
    try (XRayClient client = client(ListenerName.XRAY_TCP)) {
      GetSamplingTargetsResponse response =
          client.getSamplingTargets(
              request ->
                  request.samplingStatisticsDocuments(statistics("Default"), statistics("gone")));
      assertThat(response.samplingTargetDocuments()).hasSize(1);
      var target = response.samplingTargetDocuments().getFirst();
      assertThat(target.ruleName()).isEqualTo("Default");
      assertThat(target.fixedRate()).isEqualTo(0.05);
      assertThat(target.reservoirQuota()).isOne();
      assertThat(target.interval()).isEqualTo(10);
      assertThat(target.reservoirQuotaTTL()).isAfter(java.time.Instant.now());
      assertThat(response.lastRuleModification()).isBefore(java.time.Instant.now());
      assertThat(response.unprocessedStatistics())
          .singleElement()
          .satisfies(
              unknown -> {
                assertThat(unknown.ruleName()).isEqualTo("gone");
                assertThat(unknown.errorCode()).isEqualTo("RuleNotFound");
              });
    }
    JsonNode answer =
        json.readTree(
            server
                .post(
                    "/SamplingTargets",
                    "{\"SamplingStatisticsDocuments\":[]}".getBytes(StandardCharsets.UTF_8))
                .body());
    assertThat(answer.path("SamplingTargetDocuments").isArray()).isTrue();
    assertThat(answer.path("UnprocessedStatistics").isArray()).isTrue();
    assertThat(answer.path("LastRuleModification").isNumber()).isTrue();
  }

  @Test
  void getSamplingTargets_bad_isInvalidRequest() throws Exception {
    for (String bad :
        new String[] {
          "{}",
          "{\"SamplingStatisticsDocuments\":[{}]}",
          "{\"SamplingStatisticsDocuments\":[1]}",
          "{\"SamplingStatisticsDocuments\":[{\"RuleName\":\"Default\",\"ClientID\":\"a\",\"RequestCount\":-1}]}"
        }) {
      HttpResponse<byte[]> response =
          server.post("/SamplingTargets", bad.getBytes(StandardCharsets.UTF_8));
      assertThat(response.statusCode()).as(bad).isEqualTo(400);
    }
  }

  private static SamplingStatisticsDocument statistics(String rule) {
    return SamplingStatisticsDocument.builder()
        .ruleName(rule)
        .clientID(CLIENT_ID)
        .timestamp(java.time.Instant.now())
        .requestCount(10)
        .sampledCount(1)
        .borrowCount(1)
        .build();
  }

  private AWSXRayRecorder recorder() throws Exception {
    var daemon = new DaemonConfiguration();
    daemon.setDaemonAddress(
        "tcp:127.0.0.1:"
            + server.address(ListenerName.XRAY_TCP).getPort()
            + " udp:127.0.0.1:"
            + server.address(ListenerName.XRAY_UDP).getPort());
    // The sampling client finds the daemon by itself, when it is made.
    String property = "com.amazonaws.xray.emitters.daemonAddress";
    System.setProperty(property, "127.0.0.1:" + server.address(ListenerName.XRAY_TCP).getPort());
    try {
      return AWSXRayRecorderBuilder.standard()
          .withEmitter(Emitter.create(daemon))
          .withSamplingStrategy(new CentralizedSamplingStrategy())
          .build();
    } finally {
      System.clearProperty(property);
    }
  }

  private XRayClient client(ListenerName listener) {
    return XRayClient.builder()
        .endpointOverride(server.uri(listener, ""))
        .region(Region.US_EAST_1)
        .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("x", "x")))
        .httpClient(UrlConnectionHttpClient.create())
        .overrideConfiguration(
            configuration -> configuration.retryStrategy(DefaultRetryStrategy.doNotRetry()))
        .build();
  }

  private static String segment(String id, String more) {
    return "{\"name\":\"checkout\",\"id\":\""
        + id
        + "\",\"trace_id\":\""
        + "1-58406520-a006649127e371903a2de979"
        + "\",\"start_time\":1480615200.010,\"end_time\":1480615200.090"
        + more
        + "}";
  }
}
