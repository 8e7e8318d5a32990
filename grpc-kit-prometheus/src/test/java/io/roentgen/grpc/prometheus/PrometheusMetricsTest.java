// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.management.ThreadMXBean;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.roentgen.grpc.GrpcCall.Side;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class PrometheusMetricsTest {
  private static final TraceId TRACE = TraceId.parse("1-5759e988-bd862e3fe1be46a994272793");
  private static final SpanId SPAN = SpanId.parse("53995c3f42cd8ad8");

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PrometheusMetrics metrics = PrometheusMetrics.registeredWith(registry);

  @Test
  void call_isCountedByMethodAndCode() {
    call(Side.SERVER, generated("a.B/C"), Status.Code.OK);
    call(Side.SERVER, generated("a.B/C"), Status.Code.OK);
    call(Side.SERVER, generated("a.B/C"), Status.Code.NOT_FOUND);
    call(Side.CLIENT, generated("d.E/F"), Status.Code.UNAVAILABLE);
    assertThat(counts("grpc_requests"))
        .containsExactlyInAnyOrder("a.B/C OK 2", "a.B/C NOT_FOUND 1");
    assertThat(counts("grpc_client_requests")).containsExactly("d.E/F UNAVAILABLE 1");
  }

  @Test
  void names_areNotTakenTwice() {
    call(Side.SERVER, generated("a.B/C"), Status.Code.OK);
    call(Side.CLIENT, generated("a.B/C"), Status.Code.OK);
    assertThat(registry.scrape().stream().map(s -> s.getMetadata().getPrometheusName()))
        .containsExactlyInAnyOrder(
            "grpc_requests",
            "grpc_request_duration_seconds",
            "grpc_active_requests",
            "grpc_client_requests",
            "grpc_client_request_duration_seconds",
            "grpc_client_active_requests");
  }

  @Test
  void duration_fallsIntoItsBucket() {
    metrics.started(Side.SERVER, generated("a.B/C"));
    metrics.ended(Side.SERVER, generated("a.B/C"), Status.Code.OK, 30_000_000, null, null);
    HistogramSnapshot.HistogramDataPointSnapshot point = histogram("grpc_request_duration_seconds");
    assertThat(point.getLabels().get("method")).isEqualTo("a.B/C");
    assertThat(point.getCount()).isEqualTo(1);
    assertThat(point.getSum()).isEqualTo(0.03);
    List<String> buckets = new ArrayList<>();
    for (int i = 0; i < point.getClassicBuckets().size(); i++) {
      buckets.add(
          point.getClassicBuckets().getUpperBound(i) + "=" + point.getClassicBuckets().getCount(i));
    }
    assertThat(buckets)
        .containsExactly(
            "0.005=0",
            "0.01=0",
            "0.025=0",
            "0.05=1",
            "0.1=0",
            "0.25=0",
            "0.5=0",
            "1.0=0",
            "2.5=0",
            "5.0=0",
            "10.0=0",
            "Infinity=0");
  }

  @Test
  void duration_ofASampledCall_hasItsTraceAsExemplar() {
    metrics.started(Side.SERVER, generated("a.B/C"));
    metrics.ended(Side.SERVER, generated("a.B/C"), Status.Code.OK, 30_000_000, TRACE, SPAN);
    Exemplar exemplar = histogram("grpc_request_duration_seconds").getExemplars().get(0.025, 0.05);
    assertThat(exemplar.getLabels().get("trace_id")).isEqualTo("5759e988bd862e3fe1be46a994272793");
    assertThat(exemplar.getLabels().get("span_id")).isEqualTo("53995c3f42cd8ad8");
    assertThat(exemplar.getValue()).isEqualTo(0.03);
  }

  @Test
  void active_isTheNumberOfOpenCalls_andZeroAfterThem() {
    MethodDescriptor<String, String> method = generated("a.B/C");
    for (int i = 0; i < 3; i++) {
      metrics.started(Side.SERVER, method);
    }
    assertThat(gauge("grpc_active_requests")).containsExactly("a.B/C 3");
    for (int i = 0; i < 3; i++) {
      metrics.ended(Side.SERVER, method, Status.Code.CANCELLED, 1, null, null);
    }
    assertThat(gauge("grpc_active_requests")).containsExactly("a.B/C 0");
  }

  @Test
  void active_manyThreads_isZeroInTheEnd_andNoCallIsLost() throws Exception {
    MethodDescriptor<String, String> method = generated("a.B/C");
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        all.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 10_000; i++) {
                    call(Side.SERVER, method, Status.fromCodeValue(i % 17).getCode());
                  }
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(gauge("grpc_active_requests")).containsExactly("a.B/C 0");
    assertThat(histogram("grpc_request_duration_seconds").getCount()).isEqualTo(40_000);
    assertThat(counts("grpc_requests")).hasSize(17);
  }

  @Test
  void methods_notGenerated_areBounded_generatedOnesAreNot() {
    for (int i = 0; i < 1000; i++) {
      call(Side.SERVER, handMade("made.Up/M" + i), Status.Code.OK);
    }
    call(Side.SERVER, generated("a.B/C"), Status.Code.OK);
    List<String> counts = counts("grpc_requests");
    assertThat(counts).hasSize(PrometheusMetrics.MAX_HAND_MADE + 2);
    assertThat(counts).contains("made.Up/M0 OK 1", "a.B/C OK 1", "other OK 800");
    assertThat(gauge("grpc_active_requests")).allMatch(each -> each.endsWith(" 0"));
  }

  @Test
  void call_seenBefore_allocatesNothing() {
    MethodDescriptor<String, String> method = generated("a.B/C");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < 20_000; i++) {
      call(Side.SERVER, method, Status.Code.OK);
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 20_000; i++) {
      call(Side.SERVER, method, Status.Code.OK);
    }
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(bytes / 20_000).as("bytes a call").isZero();
  }

  @Test
  void registeredWith_twice_isRefusedByTheRegistry() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PrometheusMetrics.registeredWith(registry));
  }

  @Test
  void buckets_bad_throw() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PrometheusMetrics.registeredWith(registry, 1, 0.5))
        .withMessage("buckets: 0.5 after 1.0 (expected: ascending, above 0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PrometheusMetrics.registeredWith(registry, new double[0]))
        .withMessage("buckets: none (expected: at least one)");
  }

  private void call(Side side, MethodDescriptor<?, ?> method, Status.Code code) {
    metrics.started(side, method);
    metrics.ended(side, method, code, 1_000_000, null, null);
  }

  private List<String> counts(String name) {
    return ((CounterSnapshot) snapshot(name))
        .getDataPoints().stream()
            .map(
                p ->
                    p.getLabels().get("method")
                        + " "
                        + p.getLabels().get("code")
                        + " "
                        + (long) p.getValue())
            .toList();
  }

  private List<String> gauge(String name) {
    return ((GaugeSnapshot) snapshot(name))
        .getDataPoints().stream()
            .filter(p -> !p.getLabels().get("method").equals("other"))
            .map(p -> p.getLabels().get("method") + " " + (long) p.getValue())
            .toList();
  }

  private HistogramSnapshot.HistogramDataPointSnapshot histogram(String name) {
    return ((HistogramSnapshot) snapshot(name))
        .getDataPoints().stream()
            .filter(p -> !p.getLabels().get("method").equals("other"))
            .findFirst()
            .orElseThrow();
  }

  private MetricSnapshot snapshot(String name) {
    return registry.scrape().stream()
        .filter(s -> s.getMetadata().getPrometheusName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static MethodDescriptor<String, String> generated(String name) {
    return builder(name).setSampledToLocalTracing(true).build();
  }

  private static MethodDescriptor<String, String> handMade(String name) {
    return builder(name).build();
  }

  private static MethodDescriptor.Builder<String, String> builder(String name) {
    MethodDescriptor.Marshaller<String> nothing =
        new MethodDescriptor.Marshaller<>() {
          @Override
          public InputStream stream(String value) {
            return new ByteArrayInputStream(new byte[0]);
          }

          @Override
          public String parse(InputStream stream) {
            return "";
          }
        };
    return MethodDescriptor.newBuilder(nothing, nothing)
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(name);
  }
}
