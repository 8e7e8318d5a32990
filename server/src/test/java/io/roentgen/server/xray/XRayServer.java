// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray;

import com.linecorp.armeria.server.Server;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.ingest.Admission;
import io.roentgen.ingest.Ingest;
import io.roentgen.ingest.IngestMetrics;
import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import io.roentgen.server.intake.Intake;
import io.roentgen.server.xray.protocol.RequestAccess;
import io.roentgen.server.xray.state.Account;
import io.roentgen.store.Document;
import io.roentgen.store.TraceStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.xray.XRayClient;

/**
 * The X-Ray API alone, with a clock that stands still, and clients for it. Notes which operations
 * have answered.
 */
final class XRayServer implements AutoCloseable {
  static final Account ACCOUNT = new Account("eu-west-1", "123456789012");

  /** Kinds of documents that the operations keep. */
  private static final List<String> KINDS =
      List.of(
          "group",
          "insight",
          "resource-policy",
          "sampling-rule",
          "sampling-rule-deletion",
          "setting",
          "trace-retrieval");

  private final TraceStore store;
  private final Intake intake;
  private final Server server;
  private final XRayApi api;
  private final Set<String> answered = new ConcurrentSkipListSet<>();
  private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
  final XRayClient aws;
  final HttpClient http = HttpClient.newHttpClient();

  XRayServer(TraceStore store) {
    this.store = store;
    var registry = new PrometheusRegistry();
    var metrics = new IngestMetrics(registry);
    intake = new Intake(new Admission(1 << 24), metrics, 1);
    api =
        new XRayApi(
            store,
            new Ingest(store.writer(), metrics),
            metrics,
            registry,
            new XRayApi.Limits(1 << 20, 50),
            ACCOUNT,
            null,
            null,
            () -> now);
    var builder = Server.builder().http(0);
    api.addTo(builder, intake, intake, RequestAccess.OPEN);
    builder.decorator(
        (delegate, ctx, request) ->
            delegate
                .serve(ctx, request)
                .mapHeaders(
                    headers -> {
                      if (headers.status().code() == 200) {
                        answered.add(ctx.path());
                      }
                      return headers;
                    }));
    server = builder.build();
    server.start().join();
    aws =
        XRayClient.builder()
            .endpointOverride(uri(""))
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("x", "x")))
            .httpClient(UrlConnectionHttpClient.create())
            .overrideConfiguration(
                configuration -> configuration.retryStrategy(DefaultRetryStrategy.doNotRetry()))
            .build();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.activeLocalPort() + path);
  }

  /** Returns all small state, to be compared with what it is later. */
  Map<String, List<Document>> state() {
    var state = new TreeMap<String, List<Document>>();
    for (String kind : KINDS) {
      state.put(kind, store.documents().list(kind));
    }
    return state;
  }

  Instant now() {
    return now;
  }

  void advance(Duration duration) {
    now = now.plus(duration);
  }

  /** Returns the paths of operations that have not answered yet. */
  Set<String> unanswered() {
    Set<String> rest = new TreeSet<>(api.operations().keySet());
    rest.removeAll(answered);
    return rest;
  }

  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(uri(path))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body.getBytes(StandardCharsets.UTF_8)))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /**
   * Has every request of the last two minutes fail after twenty that were well, and the default
   * group watched.
   */
  void plantInsight() {
    aws.updateGroup(
        request ->
            request.groupName("Default").insightsConfiguration(c -> c.insightsEnabled(true)));
    List<Span> spans = new ArrayList<>();
    long lastMinute = now.getEpochSecond() / 60 - 2;
    for (int back = 22; back >= 0; back--) {
      for (int i = 0; i < 30; i++) {
        long nanos = ((lastMinute - back) * 60 + i) * 1_000_000_000L;
        spans.add(
            Span.builder(new TraceId(nanos, i + 1), new SpanId(i + 1))
                .service("shop")
                .name("shop")
                .segment(true)
                .startEpochNanos(nanos)
                .endEpochNanos(nanos + 10_000_000)
                .outcome(new Outcome(false, back < 2, false))
                .build());
      }
    }
    store.writer().write(SpanBatch.of(spans));
    api.insightMonitor().look();
  }

  @Override
  public void close() {
    aws.close();
    http.close();
    // Not waited for: its event loops rest for two seconds before they end, and nothing runs.
    var _ = server.stop();
    intake.close();
    store.close();
  }
}
