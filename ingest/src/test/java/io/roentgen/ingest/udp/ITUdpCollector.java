// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.roentgen.ingest.Ingest;
import io.roentgen.ingest.IngestMetrics;
import io.roentgen.ingest.Transport;
import io.roentgen.model.Rejection;
import io.roentgen.model.TraceId;
import io.roentgen.store.StoreOverloadedException;
import io.roentgen.store.TraceWriter;
import io.roentgen.store.memory.MemoryStore;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ITUdpCollector {
  private static final String HEADER = "{\"format\": \"json\", \"version\": 1}\n";

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final IngestMetrics metrics = new IngestMetrics(registry);
  private final MemoryStore store = new MemoryStore();
  private UdpCollector collector;

  @AfterEach
  void close() {
    if (collector != null) {
      collector.close();
    }
    store.close();
  }

  @Test
  void datagram_segment_isStored() throws IOException {
    start(store.writer(), UdpConfig.at(anyPort()));

    send(HEADER + segment(1));

    await().untilAsserted(() -> assertThat(count(IngestMetrics.UDP_DATAGRAMS_STORED)).isOne());
    assertThat(
            store.reader().findAll(List.of(TraceId.parse("1-58406520-000000000000000000000001"))))
        .singleElement()
        .satisfies(trace -> assertThat(trace.spans()).hasSize(1));
    assertThat(metrics.acceptedSpans()).containsEntry(Transport.XRAY_UDP, 1L);
  }

  @Test
  void datagram_bad_isCountedByReasonAndOthersAreStored() throws IOException {
    UdpConfig at = UdpConfig.at(anyPort());
    start(
        store.writer(), new UdpConfig(at.address(), 2, 1 << 20, 4096, 3 << 20, 1, 100, 1_000_000));

    send("no header");
    send("{\"format\": \"xml\", \"version\": 1}\n{}");
    send(HEADER + "{not json");
    send(HEADER + "{\"id\":\"53995c3f42cd8ad8\"}");
    send(HEADER + segment(1) + " ".repeat(4096));
    send(HEADER + segment(2));

    await().untilAsserted(() -> assertThat(count(IngestMetrics.UDP_DATAGRAMS)).isEqualTo(6));
    await().untilAsserted(() -> assertThat(count(IngestMetrics.UDP_DATAGRAMS_STORED)).isOne());
    assertThat(metrics.rejectedSpans().get(Transport.XRAY_UDP))
        .containsEntry(Rejection.INVALID_HEADER, 2L)
        .containsEntry(Rejection.PARSE_ERROR, 1L)
        .containsEntry(Rejection.TOO_LARGE, 1L)
        .hasSize(4);
    assertThat(count(IngestMetrics.UDP_DATAGRAMS_REJECTED)).isEqualTo(5);
  }

  @Test
  void burst_ofTwentyThousand_isStoredOrCounted() throws IOException {
    start(store.writer(), UdpConfig.at(anyPort()));
    int sent = 20_000;
    String padding = "x".repeat(1_300);

    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(collector.address());
      for (int i = 1; i <= sent; i++) {
        byte[] datagram =
            (HEADER + segment(i).replace("}", ",\"metadata\":{\"p\":\"" + padding + "\"}}"))
                .getBytes(StandardCharsets.UTF_8);
        assertThat(datagram).hasSizeBetween(1_400, 1_600);
        socket.send(new DatagramPacket(datagram, datagram.length));
      }
    }

    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(
                        count(IngestMetrics.UDP_DATAGRAMS_STORED)
                            + count(IngestMetrics.UDP_DATAGRAMS_REJECTED)
                            + collector.kernelDrops())
                    .isEqualTo(sent));
    assertThat(count(IngestMetrics.UDP_KERNEL_DROPS)).isEqualTo(collector.kernelDrops());
    assertThat(store.status().liveSpanCount()).isEqualTo(count(IngestMetrics.UDP_DATAGRAMS_STORED));
  }

  @Test
  void kernelBuffer_tooSmall_dropsAreCounted() throws IOException {
    UdpConfig at = UdpConfig.at(anyPort());
    collector =
        UdpCollector.bind(new UdpConfig(at.address(), 1, 64 * 1024, 65_535, 3 << 20, 1, 100, 0));
    int sent = 1_000;
    for (int i = 1; i <= sent; i++) {
      send(HEADER + segment(i) + " ".repeat(1_300));
    }
    assertThat(collector.kernelDrops()).isPositive();

    collector.start(new Ingest(store.writer(), metrics), metrics);

    await()
        .untilAsserted(
            () ->
                assertThat(count(IngestMetrics.UDP_DATAGRAMS_STORED) + collector.kernelDrops())
                    .isEqualTo(sent));
    assertThat(count(IngestMetrics.UDP_KERNEL_DROPS)).isEqualTo(collector.kernelDrops());
  }

  @Test
  void write_overloadedForAWhile_isTriedAgain() throws IOException {
    AtomicInteger refusals = new AtomicInteger(3);
    start(
        batch -> {
          if (refusals.getAndDecrement() > 0) {
            throw new StoreOverloadedException("busy", 1);
          }
          store.writer().write(batch);
        },
        UdpConfig.at(anyPort()));

    send(HEADER + segment(1));

    await().untilAsserted(() -> assertThat(count(IngestMetrics.UDP_DATAGRAMS_STORED)).isOne());
    assertThat(metrics.rejectedSpans()).isEmpty();
  }

  @Test
  void write_overloadedAndQueueFull_countsEachDatagram() throws IOException {
    Semaphore recovered = new Semaphore(0);
    UdpConfig at = UdpConfig.at(anyPort());
    start(
        batch -> {
          if (recovered.availablePermits() == 0) {
            throw new StoreOverloadedException("busy", 1);
          }
          store.writer().write(batch);
        },
        new UdpConfig(at.address(), 1, 8 << 20, 65_535, 3 << 20, 1, 10, 0));
    int sent = 0;
    String padding = " ".repeat(60_000);
    while (count(IngestMetrics.UDP_DATAGRAMS_REJECTED) < 20) {
      send(HEADER + segment(++sent) + padding);
    }
    recovered.release();

    int all = sent;
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(
                        count(IngestMetrics.UDP_DATAGRAMS_STORED)
                            + count(IngestMetrics.UDP_DATAGRAMS_REJECTED)
                            + collector.kernelDrops())
                    .isEqualTo(all));
    assertThat(metrics.rejectedSpans().get(Transport.XRAY_UDP).keySet())
        .containsExactly(Rejection.OVERLOADED);
    assertThat(store.status().liveSpanCount())
        .isPositive()
        .isEqualTo(count(IngestMetrics.UDP_DATAGRAMS_STORED));
  }

  @Test
  void close_withDatagramsWaiting_writesThem() throws IOException {
    start(store.writer(), UdpConfig.at(anyPort()));
    for (int i = 1; i <= 500; i++) {
      send(HEADER + segment(i));
    }

    collector.close();

    assertThat(store.status().liveSpanCount()).isEqualTo(500);
    assertThat(count(IngestMetrics.UDP_DATAGRAMS_REJECTED)).isZero();
  }

  @Test
  void close_storeRefuses_countsWhatIsLeft() throws IOException {
    start(
        _ -> {
          throw new StoreOverloadedException("busy", 1);
        },
        UdpConfig.at(anyPort()));
    for (int i = 1; i <= 50; i++) {
      send(HEADER + segment(i));
    }

    collector.close();

    assertThat(count(IngestMetrics.UDP_DATAGRAMS_REJECTED)).isEqualTo(50);
  }

  @Test
  void bind_portOfAnotherCollector_fails() throws IOException {
    start(store.writer(), UdpConfig.at(anyPort()));
    assertThatThrownBy(() -> UdpCollector.bind(UdpConfig.at(collector.address())))
        .isInstanceOf(BindException.class);
  }

  @Test
  void start_twice_throws() throws IOException {
    start(store.writer(), UdpConfig.at(anyPort()));
    assertThatThrownBy(() -> collector.start(new Ingest(store.writer(), metrics), metrics))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cannot start UDP collector");
  }

  private void start(TraceWriter writer, UdpConfig config) throws IOException {
    collector = UdpCollector.bind(config);
    collector.start(new Ingest(writer, metrics), metrics);
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private void send(String datagram) throws IOException {
    byte[] bytes = datagram.getBytes(StandardCharsets.UTF_8);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.send(new DatagramPacket(bytes, bytes.length, collector.address()));
    }
  }

  private static String segment(int number) {
    return "{\"name\":\"checkout\",\"id\":\"%016x\",\"trace_id\":\"1-58406520-%024x\",\"start_time\":1480615200.010,\"end_time\":1480615200.090}"
        .formatted(number, number);
  }

  private long count(String metric) {
    MetricSnapshot found = null;
    for (MetricSnapshot snapshot : registry.scrape()) {
      if (metric.equals(snapshot.getMetadata().getName() + "_total")) {
        found = snapshot;
      }
    }
    if (!(found instanceof CounterSnapshot counter)) {
      return 0;
    }
    return counter.getDataPoints().stream().mapToLong(point -> (long) point.getValue()).sum();
  }
}
