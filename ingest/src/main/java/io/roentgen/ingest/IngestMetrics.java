// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.model.Rejection;
import io.roentgen.model.SpanBatch;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * Counts what arrives and what becomes of it. One per server. Safe for use by several threads.
 *
 * <p>Every span that was received is in {@link #SPANS} or in {@link #SPANS_REJECTED}, except those
 * of requests that were refused before they were read; these are in {@link #REQUESTS} under their
 * result.
 */
public final class IngestMetrics {
  /** Spans that are durable, by transport. */
  public static final String SPANS = "ingest_spans_total";

  /** Spans and segment documents that were not taken, by transport and {@link Rejection#label}. */
  public static final String SPANS_REJECTED = "ingest_spans_rejected_total";

  /** Requests, by transport and {@link RequestResult#label}. */
  public static final String REQUESTS = "ingest_requests_total";

  /** Bytes of requests and datagrams as they came, by transport. */
  public static final String BYTES = "ingest_bytes_total";

  /** Seconds from the last byte of a request to its answer, by transport. */
  public static final String REQUEST_SECONDS = "ingest_request_duration_seconds";

  /** Bytes of requests that are being worked on. */
  public static final String ADMITTED_BYTES = "ingest_admitted_bytes";

  /** Datagrams that were read from the sockets. */
  public static final String UDP_DATAGRAMS = "ingest_udp_datagrams_total";

  /** Datagrams that were read and not stored, by {@link Rejection#label}. */
  public static final String UDP_DATAGRAMS_REJECTED = "ingest_udp_datagrams_rejected_total";

  /** Datagrams that the kernel dropped because the socket's buffer was full. */
  public static final String UDP_KERNEL_DROPS = "ingest_udp_kernel_drops_total";

  /** Bytes that wait to be decoded. */
  public static final String UDP_QUEUE_BYTES = "ingest_udp_queue_bytes";

  /** Datagrams whose documents are durable. */
  public static final String UDP_DATAGRAMS_STORED = "ingest_udp_datagrams_stored_total";

  private final Counter spans;
  private final Counter spansRejected;
  private final Counter requests;
  private final Counter bytes;
  private final Histogram requestSeconds;
  private final CounterDataPoint udpBytes;
  private final Counter datagrams;
  private final Counter datagramsStored;
  private final Counter datagramsRejected;
  private final PrometheusRegistry registry;
  private final RejectionLog rejectionLog = new RejectionLog();
  private final RecentIngest recent = new RecentIngest(InstantSource.system());

  /** Registers all metrics. */
  public IngestMetrics(PrometheusRegistry registry) {
    this.registry = registry;
    spans =
        Counter.builder()
            .name(SPANS)
            .help("Spans that are durable.")
            .labelNames("transport")
            .register(registry);
    spansRejected =
        Counter.builder()
            .name(SPANS_REJECTED)
            .help("Spans and segment documents that were not taken.")
            .labelNames("transport", "reason")
            .register(registry);
    requests =
        Counter.builder()
            .name(REQUESTS)
            .help("Requests with spans.")
            .labelNames("transport", "result")
            .register(registry);
    bytes =
        Counter.builder()
            .name(BYTES)
            .help("Bytes of requests and datagrams as received.")
            .labelNames("transport")
            .register(registry);
    requestSeconds =
        Histogram.builder()
            .name(REQUEST_SECONDS)
            .help("Seconds from the last byte of a request to its answer.")
            .labelNames("transport")
            .classicUpperBounds(
                0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
            .register(registry);
    datagrams =
        Counter.builder()
            .name(UDP_DATAGRAMS)
            .help("Datagrams read from the sockets.")
            .register(registry);
    datagramsStored =
        Counter.builder()
            .name(UDP_DATAGRAMS_STORED)
            .help("Datagrams whose document is in the store.")
            .register(registry);
    datagramsRejected =
        Counter.builder()
            .name(UDP_DATAGRAMS_REJECTED)
            .help("Datagrams read and not stored.")
            .labelNames("reason")
            .register(registry);
    for (Transport transport : Transport.values()) {
      // So that a rate over them is right from the first span on.
      spans.initLabelValues(transport.label());
      bytes.initLabelValues(transport.label());
    }
    udpBytes = bytes.labelValues(Transport.XRAY_UDP.label());
  }

  /** Counts spans that are durable. */
  public void accepted(Transport transport, long spanCount) {
    spans.labelValues(transport.label()).inc(spanCount);
  }

  /**
   * Counts spans that were not taken, and warns about them, at most once a minute for each reason.
   */
  public void rejected(Transport transport, Rejection reason, long spanCount, String example) {
    if (spanCount == 0) {
      return;
    }
    spansRejected.labelValues(transport.label(), reason.label()).inc(spanCount);
    rejectionLog.rejected(transport, reason, spanCount, example);
    recent.refused(transport, reason.label(), spanCount, example);
  }

  /** Notes what came with spans that are durable and were counted by {@link #accepted}. */
  void arrived(Transport transport, SpanBatch batch) {
    recent.arrived(transport, batch);
  }

  /** Notes a request that was refused as a whole, before its spans were looked at. */
  public void refused(Transport transport, RequestResult result, String message) {
    recent.refused(transport, result.label(), 1, message);
  }

  /** Returns what came last over each transport since the start, where anything did. */
  public List<Arrival> arrivals() {
    return recent.arrivals();
  }

  /** Returns the newest of what was refused since the start, the newest first. */
  public List<Refused> recentlyRefused() {
    return recent.refused();
  }

  /** Counts a request by its end; {@code nanos} is how long the answer took. */
  public void request(Transport transport, RequestResult result, long nanos) {
    requests.labelValues(transport.label(), result.label()).inc();
    requestSeconds.labelValues(transport.label()).observe(nanos / 1e9);
  }

  /** Counts bytes that came over the wire. */
  public void received(Transport transport, long byteCount) {
    bytes.labelValues(transport.label()).inc(byteCount);
  }

  /** Counts a datagram that was read, with its bytes. */
  public void datagramReceived(int byteCount) {
    datagrams.inc();
    udpBytes.inc(byteCount);
  }

  /** Counts datagrams whose documents are durable. */
  public void datagramsStored(long count) {
    datagramsStored.inc(count);
  }

  /** Counts datagrams whose documents are not in the store. */
  public void datagramsRejected(Rejection reason, long count) {
    datagramsRejected.labelValues(reason.label()).inc(count);
  }

  /** Has the registry read what a UDP collector knows; called once. */
  public void udpQueue(LongSupplier queueBytes, LongSupplier kernelDrops) {
    var _ =
        GaugeWithCallback.builder()
            .name(UDP_QUEUE_BYTES)
            .help("Bytes of datagrams that wait to be decoded.")
            .callback(callback -> callback.call((double) queueBytes.getAsLong()))
            .register(registry);
    var _ =
        CounterWithCallback.builder()
            .name(UDP_KERNEL_DROPS)
            .help("Datagrams that the kernel dropped because the receive buffer was full.")
            .callback(callback -> callback.call((double) kernelDrops.getAsLong()))
            .register(registry);
  }

  /** Has the registry read the bytes in work; called once. */
  public void admission(Admission admission) {
    var _ =
        GaugeWithCallback.builder()
            .name(ADMITTED_BYTES)
            .help("Bytes of requests that are being worked on.")
            .callback(callback -> callback.call((double) admission.admittedBytes()))
            .register(registry);
  }

  /** Returns how many spans each transport has brought. */
  public Map<Transport, Long> acceptedSpans() {
    Map<Transport, Long> counts = new EnumMap<>(Transport.class);
    for (Transport transport : Transport.values()) {
      counts.put(transport, spans.labelValues(transport.label()).getLongValue());
    }
    return counts;
  }

  /** Returns how many spans were rejected, by transport and reason; only what occurred. */
  public Map<Transport, SortedMap<Rejection, Long>> rejectedSpans() {
    Map<Transport, SortedMap<Rejection, Long>> counts = new EnumMap<>(Transport.class);
    for (var point : spansRejected.collect().getDataPoints()) {
      for (Transport transport : Transport.values()) {
        if (transport.label().equals(point.getLabels().get("transport"))) {
          counts
              .computeIfAbsent(transport, _ -> new TreeMap<>())
              .put(
                  reason(String.valueOf(point.getLabels().get("reason"))), (long) point.getValue());
        }
      }
    }
    return counts;
  }

  private static Rejection reason(String label) {
    for (Rejection reason : Rejection.values()) {
      if (reason.label().equals(label)) {
        return reason;
      }
    }
    throw new IllegalStateException("reason: " + label + " (expected: label of a Rejection)");
  }

  /** Writes the rejections that were counted and not yet told to the log. */
  public void flushLog() {
    rejectionLog.flush();
  }
}
