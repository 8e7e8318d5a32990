// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.traces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.linecorp.armeria.server.Server;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.ingest.Admission;
import io.roentgen.ingest.IngestMetrics;
import io.roentgen.model.Format;
import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.server.intake.Intake;
import io.roentgen.server.xray.groups.Filters;
import io.roentgen.server.xray.groups.Groups;
import io.roentgen.server.xray.protocol.OperationTable;
import io.roentgen.server.xray.protocol.RequestAccess;
import io.roentgen.server.xray.state.Account;
import io.roentgen.store.memory.MemoryStore;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.xray.XRayClient;
import software.amazon.awssdk.services.xray.model.BatchGetTracesResponse;
import software.amazon.awssdk.services.xray.model.GetTraceSummariesRequest;
import software.amazon.awssdk.services.xray.model.GetTraceSummariesResponse;
import software.amazon.awssdk.services.xray.model.InvalidRequestException;
import software.amazon.awssdk.services.xray.model.Segment;
import software.amazon.awssdk.services.xray.model.ServiceId;
import software.amazon.awssdk.services.xray.model.TimeRangeType;
import software.amazon.awssdk.services.xray.model.Trace;
import software.amazon.awssdk.services.xray.model.TraceSummary;
import software.amazon.awssdk.services.xray.model.TraceUser;
import software.amazon.awssdk.services.xray.model.ValueWithServiceIds;

