// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.Server;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.ingest.Arrival;
import io.roentgen.ingest.Refused;
import io.roentgen.ingest.Transport;
import io.roentgen.model.Format;
import io.roentgen.model.Outcome;
import io.roentgen.model.Raw;
import io.roentgen.model.Resource;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Scope;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.SpanLink;
import io.roentgen.model.StatusCode;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.server.console.SessionRoutes;
import io.roentgen.server.sample.SampleData;
import io.roentgen.server.sample.SampleStore;
import io.roentgen.server.xray.graph.Graphs;
import io.roentgen.server.xray.groups.Filters;
import io.roentgen.server.xray.groups.GroupOperations;
import io.roentgen.server.xray.groups.Groups;
import io.roentgen.server.xray.insights.InsightDocuments;
import io.roentgen.server.xray.sampling.Rules;
import io.roentgen.server.xray.sampling.SamplingOperations;
import io.roentgen.server.xray.state.Account;
import io.roentgen.store.DocumentStore;
import io.roentgen.store.TraceStore;
import io.roentgen.store.memory.MemoryStore;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ITApiRoutes {
  private static final long NOW = 1_700_000_000_000_000_000L;
  private static final long MILLIS = 1_000_000;

  /** When sample data is loaded, away from what other tests ask for. */
  private static final long LATER = NOW / 1_000_000_000 + 86_400;

  private static final TraceId CHECKOUT = TraceId.parse("1-6553f0e2-bd862e3fe1be46a994272793");
  private static final String ACTIVE = "00000000-0000-3000-8000-000000000002";
  private static final String CLOSED = "00000000-0000-3000-8000-000000000001";
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Account ACCOUNT = new Account("us-east-1", "000000000000");

  private final MemoryStore store = new MemoryStore();
  private final InsightDocuments insights = new InsightDocuments(store.documents());
  private final SampleStore shown = new SampleStore(store);
  private final SampleData sampleData =
      new SampleData(shown, (_, change) -> change.run(), () -> Instant.ofEpochSecond(LATER));
  private final ApiRoutes routes =
      new ApiRoutes(
          shown,
          new Graphs(shown, null),
          groupsOf(store),
          ITApiRoutes::status,
          sampleData,
          insights,
          samplingOf(store),
          Clock.fixed(Instant.ofEpochSecond(NOW / 1_000_000_000L), ZoneOffset.UTC));
  private Server server;
  private WebClient client;
  private JsonNode description;

  static GroupOperations groupsOf(TraceStore store) {
    var groups = new Groups(store.documents(), ACCOUNT);
    return new GroupOperations(groups, new Filters(groups), InstantSource.system());
  }

  static SamplingOperations samplingOf(TraceStore store) {
    return new SamplingOperations(
        new Rules(store.documents(), ACCOUNT, InstantSource.system()),
        new PrometheusRegistry(),
        InstantSource.system());
  }

  @BeforeAll
  void start() throws Exception {
    keepInsights();
    store.writer().write(SpanBatch.of(checkout()));
    store
        .writer()
        .write(
            SpanBatch.of(
                IntStream.range(0, 50)
                    .mapToObj(
                        i ->
                            Span.builder(new TraceId(7, i + 1), new SpanId(i + 1))
                                .service("cron")
                                .name("tick")
                                .segment(true)
                                .startEpochNanos(NOW - 2_000_000 * MILLIS - i)
                                .endEpochNanos(NOW - 2_000_000 * MILLIS)
                                .build())
                    .toList()));
    var builder = Server.builder().http(0);
    routes.addTo(builder);
    server = builder.build();
    server.start().join();
    client = WebClient.of("http://127.0.0.1:" + server.activeLocalPort());
    description = new YAMLMapper().readTree(get("/api/openapi.yaml").contentUtf8());
  }

  @AfterAll
  void stop() {
    server.stop().join();
    store.close();
  }

  private static ServerStatus status() {
    return new ServerStatus(
        "1.2.3",
        NOW,
        List.of(new ServerStatus.Listener("http", "127.0.0.1:8600", false)),
        new ServerStatus.Ingest(
            9,
            0.5,
            List.of(new ServerStatus.Drop("xray_udp", "too_large", 3)),
            Map.of(Transport.XRAY_UDP, 9L),
            List.of(new Arrival(Transport.XRAY_UDP, NOW, 2, CHECKOUT, "shop", "GET /checkout")),
            List.of(new Refused(Transport.XRAY_UDP, "too_large", NOW, 3, "datagram: 70000 bytes"))),
        new ServerStatus.Disk("/var/lib/roentgen", 100, 40),
        List.of(
            new ServerStatus.InEffect("store.retention", "7d", "option --set", "how long"),
            new ServerStatus.InEffect("store.path", "data", null, "data folder")));
  }

  /** Every field of the model is used once; the order service's clock is 5 s behind. */
  private static List<Span> checkout() {
    Map<String, Value> values = new LinkedHashMap<>();
    values.put("http.request.method", Value.of("GET"));
    values.put("http.response.status_code", Value.of(200L));
    values.put("ratio", Value.of(0.25));
    values.put("nan", Value.of(Double.NaN));
    values.put("hit", Value.of(true));
    values.put("bytes", new Value.BytesValue(new byte[] {1, 2, 3}));
    values.put("list", new Value.ArrayValue(List.of(Value.of("a"), Value.of(Long.MAX_VALUE))));
    values.put("map", new Value.MapValue(Map.of("k", Value.of(1L))));
    values.put("nothing", Value.EmptyValue.INSTANCE);
    long start = NOW - 1_000 * MILLIS;
    Span root =
        Span.builder(CHECKOUT, new SpanId(1))
            .service("shop")
            .serviceType("AWS::ECS::Container")
            .name("GET /checkout")
            .kind(SpanKind.SERVER)
            .segment(true)
            .startEpochNanos(start)
            .endEpochNanos(start + 100 * MILLIS)
            .attributes(values)
            .format(Format.XRAY)
            .document("{\"metadata\":{\"default\":{\"n\":1e400}}}")
            .build();
    Span call =
        Span.builder(CHECKOUT, new SpanId(2))
            .parentSpanId(new SpanId(1))
            .name("orders.internal")
            .kind(SpanKind.CLIENT)
            .peerName("orders.internal")
            .peerType("remote")
            .startEpochNanos(start + 10 * MILLIS)
            .endEpochNanos(start + 90 * MILLIS)
            .format(Format.XRAY)
            .build();
    Span orders =
        Span.builder(CHECKOUT, new SpanId(3))
            .parentSpanId(new SpanId(2))
            .service("orders/v1 äö")
            .name("place")
            .kind(SpanKind.SERVER)
            .segment(true)
            .startEpochNanos(start - 5_000 * MILLIS)
            .endEpochNanos(start - 4_940 * MILLIS)
            .statusCode(StatusCode.ERROR)
            .statusMessage("no stock")
            .outcome(new Outcome(false, true, false))
            .flags(0x101)
            .traceState("a=b")
            .droppedAttributesCount(2)
            .events(
                List.of(
                    new SpanEvent(start, "exception", Map.of("exception.type", Value.of("E")), 1)))
            .droppedEventsCount(3)
            .links(
                List.of(
                    new SpanLink(
                        new TraceId(1, 2),
                        new SpanId(9),
                        "c=d",
                        1,
                        Map.of("why", Value.of("batch")),
                        1)))
            .droppedLinksCount(4)
            .resourceScope(
                new ResourceScope(
                    new Resource(
                        Map.of("service.name", Value.of("orders/v1 äö")),
                        1,
                        "https://r",
                        Raw.EMPTY),
                    new Scope("lib", "1.0", Map.of("s", Value.of(1L)), 1, "https://s", Raw.EMPTY)))
            .raw(Raw.of(new byte[] {8, 1}))
            .build();
    Span open =
        Span.builder(CHECKOUT, new SpanId(4))
            .parentSpanId(new SpanId(99))
            .service("mail")
            .name("send")
            .inProgress(true)
            .segment(true)
            .startEpochNanos(start + 20 * MILLIS)
            .build();
    return List.of(root, call, orders, open);
  }

  @Test
  void openapi_pathsAndParameters_areThoseRegistered() {
    Map<String, List<String>> described = new TreeMap<>();
    description
        .get("paths")
        .properties()
        .forEach(
            path -> {
              if (path.getKey().equals(SessionRoutes.PATH)
                  || path.getKey().equals(LiveRoute.PATH)) {
                return;
              }
              assertThat(path.getValue().properties()).isNotEmpty();
              for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                List<String> names = new ArrayList<>();
                for (JsonNode parameter : method.getValue().path("parameters")) {
                  JsonNode resolved =
                      parameter.has("$ref")
                          ? description.at(parameter.get("$ref").asText().substring(1))
                          : parameter;
                  if (resolved.get("in").asText().equals("query")) {
                    names.add(resolved.get("name").asText());
                  } else {
                    assertThat(path.getKey()).contains("{" + resolved.get("name").asText() + "}");
                  }
                }
                described.put(method.getKey() + ' ' + path.getKey(), names);
              }
            });
    Map<String, List<String>> registered = new TreeMap<>();
    for (ApiRoutes.Endpoint endpoint : routes.endpoints()) {
      registered.put(
          endpoint.method().name().toLowerCase(Locale.ROOT) + ' ' + endpoint.path(),
          endpoint.parameters());
    }

    assertThat(described).isEqualTo(registered);
  }

  @Test
  void search_defaults_findsTheLastHourNewestFirst() throws Exception {
    JsonNode page = ok("/api/traces", "TracePage");

    assertThat(page.get("startEpochNanos").asText()).isEqualTo("1699996400000000000");
    assertThat(page.get("endEpochNanos").asText()).isEqualTo("1700000000000000000");
    assertThat(page.get("traces")).hasSize(20);
    assertThat(page.get("traces").get(0))
        .isEqualTo(
            JSON.readTree(
                """
                {"traceId":"6553f0e2bd862e3fe1be46a994272793",
                 "xrayTraceId":"1-6553f0e2-bd862e3fe1be46a994272793",
                 "startEpochNanos":"1699999994000000000",
                 "endEpochNanos":"1699999999100000000",
                 "durationNanos":"5100000000",
                 "root":{"spanId":"0000000000000001","service":"shop","name":"GET /checkout",
                         "durationNanos":"100000000","error":false,"fault":false,"throttle":false},
                 "spanCount":4,"error":false,"fault":true,"throttle":false,"inProgress":true,
                 "services":["mail","orders/v1 äö","shop"]}
                """));
  }

  @ParameterizedTest
  @ValueSource(strings = {"service=cron", "filter=service(%22cron%22)"})
  void search_cursors_giveEachTraceOnce(String filter) throws Exception {
    List<String> ids = new ArrayList<>();
    String cursor = "";
    int pages = 0;
    do {
      JsonNode page = ok("/api/traces?" + filter + "&start=-2h&limit=20" + cursor, "TracePage");
      page.get("traces").forEach(trace -> ids.add(trace.get("traceId").asText()));
      cursor = page.has("nextCursor") ? "&cursor=" + page.get("nextCursor").asText() : "";
      pages++;
    } while (!cursor.isEmpty());

    assertThat(pages).isEqualTo(3);
    assertThat(ids).hasSize(50).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "&filter=service(%22cron%22)"})
  void search_cursorOfOtherFilters_isRefused(String filter) throws Exception {
    JsonNode page = ok("/api/traces?service=cron&limit=20" + filter, "TracePage");
    String cursor = page.get("nextCursor").asText();

    for (String other : List.of("service=shop", "service=cron&filter=service(%22shop%22)")) {
      assertThat(refused(400, "/api/traces?" + other + "&limit=20&cursor=" + cursor))
          .contains("cursor: ", "the same filters");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "service=shop",
        "operation=place",
        "service=shop&operation=GET%20%2Fcheckout&minDuration=100ms&maxDuration=0.1s",
        "status=fault",
        "attribute=http.request.method%3DGET",
        "attribute=http.response.status_code%3D200&attribute=hit=true",
        "attribute=service.name%3Dorders%2Fv1%20%C3%A4%C3%B6",
        "service=shop&timeField=active&start=1699999999&end=1699999999.1",
        "service=shop&timeField=segmentEnd&start=2023-11-14T22:13:19Z&end=1699999999200",
        "service=shop&timeField=traceId&start=1699999970&end=1699999971",
        "filter=service(%22shop%22)%20AND%20http.method%20%3D%20%22GET%22",
        "service=shop&filter=!service(%22cron%22)"
      })
  void search_filter_findsItsTrace(String query) throws Exception {
    assertThat(ids("/api/traces?" + query)).containsExactly(CHECKOUT.toHex());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "service=sho",
        "service=shop&minDuration=101ms",
        "service=shop&status=throttle",
        "service=shop&operation=place",
        "attribute=hit%3Dfalse",
        "service=shop&end=1699999990",
        "service=shop&filter=service(%22cron%22)",
        "filter=service(%22shop%22)%20AND%20http.method%20%3D%20%22PUT%22"
      })
  void search_filterOfNone_findsNothing(String query) throws Exception {
    assertThat(ids("/api/traces?" + query)).isEmpty();
  }

  private List<String> ids(String path) throws Exception {
    List<String> ids = new ArrayList<>();
    ok(path, "TracePage").get("traces").forEach(trace -> ids.add(trace.get("traceId").asText()));
    return ids;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/api/traces?start=noon | start: 'noon' (expected: RFC 3339 such as",
        "/api/traces?end=-1 | end: '-1' (expected: RFC 3339 such as",
        "/api/traces?start=1700000001 | start: '1700000001' (expected: before end, which is now",
        "/api/traces?start=5&end=5 | end: '5' (expected: after start)",
        "/api/traces?minDuration=10 | minDuration: '10' (expected: a duration such as",
        "/api/traces?minDuration=2s&maxDuration=1s | maxDuration: '1s' (expected: at least minDuration)",
        "/api/traces?status=bad | status: 'bad' (expected: ok, error, fault, throttle)",
        "/api/traces?grpcStatus=1 | grpcStatus: '1' (expected: true, false)",
        "/api/trace-statistics?filter=servce(%22a%22) | filter: line 1, column 1: ",
        "/api/compare | a: '' (expected: the id of a trace, or aFilter or aLike for a set of them)",
        "/api/compare?a=6553f0e2bd862e3fe1be46a994272793 | b: '' (expected: the id of a trace, or",
        "/api/compare?a=x&bFilter=ok | a: 'x' (expected: 1-8hex-24hex, or 32 or 16 hex digits",
        "/api/compare?a=x&aFilter=ok&b=y | a: 'x' (expected: a trace, or a set of them, not both)",
        "/api/compare?aFilter=servce(%22a%22)&bFilter=ok | aFilter: line 1, column 1: ",
        "/api/compare?aFilter=ok&bLike=x | bLike: 'x' (expected: 1-8hex-24hex",
        "/api/analytics | a: '' (expected: the filter expression of the traces to look at)",
        "/api/analytics?a=servce(%22a%22) | a: line 1, column 1: ",
        "/api/analytics?a=ok&b=servce(%22a%22) | b: line 1, column 1: ",
        "/api/analytics?a=ok&filter=servce(%22a%22) | filter: line 1, column 1: ",
        "/api/traces/nonsense/skeleton | id: 'nonsense' (expected: 1-8hex-24hex",
        "/api/traces/0123456789abcdef0123456789abcdef/raw?form=xml | form: 'xml' (expected: otlp, xray)",
        "/api/traces?timeField=end | timeField: 'end' (expected: start, traceId, active, segmentEnd)",
        "/api/traces?limit=0 | limit: '0' (expected: 1 to 1000)",
        "/api/traces?limit=1001 | limit: '1001' (expected: 1 to 1000)",
        "/api/traces?limit=x | limit: 'x' (expected: 1 to 1000)",
        "/api/traces?service= | service: '' (expected: a value, or leave the parameter out)",
        "/api/traces?service=a&service=b | service: given 2 times (expected: once)",
        "/api/traces?attribute=x | attribute: 'x' (expected: key=value)",
        "/api/traces?attribute=x=1&attribute=x=2 | attribute: 'x=2' (expected: each key once)",
        "/api/traces?filter=servce(%22a%22) | filter: line 1, column 1: ",
        "/api/graph?filter=servce(%22a%22) | filter: line 1, column 1: ",
        "/api/graph/details | name: '' (expected: the name of a node, or callerName and calleeName of an edge)",
        "/api/graph/details?callerName=a | calleeName: '' (expected: the name of a node, or",
        "/api/graph/details?calleeName=a | callerName: '' (expected: the name of a node, or",
        "/api/graph/details?name=a&callerName=b | name: 'a' (expected: a node or an edge, not both)",
        "/api/graph/details?type=a | type: 'a' (expected: only with name)",
        "/api/graph/errors | name: '' (expected: the name of a node)",
        "/api/graph/errors?type=a | type: 'a' (expected: only with name)",
        "/api/graph/errors?name=a&filter=servce(%22a%22) | filter: line 1, column 1: ",
        "/api/graph/details?name=a&filter=servce(%22a%22) | filter: line 1, column 1: ",
        "/api/traces?filter= | filter: '' (expected: a value, or leave the parameter out)",
        "/api/traces?field=fault | field: 'fault' (expected: service, a keyword with values",
        "/api/trace-fields/values | field: '' (expected: service, a keyword with values",
        "/api/trace-fields/values?field=duration | field: 'duration' (expected: service",
        "/api/trace-fields/values?field=user&filter=servce(%22a%22) | filter: line 1, column 1: ",
        "/api/trace-statistics?columns=241 | columns: '241' (expected: 1 to 240)",
        "/api/filter/completions?expression=ok&position=3 | position: '3' (expected: 0 to 2)",
        "/api/filter/parse?expression=a&expression=b | expression: given 2 times (expected: once)",
        "/api/traces?cursor=abc | cursor: 'abc' (expected: nextCursor of a search",
        "/api/traces/nonsense | id: 'nonsense' (expected: 1-8hex-24hex, or 32 or 16 hex digits",
        "/api/traces/00000000000000000000000000000000 | id: '00000000000000000000000000000000' (exp"
      })
  void badValue_isRefused_withNameValueAndExpectation(String path, String message)
      throws Exception {
    JsonNode error = JSON.readTree(refusedBody(400, path)).get("error");

    assertThat(error.get("code").asText()).isEqualTo("invalid_parameter");
    assertThat(error.get("message").asText()).startsWith(message);
    assertThat(error.get("parameter").asText())
        .isEqualTo(message.substring(0, message.indexOf(':')));
  }

  @Test
  void badFilter_tellsWhereAndWhatWasMeant() throws Exception {
    JsonNode error =
        JSON.readTree(refusedBody(400, "/api/traces?filter=ok%20AND%20respontime%20%3E%201"));

    assertThat(error.at("/error/position"))
        .isEqualTo(JSON.readTree("{\"line\":1,\"column\":8,\"hint\":\"responsetime\"}"));
  }

  @Test
  void traceStatistics_withColumns_countsEachTraceInACell() throws Exception {
    JsonNode statistics = ok("/api/trace-statistics?start=-2h&columns=60", "TraceStatistics");

    JsonNode heatmap = statistics.get("heatmap");
    assertThat(heatmap.get("columnNanos").asLong()).isEqualTo(120_000 * MILLIS);
    int count = 0;
    int bad = 0;
    for (int i = 0; i < heatmap.get("counts").size(); i++) {
      count += heatmap.get("counts").get(i).asInt();
      bad += heatmap.get("badCounts").get(i).asInt();
      assertThat(heatmap.get("columns").get(i).asInt()).isLessThan(60);
      assertThat(heatmap.get("buckets").get(i).asInt())
          .isLessThan(statistics.get("buckets").size());
    }
    assertThat(count).isEqualTo(51);
    assertThat(bad).isEqualTo(1);
  }

  @Test
  void search_withFields_tellsTheirValuesWithTheFiltersThatFindThem() throws Exception {
    String path = "/api/traces?field=http.method&field=annotation.hit&filter=";
    JsonNode page = ok(path + encoded("service(\"shop\")"), "TracePage");

    JsonNode fields = page.get("traces").get(0).get("fields");
    assertThat(fields.at("/http.method/0/value").asText()).isEqualTo("GET");
    String clause = fields.at("/annotation.hit/0/clause").asText();
    assertThat(clause).isEqualTo("annotation.hit = true");
    assertThat(ids("/api/traces?filter=" + encoded(clause))).containsExactly(CHECKOUT.toHex());
    assertThat(ok("/api/traces?field=user&limit=1", "TracePage").at("/traces/0/fields/user"))
        .isEmpty();
  }

  @Test
  void fieldValues_countTracesByValue_theMostFirst() throws Exception {
    JsonNode counted =
        ok("/api/trace-fields/values?start=-2h&field=service&limit=2", "FieldValues");

    assertThat(counted.get("traceCount").asInt()).isEqualTo(51);
    assertThat(counted.get("valueCount").asInt()).isGreaterThan(2);
    assertThat(counted.get("values")).hasSize(2);
    assertThat(counted.at("/values/0/value").asText()).isEqualTo("cron");
    assertThat(counted.at("/values/0/traceCount").asInt()).isEqualTo(50);
    assertThat(counted.at("/values/0/clause").asText()).isEqualTo("service(\"cron\")");
    JsonNode methods = ok("/api/trace-fields/values?start=-2h&field=http.method", "FieldValues");
    assertThat(methods.get("withoutCount").asInt()).isEqualTo(50);
  }

  @Test
  void fields_areTheAnnotationKeysOfTheNewestTraces() throws Exception {
    JsonNode fields = ok("/api/trace-fields?start=-2h", "TraceFields");

    assertThat(fields.get("lookedAtCount").asInt()).isEqualTo(51);
    assertThat(fields.get("annotationKeys").findValuesAsText("field"))
        .contains("annotation.ratio", "annotation[\"http.request.method\"]");
  }

  @Test
  void parse_ofAnExpression_givesItsTerms() throws Exception {
    JsonNode parsed =
        ok("/api/filter/parse?expression=" + encoded("ok AND user = \"a\""), "ParsedFilter");

    assertThat(parsed)
        .isEqualTo(
            JSON.readTree(
                """
                {"terms":[{"from":0,"to":2,"text":"ok"},{"from":7,"to":17,"text":"user = \\"a\\""}]}
                """));
    assertThat(ok("/api/filter/parse", "ParsedFilter").get("terms")).isEmpty();
  }

  @Test
  void parse_ofWhatIsNoExpression_tellsWhereAndWhatWasMeant() throws Exception {
    JsonNode parsed =
        ok("/api/filter/parse?expression=" + encoded("ok AND respontime > 1"), "ParsedFilter");

    assertThat(parsed.get("terms")).isEmpty();
    assertThat(parsed.at("/problem/position").asInt()).isEqualTo(7);
    assertThat(parsed.at("/problem/hint").asText()).isEqualTo("responsetime");
  }

  private JsonNode completions(String expression, String more) throws Exception {
    return ok(
        "/api/filter/completions?start=-2h&expression=" + encoded(expression) + more,
        "Completions");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "resp; responsetime; `responsetime `; ",
        "service(; cron; \"cron\"); 50",
        "service(\"cr; cron; \"cron\"); 50",
        "edge(\"shop\", ; orders/v1 äö; \"orders/v1 äö\"); 1",
        "annotation.hi; annotation.hit; `annotation.hit `; 1",
        "attribute[\"rat; ratio; \"ratio\"]; 1",
        "annotation.hit = ; true; true; 1",
        "http.method = ; GET; \"GET\"; 1",
        "http.status = ; 200; 200; 1",
        "grpc.status = UNAV; UNAVAILABLE; UNAVAILABLE; 0",
      })
  void completions_areWhatFitsThere_withCounts(
      String expression, String label, String text, Integer count) throws Exception {
    JsonNode found = completions(expression, "");

    assertThat(found.get("completions"))
        .anySatisfy(
            each -> {
              assertThat(each.get("label").asText()).isEqualTo(label);
              assertThat(each.get("text").asText()).isEqualTo(text);
              assertThat(count == null ? !each.has("count") : each.get("count").asInt() == count)
                  .as("%s", each)
                  .isTrue();
            });
  }

  @Test
  void completions_inTheMiddle_doNotRepeatWhatStandsBehind() throws Exception {
    JsonNode found = completions("service(\"c\") AND ok", "&position=10");

    assertThat(found.get("from").asInt()).isEqualTo(8);
    assertThat(found.get("to").asInt()).isEqualTo(11);
    assertThat(found.at("/completions/0/text").asText()).isEqualTo("\"cron\"");
  }

  @Test
  void completions_behindSomethingWrong_tellTheProblem() throws Exception {
    JsonNode found = completions("servce(\"a\") AND ", "");

    assertThat(found.get("completions")).isEmpty();
    assertThat(found.at("/problem/hint").asText()).isEqualTo("service()");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/filter/completions", "/api/filter/parse"})
  void expression_ofAHundredKilobytes_isRefused_andTheServerGoesOn(String path) throws Exception {
    // By HTTP/1, as with HTTP/2 a client is told the bound and does not even send it.
    AggregatedHttpResponse response =
        WebClient.of("h1c://127.0.0.1:" + server.activeLocalPort())
            .get(path + "?expression=" + "(".repeat(100_000))
            .aggregate()
            .join();

    assertThat(response.status().isClientError()).as("%s", response.status()).isTrue();
    assertThat(ok("/api/filter/parse?expression=ok", "ParsedFilter").get("terms")).hasSize(1);
  }

  @Test
  void skeleton_ofATrace_hasAColumnEntryForEachSpan() throws Exception {
    JsonNode skeleton = ok("/api/traces/" + CHECKOUT.toHex() + "/skeleton", "Skeleton");

    assertThat(skeleton.get("startEpochNanos").asText()).isEqualTo("1699999999000000000");
    assertThat(skeleton.get("durationNanos").asText()).isEqualTo("100000000");
    assertThat(skeleton.get("spanIds").asText())
        .isEqualTo("0000000000000001000000000000000200000000000000030000000000000004");
    assertThat(skeleton.get("above")).isEqualTo(JSON.readTree("[0,1,1,0]"));
    // The order service's clock was 5 s behind, so that its call stands in the middle of its
    // caller's.
    assertThat(skeleton.get("offsetNanos"))
        .isEqualTo(JSON.readTree("[0,10000000,10000000,20000000]"));
    assertThat(skeleton.get("lengthNanos"))
        .isEqualTo(JSON.readTree("[100000000,80000000,60000000,0]"));
    assertThat(skeleton.get("serviceTexts"))
        .isEqualTo(JSON.readTree("[\"shop\",\"orders/v1 äö\",\"mail\"]"));
    assertThat(skeleton.get("shapes")).isEqualTo(JSON.readTree("[0,1,2,3]"));
    assertThat(skeleton.get("shapeServices")).isEqualTo(JSON.readTree("[0,0,1,2]"));
    assertThat(skeleton.get("shapeKinds")).isEqualTo(JSON.readTree("[2,3,2,0]"));
    assertThat(skeleton.get("statuses")).isEqualTo(JSON.readTree("[0,-1,-1,-1]"));
    assertThat(skeleton.get("statusTexts")).isEqualTo(JSON.readTree("[\"200\"]"));
    assertThat(skeleton.get("flags"))
        .isEqualTo(
            JSON.readTree("[64,0," + (64 + 2 + 128 + 256 + 512) + "," + (64 + 8 + 16) + "]"));
    assertThat(skeleton.get("pathStartNanos").asText()).isEqualTo("0");
    assertThat(skeleton.get("pathSpans")).isEqualTo(JSON.readTree("[0,1,2,1,0]"));
    assertThat(skeleton.get("pathNanos"))
        .isEqualTo(JSON.readTree("[10000000,10000000,60000000,10000000,10000000]"));
  }

  @Test
  void span_ofATrace_isThatOfTheWholeTrace() throws Exception {
    JsonNode trace = ok("/api/traces/" + CHECKOUT.toHex(), "Trace");
    JsonNode details =
        ok("/api/traces/" + CHECKOUT.toHex() + "/spans/0000000000000003", "SpanDetails");

    ObjectNode expected = trace.get("spans").get(2).deepCopy();
    int resourceScope = expected.get("resourceScope").asInt();
    expected.put("resourceScope", 0);
    assertThat(details.get("span")).isEqualTo(expected);
    assertThat(details.get("resourceScope"))
        .isEqualTo(trace.get("resourceScopes").get(resourceScope));
  }

  @Test
  void raw_ofASpan_isADocumentAndAnExportRequest() throws Exception {
    JsonNode raw = ok("/api/traces/" + CHECKOUT.toHex() + "/spans/0000000000000001/raw", "RawSpan");

    assertThat(raw.get("xray")).hasSize(1);
    JsonNode document = JSON.readTree(raw.get("xray").get(0).asText());
    assertThat(document.get("trace_id").asText()).isEqualTo(CHECKOUT.toXRay());
    assertThat(document.get("name").asText()).isEqualTo("GET /checkout");
    assertThat(
            JSON.readTree(raw.get("otlp").asText())
                .at("/resourceSpans/0/scopeSpans/0/spans/0/spanId")
                .asText())
        .isEqualTo("0000000000000001");
  }

  @Test
  void rawTrace_inEitherForm_hasEverySpan() throws Exception {
    JsonNode xray = ok("/api/traces/" + CHECKOUT.toHex() + "/raw", "RawTrace");
    JsonNode otlp = ok("/api/traces/" + CHECKOUT.toHex() + "/raw?form=otlp", "RawTrace");

    assertThat(xray.get("spanCount").asInt()).isEqualTo(4);
    assertThat(xray.get("documents").toString())
        .contains("0000000000000001", "0000000000000002", "0000000000000003", "0000000000000004");
    assertThat(otlp.get("documents")).hasSize(1);
    assertThat(otlp.get("documents").get(0).asText())
        .contains("0000000000000001", "0000000000000002", "0000000000000003", "0000000000000004");
  }

  @Test
  void rank_ofASpan_countsTheOthersOfItsOperation() throws Exception {
    String span = "/api/traces/" + CHECKOUT.toHex() + "/spans/0000000000000001/rank";
    JsonNode rank = ok(span, "SpanRank");
    JsonNode day = ok(span + "?period=24h", "SpanRank");

    assertThat(rank.get("limitReached").asBoolean()).isFalse();
    assertThat(day.get("spanCount").asInt())
        .isGreaterThanOrEqualTo(rank.get("spanCount").asInt())
        .isGreaterThanOrEqualTo(day.get("shorterCount").asInt() + day.get("equalCount").asInt());
    assertThat(rank.get("endEpochNanos").asText()).isEqualTo("1699999999100000001");
    assertThat(rank.get("startEpochNanos").asText()).isEqualTo("1699996399100000001");
  }

  @Test
  void span_unknown_isNotFoundAndSaysSo() throws Exception {
    for (String path : List.of("/spans/00000000000000ff", "/spans/x", "/spans/x/raw")) {
      String body = refusedBody(404, "/api/traces/" + CHECKOUT.toHex() + path);
      assertThat(JSON.readTree(body).at("/error/code").asText()).isEqualTo("span_not_found");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "&filter=service(%22cron%22)"})
  void traceStatistics_countsByDurationAndOutcome(String filter) throws Exception {
    JsonNode statistics = ok("/api/trace-statistics?start=-2h" + filter, "TraceStatistics");

    int all = filter.isEmpty() ? 51 : 50;
    assertThat(statistics.get("traceCount").asInt()).isEqualTo(all);
    assertThat(statistics.get("lookedAtCount").asInt()).isEqualTo(all);
    assertThat(statistics.get("limitReached").asBoolean()).isFalse();
    int ok = 0;
    int fault = 0;
    long before = -1;
    for (JsonNode bucket : statistics.get("buckets")) {
      assertThat(bucket.get("fromNanos").asLong()).isGreaterThanOrEqualTo(before);
      before = bucket.get("toNanos").asLong();
      ok += bucket.get("okCount").asInt();
      fault += bucket.get("faultCount").asInt();
    }
    assertThat(ok).isEqualTo(50);
    assertThat(fault).isEqualTo(all - 50);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/api/traces?servce=a | unknown parameter 'servce' (did you mean service?)",
        "/api/traces?min_duration=1s | unknown parameter 'min_duration' (did you mean minDuration?)",
        "/api/traces?Status=ok | unknown parameter 'Status' (did you mean status?)",
        "/api/services?service=a | unknown parameter 'service' (expected: start, end)",
        "/api/status?x=1 | unknown parameter 'x' (expected: none)"
      })
  void unknownParameter_isRefused_withTheNearestName(String path, String message) throws Exception {
    JsonNode error = JSON.readTree(refusedBody(400, path)).get("error");

    assertThat(error.get("code").asText()).isEqualTo("unknown_parameter");
    assertThat(error.get("message").asText()).isEqualTo(message);
  }

  @Test
  void unknownPathAndMethod_areAnsweredInTheSameStyle() throws Exception {
    assertThat(refused(404, "/api/nope")).contains("path: '/api/nope'", "/api/openapi.yaml");
    AggregatedHttpResponse posted =
        client.execute(HttpRequest.of(HttpMethod.POST, "/api/traces")).aggregate().join();
    assertThat(posted.status().code()).isEqualTo(405);
    valid(JSON.readTree(posted.contentUtf8()), "Error");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1-6553f0e2-bd862e3fe1be46a994272793",
        "6553f0e2bd862e3fe1be46a994272793",
        "6553F0E2BD862E3FE1BE46A994272793"
      })
  void trace_anySpelling_isFound(String id) throws Exception {
    assertThat(ok("/api/traces/" + id, "Trace").get("traceId").asText())
        .isEqualTo(CHECKOUT.toHex());
  }

  @Test
  void ingest_tellsEachTransportAndWhatWasRefused() throws Exception {
    assertThat(ok("/api/ingest", "Ingest"))
        .isEqualTo(
            JSON.readTree(
                """
                {"transports":[{"transport":"xray_udp","spanCount":9,
                   "drops":[{"reason":"too_large","count":3}],
                   "lastArrival":{"epochNanos":"1700000000000000000","spanCount":2,
                     "traceId":"6553f0e2bd862e3fe1be46a994272793",
                     "xrayTraceId":"1-6553f0e2-bd862e3fe1be46a994272793",
                     "service":"shop","name":"GET /checkout"}}],
                 "refused":[{"transport":"xray_udp","reason":"too_large",
                   "epochNanos":"1700000000000000000","count":3,"message":"datagram: 70000 bytes"}]}
                """));
  }

  @Test
  void settings_tellValueAndSource() throws Exception {
    assertThat(ok("/api/settings", "Settings"))
        .isEqualTo(
            JSON.readTree(
                """
                {"settings":[
                  {"key":"store.retention","value":"7d","source":"option --set","meaning":"how long"},
                  {"key":"store.path","value":"data","meaning":"data folder"}]}
                """));
  }

  @Test
  void sampleData_loadedAndRemoved_isThereAndGone() throws Exception {
    String range = "?start=" + (LATER - 4000) + "000&end=" + (LATER + 4000) + "000";
    JsonNode before = ok("/api/graph" + range, "Graph");
    JsonNode loaded = answer(HttpMethod.POST, "/api/sample-data", 200, "SampleData");

    assertThat(ok("/api/sample-data", "SampleData")).isEqualTo(loaded);
    assertThat(ok("/api/status", "Status").at("/sampleData/traceCount").asInt())
        .isEqualTo(loaded.get("traceCount").asInt());
    String slow = "/api/traces/" + loaded.get("slowTraceId").asText();
    assertThat(ok(slow, "Trace").toString()).contains("grpc.deadline_left_ms");
    assertThat(ok("/api/services" + range, "Services").get("services").toString())
        .isEqualTo("[\"checkout\",\"front\",\"mail\",\"payment\",\"stock\"]");
    assertThat(ok("/api/graph" + range, "Graph").get("nodes").size()).isGreaterThan(6);
    assertThat(ok("/api/traces" + range + "&filter=fault", "TracePage").get("traces")).isNotEmpty();

    JsonNode removed = answer(HttpMethod.DELETE, "/api/sample-data", 200, "SampleData");
    assertThat(removed).isEqualTo(JSON.readTree("{\"loaded\":false}"));
    assertThat(ok("/api/status", "Status").has("sampleData")).isFalse();
    refused(404, slow);
    assertThat(ok("/api/graph" + range, "Graph")).isEqualTo(before);
    assertThat(ok("/api/traces" + range, "TracePage").get("traces")).isEmpty();
    // Removing what is not there is no mistake.
    answer(HttpMethod.DELETE, "/api/sample-data", 200, "SampleData");
  }

  @Test
  void sampleData_badRequests_areRefused() throws Exception {
    AggregatedHttpResponse withBody =
        client
            .execute(HttpRequest.of(HttpMethod.POST, "/api/sample-data", MediaType.JSON, "{}"))
            .aggregate()
            .join();
    assertThat(withBody.status().code()).isEqualTo(400);
    assertThat(withBody.contentUtf8()).contains("body: '{}' (expected: none)");

    AggregatedHttpResponse elsewhere =
        client
            .execute(
                HttpRequest.of(
                    RequestHeaders.of(
                        HttpMethod.POST, "/api/sample-data", "sec-fetch-site", "cross-site")))
            .aggregate()
            .join();
    assertThat(elsewhere.status().code()).isEqualTo(403);
    valid(JSON.readTree(elsewhere.contentUtf8()), "Error");
    assertThat(elsewhere.contentUtf8()).contains("cross_site");

    JsonNode put = answer(HttpMethod.PUT, "/api/sample-data", 405, "Error");
    assertThat(put.at("/error/message").asText())
        .isEqualTo("method: PUT (expected: GET or POST or DELETE)");
    assertThat(ok("/api/sample-data", "SampleData").get("loaded").asBoolean()).isFalse();
  }

  private JsonNode answer(HttpMethod method, String path, int status, String schema)
      throws Exception {
    AggregatedHttpResponse answer = client.execute(HttpRequest.of(method, path)).aggregate().join();
    assertThat(answer.status().code()).as(answer.contentUtf8()).isEqualTo(status);
    JsonNode body = JSON.readTree(answer.contentUtf8());
    valid(body, schema);
    return body;
  }

  @Test
  void trace_notThere_saysSo() throws Exception {
    JsonNode error = JSON.readTree(refusedBody(404, "/api/traces/00000000000000ff")).get("error");

    assertThat(error.get("code").asText()).isEqualTo("trace_not_found");
    assertThat(error.get("message").asText())
        .startsWith("trace 1-00000000-0000000000000000000000ff: not found;");
  }

  @Test
  void trace_hasEveryField() throws Exception {
    Path golden = Path.of("src/test/resources/golden/api/trace.json");
    String shown = ok("/api/traces/" + CHECKOUT.toXRay(), "Trace").toPrettyString() + "\n";
    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(golden.getParent());
      Files.writeString(golden, shown);
    }

    assertThat(shown).isEqualTo(Files.readString(golden));
  }

  @Test
  void compare_ofTwoTraces_hasThePathsOfBoth() throws Exception {
    String tick = new TraceId(7, 1).toHex();
    JsonNode comparison = ok("/api/compare?a=" + CHECKOUT.toXRay() + "&b=" + tick, "Comparison");

    assertThat(comparison.at("/a/trace/traceId").asText()).isEqualTo(CHECKOUT.toHex());
    assertThat(comparison.at("/a/durationNanos").asText()).isEqualTo("100000000");
    assertThat(comparison.at("/b/trace/traceId").asText()).isEqualTo(tick);
    List<String> paths = new ArrayList<>();
    for (JsonNode node : comparison.get("nodes")) {
      paths.add(
          node.path("parentIndex").asInt(-1)
              + " "
              + node.get("service").asText()
              + " "
              + node.get("name").asText()
              + (node.has("a") ? " A " + node.at("/a/selfNanos").asText() : "")
              + (node.has("b") ? " B" : ""));
    }
    assertThat(paths)
        .contains(
            "-1 shop GET /checkout A 20000000",
            "0 shop orders.internal A 20000000",
            "1 orders/v1 äö place A 60000000",
            "-1 cron tick B");
    assertThat(comparison.get("pathCount").asInt()).isEqualTo(paths.size());
  }

  @Test
  void compare_withTheMedianOfItsOperation_leavesItselfOut() throws Exception {
    String tick = new TraceId(7, 1).toHex();
    JsonNode comparison = ok("/api/compare?start=-2h&a=" + tick + "&bLike=" + tick, "Comparison");

    assertThat(comparison.at("/b/traceCount").asInt()).isEqualTo(49);
    assertThat(comparison.at("/b/lookedAtCount").asInt()).isEqualTo(50);
    assertThat(comparison.at("/b/limitReached").asBoolean()).isFalse();
    assertThat(comparison.at("/b/entry/service").asText()).isEqualTo("cron");
    // They take 1 to 49 ns, the trace itself 0.
    assertThat(comparison.at("/b/durationNanos").asText()).isEqualTo("25");
    assertThat(comparison.get("nodes")).hasSize(1);
  }

  @Test
  void compare_ofSetWithSet_hasMediansOfBoth() throws Exception {
    JsonNode comparison =
        ok(
            "/api/compare?start=-2h&aFilter=service(%22shop%22)&bFilter=service(%22cron%22)",
            "Comparison");

    assertThat(comparison.at("/a/traceCount").asInt()).isEqualTo(1);
    assertThat(comparison.at("/b/traceCount").asInt()).isEqualTo(50);
  }

  @Test
  void compare_ofNothingInTheRange_hasNoTraces() throws Exception {
    JsonNode comparison =
        ok("/api/compare?a=" + CHECKOUT.toHex() + "&bFilter=service(%22nobody%22)", "Comparison");

    assertThat(comparison.at("/b/traceCount").asInt()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=%s&b=1-6553f0e2-bd862e3fe1be46a994272793", "aFilter=ok&bLike=%s"})
  void compare_unknownTrace_isNotFoundAndSaysWhich(String query) throws Exception {
    JsonNode error =
        JSON.readTree(refusedBody(404, "/api/compare?" + query.formatted("00000000000000ff")))
            .get("error");

    assertThat(error.get("code").asText()).isEqualTo("trace_not_found");
    assertThat(query).contains(error.get("parameter").asText() + "=%s");
    assertThat(error.get("message").asText()).contains("1-00000000-0000000000000000000000ff");
  }

  @Test
  void analytics_ofASetWithAllOthers_ranksWhatDiffers() throws Exception {
    JsonNode analytics = ok("/api/analytics?start=-2h&a=service(%22cron%22)", "Analytics");

    assertThat(analytics.at("/a/traceCount").asInt()).isEqualTo(50);
    assertThat(analytics.at("/a/limitReached").asBoolean()).isFalse();
    assertThat(analytics.at("/b/traceCount").asInt()).isEqualTo(1);
    assertThat(analytics.at("/b/filter").asText()).isEqualTo("!(service(\"cron\"))");
    List<String> names = new ArrayList<>();
    for (JsonNode field : analytics.get("fields")) {
      names.add(field.get("name").asText());
    }
    assertThat(names).contains("service", "entry", "operation");
    int counted = 0;
    for (JsonNode bucket : analytics.get("buckets")) {
      counted += bucket.get("aCount").asInt() + bucket.get("bCount").asInt();
    }
    assertThat(counted).isEqualTo(51);
  }

  @Test
  void analytics_withAFilter_isOfItsTracesOnly() throws Exception {
    JsonNode analytics =
        ok(
            "/api/analytics?start=-2h&filter=service(%22cron%22)%20OR%20fault&a=ok&b=!ok",
            "Analytics");

    assertThat(analytics.at("/a/filter").asText())
        .isEqualTo("(service(\"cron\") OR fault) AND (ok)");
    assertThat(analytics.at("/a/traceCount").asInt()).isEqualTo(50);
    assertThat(analytics.at("/b/traceCount").asInt()).isZero();
  }

  @Test
  void services_areSorted() throws Exception {
    assertThat(ok("/api/services", "Services").get("services"))
        .extracting(JsonNode::asText)
        .containsExactly("cron", "mail", "orders/v1 äö", "shop");
  }

  @Test
  void operations_ofAServiceThatNeedsEscaping_areFound() throws Exception {
    String service = URLEncoder.encode("orders/v1 äö", StandardCharsets.UTF_8).replace("+", "%20");
    JsonNode answer = ok("/api/services/" + service + "/operations", "Operations");

    assertThat(answer.get("service").asText()).isEqualTo("orders/v1 äö");
    assertThat(answer.get("operations").toString())
        .isEqualTo("[{\"name\":\"place\",\"kind\":\"server\"}]");
    assertThat(ok("/api/services/nobody/operations", "Operations").get("operations")).isEmpty();
  }

  @Test
  void graph_hasNodesEdgesAndLatencies() throws Exception {
    JsonNode graph = ok("/api/graph?start=1699999980", "Graph");

    assertThat(graph.get("nodes"))
        .extracting(node -> node.get("name").asText() + ":" + node.get("type").asText())
        .containsExactly("orders/v1 äö:", "shop:AWS::ECS::Container", "shop:client");
    JsonNode edge = graph.get("edges").get(0);
    assertThat(edge.at("/caller/name").asText()).isEqualTo("shop");
    assertThat(edge.at("/callee/name").asText()).isEqualTo("orders/v1 äö");
    assertThat(edge.at("/statistics/totalCount").asLong()).isEqualTo(1);
    assertThat(edge.at("/statistics/totalDurationNanos").asText()).isEqualTo("80000000");
    assertThat(edge.at("/statistics/latency/p99Nanos").asDouble())
        .isBetween(79_200_000.0, 80_800_000.0);
  }

  @Test
  void graph_ofAFilter_isThatOfItsTraces() throws Exception {
    String range = "/api/graph?start=1699990000";
    assertThat(ok(range, "Graph").get("nodes")).extracting(ITApiRoutes::name).contains("cron");

    JsonNode some = ok(range + "&filter=service(%22shop%22)", "Graph");
    assertThat(some.get("nodes"))
        .extracting(ITApiRoutes::name)
        .containsExactly("orders/v1 äö", "shop", "shop");
    assertThat(some.get("edges"))
        .isEqualTo(ok("/api/graph?start=1699999980", "Graph").get("edges"));
    assertThat(ok(range + "&filter=service(%22nobody%22)", "Graph").get("nodes")).isEmpty();
  }

  @Test
  void graphDetails_ofANode_haveBucketsAndPeriodsOfItsCalls() throws Exception {
    JsonNode cron = ok("/api/graph/details?start=1699990000&name=cron", "GraphDetails");

    assertThat(cron.at("/statistics/totalCount").asLong()).isEqualTo(50);
    assertThat(cron.get("buckets").toString())
        .startsWith("[{\"fromNanos\":\"0\",\"toNanos\":\"13\",\"count\":")
        .contains("{\"fromNanos\":\"32\",\"toNanos\":\"42\",\"count\":");
    assertThat(cron.get("buckets").findValues("count").stream().mapToLong(JsonNode::asLong).sum())
        .isEqualTo(50);
    assertThat(cron.get("periodNanos").asText()).isEqualTo("180000000000");
    assertThat(cron.get("periods")).hasSize(1);
    assertThat(cron.at("/periods/0/statistics")).isEqualTo(cron.get("statistics"));
    assertThat(cron.at("/periods/0/startEpochNanos").asText()).isEqualTo("1699997940000000000");
  }

  @Test
  void graphDetails_ofAnEdge_areThoseOfTheGraph() throws Exception {
    String range = "start=1699999980";
    JsonNode edge = ok("/api/graph?" + range, "Graph").get("edges").get(0);
    String ends =
        "&callerName=shop&callerType=AWS::ECS::Container&calleeName="
            + URLEncoder.encode("orders/v1 äö", StandardCharsets.UTF_8);
    JsonNode details = ok("/api/graph/details?" + range + ends, "GraphDetails");

    assertThat(details.get("statistics")).isEqualTo(edge.get("statistics"));
    assertThat(details.get("periods")).hasSize(1);
    long bucket = details.at("/buckets/0/fromNanos").asLong();
    assertThat(bucket).isBetween(70_000_000L, 80_000_000L);
    assertThat(
            ok("/api/graph/details?" + range + ends + "&filter=service(%22cron%22)", "GraphDetails")
                .at("/statistics/totalCount")
                .asLong())
        .isZero();
  }

  @Test
  void graphDetails_ofWhatIsNotInTheGraph_haveNoCalls() throws Exception {
    JsonNode nobody = ok("/api/graph/details?name=nobody&type=remote", "GraphDetails");

    assertThat(nobody.at("/statistics/totalCount").asLong()).isZero();
    assertThat(nobody.get("buckets")).isEmpty();
    assertThat(nobody.get("periods")).isEmpty();
  }

  @Test
  void graphErrors_ofANode_areItsExceptionsWithTraces() throws Exception {
    String orders = "&name=" + encoded("orders/v1 äö");
    JsonNode errors = ok("/api/graph/errors?start=1699990000" + orders, "GraphErrors");

    assertThat(errors.get("errors").toString())
        .isEqualTo(
            "[{\"kind\":\"exception\",\"name\":\"E\",\"count\":1,\"traceIds\":[\""
                + CHECKOUT.toXRay()
                + "\"]}]");
    assertThat(errors.get("traceCount").asInt()).isEqualTo(1);
    assertThat(errors.get("limitReached").asBoolean()).isFalse();
    assertThat(
            ok(
                    "/api/graph/errors?start=1699990000&filter=service(%22cron%22)" + orders,
                    "GraphErrors")
                .get("errors"))
        .isEmpty();
  }

  @Test
  void graphErrors_ofANodeWithoutFailures_areNone() throws Exception {
    JsonNode cron = ok("/api/graph/errors?start=1699990000&name=cron", "GraphErrors");

    assertThat(cron.get("errors")).isEmpty();
    assertThat(cron.get("traceCount").asInt()).isZero();
  }

  @Test
  void graphErrors_nameWithQuotes_isTakenAsItIs() throws Exception {
    JsonNode none =
        ok("/api/graph/errors?name=" + encoded("a\" OR b\\") + "&type=remote", "GraphErrors");

    assertThat(none.get("errors")).isEmpty();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String name(JsonNode node) {
    return node.get("name").asText();
  }

  @Test
  void samplingRules_nothingMade_areTheDefaultRule() throws Exception {
    assertThat(ok("/api/sampling/rules", "SamplingRules"))
        .isEqualTo(
            JSON.readTree(
                """
                {"rules":[{"name":"Default","priority":10000,"reservoirSize":1,"fixedRate":0.05,
                 "serviceName":"*","serviceType":"*","host":"*","httpMethod":"*","urlPath":"*",
                 "resourceArn":"*","attributes":{},"source":"builtIn"}]}
                """));
  }

  private AggregatedHttpResponse post(String path, String body) {
    return client.post(path, body).aggregate().join();
  }

  private JsonNode simulated(String query, String rules) throws Exception {
    AggregatedHttpResponse answer = post("/api/sampling/simulation" + query, rules);
    assertThat(answer.status().code()).as(answer.contentUtf8()).isEqualTo(200);
    JsonNode body = JSON.readTree(answer.contentUtf8());
    valid(body, "Simulation");
    return body;
  }

  private static List<String> kept(JsonNode simulated) {
    List<String> kept = new ArrayList<>();
    for (JsonNode rule : simulated.get("rules")) {
      kept.add(
          String.join(
              " ",
              rule.get("name").asText(),
              rule.get("matchedCount").asText(),
              rule.get("reservoirCount").asText(),
              rule.get("expectedCount").asText()));
    }
    return kept;
  }

  @Test
  void simulation_withoutRules_isOfThoseInForce() throws Exception {
    JsonNode simulated = simulated("", "");
    // One second with the order, one with a tick, one with 49 of them.
    assertThat(kept(simulated)).containsExactly("Default 51 3 5.4");
    assertThat(simulated.get("traceCount").asInt()).isEqualTo(51);
    assertThat(simulated.get("share").asDouble()).isEqualTo(0.105882);
    assertThat(simulated.get("sampledByRuleCount").asInt()).isZero();
    assertThat(simulated.get("limitReached").asBoolean()).isFalse();
    assertThat(simulated.get("startEpochNanos").asText()).isEqualTo("1699996400000000000");
    assertThat(kept(simulated("?start=-1s", ""))).containsExactly("Default 0 0 0.0");
  }

  @Test
  void simulation_ofALocalRuleFile_matchesTheRequestsOfRoots() throws Exception {
    String rules =
        """
        {"version": 2, // comment
         "rules": [{"host":"*","http_method":"get","url_path":"*","fixed_target":0,"rate":0.5}],
         "default": {"fixed_target": 2, "rate": 0}}
        """;
    assertThat(kept(simulated("", rules))).containsExactly("file-001 1 0 0.5", "Default 50 3 3.0");
  }

  @Test
  void simulation_ofAnAnswerOfTheXRayApi_addsTheDefaultRuleInForce() throws Exception {
    String rules =
        """
        {"SamplingRuleRecords":[{"CreatedAt":1.5,"SamplingRule":{"RuleName":"shops","RuleARN":"arn",
         "Priority":5,"Version":1,"ReservoirSize":0,"FixedRate":0.25,"ServiceName":"sho?",
         "ServiceType":"AWS::ECS::*","Host":"*","HTTPMethod":"*","URLPath":"*","ResourceARN":"*",
         "Attributes":{"http.request.method":"G*"}}}]}
        """;
    assertThat(kept(simulated("", rules))).containsExactly("shops 1 0 0.25", "Default 50 2 4.4");
  }

  @Test
  void simulation_ofOwnRules_addsTheDefaultRuleInForce() throws Exception {
    String rules =
        """
        {"rules":[{"name":"shops","priority":5,"reservoirSize":0,"fixedRate":0.25,"serviceName":"sho?",
         "serviceType":"*","host":"*","httpMethod":"*","urlPath":"*","resourceArn":"*","source":"api"}]}
        """;
    assertThat(kept(simulated("", rules))).containsExactly("shops 1 0 0.25", "Default 50 2 4.4");
    String own = get("/api/sampling/rules").contentUtf8();
    assertThat(kept(simulated("", own))).containsExactly("Default 51 3 5.4");
  }

  @Test
  void simulation_moreTracesThanTheLimit_saysSoAndHowFarItGot() throws Exception {
    JsonNode simulated = simulated("?limit=11", "");
    assertThat(simulated.get("traceCount").asInt()).isEqualTo(11);
    assertThat(simulated.get("limitReached").asBoolean()).isTrue();
    assertThat(simulated.get("startEpochNanos").asText())
        .isEqualTo(Long.toString(NOW - 2_000_000 * MILLIS - 9));
    assertThat(simulated("?limit=51", "").get("limitReached").asBoolean()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"rules\":[{\"name\":\"a\",\"prioritty\":1}]} | rules: rules[0].prioritty: unknown (expected: one of attributes, cooldownWindowMinutes, fixedRate, host, httpMethod, maxRate, name, priority, rateBoost, reservoirSize, resourceArn, rules, serviceName, serviceType, source, urlPath)",
        "{\"rules\":[{\"name\":\"a\"}]} | rules: rules[0].serviceName: missing (expected: a pattern, such as *)",
        "{\"version\":2} | rules: default: missing (expected: an object with fixed_target and rate), line 1, column 1",
        "{\"SamplingRuleRecords\":[{}]} | rules: SamplingRuleRecords[0].SamplingRule: missing (expected: an object)",
        "{\"SamplingRuleRecords\":[{\"SamplingRule\":{\"RuleName\":\"a/b\"}}]} | rules: SamplingRuleRecords[0].SamplingRule.RuleName: 'a/b' (expected: a name without / and control characters)",
        "x | rules: file: 'x' (expected: an object), line 1, column 1"
      })
  void simulation_wrongRules_areRefused(String rules, String message) throws Exception {
    AggregatedHttpResponse answer = post("/api/sampling/simulation", rules);
    assertThat(answer.status().code()).isEqualTo(400);
    JsonNode body = JSON.readTree(answer.contentUtf8());
    valid(body, "Error");
    assertThat(body.at("/error/code").asText()).isEqualTo("invalid_rules");
    assertThat(body.at("/error/message").asText()).isEqualTo(message);
    assertThat(refused(405, "/api/sampling/simulation")).isEqualTo("method: GET (expected: POST)");
  }

  /** As a server keeps it; the second is of one that kept no examples yet. */
  private void keepInsights() {
    String impact = "{\"faultCount\":3,\"okCount\":4}";
    String node = "{\"name\":\"stock\",\"type\":\"\"}";
    String insight =
        """
        {"groupName":"shops","insight":{"id":"ID","categories":["FAULT"],"state":"STATE",
         "startEpochNanos":1699999800000000000,"endEpochNanos":END,
         "updatedEpochNanos":1699999920000000000,"rootCause":NODE,"clientImpact":IMPACT,
         "rootCauseImpact":IMPACT,"anomalous":[NODE]SLOW,
         "events":[{"epochNanos":1699999920000000000,"summary":"stock: it fails.",
          "clientImpact":IMPACT,"rootCauseImpact":IMPACT,"anomalous":[NODE]}]}EXAMPLES}
        """
            .replace("IMPACT", impact)
            .replace("NODE", node);
    String active =
        insight
            .replace("ID", ACTIVE)
            .replace("STATE", "ACTIVE")
            .replace("END", "null")
            .replace("SLOW", ",\"slowNanos\":7")
            .replace(
                "EXAMPLES",
                ",\"examples\":[{\"traceId\":\""
                    + CHECKOUT.toHex()
                    + "\",\"category\":\"FAULT\",\"startEpochNanos\":5}]");
    String closed =
        insight
            .replace("ID", CLOSED)
            .replace("STATE", "CLOSED")
            .replace("END", "1699999860000000000")
            .replace("SLOW", "")
            .replace("EXAMPLES", "");
    assertThat(store.documents().put("insight", ACTIVE, active, DocumentStore.NONE)).isPresent();
    assertThat(store.documents().put("insight", CLOSED, closed, DocumentStore.NONE)).isPresent();
  }

  @Test
  void insights_haveExampleTraces_andAreFoundByTimeGroupAndState() throws Exception {
    JsonNode all = ok("/api/insights", "Insights");
    assertThat(insightIds(all)).containsExactly(CLOSED, ACTIVE);
    assertThat(insightIds(ok("/api/insights?state=active&group=shops", "Insights")))
        .containsExactly(ACTIVE);
    assertThat(insightIds(ok("/api/insights?group=others", "Insights"))).isEmpty();
    assertThat(insightIds(ok("/api/insights?start=1699999860", "Insights")))
        .containsExactly(ACTIVE);
    assertThat(insightIds(ok("/api/insights?start=1&end=1699999800", "Insights"))).isEmpty();

    assertThat(ok("/api/insights/" + ACTIVE, "Insight"))
        .isEqualTo(all.get("insights").get(1))
        .isEqualTo(
            JSON.readTree(
                """
                {"id":"ID","group":"shops","state":"active","categories":["fault"],
                 "summary":"stock: it fails.","startEpochNanos":"1699999800000000000",
                 "updatedEpochNanos":"1699999920000000000","rootCause":{"name":"stock","type":""},
                 "clientImpact":{"totalCount":7,"faultCount":3,"okCount":4},
                 "rootCauseImpact":{"totalCount":7,"faultCount":3,"okCount":4},
                 "anomalous":[{"name":"stock","type":""}],"slowNanos":"7",
                 "exampleTraces":[{"traceId":"6553f0e2bd862e3fe1be46a994272793",
                  "xrayTraceId":"1-6553f0e2-bd862e3fe1be46a994272793","category":"fault",
                  "startEpochNanos":"5"}],
                 "events":[{"epochNanos":"1699999920000000000","summary":"stock: it fails.",
                  "clientImpact":{"totalCount":7,"faultCount":3,"okCount":4},
                  "rootCauseImpact":{"totalCount":7,"faultCount":3,"okCount":4},
                  "anomalous":[{"name":"stock","type":""}]}]}
                """
                    .replace("ID", ACTIVE)));
    assertThat(ok("/api/insights/" + CLOSED, "Insight").get("exampleTraces")).isEmpty();
    assertThat(refused(404, "/api/insights/00000000-0000-3000-8000-000000000009"))
        .startsWith("insight 00000000-0000-3000-8000-000000000009: not found");
    assertThat(refused(400, "/api/insights/7"))
        .isEqualTo("id: '7' (expected: the id of an insight, a UUID of 36 characters)");
    assertThat(refused(400, "/api/insights?state=open"))
        .isEqualTo("state: 'open' (expected: active, closed)");
  }

  private static List<String> insightIds(JsonNode insights) {
    List<String> ids = new ArrayList<>();
    insights.get("insights").forEach(each -> ids.add(each.get("id").asText()));
    return ids;
  }

  @Test
  void status_hasServerAndStore() throws Exception {
    ObjectNode status = (ObjectNode) ok("/api/status", "Status");
    ObjectNode stored = (ObjectNode) status.remove("store");

    assertThat(stored.get("liveSpanCount").asLong()).isEqualTo(54);
    assertThat(status)
        .isEqualTo(
            JSON.readTree(
                """
                {"version":"1.2.3","startEpochNanos":"1700000000000000000",
                 "listeners":[{"name":"http","address":"127.0.0.1:8600","tls":false}],
                 "ingest":{"spanCount":9,"spansPerSecond":0.5,
                           "drops":[{"transport":"xray_udp","reason":"too_large","count":3}]},
                 "disk":{"dataFolder":"/var/lib/roentgen","totalBytes":100,"usableBytes":40}}
                """));
  }

  @Test
  void anyRoute_storeClosed_saysThatTheServerStops() throws Exception {
    MemoryStore closed = new MemoryStore();
    GroupOperations groups = groupsOf(closed);
    SamplingOperations sampling = samplingOf(closed);
    closed.close();
    var builder = Server.builder().http(0);
    new ApiRoutes(
            closed,
            new Graphs(closed, null),
            groups,
            ITApiRoutes::status,
            sampleData,
            insights,
            sampling)
        .addTo(builder);
    try (Server stopping = builder.build()) {
      stopping.start().join();
      AggregatedHttpResponse answer =
          WebClient.of("http://127.0.0.1:" + stopping.activeLocalPort())
              .get("/api/services")
              .aggregate()
              .join();

      assertThat(answer.status().code()).isEqualTo(503);
      JsonNode body = JSON.readTree(answer.contentUtf8());
      valid(body, "Error");
      assertThat(body.at("/error/code").asText()).isEqualTo("stopping");
    }
  }

  private JsonNode ok(String path, String schema) throws Exception {
    AggregatedHttpResponse answer = get(path);
    assertThat(answer.status().code()).as(answer.contentUtf8()).isEqualTo(200);
    assertThat(answer.headers().get("content-type")).isEqualTo("application/json; charset=utf-8");
    JsonNode body = JSON.readTree(answer.contentUtf8());
    valid(body, schema);
    return body;
  }

  private String refused(int status, String path) throws Exception {
    return JSON.readTree(refusedBody(status, path)).at("/error/message").asText();
  }

  private String refusedBody(int status, String path) throws Exception {
    AggregatedHttpResponse answer = get(path);
    assertThat(answer.status().code()).as(answer.contentUtf8()).isEqualTo(status);
    valid(JSON.readTree(answer.contentUtf8()), "Error");
    return answer.contentUtf8();
  }

  private AggregatedHttpResponse get(String path) {
    return client.get(path).aggregate().join();
  }

  private void valid(JsonNode body, String schema) {
    ObjectNode root = JSON.createObjectNode();
    root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    root.put("$ref", "#/components/schemas/" + schema);
    root.set("components", description.get("components"));
    JsonSchema compiled =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(root);
    assertThat(compiled.validate(body)).isEmpty();
  }
}
