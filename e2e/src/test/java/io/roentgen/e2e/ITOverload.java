// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.roentgen.e2e.Sender.Answer;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sends a real server many times what it is allowed to take at once. {@code
 * -Droentgen.overload.seconds=600} does so for longer.
 */
class ITOverload {
  private static final long SECONDS = Long.getLong("roentgen.overload.seconds", 60);

  /** Each has a request of some 300 kB under way, and about four of them are let in at once. */
  private static final int SENDERS = 48;

  private static final int TRACES_PER_REQUEST = 50;
  private static final int SPANS_PER_TRACE = 40;
  private static final int SPANS_PER_REQUEST = TRACES_PER_REQUEST * SPANS_PER_TRACE;

  private static final int DATAGRAMS = 200_000;

  /** Heap, what is admitted and waits, the query engine, and the JVM itself. */
  private static final long MAX_RESIDENT_BYTES = 1L << 30;

  private static final List<String> HEAP = List.of("-Xms64m", "-Xmx512m");
  private static final String[] SMALL_LIMITS = {
    "ingest.max-admitted-bytes=1MiB", "ingest.udp.queue-bytes=3MiB"
  };

  @TempDir private Path folder;
  private ServerProcess server;
  private Api api;
  private final ExecutorService threads = Executors.newFixedThreadPool(SENDERS);

  @BeforeEach
  void start() throws Exception {
    server = ServerProcess.launch(folder, folder.resolve("data"), HEAP, SMALL_LIMITS);
    server.awaitStart();
    api = new Api(server.http());
  }

  @AfterEach
  void end() {
    threads.shutdownNow();
    server.close();
    api.close();
  }

  /** Requests of one sender by how they ended. */
  private record Ended(String transport, Map<Answer, Long> requests, List<String> failures) {}

  @Test
  void requests_farTooMany_areRefusedWithAHintAndCounted() throws Exception {
    var ready = new CyclicBarrier(SENDERS + 1);
    List<Future<Ended>> sending = new ArrayList<>();
    for (int i = 0; i < SENDERS; i++) {
      int kind = i;
      sending.add(threads.submit(() -> sendForAWhile(ready, kind)));
    }
    ready.await(1, TimeUnit.MINUTES);
    long resident = watchMemory();

    Map<String, Map<Answer, Long>> ended = new TreeMap<>();
    List<String> failures = new ArrayList<>();
    for (Future<Ended> sender : sending) {
      Ended one = sender.get(1, TimeUnit.MINUTES);
      Map<Answer, Long> sum =
          ended.computeIfAbsent(one.transport, _ -> new EnumMap<>(Answer.class));
      failures.addAll(one.failures);
      one.requests.forEach((answer, count) -> sum.merge(answer, count, Long::sum));
    }
    Map<String, Double> metrics = api.metrics();
    System.out.printf(
        Locale.ROOT,
        "ITOverload: %d spans a request, resident MiB %d, requests %s%n",
        SPANS_PER_REQUEST,
        resident >> 20,
        ended);

    assertThat(failures).as("requests that were neither taken nor refused").isEmpty();
    assertThat(ended).containsOnlyKeys("otlp_grpc", "otlp_http", "xray_http");
    ended.forEach((transport, requests) -> verify(metrics, transport, requests));
    assertThat(total(ended, Answer.REFUSED_WITH_HINT))
        .as("refused requests, of which an overload has most")
        .isGreaterThan(total(ended, Answer.ACCEPTED));
    assertThat(resident).isBetween(1L, MAX_RESIDENT_BYTES);
    verifyRecovered();
  }

  private static long total(Map<String, Map<Answer, Long>> ended, Answer answer) {
    return ended.values().stream().mapToLong(requests -> requests.getOrDefault(answer, 0L)).sum();
  }

  private Ended sendForAWhile(CyclicBarrier ready, int kind) throws Exception {
    Map<Answer, Long> requests = new EnumMap<>(Answer.class);
    try (Sender sender = Sender.of(server, kind)) {
      List<SentTrace> traces = new ArrayList<>();
      Random random = new Random(kind);
      for (int i = 0; i < TRACES_PER_REQUEST; i++) {
        traces.add(SentTrace.random(random, SPANS_PER_TRACE));
      }
      // The same request again and again: to make one takes longer than to refuse one.
      byte[] request = sender.encode(traces, 0);
      // All are connected before the time begins.
      requests.merge(sender.send(request), 1L, Long::sum);
      ready.await(1, TimeUnit.MINUTES);
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      do {
        requests.merge(sender.send(request), 1L, Long::sum);
      } while (System.nanoTime() < deadline);
      return new Ended(sender.transport(), requests, sender.failures());
    }
  }