/** Drives the routes with the AWS SDK for Java v2 (software.amazon.awssdk:xray). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ITTraceOperations {
  private static final long SECOND = 1_000_000_000L;
  private static final long BASE = 1_700_000_000L * SECOND;
  private static final int TICKS = 25;
  private static final int PAGE_SUMMARIES = 10;
  private static final int PAGE_BYTES = 4_000;
  private static final TraceId CHECKOUT = traceId(BASE / SECOND, 0xabc);

  private final MemoryStore store = new MemoryStore();
  private final Intake intake =
      new Intake(new Admission(1 << 24), new IngestMetrics(new PrometheusRegistry()), 1);
  private Server server;
  private XRayClient xray;
  private URI endpoint;

  @BeforeAll
  void start() {
    store.writer().write(SpanBatch.of(checkout()));
    for (int i = 0; i < TICKS; i++) {
      store.writer().write(SpanBatch.of(List.of(tick(i))));
    }
    server = server(store);
    server.start().join();
    endpoint = URI.create("http://127.0.0.1:" + server.activeLocalPort());
    xray =
        XRayClient.builder()
            .endpointOverride(endpoint)
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("x", "x")))
            .build();
  }

  private Server server(MemoryStore asked) {
    var table = new OperationTable(4);
    var groups = new Groups(asked.documents(), new Account("us-east-1", "000000000000"));
    TraceOperations.addTo(table, asked, new Filters(groups), PAGE_BYTES, PAGE_SUMMARIES);
    var builder = Server.builder().http(0);
    table.addTo(builder, intake, intake, RequestAccess.OPEN);
    return builder.build();
  }

  @AfterAll
  void stop() {
    xray.close();
    server.stop().join();
    intake.close();
    store.close();
  }

  private static TraceId traceId(long epochSeconds, long low) {
    return new TraceId(epochSeconds << 32, low);
  }

  /** One a second, from a thousand seconds after the checkout. */
  private static Span tick(int i) {
    long start = BASE + (1_000 + i) * SECOND;
    return Span.builder(traceId(start / SECOND, i + 1), new SpanId(i + 1))
        .service("cron")
        .name("cron")
        .kind(SpanKind.SERVER)
        .segment(true)
        .startEpochNanos(start)
        .endEpochNanos(start + SECOND / 2)
        .attribute("padding", Value.of("x".repeat(500)))
        .format(Format.XRAY)
        .build();
  }

  private static List<Span> checkout() {
    Span shop =
        Span.builder(CHECKOUT, new SpanId(1))
            .service("shop")
            .serviceType("AWS::ECS::Container")
            .name("shop")
            .kind(SpanKind.SERVER)
            .segment(true)
            .startEpochNanos(BASE + 123_456_789)
            .endEpochNanos(BASE + 2 * SECOND)
            .outcome(new Outcome(true, false, false))
            .attribute("http.request.method", Value.of("POST"))
            .attribute("url.full", Value.of("http://shop/checkout"))
            .attribute("http.response.status_code", Value.of(402L))
            .attribute("user_agent.original", Value.of("curl/8"))
            .attribute("client.address", Value.of("192.0.2.7"))
            .attribute("enduser.id", Value.of("ada"))
            .attribute("host.id", Value.of("i-1"))
            .attribute("cloud.availability_zone", Value.of("zone-a"))
            .attribute("xray.resource_arn", Value.of("arn:aws:ecs:x"))
            .attribute("aws.account_id", Value.of("123456789012"))
            .attribute("cart", Value.of("c-1"))
            .attribute("items", Value.of(3L))
            .attribute("gift", Value.of(true))
            .format(Format.XRAY)
            .build();
    Span call =
        Span.builder(CHECKOUT, new SpanId(2))
            .parentSpanId(new SpanId(1))
            .name("orders")
            .kind(SpanKind.CLIENT)
            .peerName("orders")
            .peerType("remote")
            .startEpochNanos(BASE + SECOND / 2)
            .endEpochNanos(BASE + SECOND)
            .format(Format.XRAY)
            .build();
    Span orders =
        Span.builder(CHECKOUT, new SpanId(3))
            .parentSpanId(new SpanId(2))
            .service("orders")
            .name("orders")
            .kind(SpanKind.SERVER)
            .segment(true)
            .startEpochNanos(BASE + 6 * SECOND / 10)
            .endEpochNanos(BASE + 3 * SECOND)
            .outcome(new Outcome(true, false, true))
            .attribute("cart", Value.of("c-1"))
            .attribute("ratio", Value.of(0.5))
            .format(Format.XRAY)
            .build();
    Span table =
        Span.builder(CHECKOUT, new SpanId(4))
            .parentSpanId(new SpanId(3))
            .name("DynamoDB")
            .kind(SpanKind.CLIENT)
            .peerName("orders-table")
            .peerType("AWS::DynamoDB::Table")
            .startEpochNanos(BASE + 7 * SECOND / 10)
            .endEpochNanos(BASE + 8 * SECOND / 10)
            .attribute("cart", Value.of("c-2"))
            .format(Format.XRAY)
            .build();
    return List.of(shop, call, orders, table);
  }

  private static Instant at(long secondsAfterBase) {
    return Instant.ofEpochSecond(BASE / SECOND + secondsAfterBase);
  }

  private GetTraceSummariesRequest.Builder request(long fromSeconds, long toSeconds) {
    return GetTraceSummariesRequest.builder().startTime(at(fromSeconds)).endTime(at(toSeconds));
  }

  @Test
  void getTraceSummaries_oneTrace_hasEveryMember() {
    GetTraceSummariesResponse answer = xray.getTraceSummaries(request(0, 1).build());

    assertThat(answer.nextToken()).isNull();
    assertThat(answer.approximateTime()).isEqualTo(at(0));
    assertThat(answer.tracesProcessedCount()).isEqualTo(1);
    assertThat(answer.traceSummaries()).hasSize(1);
    TraceSummary summary = answer.traceSummaries().getFirst();
    ServiceId shop =
        ServiceId.builder()
            .name("shop")
            .names("shop")
            .accountId("123456789012")
            .type("AWS::ECS::Container")
            .build();
    ServiceId orders = ServiceId.builder().name("orders").names("orders").build();
    assertThat(summary.id()).isEqualTo(CHECKOUT.toXRay());
    assertThat(summary.startTime()).isEqualTo(at(0).plusMillis(123));
    assertThat(summary.duration()).isEqualTo(2.876543211);
    assertThat(summary.responseTime()).isEqualTo(1.876543211);
    assertThat(summary.hasError()).isTrue();
    assertThat(summary.hasFault()).isFalse();
    assertThat(summary.hasThrottle()).isTrue();
    assertThat(summary.isPartial()).isFalse();
    assertThat(summary.http().httpMethod()).isEqualTo("POST");
    assertThat(summary.http().httpURL()).isEqualTo("http://shop/checkout");
    assertThat(summary.http().httpStatus()).isEqualTo(402);
    assertThat(summary.http().userAgent()).isEqualTo("curl/8");
    assertThat(summary.http().clientIp()).isEqualTo("192.0.2.7");
    assertThat(summary.annotations()).containsOnlyKeys("cart", "gift", "items", "ratio");
    assertThat(summary.annotations().get("cart"))
        .containsExactly(
            ValueWithServiceIds.builder()
                .annotationValue(value -> value.stringValue("c-1"))
                .serviceIds(shop, orders)
                .build(),
            ValueWithServiceIds.builder()
                .annotationValue(value -> value.stringValue("c-2"))
                .serviceIds(orders)
                .build());
    assertThat(summary.annotations().get("items").getFirst().annotationValue().numberValue())
        .isEqualTo(3);
    assertThat(summary.annotations().get("ratio").getFirst().annotationValue().numberValue())
        .isEqualTo(0.5);
    assertThat(summary.annotations().get("gift").getFirst().annotationValue().booleanValue())
        .isTrue();
    assertThat(summary.faultRootCauses()).isEmpty();
    assertThat(summary.errorRootCauses())
        .isNotEmpty()
        .allSatisfy(
            cause -> {
              assertThat(cause.clientImpacting()).isTrue();
              assertThat(cause.services().getFirst().name()).isEqualTo("shop");
              assertThat(cause.services().getFirst().entityPath()).isNotEmpty();
            });
    assertThat(summary.responseTimeRootCauses()).hasSize(1);
    assertThat(
            summary
                .responseTimeRootCauses()
                .getFirst()
                .services()
                .getFirst()
                .entityPath()
                .getFirst()
                .coverage())
        .isEqualTo(1.0);
    assertThat(summary.users())
        .containsExactly(TraceUser.builder().userName("ada").serviceIds(shop).build());
    assertThat(summary.serviceIds())
        .containsExactly(
            orders,
            ServiceId.builder()
                .name("orders-table")
                .names("orders-table")
                .type("AWS::DynamoDB::Table")
                .build(),
            shop);
    assertThat(summary.resourceARNs())
        .extracting(each -> each.arn())
        .containsExactly("arn:aws:ecs:x");
    assertThat(summary.instanceIds()).extracting(each -> each.id()).containsExactly("i-1");
    assertThat(summary.availabilityZones())
        .extracting(each -> each.name())
        .containsExactly("zone-a");
    assertThat(summary.entryPoint()).isEqualTo(shop);
    assertThat(summary.revision()).isEqualTo(8);
    assertThat(summary.matchedEventTime()).isNull();
  }

  @Test
  void getTraceSummaries_inProgressOrOrphan_isPartial() {
    TraceId open = traceId(BASE / SECOND + 5_000, 1);
    store
        .writer()
        .write(
            SpanBatch.of(
                List.of(
                    Span.builder(open, new SpanId(1))
                        .service("slow")
                        .segment(true)
                        .inProgress(true)
                        .startEpochNanos(BASE + 5_000 * SECOND)
                        .build())));
    TraceId orphan = traceId(BASE / SECOND + 6_000, 1);
    store
        .writer()
        .write(
            SpanBatch.of(
                List.of(
                    Span.builder(orphan, new SpanId(1))
                        .parentSpanId(new SpanId(2))
                        .service("late")
                        .segment(true)
                        .startEpochNanos(BASE + 6_000 * SECOND)
                        .endEpochNanos(BASE + 6_001 * SECOND)
                        .build())));

    TraceSummary slow =
        xray.getTraceSummaries(request(5_000, 5_001).build()).traceSummaries().getFirst();
    assertThat(slow.isPartial()).isTrue();
    assertThat(slow.duration()).isNull();
    assertThat(slow.responseTime()).isNull();
    TraceSummary late =
        xray.getTraceSummaries(request(6_000, 6_001).build()).traceSummaries().getFirst();
    assertThat(late.isPartial()).isTrue();
    assertThat(late.responseTime()).isEqualTo(1.0);
  }

  @Test
  void getTraceSummaries_throttleAndUser_areWhatTheFiltersFind() {
    for (boolean ofRoot : new boolean[] {false, true}) {
      TraceId orphans = traceId(BASE / SECOND + 7_000, ofRoot ? 2 : 1);
      List<Span> spans = new ArrayList<>();
      for (int id = 1; id <= 2; id++) {
        spans.add(
            Span.builder(orphans, new SpanId(id))
                .parentSpanId(new SpanId(9))
                .name("call")
                .startEpochNanos(BASE + 7_000 * SECOND + id)
                .endEpochNanos(BASE + 7_001 * SECOND)
                .outcome(new Outcome(true, false, ofRoot == (id == 1)))
                .attribute("user.id", Value.of("ada-" + ofRoot))
                .build());
      }
      store.writer().write(SpanBatch.of(spans));
    }
    List<TraceSummary> all = xray.getTraceSummaries(request(7_000, 7_001).build()).traceSummaries();
    List<TraceSummary> throttled =
        xray.getTraceSummaries(request(7_000, 7_001).filterExpression("throttle").build())
            .traceSummaries();
    assertThat(all).hasSize(2);
    assertThat(throttled)
        .isEqualTo(all.stream().filter(TraceSummary::hasThrottle).toList())
        .singleElement()
        .satisfies(
            summary ->
                assertThat(summary.users())
                    .extracting(user -> user.userName())
                    .containsExactly("ada-true"));
    assertThat(
            xray.getTraceSummaries(
                    request(7_000, 7_001).filterExpression("user = \"ada-true\"").build())
                .traceSummaries())
        .isEqualTo(throttled);
  }

  @ParameterizedTest
  @EnumSource(
      value = TimeRangeType.class,
      names = "UNKNOWN_TO_SDK_VERSION",
      mode = EnumSource.Mode.EXCLUDE)
  void getTraceSummaries_paginator_givesEachTraceOnceNewestFirst(TimeRangeType type) {
    List<GetTraceSummariesResponse> pages = new ArrayList<>();
    xray.getTraceSummariesPaginator(request(1_000, 1_100).timeRangeType(type).build())
        .forEach(pages::add);

    assertThat(pages).hasSize(3);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < TICKS; i++) {
      expected.add(tick(i).traceId().toXRay());
    }
    Collections.reverse(expected);
    assertThat(pages.stream().flatMap(page -> page.traceSummaries().stream()))
        .extracting(TraceSummary::id)
        .containsExactlyElementsOf(expected);
    assertThat(pages)
        .extracting(GetTraceSummariesResponse::approximateTime)
        .containsExactly(at(1_015), at(1_005), at(1_000));
    assertThat(pages)
        .extracting(GetTraceSummariesResponse::tracesProcessedCount)
        .containsExactly(10L, 10L, 5L);
  }

  @Test
  void getTraceSummaries_timeRangeTypes_lookAtDifferentTimes() {
    assertThat(found(request(2, 3).timeRangeType(TimeRangeType.TRACE_ID))).isEmpty();
    assertThat(found(request(1, 2).timeRangeType(TimeRangeType.EVENT)))
        .containsExactly(at(1).toString());
    assertThat(found(request(2, 3).timeRangeType(TimeRangeType.SERVICE)))
        .containsExactly(at(2).toString());
    assertThat(found(request(3, 4).timeRangeType(TimeRangeType.SERVICE)))
        .containsExactly(at(3).toString());
    assertThat(found(request(4, 5).timeRangeType(TimeRangeType.EVENT))).isEmpty();
  }

  private List<String> found(GetTraceSummariesRequest.Builder request) {
    return xray.getTraceSummaries(request.build()).traceSummaries().stream()
        .map(summary -> String.valueOf(summary.matchedEventTime()))
        .toList();
  }

  @Test
  void getTraceSummaries_tokenOfAnotherRequest_isRefused() {
    String token = xray.getTraceSummaries(request(1_000, 1_100).build()).nextToken();

    assertThatThrownBy(() -> xray.getTraceSummaries(request(1_000, 1_101).nextToken(token).build()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("NextToken: not valid for this request");
    assertThatThrownBy(() -> xray.getTraceSummaries(request(0, 1).nextToken("?").build()))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void getTraceSummaries_filterExpression_findsWhatMatches() {
    assertThat(found("service(\"cron\")")).isEmpty();
    assertThat(found("service(\"shop\") AND responsetime > 1")).containsExactly(CHECKOUT.toXRay());
    assertThat(found("responsetime > 100")).isEmpty();
    assertThat(found("")).containsExactly(CHECKOUT.toXRay());
  }

  private List<String> found(String expression) {
    return xray
        .getTraceSummaries(request(0, 1).filterExpression(expression).build())
        .traceSummaries()
        .stream()
        .map(TraceSummary::id)
        .toList();
  }

  @Test
  void getTraceSummaries_filterWithPages_givesEachMatchOnce() {
    List<String> ids = new ArrayList<>();
    for (GetTraceSummariesResponse page :
        xray.getTraceSummariesPaginator(
            request(1_000, 1_100).filterExpression("service(\"cron\") !fault").build())) {
      assertThat(page.traceSummaries()).hasSizeLessThanOrEqualTo(PAGE_SUMMARIES);
      page.traceSummaries().forEach(summary -> ids.add(summary.id()));
    }
    assertThat(ids).hasSize(TICKS).doesNotHaveDuplicates();
  }

  @Test
  void getTraceSummaries_filterThatIsNone_isRefusedWithLineAndColumn() {
    assertThatThrownBy(
            () -> xray.getTraceSummaries(request(0, 1).filterExpression("respontime > 1").build()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("FilterExpression: line 1, column 1")
        .hasMessageContaining("did you mean responsetime?");
  }

  @Test
  void getTraceSummaries_badRange_isRefused() {
    assertThatThrownBy(() -> xray.getTraceSummaries(request(5, 5).build()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("EndTime: not after StartTime");
    assertThatThrownBy(() -> xray.getTraceSummaries(builder -> builder.startTime(at(0))))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("EndTime: missing (expected: epoch seconds)");
    assertThatThrownBy(() -> xray.getTraceSummaries(request(0, 1).timeRangeType("Never").build()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("TimeRangeType: 'Never' (expected: Event, Service or TraceId)");
  }

  @Test
  void batchGetTraces_knownAndUnknownIds_areToldApart() {
    String unknown = traceId(1, 1).toXRay();
    BatchGetTracesResponse answer =
        xray.batchGetTraces(
            request -> request.traceIds(unknown, CHECKOUT.toHex(), "nonsense", CHECKOUT.toXRay()));

    assertThat(answer.nextToken()).isNull();
    assertThat(answer.unprocessedTraceIds()).containsExactly(unknown, "nonsense");
    assertThat(answer.traces()).hasSize(1);
    Trace trace = answer.traces().getFirst();
    assertThat(trace.id()).isEqualTo(CHECKOUT.toXRay());
    assertThat(trace.duration()).isEqualTo(2.876543211);
    assertThat(trace.limitExceeded()).isFalse();
  }

  @Test
  void batchGetTraces_documents_areThoseOfTheCodec() throws Exception {
    Trace trace =
        xray.batchGetTraces(request -> request.traceIds(CHECKOUT.toXRay())).traces().getFirst();

    List<String> shown = new ArrayList<>();
    for (Segment segment : trace.segments()) {
      JsonNode document = new ObjectMapper().readTree(segment.document());
      assertThat(document.get("id").asText()).isEqualTo(segment.id());
      assertThat(document.get("trace_id").asText()).isEqualTo(CHECKOUT.toXRay());
      shown.add(document.get("name").asText() + ' ' + document.path("inferred").asBoolean());
    }
    assertThat(shown).containsExactly("shop false", "orders false", "DynamoDB true");
  }

  @Test
  void batchGetTraces_paginator_givesEachTraceOnceInTheOrderAskedFor() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < TICKS; i++) {
      ids.add(tick(i).traceId().toXRay());
    }
    List<BatchGetTracesResponse> pages = new ArrayList<>();
    xray.batchGetTracesPaginator(request -> request.traceIds(ids)).forEach(pages::add);

    assertThat(pages).hasSizeGreaterThanOrEqualTo(3);
    assertThat(pages.stream().flatMap(page -> page.traces().stream()))
        .extracting(Trace::id)
        .containsExactlyElementsOf(ids);
    assertThatThrownBy(
            () ->
                xray.batchGetTraces(
                    request ->
                        request
                            .traceIds(ids.subList(1, 9))
                            .nextToken(pages.getFirst().nextToken())))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("NextToken");
  }

  @Test
  void batchGetTraces_badIds_areRefused() {
    assertThatThrownBy(() -> xray.batchGetTraces(request -> request.traceIds(List.of())))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("TraceIds: 0 values (expected: 1 to 1000)");
    assertThatThrownBy(() -> xray.batchGetTraces(request -> request.traceIds("x".repeat(36))))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("(expected: strings of 1 to 35 characters)");
  }

  @Test
  void anyOperation_storeClosed_isServiceUnavailable() {
    MemoryStore closed = new MemoryStore();
    try (Server stopping = server(closed);
        HttpClient client = HttpClient.newHttpClient()) {
      stopping.start().join();
      closed.close();
      HttpResponse<String> answer =
          post(
              client,
              URI.create("http://127.0.0.1:" + stopping.activeLocalPort()),
              "/Traces",
              "{\"TraceIds\":[\"a\"]}".getBytes(StandardCharsets.UTF_8));

      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("x-amzn-ErrorType"))
          .contains("ServiceUnavailableException");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/Traces | `` | TraceIds: missing (expected: a list of strings)",
        "/Traces | {} | TraceIds: missing (expected: a list of strings)",
        "/Traces | {\"TraceIds\":null} | TraceIds: missing (expected: a list of strings)",
        "/Traces | {\"TraceIds\":\"a\"} | TraceIds: \"a\" (expected: a list of strings)",
        "/Traces | {\"TraceIds\":[1]} | TraceIds: 1 (expected: strings of 1 to 35 characters)",
        "/Traces | {\"TraceIds\":[\"a\"],\"NextToken\":1} | NextToken: 1 (expected: a string)",
        "/Traces | [] | body: ARRAY (expected: a JSON object)",
        "/TraceSummaries | {\"StartTime\":-1,\"EndTime\":1} | StartTime: -1 (expected: epoch seconds",
        "/TraceSummaries | {\"StartTime\":1e999999999,\"EndTime\":1} | StartTime: 1E+999999999 (exp",
        "/TraceSummaries | {\"StartTime\":1e-999999999,\"EndTime\":1} | StartTime: 1E-999999999 (ex",
        "/TraceSummaries | {\"StartTime\":true,\"EndTime\":1} | StartTime: true (expected: epoch",
        "/TraceSummaries | {\"StartTime\":\"noon\",\"EndTime\":1} | StartTime: \"noon\" (expected:"
      })
  void badBody_isInvalidRequest_inTheShapeThatClientsRead(String path, String body, String message)
      throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          post(client, endpoint, path, body.getBytes(StandardCharsets.UTF_8));

      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.headers().firstValue("x-amzn-ErrorType"))
          .contains("InvalidRequestException");
      assertThat(answer.headers().firstValue("x-amzn-RequestId")).isPresent();
      JsonNode error = new ObjectMapper().readTree(answer.body());
      assertThat(error.get("__type").asText()).isEqualTo("InvalidRequestException");
      assertThat(error.get("Message").asText()).startsWith(message);
      assertThat(error.get("message")).isEqualTo(error.get("Message"));
    }
  }

  @Test
  void body_malformedTooLongOrGzip_isAnsweredAsSuch() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertThat(
              post(client, endpoint, "/Traces", "{".getBytes(StandardCharsets.UTF_8)).statusCode())
          .isEqualTo(400);
      assertThat(post(client, endpoint, "/Traces", new byte[(1 << 20) + 1]).statusCode())
          .isEqualTo(413);
      ByteArrayOutputStream zipped = new ByteArrayOutputStream();
      try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
        gzip.write(
            ("{\"StartTime\":\"2023-11-14T22:13:20Z\",\"EndTime\":1.700000001E9,\"Other\":[{}],"
                    + "\"NextToken\":null}")
                .getBytes(StandardCharsets.UTF_8));
      }
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(endpoint.resolve("/TraceSummaries"))
                  .header("Content-Encoding", "gzip")
                  .POST(HttpRequest.BodyPublishers.ofByteArray(zipped.toByteArray()))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.body()).contains(CHECKOUT.toXRay());
    }
  }

  private static HttpResponse<String> post(
      HttpClient client, URI endpoint, String path, byte[] body) {
    return client
        .sendAsync(
            HttpRequest.newBuilder(endpoint.resolve(path))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .join();
  }
}
