// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import com.linecorp.armeria.server.Server;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.codec.xray.SegmentDecoder;
import io.roentgen.ingest.Admission;
import io.roentgen.ingest.IngestMetrics;
import io.roentgen.model.SpanBatch;
import io.roentgen.server.intake.Intake;
import io.roentgen.server.xray.groups.Filters;
import io.roentgen.server.xray.groups.GroupOperations;
import io.roentgen.server.xray.groups.Groups;
import io.roentgen.server.xray.protocol.OperationTable;
import io.roentgen.server.xray.protocol.RequestAccess;
import io.roentgen.server.xray.state.Account;
import io.roentgen.store.memory.MemoryStore;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.xray.XRayClient;
import software.amazon.awssdk.services.xray.model.Edge;
import software.amazon.awssdk.services.xray.model.GetServiceGraphResponse;
import software.amazon.awssdk.services.xray.model.GetTimeSeriesServiceStatisticsRequest;
import software.amazon.awssdk.services.xray.model.InvalidRequestException;
import software.amazon.awssdk.services.xray.model.Service;
import software.amazon.awssdk.services.xray.model.TimeSeriesServiceStatistics;

/**
 * Drives the routes with the AWS SDK for Java v2 over segments as X-Ray SDKs send them: a web
 * application that reads a table and calls a service, which fails in the second of three minutes.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ITGraphOperations {
  private static final long START = 1_700_000_040; // a whole minute
  private static final Instant BEGIN = Instant.ofEpochSecond(START);
  private static final Instant END = BEGIN.plusSeconds(180);
  private static final int PER_MINUTE = 4;

  private final MemoryStore store = new MemoryStore();
  private final Intake intake =
      new Intake(new Admission(1 << 24), new IngestMetrics(new PrometheusRegistry()), 1);
  private Server server;
  private XRayClient xray;

  @BeforeAll
  void start() {
    for (int minute = 0; minute < 3; minute++) {
      for (int i = 0; i < PER_MINUTE; i++) {
        request(minute, i, minute == 1 && i % 2 == 0);
      }
    }
    var table = new OperationTable(4);
    var groups = new Groups(store.documents(), new Account("us-east-1", "000000000000"));
    var filters = new Filters(groups);
    GraphOperations.addTo(table, store, new Graphs(store, null), groups, filters);
    GroupOperations.addTo(table, groups, filters, Clock.systemUTC());
    var builder = Server.builder().http(0);
    table.addTo(builder, intake, intake, RequestAccess.OPEN);
    server = builder.build();
    server.start().join();
    xray =
        XRayClient.builder()
            .endpointOverride(URI.create("http://127.0.0.1:" + server.activeLocalPort()))
            .region(Region.US_EAST_1)
            .credentialsProvider(AnonymousCredentialsProvider.create())
            .build();
  }

  @AfterAll
  void stop() {
    xray.close();
    server.stop().join();
    intake.close();
    store.close();
  }

  private static String traceId(int minute, int i) {
    return "1-%08x-%024x".formatted(START + minute * 60L, minute * 100 + i + 1);
  }

  private void request(int minute, int i, boolean fails) {
    double start = START + minute * 60L + i * 10L;
    String trace = traceId(minute, i);
    String outcome = fails ? ",\"fault\":true" : "";
    segment(
        """
        {"name":"web","id":"%016x","trace_id":"%s","start_time":%f,"end_time":%f,
         "origin":"AWS::EC2::Instance"%s,"user":"u-%d",
         "subsegments":[
          {"name":"DynamoDB","id":"%016x","start_time":%f,"end_time":%f,"namespace":"aws",
           "aws":{"operation":"GetItem","table_name":"sessions"}},
          {"name":"orders.internal","id":"%016x","start_time":%f,"end_time":%f,
           "namespace":"remote"%s}]}
        """
            .formatted(
                1 + 10 * i,
                trace,
                start,
                start + 2,
                outcome,
                i,
                2 + 10 * i,
                start + 0.1,
                start + 0.2,
                3 + 10 * i,
                start + 0.5,
                start + 1.5,
                outcome));
    segment(
        """
        {"name":"orders","id":"%016x","trace_id":"%s","parent_id":"%016x","start_time":%f,
         "end_time":%f%s}
        """
            .formatted(4 + 10 * i, trace, 3 + 10 * i, start + 0.6, start + 1.4, outcome));
  }

  private void segment(String document) {
    byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
    SpanBatch.Builder batch = SpanBatch.builder();
    new SegmentDecoder(1 << 20).decode(bytes, 0, bytes.length, batch);
    SpanBatch built = batch.build();
    assertThat(built.toSpans()).isNotEmpty();
    store.writer().write(built);
  }

  private GetServiceGraphResponse graph() {
    return xray.getServiceGraph(request -> request.startTime(BEGIN).endTime(END));
  }

  private static String key(Service service) {
    return service.name() + "/" + service.type();
  }

  @Test
  void getServiceGraph_isTheFourNodesOfAwsSample() {
    GetServiceGraphResponse response = graph();
    assertThat(response.startTime()).isEqualTo(BEGIN);
    assertThat(response.endTime()).isEqualTo(END);
    assertThat(response.nextToken()).isNull();
    assertThat(response.containsOldGroupVersions()).isFalse();
    List<Service> services = response.services();
    assertThat(services)
        .extracting(ITGraphOperations::key)
        .containsExactlyInAnyOrder(
            "web/client", "web/AWS::EC2::Instance", "sessions/AWS::DynamoDB::Table", "orders/null");
    Map<Integer, String> names = new HashMap<>();
    services.forEach(service -> names.put(service.referenceId(), key(service)));
    Map<String, Edge> edges = new HashMap<>();
    for (Service service : services) {
      for (Edge edge : service.edges()) {
        edges.put(key(service) + " " + names.get(edge.referenceId()), edge);
      }
    }
    assertThat(edges)
        .containsOnlyKeys(
            "web/client web/AWS::EC2::Instance",
            "web/AWS::EC2::Instance sessions/AWS::DynamoDB::Table",
            "web/AWS::EC2::Instance orders/null");

    Service web =
        services.stream().filter(each -> key(each).endsWith("Instance")).findFirst().orElseThrow();
    assertThat(web.root()).isTrue();
    assertThat(web.state()).isEqualTo("active");
    assertThat(web.names()).containsExactly("web");
    assertThat(web.summaryStatistics().totalCount()).isEqualTo(12);
    assertThat(web.summaryStatistics().okCount()).isEqualTo(10);
    assertThat(web.summaryStatistics().faultStatistics().totalCount()).isEqualTo(2);
    assertThat(web.summaryStatistics().errorStatistics().totalCount()).isZero();
    assertThat(web.summaryStatistics().totalResponseTime()).isEqualTo(24);
    assertThat(web.responseTimeHistogram()).hasSize(1);
    assertThat(web.responseTimeHistogram().get(0).count()).isEqualTo(12);
    assertThat(web.responseTimeHistogram().get(0).value()).isBetween(1.98, 2.02);

    Edge orders = edges.get("web/AWS::EC2::Instance orders/null");
    assertThat(orders.summaryStatistics().totalCount()).isEqualTo(12);
    assertThat(orders.summaryStatistics().totalResponseTime()).isEqualTo(12);
    assertThat(orders.summaryStatistics().faultStatistics().totalCount()).isEqualTo(2);
    Service client =
        services.stream().filter(each -> "client".equals(each.type())).findFirst().orElseThrow();
    assertThat(client.summaryStatistics()).isNull();
    assertThat(client.state()).isEqualTo("unknown");
  }

  /** An hour later: a request through a queue, and one that is answered before all is done. */
  @Test
  void getServiceGraph_queueAliasAndLateWork_areShown() {
    Instant begin = BEGIN.plusSeconds(3600);
    double start = begin.getEpochSecond();
    String trace = "1-%08x-%024x".formatted(begin.getEpochSecond(), 1);
    segment(
        """
        {"name":"shop","id":"00000000000000a1","trace_id":"%s","start_time":%f,"end_time":%f,
         "subsegments":[
          {"name":"SQS","id":"00000000000000a2","start_time":%f,"end_time":%f,"namespace":"aws",
           "aws":{"operation":"SendMessage","queue_url":"https://sqs.example/1/mails"}},
          {"name":"pay.internal","id":"00000000000000a3","start_time":%f,"end_time":%f,
           "namespace":"remote"}]}
        """
            .formatted(trace, start, start + 1, start, start + 0.5, start, start + 1));
    segment(
        """
        {"name":"mail","id":"00000000000000b1","trace_id":"%s","parent_id":"00000000000000a2",
         "start_time":%f,"end_time":%f}
        """
            .formatted(trace, start + 4.5, start + 5));
    segment(
        """
        {"name":"pay","id":"00000000000000c1","trace_id":"%s","parent_id":"00000000000000a3",
         "start_time":%f,"end_time":%f,"subsegments":[
          {"name":"book","id":"00000000000000c2","start_time":%f,"end_time":%f}]}
        """
            .formatted(trace, start, start + 1, start, start + 8));

    List<Service> services =
        xray.getServiceGraph(request -> request.startTime(begin).endTime(begin.plusSeconds(60)))
            .services();

    Map<String, Service> byKey = new HashMap<>();
    services.forEach(service -> byKey.put(key(service), service));
    assertThat(byKey)
        .containsOnlyKeys(
            "shop/client",
            "shop/null",
            "https://sqs.example/1/mails/AWS::SQS::Queue",
            "mail/null",
            "pay/null");
    Service queue = byKey.get("https://sqs.example/1/mails/AWS::SQS::Queue");
    assertThat(queue.state()).isEqualTo("unknown");
    assertThat(queue.summaryStatistics().totalResponseTime()).isEqualTo(0.5);
    assertThat(queue.edges())
        .singleElement()
        .satisfies(
            link -> {
              assertThat(link.referenceId()).isEqualTo(byKey.get("mail/null").referenceId());
              assertThat(link.edgeType()).isEqualTo("link");
              assertThat(link.hasResponseTimeHistogram()).isFalse();
              assertThat(link.receivedEventAgeHistogram())
                  .singleElement()
                  .satisfies(age -> assertThat(age.value()).isBetween(3.96, 4.04));
              assertThat(link.summaryStatistics().totalCount()).isEqualTo(1);
              assertThat(link.aliases()).isEmpty();
            });
    Service pay = byKey.get("pay/null");
    assertThat(pay.responseTimeHistogram().get(0).value()).isBetween(0.99, 1.01);
    assertThat(pay.durationHistogram().get(0).value()).isBetween(7.92, 8.08);
    assertThat(byKey.get("shop/null").edges())
        .filteredOn(edge -> edge.referenceId().equals(pay.referenceId()))
        .singleElement()
        .satisfies(
            edge -> {
              assertThat(edge.edgeType()).isNull();
              assertThat(edge.aliases())
                  .singleElement()
                  .satisfies(
                      alias -> {
                        assertThat(alias.name()).isEqualTo("pay.internal");
                        assertThat(alias.names()).containsExactly("pay.internal");
                        assertThat(alias.type()).isEqualTo("remote");
                      });
            });
    // The same of one trace.
    assertThat(xray.getTraceGraph(request -> request.traceIds(trace)).services())
        .extracting(ITGraphOperations::key)
        .containsExactlyInAnyOrderElementsOf(byKey.keySet());
  }

  @Test
  void getServiceGraph_ofAGroup_hasOnlyTracesThatItsFilterMatches() {
    xray.createGroup(
        group -> group.groupName("failing").filterExpression("service(\"orders\") { fault }"));
    GetServiceGraphResponse response =
        xray.getServiceGraph(request -> request.startTime(BEGIN).endTime(END).groupName("failing"));
    // The filter is newer than the range.
    assertThat(response.containsOldGroupVersions()).isTrue();
    assertThat(totals(response.services()))
        .containsOnly(
            entry("web/AWS::EC2::Instance", 2L),
            entry("sessions/AWS::DynamoDB::Table", 2L),
            entry("orders/null", 2L));
  }

  private static Map<String, Long> totals(List<Service> services) {
    Map<String, Long> totals = new HashMap<>();
    for (Service service : services) {
      if (service.summaryStatistics() != null) {
        totals.put(key(service), service.summaryStatistics().totalCount());
      }
    }
    return totals;
  }

  @Test
  void getTraceGraph_isOfThoseTracesAlone() {
    List<Service> services =
        xray.getTraceGraph(request -> request.traceIds(traceId(0, 0), traceId(1, 1))).services();
    assertThat(totals(services))
        .containsOnly(
            entry("web/AWS::EC2::Instance", 2L),
            entry("sessions/AWS::DynamoDB::Table", 2L),
            entry("orders/null", 2L));
    assertThat(
            xray.getTraceGraph(request -> request.traceIds("1-00000001-000000000000000000000001"))
                .services())
        .isEmpty();
  }

  @Test
  void getTimeSeries_withoutASelector_isWhatClientsSaw() {
    List<TimeSeriesServiceStatistics> series = series(request -> request.period(60));
    assertThat(series)
        .extracting(TimeSeriesServiceStatistics::timestamp)
        .containsExactly(BEGIN, BEGIN.plusSeconds(60), BEGIN.plusSeconds(120));
    assertThat(series)
        .extracting(point -> point.edgeSummaryStatistics().faultStatistics().totalCount())
        .containsExactly(0L, 2L, 0L);
    assertThat(series)
        .allSatisfy(
            point -> {
              assertThat(point.edgeSummaryStatistics().totalCount()).isEqualTo(PER_MINUTE);
              assertThat(point.serviceSummaryStatistics()).isNull();
              assertThat(point.responseTimeHistogram()).isNotEmpty();
            });
  }

  @Test
  void getTimeSeries_ofAServiceAndAnEdge() {
    List<TimeSeriesServiceStatistics> service =
        series(
            request ->
                request.entitySelectorExpression("id(name: \"orders\")").forecastStatistics(true));
    assertThat(service)
        .extracting(point -> point.serviceSummaryStatistics().okCount())
        .containsExactly(4L, 2L, 4L);
    assertThat(service.get(0).serviceForecastStatistics()).isNull();
    assertThat(service.get(1).serviceForecastStatistics().faultCountHigh()).isEqualTo(3);
    assertThat(service.get(1).serviceForecastStatistics().faultCountLow()).isZero();

    List<TimeSeriesServiceStatistics> edge =
        series(request -> request.entitySelectorExpression("edge(\"web\", \"sessions\")"));
    assertThat(edge)
        .extracting(point -> point.edgeSummaryStatistics().totalCount())
        .containsExactly(4L, 4L, 4L);
    assertThat(series(request -> request.entitySelectorExpression("service(\"none\")"))).isEmpty();
    assertThat(series(request -> request.period(300)))
        .extracting(point -> point.edgeSummaryStatistics().totalCount())
        .satisfies(
            counts -> assertThat(counts.stream().mapToLong(Long::longValue).sum()).isEqualTo(12));
  }

  private List<TimeSeriesServiceStatistics> series(
      Consumer<GetTimeSeriesServiceStatisticsRequest.Builder> more) {
    return xray.getTimeSeriesServiceStatistics(
            request -> more.accept(request.startTime(BEGIN).endTime(END)))
        .timeSeriesServiceStatistics();
  }

  @Test
  void badInput_isRefusedWithWhatAndWhere() {
    assertRefused(
        "EndTime: not after", () -> xray.getServiceGraph(r -> r.startTime(END).endTime(BEGIN)));
    assertRefused(
        "GroupName: 'none'",
        () -> xray.getServiceGraph(r -> r.startTime(BEGIN).endTime(END).groupName("none")));
    assertRefused(
        "NextToken",
        () -> xray.getServiceGraph(r -> r.startTime(BEGIN).endTime(END).nextToken("x")));
    assertRefused("TraceIds", () -> xray.getTraceGraph(r -> r.traceIds("1-2-3")));
    assertRefused("Period", () -> series(r -> r.period(61)));
    assertRefused(
        "EntitySelectorExpression: line 1, column",
        () -> series(r -> r.entitySelectorExpression("service(")));
    assertRefused("ForecastStatistics", () -> series(r -> r.forecastStatistics(true)));
    assertRefused(
        "EndTime: more than 10000 periods",
        () ->
            xray.getTimeSeriesServiceStatistics(
                r -> r.startTime(BEGIN).endTime(BEGIN.plusSeconds(700_000)).period(60)));
  }

  private static void assertRefused(String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining(message);
  }
}
