// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.roentgen.model.TraceId;
import io.roentgen.server.api.ServerStatus;
import io.roentgen.store.StoreClosedException;
import io.roentgen.store.StoreUnavailableException;
import io.roentgen.store.TraceStore;
import io.roentgen.store.memory.MemoryStore;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ITRoentgenServer {
  private static final String TOKEN = "0123456789abcdef0123456789abcdef";
  private static final byte[] ONE_SPAN = ITOtlpGrpc.request(ITOtlpGrpc.span(1)).toByteArray();
  private static final TraceId TRACE_ID = TraceId.parse("5b8efff798038103d269b633813fc60c");

  @TempDir private Path folder;

  @Test
  void token_httpRequests_needIt() throws Exception {
    try (var server = new TestServer(withToken())) {
      HttpResponse<byte[]> otlp =
          server.post("/v1/traces", ONE_SPAN, "Content-Type", "application/x-protobuf");
      assertThat(otlp.statusCode()).isEqualTo(401);
      assertThat(otlp.headers().firstValue("www-authenticate")).hasValue("Bearer");
      assertThat(com.google.rpc.Status.parseFrom(otlp.body()).getMessage())
          .isEqualTo("authorization: missing (expected: Bearer and the token of this server)");
      HttpResponse<byte[]> xray = server.post("/GetSamplingRules", new byte[0]);
      assertThat(xray.statusCode()).isEqualTo(403);
      assertThat(xray.headers().firstValue("x-amzn-ErrorType"))
          .hasValue("MissingAuthenticationTokenException");
      for (String wrong : new String[] {"Bearer " + TOKEN + "0", "Bearer", "Basic " + TOKEN}) {
        assertThat(server.get("/metrics", "Authorization", wrong).statusCode())
            .as(wrong)
            .isEqualTo(401);
      }
      assertThat(server.get("/api/status").statusCode()).isEqualTo(401);
      assertThat(server.post("/api/sampling/simulation", new byte[0]).statusCode()).isEqualTo(401);
      assertThat(server.spans(TRACE_ID)).isEmpty();

      assertThat(server.get("/healthz").statusCode()).isEqualTo(200);
      assertThat(
              server
                  .post(
                      "/v1/traces",
                      ONE_SPAN,
                      "Content-Type",
                      "application/x-protobuf",
                      "Authorization",
                      "Bearer " + TOKEN)
                  .statusCode())
          .isEqualTo(200);
      assertThat(server.get("/metrics", "Authorization", "bearer " + TOKEN).statusCode())
          .isEqualTo(200);
      assertThat(server.spans(TRACE_ID)).hasSize(1);
    }
  }

  @Test
  void token_grpcCalls_needItInTheirMetadata() throws Exception {
    try (var server = new TestServer(withToken())) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress(server.address(ListenerName.OTLP_GRPC))
              .usePlaintext()
              .build();
      try {
        var stub = TraceServiceGrpc.newBlockingStub(channel);
        StatusRuntimeException e =
            catchThrowableOfType(
                StatusRuntimeException.class,
                () -> stub.export(ITOtlpGrpc.request(ITOtlpGrpc.span(1))));
        assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(e.getStatus().getDescription()).startsWith("authorization: missing");

        Metadata metadata = new Metadata();
        metadata.put(
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + TOKEN);
        stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
            .export(ITOtlpGrpc.request(ITOtlpGrpc.span(1)));
        assertThat(server.spans(TRACE_ID)).hasSize(1);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void request_thatTakesTooLong_isRefusedAsItsSenderUnderstands() throws Exception {
    var settings = new ServerSettings().set(Setting.REQUEST_TIMEOUT, "100ms", "test");
    var hold = new CountDownLatch(1);
    try (var server = new TestServer(settings)) {
      server.store.failure =
          () -> {
            try {
              hold.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            return new StoreClosedException();
          };
      String segment =
          "{\"TraceSegmentDocuments\":[\"{\\\"trace_id\\\":\\\"1-58406520-a006649127e371903a2de979\\\","
              + "\\\"id\\\":\\\"0000000000000001\\\",\\\"name\\\":\\\"a\\\",\\\"start_time\\\":1,"
              + "\\\"end_time\\\":2}\"]}";
      HttpResponse<byte[]> late =
          server.post("/TraceSegments", segment.getBytes(StandardCharsets.UTF_8));
      assertThat(late.statusCode()).isEqualTo(503);
      assertThat(late.headers().firstValue("x-amzn-ErrorType"))
          .hasValue("ServiceUnavailableException");
      assertThat(new String(late.body(), StandardCharsets.UTF_8))
          .contains("not done within PT0.1S", "server.request-timeout");
    } finally {
      hold.countDown();
    }
  }

  @Test
  void token_unusableFile_isRefusedWithoutQuotingIt() throws IOException {
    Path file = folder.resolve("token");
    ServerSettings settings = new ServerSettings().set(Setting.TOKEN_FILE, file.toString(), "test");
    assertThatThrownBy(() -> new TestServer(settings))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("server.token-file: cannot read " + file);
    Files.writeString(file, "short");
    assertThatThrownBy(() -> new TestServer(settings))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("5 characters")
        .message()
        .doesNotContain("short");
  }

  @Test
  void samplingRules_ofAFile_areServedUntilTheyAreChangedOverTheApi() throws Exception {
    Path file = folder.resolve("sampling-rules.json");
    Files.writeString(
        file,
        """
        {"version":1,"default":{"fixed_target":2,"rate":0},"rules":[ // the rules
         {"service_name":"*","http_method":"GET","url_path":"/a","fixed_target":7,"rate":1}]}
        """);
    var settings = new ServerSettings().set(Setting.SAMPLING_RULES, file.toString(), "test");
    try (var server = new TestServer(settings)) {
      assertThat(xray(server, "/GetSamplingRules", "{}"))
          .contains("\"RuleName\":\"file-001\"", "\"ReservoirSize\":7,\"ServiceName\":\"*\"")
          .contains("\"RuleName\":\"Default\"", "\"FixedRate\":0.0,\"ReservoirSize\":2");
      assertThat(server.get("/api/sampling/rules").body())
          .contains("\"name\":\"file-001\",\"priority\":9000", "\"source\":\"file\"");
      String report =
          """
          {"SamplingStatisticsDocuments":[{"RuleName":"file-001","Timestamp":%d,"RequestCount":1,
           "ClientID":"0123456789abcdef01234567","SampledCount":0,"BorrowCount":1}]}
          """
              .formatted(Instant.now().getEpochSecond());
      assertThat(xray(server, "/SamplingTargets", report)).contains("\"ReservoirQuota\":7");

      String name = "{\"RuleName\":\"file-001\"}";
      assertThat(xray(server, "/DeleteSamplingRule", name))
          .contains(
              "RuleName: 'file-001' (expected: another rule, as this is in the server's local rule"
                  + " file)");
      assertThat(
              xray(
                  server,
                  "/UpdateSamplingRule",
                  "{\"SamplingRuleUpdate\":{\"RuleName\":\"file-001\",\"ReservoirSize\":3}}"))
          .contains("\"ReservoirSize\":3");
      assertThat(xray(server, "/GetSamplingRules", "{}")).contains("\"ReservoirSize\":3");
      assertThat(xray(server, "/DeleteSamplingRule", name)).contains("\"ReservoirSize\":3");
      assertThat(xray(server, "/GetSamplingRules", "{}")).contains("\"ReservoirSize\":7");
    }
  }

  private static String xray(TestServer server, String path, String json) throws Exception {
    return new String(
        server.post(path, json.getBytes(StandardCharsets.UTF_8)).body(), StandardCharsets.UTF_8);
  }

  @Test
  void samplingRules_unusableFile_isRefusedWithItsPlace() throws IOException {
    Path file = folder.resolve("sampling-rules.json");
    var settings = new ServerSettings().set(Setting.SAMPLING_RULES, file.toString(), "test");
    String start = "server.sampling-rules: " + file + ": ";
    assertThatThrownBy(() -> new TestServer(settings))
        .isInstanceOf(ConfigException.class)
        .hasMessage(start + "cannot be read (expected: a local rule file of the X-Ray SDKs)");
    Files.write(file, new byte[] {(byte) 0xff});
    assertThatThrownBy(() -> new TestServer(settings))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(start + "not UTF-8 (expected: ");
    Files.writeString(file, "{\"version\": 2,\n \"default\": {\"fixed_target\": 1, \"rate\": 2}}");
    assertThatThrownBy(() -> new TestServer(settings))
        .isInstanceOf(ConfigException.class)
        .hasMessage(start + "default.rate: 2 (expected: 0 to 1), line 2, column 41");
    Files.write(file, new byte[(1 << 20) + 1]);
    assertThatThrownBy(() -> new TestServer(settings))
        .isInstanceOf(ConfigException.class)
        .hasMessage(start + "more than 1048576 bytes (expected: less)");
  }

  @Test
  void tls_httpAndGrpc_areServed() throws Exception {
    Path store = folder.resolve("keys.p12");
    makeKeyStore(store);
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, TOKEN.toCharArray());
    }
    Path certificate = folder.resolve("cert.pem");
    Path key = folder.resolve("key.pem");
    byte[] certificateBytes = keys.getCertificate("test").getEncoded();
    writePem(certificate, "CERTIFICATE", certificateBytes);
    writePem(key, "PRIVATE KEY", keys.getKey("test", TOKEN.toCharArray()).getEncoded());
    ServerSettings settings =
        new ServerSettings()
            .set(Setting.TLS_CERT, certificate.toString(), "test")
            .set(Setting.TLS_KEY, key.toString(), "test");
    try (var server = new TestServer(settings);
        var client = HttpClient.newBuilder().sslContext(trusting(keys)).build()) {
      HttpResponse<Void> response =
          client.send(
              HttpRequest.newBuilder(
                      URI.create(
                          "https://localhost:"
                              + server.address(ListenerName.HTTP).getPort()
                              + "/v1/traces"))
                  .header("Content-Type", "application/x-protobuf")
                  .POST(BodyPublishers.ofByteArray(ONE_SPAN))
                  .build(),
              BodyHandlers.discarding());
      assertThat(response.statusCode()).isEqualTo(200);

      String traceId;
      try (var provider =
          SdkTracerProvider.builder()
              .addSpanProcessor(
                  SimpleSpanProcessor.create(
                      OtlpGrpcSpanExporter.builder()
                          .setEndpoint(
                              "https://localhost:"
                                  + server.address(ListenerName.OTLP_GRPC).getPort())
                          .setTrustedCertificates(Files.readAllBytes(certificate))
                          .build()))
              .build()) {
        var span = provider.get("test").spanBuilder("secret").startSpan();
        span.end();
        traceId = span.getSpanContext().getTraceId();
        assertThat(provider.forceFlush().join(20, TimeUnit.SECONDS).isSuccess()).isTrue();
      }
      assertThat(server.spans(TraceId.parse(traceId))).hasSize(1);
    }
  }

  @Test
  void tls_notAKey_saysWhichFiles() throws IOException {
    Path file = Files.writeString(folder.resolve("nothing.pem"), "nothing");
    ServerSettings settings =
        new ServerSettings()
            .set(Setting.TLS_CERT, file.toString(), "test")
            .set(Setting.TLS_KEY, file.toString(), "test");
    assertThatThrownBy(() -> new TestServer(settings))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("server.tls-cert: " + file);
  }

  @Test
  void start_tcpPortInUse_namesItAndOpensNothing() throws IOException {
    AtomicBoolean opened = new AtomicBoolean();
    try (var holder = new ServerSocket()) {
      holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      ServerConfig config =
          TestServer.onFreePorts(new ServerSettings())
              .set(Setting.OTLP_GRPC, Integer.toString(holder.getLocalPort()), "test")
              .toConfig();
      assertThatThrownBy(() -> RoentgenServer.start(config, opening(opened)))
          .isInstanceOf(ServerStartException.class)
          .hasMessage(
              "cannot listen on TCP 127.0.0.1:"
                  + holder.getLocalPort()
                  + ": in use by process "
                  + ProcessHandle.current().pid()
                  + " (java); stop it, or set server.otlp-grpc (option --otlp-grpc) to another"
                  + " port, 0 or off");
    }
    assertThat(opened).isFalse();
  }

  @Test
  void start_udpPortInUse_namesItAndOpensNothing() throws IOException {
    AtomicBoolean opened = new AtomicBoolean();
    try (var holder =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      ServerConfig config =
          TestServer.onFreePorts(new ServerSettings())
              .set(Setting.XRAY_UDP, Integer.toString(holder.getLocalPort()), "test")
              .toConfig();
      assertThatThrownBy(() -> RoentgenServer.start(config, opening(opened)))
          .isInstanceOf(ServerStartException.class)
          .hasMessageStartingWith(
              "cannot listen on UDP 127.0.0.1:" + holder.getLocalPort() + ": in use by process ")
          .hasMessageEndingWith(
              "set server.xray-udp (option --xray-udp) to another port, 0 or off");
    }
    assertThat(opened).isFalse();
  }

  @Test
  void start_samePortTwice_isRefused() throws IOException {
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    ServerConfig config =
        TestServer.onFreePorts(new ServerSettings())
            .set(Setting.HTTP, Integer.toString(port), "test")
            .set(Setting.OTLP_HTTP, Integer.toString(port), "test")
            .toConfig();
    assertThatThrownBy(() -> RoentgenServer.start(config, MemoryStore::new))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("is that of server.http too");
  }

  @Test
  void start_storeCannotOpen_freesThePorts() throws IOException {
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    ServerConfig config =
        TestServer.onFreePorts(new ServerSettings())
            .set(Setting.XRAY_UDP, Integer.toString(port), "test")
            .toConfig();
    IllegalStateException refused = new IllegalStateException("store is locked");
    assertThatThrownBy(
            () ->
                RoentgenServer.start(
                    config,
                    () -> {
                      throw refused;
                    }))
        .isSameAs(refused);
    RoentgenServer.start(config, MemoryStore::new).close();
  }

  @Test
  void start_listenersOff_areNotBound() throws Exception {
    ServerSettings settings =
        TestServer.onFreePorts(new ServerSettings())
            .set(Setting.XRAY_UDP, "off", "test")
            .set(Setting.OTLP_GRPC, "off", "test");
    try (RoentgenServer server = RoentgenServer.start(settings.toConfig(), MemoryStore::new)) {
      assertThatThrownBy(() -> server.address(ListenerName.XRAY_UDP))
          .hasMessage("xray-udp: off (expected: a listener that is on)");
      assertThat(server.status().listeners())
          .extracting(ServerStatus.Listener::name)
          .containsExactly("http", "otlp-http", "xray-tcp");
    }
  }

  @Test
  void status_afterIngest_tellsCountsAndDrops() throws Exception {
    try (var server = new TestServer()) {
      server.post("/v1/traces", ONE_SPAN, "Content-Type", "application/x-protobuf");
      server.post(
          "/TraceSegments",
          "{\"TraceSegmentDocuments\":[\"{}\"]}".getBytes(StandardCharsets.UTF_8));
      ServerStatus status = server.server.status();
      assertThat(status.ingest().spanCount()).isOne();
      assertThat(status.ingest().spansPerSecond()).isPositive();
      assertThat(status.ingest().drops())
          .singleElement()
          .satisfies(
              drop -> {
                assertThat(drop.transport()).isEqualTo("xray_http");
                assertThat(drop.count()).isOne();
              });
      assertThat(server.get("/api/status").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void metrics_scrape_hasWhatOperatorsNeed() throws Exception {
    ServerSettings settings =
        new ServerSettings().set(Setting.STORE_PATH, folder.toString(), "test");
    try (var server = new TestServer(settings)) {
      server.post("/v1/traces", ONE_SPAN, "Content-Type", "application/x-protobuf");
      HttpResponse<String> text = server.get("/metrics");
      assertThat(text.headers().firstValue("content-type").orElse("")).startsWith("text/plain");
      Map<String, Double> metrics = server.metrics();
      assertThat(metrics)
          .containsEntry("ingest_spans_total{transport=\"otlp_http\"}", 1.0)
          .containsEntry("ingest_spans_total{transport=\"xray_udp\"}", 0.0)
          .containsEntry("ingest_requests_total{result=\"accepted\",transport=\"otlp_http\"}", 1.0)
          .containsEntry("ingest_bytes_total{transport=\"otlp_http\"}", (double) ONE_SPAN.length)
          .containsEntry("ingest_request_duration_seconds_count{transport=\"otlp_http\"}", 1.0)
          .containsEntry("ingest_udp_queue_bytes", 0.0)
          .containsEntry("ingest_udp_kernel_drops_total", 0.0)
          .containsEntry("store_live_spans", 1.0)
          .containsKeys(
              "store_wal_bytes",
              "store_parts",
              "store_disk_free_bytes",
              "jvm_memory_used_bytes{area=\"heap\"}",
              "process_cpu_seconds_total",
              "process_start_time_seconds");
    }
  }

  @Test
  void close_requestInWork_isAnsweredFirst() throws Exception {
    var server = new TestServer();
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    server.store.failure =
        () -> {
          server.store.failure = null;
          writing.countDown();
          try {
            goOn.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return new StoreUnavailableException("slow disk");
        };
    HttpRequest request =
        HttpRequest.newBuilder(server.uri(ListenerName.OTLP_HTTP, "/v1/traces"))
            .header("Content-Type", "application/x-protobuf")
            .POST(BodyPublishers.ofByteArray(ONE_SPAN))
            .build();
    CompletableFuture<HttpResponse<Void>> response =
        server.client.sendAsync(request, BodyHandlers.discarding());
    writing.await();
    Thread closer = Thread.ofPlatform().start(server.server::close);
    goOn.countDown();

    assertThat(response.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
    closer.join();
    assertThatThrownBy(() -> server.store.status()).isInstanceOf(StoreClosedException.class);
    assertThatThrownBy(() -> server.get("/healthz")).isInstanceOf(IOException.class);
    server.close();
  }

  @Test
  void restart_durableStore_hasWhatWasAcknowledged() throws Exception {
    ServerConfig config =
        TestServer.onFreePorts(new ServerSettings())
            .set(Setting.STORE_PATH, folder.resolve("data").toString(), "test")
            .toConfig();
    String body;
    try (RoentgenServer server = RoentgenServer.start(config);
        var client = HttpClient.newHttpClient()) {
      HttpResponse<Void> response =
          client.send(
              HttpRequest.newBuilder(uri(server, "/v1/traces"))
                  .header("Content-Type", "application/x-protobuf")
                  .POST(BodyPublishers.ofByteArray(ONE_SPAN))
                  .build(),
              BodyHandlers.discarding());
      assertThat(response.statusCode()).isEqualTo(200);
      body = trace(client, server);
      assertThat(body).contains("span 1");
      assertThatThrownBy(() -> RoentgenServer.start(config))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("data");
    }
    try (RoentgenServer server = RoentgenServer.start(config);
        var client = HttpClient.newHttpClient()) {
      assertThat(trace(client, server)).isEqualTo(body);
    }
  }

  private static String trace(HttpClient client, RoentgenServer server) throws Exception {
    return client
        .send(
            HttpRequest.newBuilder(uri(server, "/api/traces/" + TRACE_ID)).build(),
            BodyHandlers.ofString())
        .body();
  }

  private static URI uri(RoentgenServer server, String path) {
    return URI.create("http://127.0.0.1:" + server.address(ListenerName.HTTP).getPort() + path);
  }

  private Supplier<TraceStore> opening(AtomicBoolean opened) {
    return () -> {
      opened.set(true);
      return new MemoryStore();
    };
  }

  private ServerSettings withToken() throws IOException {
    Path file = Files.writeString(folder.resolve("token"), TOKEN + "\n");
    return new ServerSettings().set(Setting.TOKEN_FILE, file.toString(), "test");
  }

  private static void makeKeyStore(Path file) throws Exception {
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "test",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=dns:localhost,ip:127.0.0.1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                TOKEN,
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(output).isZero();
  }

  private static SSLContext trusting(KeyStore keys) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("test", keys.getCertificate("test"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static void writePem(Path file, String type, byte[] content) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    Files.writeString(
        file, "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n");
  }
}
