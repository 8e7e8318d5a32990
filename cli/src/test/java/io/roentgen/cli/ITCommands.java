// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.Server;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.TraceId;
import io.roentgen.server.api.ApiRoutes;
import io.roentgen.server.api.ServerStatus;
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
import io.roentgen.store.memory.MemoryStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that ask a server, against real routes over a store in memory. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ITCommands {
  private static final long MILLIS = 1_000_000;
  private static final long BASE = 1_700_000_000_000_000_000L;
  private static final Account ACCOUNT = new Account("us-east-1", "000000000000");
  private static final TraceId CHECKOUT = new TraceId(0x6553f10000000000L, 0xc);
  private static final TraceId DEEP = new TraceId(0x6553f10000000000L, 0xd);
  private static final String RANGE = "--start=1700000000";

  private final MemoryStore store = new MemoryStore();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Server server;
  private String url;

  @BeforeAll
  void start() {
    store.writer().write(SpanBatch.of(checkout()));
    store.writer().write(SpanBatch.of(deep()));
    keepInsight();
    var builder = Server.builder().http(0);
    new ApiRoutes(
            store,
            new Graphs(store, null),
            groups(),
            () ->
                new ServerStatus(
                    "0",
                    0,
                    List.of(),
                    new ServerStatus.Ingest(0, 0, List.of(), Map.of(), List.of(), List.of()),
                    null,
                    List.of()),
            new SampleData(
                new SampleStore(store), (_, change) -> change.run(), InstantSource.system()),
            new InsightDocuments(store.documents()),
            new SamplingOperations(
                new Rules(store.documents(), ACCOUNT, InstantSource.system()),
                new PrometheusRegistry(),
                InstantSource.system()))
        .addTo(builder);
    server = builder.build();
    server.start().join();
    url = "http://127.0.0.1:" + server.activeLocalPort();
  }

  private GroupOperations groups() {
    var groups = new Groups(store.documents(), ACCOUNT);
    return new GroupOperations(groups, new Filters(groups), InstantSource.system());
  }

  @AfterAll
  void stop() {
    server.stop().join();
    store.close();
  }

  private static Span span(
      TraceId trace, long id, long parent, String service, String name, long start, long end) {
    return Span.builder(trace, new SpanId(id))
        .parentSpanId(SpanId.ofOrNull(parent))
        .service(service)
        .name(name)
        .kind(SpanKind.INTERNAL)
        .startEpochNanos(BASE + start * MILLIS)
        .endEpochNanos(BASE + end * MILLIS)
        .build();
  }

  private static Span segment(Span span) {
    return span.toBuilder().kind(SpanKind.SERVER).segment(true).build();
  }

  private static Span client(Span span) {
    return span.toBuilder().kind(SpanKind.CLIENT).build();
  }

  private static List<Span> checkout() {
    return List.of(
        segment(span(CHECKOUT, 1, 0, "shop", "POST /checkout", 0, 200)).toBuilder()
            .outcome(new Outcome(true, false, false))
            .build(),
        span(CHECKOUT, 2, 1, "", "validate \033[31mcart", 5, 15),
        client(span(CHECKOUT, 3, 1, "shop", "orders.internal", 20, 120)),
        segment(span(CHECKOUT, 4, 3, "orders", "orders", 5_030, 5_110)).toBuilder()
            .outcome(new Outcome(false, true, false))
            .build(),
        client(span(CHECKOUT, 5, 4, "orders", "SELECT stock", 5_040, 5_041)),
        client(span(CHECKOUT, 6, 1, "shop", "payments.internal", 130, 195)),
        segment(span(CHECKOUT, 7, 6, "payments", "charge", 140, 0)).toBuilder()
            .inProgress(true)
            .endEpochNanos(0)
            .build(),
        segment(span(CHECKOUT, 8, 99, "mail", "send", 150, 160)).toBuilder()
            .outcome(new Outcome(true, false, true))
            .build());
  }

  private static List<Span> deep() {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      spans.add(
          span(
              DEEP,
              i + 1,
              i,
              "recursion",
              "level " + i + " with a name that is rather long",
              3_000 + i,
              3_100 - i));
    }
    return spans;
  }

  /** As a server keeps it. */
  private void keepInsight() {
    String id = "00000000-0000-3000-8000-000000000001";
    String insight =
        """
        {"groupName":"shops","insight":{"id":"ID","categories":["FAULT","LATENCY"],"state":"CLOSED",
         "startEpochNanos":1700000040000000000,"endEpochNanos":1700000160000000000,
         "updatedEpochNanos":1700000220000000000,"rootCause":{"name":"orders","type":"AWS::EC2"},
         "clientImpact":{"faultCount":3,"okCount":4},"rootCauseImpact":{"faultCount":2,"okCount":9},
         "anomalous":[{"name":"orders","type":"AWS::EC2"}],
         "events":[{"epochNanos":1700000220000000000,"summary":"orders: as usual again since 22:16 UTC.",
          "clientImpact":{"faultCount":3,"okCount":4},
          "rootCauseImpact":{"faultCount":2,"okCount":9},"anomalous":[]}]},
         "examples":[{"traceId":"TRACE","category":"FAULT","startEpochNanos":1700000040000000000}]}
        """
            .replace("ID", id)
            .replace("TRACE", CHECKOUT.toHex());
    assertThat(store.documents().put("insight", id, insight, DocumentStore.NONE)).isPresent();
  }

  @Test
  void insights_list_namesCauseImpactAndExampleTraces() throws Exception {
    assertThat(run(100, "insights", RANGE)).isZero();
    golden("insights.txt");
    assertThat(run(100, "insights", RANGE, "--json", "--group", "shops")).isZero();
    assertThat(out.toString()).startsWith("{\"insights\":[{\"id\":");
    assertThat(run(100, "insights", RANGE, "--state", "active")).isZero();
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).startsWith("no insights; --since looks further back");
  }

  @Test
  void samplingRules_list_isATable() throws Exception {
    assertThat(run(100, "sampling", "rules")).isZero();
    golden("sampling-rules.txt");
    assertThat(run(100, "sampling", "rules", "--json")).isZero();
    assertThat(out.toString()).startsWith("{\"rules\":[{\"name\":\"Default\"");
  }

  @Test
  void samplingSimulate_rulesOfAFile_isATable(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("rules.json"),
            """
            {"version":2,"rules":[
              {"host":"*","http_method":"GET","url_path":"/a*","fixed_target":1,"rate":0.125}],
             "default":{"fixed_target":0,"rate":0.5}} // comment
            """);
    assertThat(
            run(
                100,
                "sampling",
                "simulate",
                RANGE,
                "--end=1700000100",
                "--limit=1",
                "--rules=" + file))
        .isZero();
    golden("sampling-simulate.txt");
    assertThat(run(100, "sampling", "simulate", "--json", RANGE)).isZero();
    assertThat(out.toString()).contains("\"traceCount\":2").contains("\"limitReached\":false");

    Files.writeString(file, "{\"version\":4}");
    assertThat(run(100, "sampling", "simulate", "--rules=" + file)).isEqualTo(2);
    assertThat(err.toString().strip())
        .isEqualTo("roentgen: --rules: version: 4 (expected: 1 or 2), line 1, column 12");
    Files.writeString(file, " ");
    assertThat(run(100, "sampling", "simulate", "--rules=" + file)).isEqualTo(2);
    assertThat(err.toString()).contains("is empty (expected: sampling rules)");
    assertThat(run(100, "sampling", "simulate", "--rules=" + folder.resolve("none"))).isEqualTo(1);
    assertThat(err.toString()).startsWith("roentgen: cannot read --rules " + folder);
  }

  @Test
  void trace_atAHundredColumns_isTheGoldenWaterfall() throws Exception {
    assertThat(run(100, "trace", CHECKOUT.toXRay())).isZero();
    golden("waterfall-100.txt");
  }

  @Test
  void trace_atSixtyColumns_isTheGoldenWaterfall() throws Exception {
    assertThat(run(60, "trace", CHECKOUT.toHex())).isZero();
    golden("waterfall-60.txt");
    assertThat(out.toString().lines().skip(3)).allMatch(line -> line.length() <= 60);
  }

  @Test
  void trace_withColours_isTheGoldenWaterfall() throws Exception {
    assertThat(run(new Terminal(100, true, true, ZoneOffset.UTC), "trace", CHECKOUT.toXRay()))
        .isZero();
    golden("waterfall-colours.txt");
  }

  @Test
  void trace_withoutUnicode_isTheGoldenWaterfall() throws Exception {
    assertThat(run(new Terminal(100, false, false, ZoneOffset.UTC), "trace", CHECKOUT.toXRay()))
        .isZero();
    golden("waterfall-ascii.txt");
    assertThat(out.toString()).matches("\\A[\\n -~]*\\z");
  }

  @Test
  void trace_deepTree_isTheGoldenWaterfall() throws Exception {
    assertThat(run(100, "trace", DEEP.toXRay())).isZero();
    golden("waterfall-deep.txt");
  }

  @Test
  void trace_json_isTheServersAnswer() {
    assertThat(run(100, "trace", "--json", CHECKOUT.toXRay())).isZero();
    assertThat(out.toString())
        .startsWith("{\"traceId\":\"" + CHECKOUT.toHex() + "\"")
        .endsWith("}" + System.lineSeparator());
  }

  @Test
  void traces_list_isTheGoldenTable() throws Exception {
    assertThat(run(100, "traces", RANGE)).isZero();
    golden("traces.txt");
  }

  @Test
  void traces_everyFilter_isPassedOn() {
    assertThat(
            run(
                100,
                "traces",
                RANGE,
                "--end=1700000001",
                "--time-field=active",
                "--service=shop",
                "--operation=POST /checkout",
                "--min-duration=200ms",
                "--max-duration=0.2s",
                "--status=error",
                "--filter=service(\"shop\")",
                "-n=5"))
        .isZero();
    assertThat(out.toString().lines().filter(line -> line.contains("1-6553f100")))
        .singleElement(InstanceOfAssertFactories.STRING)
        .contains(CHECKOUT.toXRay());
    assertThat(run(100, "traces", RANGE, "-f", "service(\"shop\") AND duration > 1h")).isZero();
    assertThat(out.toString()).isEmpty();
    assertThat(run(100, "traces", RANGE, "-a", "no.such=key")).isZero();
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString())
        .startsWith("no traces from 2023-11-14 22:13:20 to ")
        .contains("; --since looks further back");
  }

  @Test
  void traces_moreThanAPage_saysHowToGoOn() {
    assertThat(run(100, "traces", RANGE, "--limit", "1")).isZero();
    List<String> first = out.toString().lines().toList();
    assertThat(first.get(1)).contains(DEEP.toXRay());
    assertThat(first.get(3)).startsWith("more: --cursor ");

    String cursor = first.get(3).substring("more: --cursor ".length());
    assertThat(run(100, "traces", "--limit", "1", "--cursor", cursor)).isZero();
    assertThat(out.toString()).contains(CHECKOUT.toXRay()).doesNotContain("more:");
  }

  @Test
  void traces_json_isTheServersAnswer() {
    assertThat(run(100, "traces", RANGE, "--json")).isZero();
    assertThat(out.toString()).startsWith("{\"traces\":[{\"traceId\":\"" + DEEP.toHex() + "\"");
  }

  @Test
  void map_tree_showsCallsFromClientsDown() throws Exception {
    assertThat(run(100, "map", RANGE)).isZero();
    golden("map.txt");
    assertThat(run(100, "map", RANGE, "--json")).isZero();
    assertThat(out.toString()).startsWith("{\"nodes\":[");
    assertThat(run(100, "map", RANGE, "--filter", "service(\"nobody\")")).isZero();
    assertThat(out.toString()).isEmpty();
    assertThat(run(100, "map", RANGE, "--filter", "service(\"shop\")")).isZero();
    assertThat(out.toString()).contains("shop");
    assertThat(run(100, "map", "--start=1", "--end=2")).isZero();
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().strip()).isEqualTo("no calls; --since looks further back");
  }

  @Test
  void services_list_isALineEach() {
    assertThat(run(100, "services", RANGE)).isZero();
    assertThat(out.toString().lines())
        .containsExactly("mail", "orders", "payments", "recursion", "shop");
    assertThat(run(100, "services", RANGE, "--json")).isZero();
    assertThat(out.toString()).startsWith("{\"services\":[\"mail\",");
    assertThat(run(100, "services", "--start=1", "--end=2")).isZero();
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().strip()).isEqualTo("no services; --since looks further back");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "traces --min-duration=10 | --min-duration: '10' (expected: a duration such as",
        "traces --status=bad | --status: 'bad' (expected: ok, error, fault, throttle)",
        "traces --limit=0 | --limit: '0' (expected: 1 to 1000)",
        "traces --since=1h --start=5 | --since and --start exclude each other; give one",
        "map --filter=servce(1) | --filter: line 1, column 1: ",
        "traces --filter=servce(1) | --filter: line 1, column 1: ",
        "traces --attribute=x | --attribute: 'x' (expected: key=value)",
        "traces --since=soon | --start: '-soon' (expected: RFC 3339",
        "trace nonsense | id: 'nonsense' (expected: 1-8hex-24hex",
        "trace | Missing required parameter: 'ID'",
        "traces --servce=x | Unknown option: '--servce=x'"
      })
  void wrongUse_isOneClearLineAndExitCode2(String arguments, String message) {
    assertThat(run(100, arguments.split(" "))).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).startsWith("roentgen: " + message);
    assertThat(err.toString().lines().count()).isLessThanOrEqualTo(2);
  }

  @Test
  void trace_notThere_isOneClearLineAndExitCode1() {
    assertThat(run(100, "trace", "00000000000000ff")).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("roentgen: trace 1-00000000-0000000000000000000000ff: not found;");
    assertThat(err.toString().lines()).hasSize(1);
  }

  @Test
  void server_notRunning_saysToStartIt() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    assertThat(run(100, "traces", "--server", "http://127.0.0.1:" + port)).isEqualTo(1);
    assertThat(err.toString())
        .isEqualTo(
            "roentgen: no server at http://127.0.0.1:"
                + port
                + "; start one with ./roentgen up, or see --server"
                + System.lineSeparator());
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:8600", "ftp://127.0.0.1", "http://", "http://a b"})
  void server_noUrl_isWrongUse(String text) {
    assertThat(run(100, "services", "--server", text)).isEqualTo(2);
    assertThat(err.toString()).startsWith("roentgen: --server: '" + text + "' (expected: a URL");
  }

  @Test
  void server_notOurs_saysSo() {
    try (Server other =
        Server.builder()
            .http(0)
            .service("/api/services", (_, _) -> HttpResponse.of("<html>"))
            .build()) {
      other.start().join();
      String at = "http://127.0.0.1:" + other.activeLocalPort();
      assertThat(run(100, "services", "--server", at)).isEqualTo(1);
      assertThat(err.toString()).contains(at + " does not answer as a Roentgen server");
      assertThat(run(100, "traces", "--server", at)).isEqualTo(1);
      assertThat(err.toString()).contains(at + " answers HTTP 404; is it a Roentgen server?");
    }
  }

  @Test
  void tokenFile_isSentAsBearerToken(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("token"), "s3cret\n");
    try (Server guarded =
        Server.builder()
            .http(0)
            .service(
                "/api/services",
                (_, request) ->
                    "Bearer s3cret".equals(request.headers().get(HttpHeaderNames.AUTHORIZATION))
                        ? HttpResponse.of("{\"services\":[\"a\"]}")
                        : HttpResponse.of(HttpStatus.UNAUTHORIZED))
            .build()) {
      guarded.start().join();
      String at = "http://127.0.0.1:" + guarded.activeLocalPort();
      assertThat(run(100, "services", "--server", at, "--token-file", file.toString())).isZero();
      assertThat(out.toString().strip()).isEqualTo("a");
      assertThat(run(100, "services", "--server", at)).isEqualTo(1);
      assertThat(err.toString()).contains(at + " wants a token; give its file with --token-file");
      Files.writeString(file, "wrong");
      assertThat(run(100, "services", "--server", at, "--token-file", file.toString()))
          .isEqualTo(1);
      assertThat(err.toString()).contains(at + " refuses the token in " + file);
      assertThat(run(100, "services", "--server", at, "--token-file", folder + "/none"))
          .isEqualTo(1);
      assertThat(err.toString()).contains("cannot read --token-file " + folder + "/none");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "traces",
        "trace",
        "services",
        "map",
        "insights",
        "sampling rules",
        "sampling simulate"
      })
  void help_hasExamples(String command) {
    assertThat(run(100, (command + " --help").split(" "))).isZero();
    assertThat(out.toString()).contains("Usage: roentgen " + command, "Examples:", "--server");
  }

  private int run(int columns, String... arguments) {
    return run(new Terminal(columns, false, true, ZoneOffset.UTC), arguments);
  }

  private int run(Terminal terminal, String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    List<String> all = new ArrayList<>(List.of(arguments));
    if (!all.contains("--server")) {
      all.add("--server=" + url);
    }
    return Main.commandLine(terminal)
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }

  private void golden(String name) throws IOException {
    Path file = Path.of("src/test/resources/golden/" + name);
    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, out.toString());
    }
    assertThat(out.toString()).isEqualTo(Files.readString(file));
  }
}