  private long watchMemory() throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    long most = 0;
    do {
      most = Math.max(most, server.residentBytes());
      TimeUnit.MILLISECONDS.sleep(100);
    } while (System.nanoTime() < deadline);
    return most;
  }

  /** Every request, and with it each of its spans, is counted where its sender saw it end. */
  private static void verify(
      Map<String, Double> metrics, String transport, Map<Answer, Long> requests) {
    long accepted = requests.getOrDefault(Answer.ACCEPTED, 0L);
    long refused = requests.getOrDefault(Answer.REFUSED_WITH_HINT, 0L);
    assertThat(requests)
        .as("%s: no refusal without a hint, no failure", transport)
        .containsOnlyKeys(Answer.ACCEPTED, Answer.REFUSED_WITH_HINT);
    assertThat(value(metrics, "ingest_spans_total", transport, ""))
        .as("%s: accepted spans", transport)
        .isEqualTo(accepted * SPANS_PER_REQUEST);
    assertThat(value(metrics, "ingest_requests_total", transport, "result=\"accepted\""))
        .as("%s: accepted requests", transport)
        .isEqualTo(accepted);
    assertThat(value(metrics, "ingest_requests_total", transport, "result=\"overloaded\""))
        .as("%s: refused requests", transport)
        .isEqualTo(refused);
  }

  /** Returns the sum of what has the label, or 0. */
  private static long value(
      Map<String, Double> metrics, String name, String transport, String label) {
    return metrics.entrySet().stream()
        .filter(e -> e.getKey().startsWith(name + "{"))
        .filter(e -> e.getKey().contains("transport=\"" + transport + "\""))
        .filter(e -> e.getKey().contains(label))
        .mapToLong(e -> e.getValue().longValue())
        .sum();
  }

  private void verifyRecovered() throws Exception {
    SentTrace last = SentTrace.random(new Random(-1), 1);
    for (int kind = 0; kind < 3; kind++) {
      try (Sender sender = Sender.of(server, kind)) {
        byte[] request = sender.encode(List.of(last), 1);
        await()
            .atMost(Duration.ofSeconds(20))
            .pollInterval(Duration.ofMillis(100))
            .until(() -> sender.send(request) == Answer.ACCEPTED);
      }
    }
    assertThat(api.trace(last.traceId())).isPresent();
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(api.metrics()).containsEntry("ingest_admitted_bytes", 0.0));
    assertThat(server.terminate(Duration.ofSeconds(10))).isIn(0, 143);
  }

  @Test
  void datagrams_farTooMany_areAllCounted() throws Exception {
    long resident = 0;
    try (var socket = new DatagramSocket()) {
      Random random = new Random(1);
      for (int i = 0; i < DATAGRAMS; i++) {
        byte[] bytes = datagram(SentTrace.random(random, 1));
        socket.send(new DatagramPacket(bytes, bytes.length, server.xrayUdp()));
        if (i % 10_000 == 0) {
          resident = Math.max(resident, server.residentBytes());
        }
      }
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              Map<String, Double> metrics = api.metrics();
              assertThat(metrics).containsEntry("ingest_udp_queue_bytes", 0.0);
              long received = sum(metrics, "ingest_udp_datagrams_total");
              long kernel = sum(metrics, "ingest_udp_kernel_drops_total");
              long stored = sum(metrics, "ingest_udp_datagrams_stored_total");
              long rejected = sum(metrics, "ingest_udp_datagrams_rejected_total");
              assertThat(received + kernel)
                  .as("read or dropped by the kernel")
                  .isEqualTo(DATAGRAMS);
              assertThat(stored + rejected).as("stored or rejected").isEqualTo(received);
            });
    Map<String, Double> metrics = api.metrics();
    System.out.printf(
        Locale.ROOT,
        "ITOverload: %d datagrams, resident MiB %d, stored %d, rejected %d, dropped by the kernel %d%n",
        DATAGRAMS,
        resident >> 20,
        sum(metrics, "ingest_udp_datagrams_stored_total"),
        sum(metrics, "ingest_udp_datagrams_rejected_total"),
        sum(metrics, "ingest_udp_kernel_drops_total"));
    assertThat(sum(metrics, "ingest_udp_datagrams_rejected_total"))
        .as("rejected datagrams, each a span by its reason")
        .isEqualTo(value(metrics, "ingest_spans_rejected_total", "xray_udp", "reason="));
    assertThat(resident).isBetween(1L, MAX_RESIDENT_BYTES);
    verifyRecovered();
  }

  private static long sum(Map<String, Double> metrics, String name) {
    return metrics.entrySet().stream()
        .filter(e -> e.getKey().equals(name) || e.getKey().startsWith(name + "{"))
        .mapToLong(e -> e.getValue().longValue())
        .sum();
  }

  private static byte[] datagram(SentTrace trace) {
    double now = System.currentTimeMillis() / 1000.0;
    String text =
        String.format(
            Locale.ROOT,
            "{\"format\":\"json\",\"version\":1}\n{\"name\":\"e2e\",\"id\":\"%s\",\"trace_id\":\"%s\","
                + "\"start_time\":%.3f,\"end_time\":%.3f}",
            trace.spanIds().get(0),
            trace.xrayTraceId(),
            now,
            now + 0.001);
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
