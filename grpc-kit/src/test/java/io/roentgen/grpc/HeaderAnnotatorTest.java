// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.roentgen.grpc.ActiveSpan.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway whose services call further services: what each of them gets of its headers. */
class HeaderAnnotatorTest {
  private static final List<String> SEVEN = Propagation.MESH_HEADERS;
  private static final HeaderAnnotator NONE = (request, headers) -> {};

  private final Rig rig = new Rig();
  private final List<Metadata> atFirst = new CopyOnWriteArrayList<>();
  private final List<Metadata> atSecond = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    rig.close();
  }

  /** Makes a call for a request, through a service that calls another one. */
  private void call(GrpcKit gateway, Map<String, String> request, HeaderAnnotator annotator) {
    GrpcKit second = rig.kit("second", new Documents());
    GrpcKit first = rig.kit("first", new Documents());
    String back = rig.serve(second, seen(atSecond, EchoService.echo()));
    Channel toBack = rig.connect(first, back);
    EchoService calling = EchoService.answering(text -> Rig.call(toBack, text));
    Channel channel = rig.connect(gateway, rig.serve(first, seen(atFirst, calling)));
    ActiveSpan span = gateway.start("GET /orders", Kind.SERVER, request::get, annotator);
    try (ActiveSpan.Scope scope = span.makeCurrent()) {
      assertThat(scope).isNotNull();
      Rig.call(channel, "a");
    }
    span.end();
  }

  private GrpcKit gateway(Documents documents) {
    return rig.kit("gateway", documents);
  }

  @ParameterizedTest
  @FieldSource("SEVEN")
  void each_ofTheSevenHeaders_isPassedOn(String name) {
    call(
        rig.kit(
            "gateway",
            new Documents(),
            builder ->
                builder.propagation(
                    Propagation.of(List.of(), List.of(TraceFormat.XRAY), List.of()))),
        Map.of(name, "v"),
        HeaderAnnotator.passing(SEVEN));
    assertThat(value(atFirst, name)).isEqualTo("v");
  }

  @Test
  void annotators_joined_giveTheHeadersOfAllAndTheLastWins() {
    HeaderAnnotator tenant = (request, headers) -> headers.accept("x-tenant", "t-1");
    HeaderAnnotator joined =
        HeaderAnnotator.passing(List.of("X-Tenant", "x-plain"))
            .and(tenant)
            .and(HeaderAnnotator.gateway());
    Map<String, String> request =
        Map.of(
            "x-tenant",
            "of the caller",
            "x-plain",
            "p",
            "accept",
            "text/html",
            "user-agent",
            "curl");
    call(gateway(new Documents()), request, joined);
    assertThat(value(atFirst, "x-tenant")).isEqualTo("t-1");
    assertThat(value(atFirst, "x-plain")).isEqualTo("p");
    assertThat(value(atFirst, "grpcgateway-accept")).isEqualTo("text/html");
    assertThat(value(atFirst, "grpcgateway-user-agent")).isEqualTo("curl");
    assertThat(atFirst.get(0).keys()).doesNotContain("grpcgateway-host");
  }

  @Test
  void services_passOnWhatTheyRelayAndNothingElse() {
    Map<String, String> request =
        Map.of("x-request-id", "r-1", "x-tenant", "t", "authorization", "Bearer secret");
    call(gateway(new Documents()), request, HeaderAnnotator.passing(List.of("x-tenant")));
    assertThat(value(atFirst, "x-request-id")).isEqualTo("r-1");
    assertThat(value(atSecond, "x-request-id")).isEqualTo("r-1");
    assertThat(value(atFirst, "x-tenant")).isEqualTo("t");
    for (Metadata headers : List.of(atFirst.get(0), atSecond.get(0))) {
      assertThat(headers.keys()).doesNotContain("authorization");
    }
    assertThat(atSecond.get(0).keys()).doesNotContain("x-tenant");
  }

  @Test
  void inject_givesOtherProtocolsTheContextAndWhatIsRelayed() {
    Documents documents = new Documents();
    GrpcKit gateway = gateway(documents);
    ActiveSpan span =
        gateway.start(
            "GET /orders",
            Kind.SERVER,
            Map.of("x-request-id", "r-1")::get,
            HeaderAnnotator.gateway());
    ActiveSpan publish = span.startChild("orders", Kind.PRODUCER);
    Map<String, String> message = new HashMap<>();
    gateway.inject(publish, message::put);
    assertThat(message).containsEntry("x-request-id", "r-1").containsKey("traceparent");
    assertThat(message.get("x-amzn-trace-id"))
        .contains("Parent=" + publish.spanId().toHex())
        .endsWith("Sampled=1");
    publish.end();
    span.end();
  }

  @Test
  void inject_whereTheMeshMakesTheSpans_relaysWhatCame() {
    GrpcKit relay = GrpcKit.builder("shop").relayOnly(Propagation.MESH_HEADERS).build();
    ActiveSpan span =
        relay.start("GET /", Kind.SERVER, Map.of("x-b3-traceid", "abc")::get, (request, to) -> {});
    Map<String, String> message = new HashMap<>();
    relay.inject(span.startChild("orders", Kind.PRODUCER), message::put);
    assertThat(message).containsExactly(Map.entry("x-b3-traceid", "abc"));
  }

  /** A calls B and C, B calls D and E, E calls G and H. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void requestId_ofTheEdge_reachesEveryServiceOfAGraph(boolean sampled) {
    Map<String, List<Metadata>> at = new TreeMap<>();
    Map<String, List<String>> graph =
        Map.of("a", List.of("b", "c"), "b", List.of("d", "e"), "e", List.of("g", "h"));
    CallSampler sampler = sampled ? CallSampler.ALWAYS : CallSampler.NEVER;
    Map<String, String> served = new HashMap<>();
    for (String service : List.of("h", "g", "e", "d", "c", "b", "a")) {
      GrpcKit kit = rig.kit(service, new Documents(), builder -> builder.sampler(sampler));
      List<Channel> callees =
          graph.getOrDefault(service, List.of()).stream()
              .map(callee -> rig.connect(kit, served.get(callee)))
              .toList();
      at.put(service, new CopyOnWriteArrayList<>());
      EchoService calling =
          EchoService.answering(
              text -> {
                callees.forEach(callee -> Rig.call(callee, text));
                return text;
              });
      served.put(service, rig.serve(kit, seen(at.get(service), calling)));
    }
    GrpcKit gateway = rig.kit("gateway", new Documents(), builder -> builder.sampler(sampler));
    Channel toA = rig.connect(gateway, served.get("a"));
    ActiveSpan span =
        gateway.start(
            "GET /orders",
            Kind.SERVER,
            Map.of("x-request-id", "r-1")::get,
            HeaderAnnotator.requestId());
    try (ActiveSpan.Scope scope = span.makeCurrent()) {
      assertThat(scope).isNotNull();
      Rig.call(toA, "x");
    }
    span.end();
    assertThat(at.keySet()).hasSize(7);
    at.forEach((service, calls) -> assertThat(value(calls, "x-request-id")).isEqualTo("r-1"));
    assertThat(
            at.values().stream()
                .map(calls -> Propagation.defaults().extract(calls.get(0)).traceId())
                .distinct())
        .hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\u0001b"})
  void requestId_ofARequestWithNone_isMadeUpOnceForAllCalls(String given) {
    call(
        gateway(new Documents()),
        given.isEmpty() ? Map.of() : Map.of("x-request-id", given),
        HeaderAnnotator.requestId());
    assertThat(value(atFirst, "x-request-id")).matches("[0-9a-f-]{36}");
    assertThat(value(atSecond, "x-request-id")).isEqualTo(value(atFirst, "x-request-id"));
  }

  @Test
  void requestId_ofTheRequest_isKept() {
    call(gateway(new Documents()), Map.of("x-request-id", "r-1"), HeaderAnnotator.requestId());
    assertThat(value(atSecond, "x-request-id")).isEqualTo("r-1");
  }

  @ParameterizedTest
  @CsvSource({"x-tenant, ''", "x-tenant, 'a\u0001b'", "x-tenant, 'ü'"})
  void value_thatCannotBeAHeader_isNotPassedOn(String name, String value) {
    Map<String, String> request = new HashMap<>();
    request.put(name, value);
    call(
        gateway(new Documents()),
        request,
        HeaderAnnotator.passing(List.of(name)).and((from, to) -> to.accept(name, value)));
    assertThat(atFirst.get(0).keys()).doesNotContain(name);
  }

  @Test
  void request_ofATrace_isPartOfItAndItsOwnSpanIsWhatCalls() {
    Documents documents = new Documents();
    GrpcKit gateway = gateway(documents);
    call(
        gateway,
        Map.of(
            "x-amzn-trace-id",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"),
        HeaderAnnotator.passing(List.of("x-amzn-trace-id")));
    JsonNode segment = documents.only(gateway, "gateway");
    assertThat(segment.get("trace_id").asText()).isEqualTo("1-5759e988-bd862e3fe1be46a994272793");
    assertThat(segment.get("parent_id").asText()).isEqualTo("53995c3f42cd8ad8");
    assertThat(value(atFirst, "x-amzn-trace-id"))
        .contains("Parent=" + segment.at("/subsegments/0/id").asText());
  }

  @Test
  void relayOnly_gateway_passesHeadersOnAndMakesNoSpan() {
    GrpcKit gateway =
        GrpcKit.builder("gateway")
            .environment(Map.of())
            .relayOnly(Propagation.MESH_HEADERS)
            .build();
    rig.kits.add(gateway);
    call(gateway, Map.of("x-b3-traceid", "463ac35c9f6413ad48485a3953bb6124"), NONE);
    assertThat(value(atFirst, "x-b3-traceid")).isEqualTo("463ac35c9f6413ad48485a3953bb6124");
    assertThat(ActiveSpan.current().relayed).isNull();
  }

  @Test
  void names_ofBinaryHeaders_areRefused() {
    assertThatThrownBy(() -> HeaderAnnotator.passing(List.of("a-Bin")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("names: a-Bin (expected: text headers)");
    assertThatThrownBy(() -> HeaderAnnotator.passing(List.of("no spaces")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void headers_inAndOut_areLoggedAtDebugWithoutSecrets() {
    Logger logger = Logger.getLogger(Propagation.class.getName());
    List<String> lines = new CopyOnWriteArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            lines.add(record.getLevel() + " " + record.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Level before = logger.getLevel();
    handler.setLevel(Level.ALL);
    logger.addHandler(handler);
    logger.setLevel(Level.FINE);
    try {
      Map<String, String> request =
          Map.of("x-request-id", "r-1", "authorization", "Bearer secret", "x-tenant", "t");
      call(
          gateway(new Documents()),
          request,
          HeaderAnnotator.passing(List.of("x-tenant", "authorization")));
    } finally {
      logger.setLevel(before);
      logger.removeHandler(handler);
    }
    String atGateway = "x-request-id=r-1, x-tenant=t, authorization=***";
    assertThat(lines)
        .containsExactly(
            "FINE headersIn " + atGateway,
            "FINE headersOut " + atGateway,
            "FINE headersIn x-request-id=r-1",
            "FINE headersOut x-request-id=r-1",
            "FINE headersIn x-request-id=r-1");
  }

  private static String value(List<Metadata> seen, String name) {
    return new ArrayList<>(seen)
        .stream()
            .map(
                headers ->
                    headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)) + "")
            .collect(Collectors.joining(","));
  }

  private static BindableService seen(List<Metadata> all, BindableService service) {
    ServerInterceptor seeing =
        new ServerInterceptor() {
          @Override
          public <Q, A> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            Metadata copy = new Metadata();
            copy.merge(headers);
            all.add(copy);
            return next.startCall(call, headers);
          }
        };
    return () -> ServerInterceptors.intercept(service, seeing);
  }
}
