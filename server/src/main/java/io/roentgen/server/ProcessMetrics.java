// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;

/** The little that is needed of the process itself, under the names that Prometheus clients use. */
final class ProcessMetrics {
  private ProcessMetrics() {}

  static void register(PrometheusRegistry registry) {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    var _ =
        GaugeWithCallback.builder()
            .name("jvm_memory_used_bytes")
            .help("Memory in use, by area.")
            .labelNames("area")
            .callback(
                callback -> {
                  callback.call((double) memory.getHeapMemoryUsage().getUsed(), "heap");
                  callback.call((double) memory.getNonHeapMemoryUsage().getUsed(), "nonheap");
                })
            .register(registry);
    var _ =
        GaugeWithCallback.builder()
            .name("jvm_memory_max_bytes")
            .help("Largest size of the heap.")
            .labelNames("area")
            .callback(
                callback -> callback.call((double) memory.getHeapMemoryUsage().getMax(), "heap"))
            .register(registry);
    var _ =
        CounterWithCallback.builder()
            .name("jvm_gc_collection_seconds_total")
            .help("Time in garbage collections, by collector.")
            .labelNames("gc")
            .callback(
                callback ->
                    ManagementFactory.getGarbageCollectorMXBeans()
                        .forEach(gc -> callback.call(gc.getCollectionTime() / 1e3, gc.getName())))
            .register(registry);
    var _ =
        CounterWithCallback.builder()
            .name("jvm_gc_collections_total")
            .help("Garbage collections, by collector.")
            .labelNames("gc")
            .callback(
                callback ->
                    ManagementFactory.getGarbageCollectorMXBeans()
                        .forEach(
                            gc -> callback.call((double) gc.getCollectionCount(), gc.getName())))
            .register(registry);
    var _ =
        GaugeWithCallback.builder()
            .name("jvm_threads_current")
            .help("Live platform threads.")
            .callback(
                callback -> callback.call(ManagementFactory.getThreadMXBean().getThreadCount()))
            .register(registry);
    var _ =
        CounterWithCallback.builder()
            .name("process_cpu_seconds_total")
            .help("Processor time of this process.")
            .callback(callback -> callback.call(cpuSeconds()))
            .register(registry);
    var _ =
        GaugeWithCallback.builder()
            .name("process_start_time_seconds")
            .help("Start of this process, in seconds since the epoch.")
            .callback(
                callback ->
                    callback.call(ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3))
            .register(registry);
  }

  private static double cpuSeconds() {
    return ProcessHandle.current()
        .info()
        .totalCpuDuration()
        .map(duration -> duration.toNanos() / 1e9)
        .orElse(0.0);
  }
}
