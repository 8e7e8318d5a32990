// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.prometheus;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricFamilyDescriptor;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of one side. Adders of our own instead of the library's data points, which make two
 * or three objects for each call; see RATIONALE.md.
 */
final class SideMetrics implements MultiCollector {
  private static final Status.Code[] CODES = Status.Code.values();

  /** For how long a bucket keeps its exemplar, so that calls do not write over each other's. */
  private static final long EXEMPLAR_MILLIS = 1000;

  private final String prefix;
  private final String what;
  private final double[] bounds;
  private final long[] boundNanos;
  private final ConcurrentHashMap<String, Method> byName = new ConcurrentHashMap<>();
  private final Method other;

  SideMetrics(String prefix, String what, double[] buckets) {
    this.prefix = prefix;
    this.what = what;
    this.bounds = new double[buckets.length + 1];
    this.boundNanos = new long[buckets.length];
    for (int i = 0; i < buckets.length; i++) {
      bounds[i] = buckets[i];
      boundNanos[i] = Math.round(buckets[i] * 1e9);
    }
    bounds[buckets.length] = Double.POSITIVE_INFINITY;
    other = new Method(PrometheusMetrics.OTHER, bounds.length);
  }

  /** What one method counts into. */
  private static final class Method {
    private final Labels labels;
    private final String name;
    private final LongAdder[] byCode;
    private final LongAdder[] buckets;
    private final AtomicReferenceArray<@Nullable Exemplar> exemplars;
    private final LongAdder sumNanos = new LongAdder();
    private final LongAdder active = new LongAdder();

    Method(String name, int bucketCount) {
      this.name = name;
      this.labels = Labels.of("method", name);
      this.byCode = adders(CODES.length);
      this.buckets = adders(bucketCount);
      this.exemplars = new AtomicReferenceArray<>(bucketCount);
    }

    private static LongAdder[] adders(int count) {
      LongAdder[] adders = new LongAdder[count];
      for (int i = 0; i < count; i++) {
        adders[i] = new LongAdder();
      }
      return adders;
    }
  }

  void started(MethodDescriptor<?, ?> method) {
    of(method).active.increment();
  }

  void ended(
      MethodDescriptor<?, ?> descriptor,
      Status.Code code,
      long durationNanos,
      @Nullable TraceId trace,
      @Nullable SpanId span) {
    Method method = of(descriptor);
    method.active.decrement();
    method.byCode[code.value()].increment();
    method.sumNanos.add(durationNanos);
    int bucket = 0;
    while (bucket < boundNanos.length && durationNanos > boundNanos[bucket]) {
      bucket++;
    }
    method.buckets[bucket].increment();
    if (trace != null && span != null) {
      Exemplar kept = method.exemplars.get(bucket);
      long now = System.currentTimeMillis();
      if (kept == null || now - kept.getTimestampMillis() >= EXEMPLAR_MILLIS) {
        method.exemplars.set(
            bucket,
            Exemplar.builder()
                .value(durationNanos / 1e9)
                .traceId(trace.toHex())
                .spanId(span.toHex())
                .timestampMillis(now)
                .build());
      }
    }
  }

  private Method of(MethodDescriptor<?, ?> descriptor) {
    String name = descriptor.getFullMethodName();
    Method method = byName.get(name);
    if (method != null) {
      return method;
    }
    // No caller can make up a generated method. Others may be, by a server that takes any name;
    // what is over their limit stays so for good, and a call that began as "other" ends as such.
    if (!descriptor.isSampledToLocalTracing()
        && byName.mappingCount() >= PrometheusMetrics.MAX_HAND_MADE) {
      return other;
    }
    return byName.computeIfAbsent(name, newName -> new Method(newName, bounds.length));
  }

  /** By these the registry refuses a second one of the same names. */
  @Override
  public List<MetricFamilyDescriptor> getMetricFamilyDescriptors() {
    return List.of(
        MetricFamilyDescriptor.counter(requestsName())
            .help(requestsHelp())
            .labelNames("method", "code")
            .build(),
        MetricFamilyDescriptor.histogram(durationName())
            .help(durationHelp())
            .unit(Unit.SECONDS)
            .labelName("method")
            .build(),
        MetricFamilyDescriptor.gauge(activeName()).help(activeHelp()).labelName("method").build());
  }

  @Override
  public MetricSnapshots collect() {
    CounterSnapshot.Builder requests =
        CounterSnapshot.builder().name(requestsName()).help(requestsHelp());
    HistogramSnapshot.Builder durations =
        HistogramSnapshot.builder().name(durationName()).help(durationHelp()).unit(Unit.SECONDS);
    GaugeSnapshot.Builder actives = GaugeSnapshot.builder().name(activeName()).help(activeHelp());
    for (Method method : byName.values()) {
      collect(method, requests, durations, actives);
    }
    if (count(other.buckets) > 0 || other.active.sum() > 0) {
      collect(other, requests, durations, actives);
    }
    return MetricSnapshots.of(requests.build(), durations.build(), actives.build());
  }

  private void collect(
      Method method,
      CounterSnapshot.Builder requests,
      HistogramSnapshot.Builder durations,
      GaugeSnapshot.Builder actives) {
    for (Status.Code code : CODES) {
      long count = method.byCode[code.value()].sum();
      if (count > 0) {
        requests.dataPoint(
            CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(Labels.of("code", code.name(), "method", method.name))
                .value((double) count)
                .build());
      }
    }
    long[] counts = new long[bounds.length];
    List<Exemplar> exemplars = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      counts[i] = method.buckets[i].sum();
      Exemplar exemplar = method.exemplars.get(i);
      if (exemplar != null) {
        exemplars.add(exemplar);
      }
    }
    durations.dataPoint(
        HistogramSnapshot.HistogramDataPointSnapshot.builder()
            .labels(method.labels)
            .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, counts))
            .sum((double) method.sumNanos.sum() / 1e9)
            .exemplars(Exemplars.of(exemplars))
            .build());
    actives.dataPoint(
        GaugeSnapshot.GaugeDataPointSnapshot.builder()
            .labels(method.labels)
            .value((double) method.active.sum())
            .build());
  }

  private static long count(LongAdder[] adders) {
    long count = 0;
    for (LongAdder adder : adders) {
      count += adder.sum();
    }
    return count;
  }

  private String requestsName() {
    return prefix + "requests";
  }

  private String durationName() {
    return prefix + "request_duration_seconds";
  }

  private String activeName() {
    return prefix + "active_requests";
  }

  private String requestsHelp() {
    return what + " that ended, by status code.";
  }

  private String durationHelp() {
    return "How long " + what + " took, streams to their end.";
  }

  private String activeHelp() {
    return what + " that go on now.";
  }
}
