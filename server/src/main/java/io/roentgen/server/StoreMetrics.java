// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.roentgen.store.StoreClosedException;
import io.roentgen.store.StoreStatus;
import io.roentgen.store.TraceStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the store holds, asked once for each scrape. */
final class StoreMetrics implements MultiCollector {
  static final String LIVE_SPANS = "store_live_spans";
  static final String LIVE_BYTES = "store_live_bytes";
  static final String WAL_BYTES = "store_wal_bytes";
  static final String PARTS = "store_parts";
  static final String PART_SPANS = "store_part_spans";
  static final String PART_BYTES = "store_part_bytes";
  static final String DISK_LIMIT_BYTES = "store_disk_limit_bytes";
  static final String CORRUPTED_PARTS = "store_corrupted_parts";
  static final String DELETED_SPANS = "store_spans_deleted";
  static final String DISK_FREE_BYTES = "store_disk_free_bytes";

  private final TraceStore store;
  private final Path path;

  StoreMetrics(TraceStore store, Path path) {
    this.store = store;
    this.path = path;
  }

  @Override
  public MetricSnapshots collect() {
    StoreStatus status;
    try {
      status = store.status();
    } catch (StoreClosedException _) {
      // A scrape while the server stops: what the store held is then no more known.
      return MetricSnapshots.of();
    }
    List<MetricSnapshot> metrics = new ArrayList<>();
    metrics.add(gauge(LIVE_SPANS, "Spans in memory, not yet in a part.", status.liveSpanCount()));
    metrics.add(gauge(LIVE_BYTES, "Memory that they take.", status.liveBytes()));
    metrics.add(gauge(WAL_BYTES, "Size of the write-ahead log.", status.walBytes()));
    metrics.add(gauge(PARTS, "Part files.", status.partCount()));
    metrics.add(gauge(PART_SPANS, "Spans in parts.", status.partSpanCount()));
    metrics.add(gauge(PART_BYTES, "Size of all parts.", status.partBytes()));
    metrics.add(
        gauge(CORRUPTED_PARTS, "Parts set aside as unreadable.", status.corruptedPartCount()));
    if (status.diskLimitBytes() != Long.MAX_VALUE) {
      metrics.add(gauge(DISK_LIMIT_BYTES, "What the store may take.", status.diskLimitBytes()));
    }
    long free = path.toFile().getUsableSpace();
    if (free > 0) {
      metrics.add(gauge(DISK_FREE_BYTES, "Room left on the disk of the store.", free));
    }
    metrics.add(
        CounterSnapshot.builder()
            .name(DELETED_SPANS)
            .help("Spans that retention has deleted.")
            .dataPoint(
                CounterSnapshot.CounterDataPointSnapshot.builder()
                    .value((double) status.deletedSpanCount())
                    .build())
            .build());
    return new MetricSnapshots(metrics);
  }

  private static GaugeSnapshot gauge(String name, String help, long value) {
    return GaugeSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder().value((double) value).build())
        .build();
  }
}
