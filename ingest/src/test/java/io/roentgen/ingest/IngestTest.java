// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.model.Rejection;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.SpanBatch;
import io.roentgen.store.StoreClosedException;
import io.roentgen.store.StoreOverloadedException;
import io.roentgen.store.StoreUnavailableException;
import io.roentgen.store.TraceWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class IngestTest {
  private final Deque<RuntimeException> failures = new ArrayDeque<>();
  private final TraceWriter writer =
      _ -> {
        if (!failures.isEmpty()) {
          throw failures.remove();
        }
      };
  private final IngestMetrics metrics = new IngestMetrics(new PrometheusRegistry());
  private final Ingest ingest = new Ingest(writer, metrics);

  @Test
  void write_durable_countsSpansByTransport() {
    assertThat(ingest.write(Transport.OTLP_GRPC, batch(3))).isEqualTo(new WriteResult.Written());
    assertThat(ingest.write(Transport.XRAY_HTTP, batch(2))).isEqualTo(new WriteResult.Written());

    assertThat(metrics.acceptedSpans())
        .containsEntry(Transport.OTLP_GRPC, 3L)
        .containsEntry(Transport.XRAY_HTTP, 2L)
        .containsEntry(Transport.XRAY_UDP, 0L);
    assertThat(metrics.rejectedSpans()).isEmpty();
  }

  @Test
  void write_overloaded_countsAndTellsWhenToComeAgain() {
    failures.add(new StoreOverloadedException("queue full", 700));

    assertThat(ingest.write(Transport.OTLP_HTTP, batch(4)))
        .isEqualTo(new WriteResult.Overloaded("queue full", 700));

    assertThat(metrics.rejectedSpans())
        .isEqualTo(Map.of(Transport.OTLP_HTTP, new TreeMap<>(Map.of(Rejection.OVERLOADED, 4L))));
    assertThat(ingest.refusalWithin(Duration.ofHours(1))).isNull();
  }

  @Test
  void write_unavailable_isHealthyOnlyAfterNextWrite() {
    failures.addAll(
        List.of(new StoreUnavailableException("disk full"), new StoreClosedException()));

    assertThat(ingest.write(Transport.OTLP_GRPC, batch(1)))
        .isEqualTo(new WriteResult.Unavailable("disk full", 5_000));
    assertThat(ingest.refusalWithin(Duration.ofHours(1))).isEqualTo("disk full");
    assertThat(ingest.write(Transport.OTLP_GRPC, batch(1)))
        .isEqualTo(new WriteResult.Unavailable("store: closed", 5_000));
    assertThat(ingest.write(Transport.OTLP_GRPC, batch(1))).isEqualTo(new WriteResult.Written());
    assertThat(ingest.refusalWithin(Duration.ofHours(1))).isNull();

    SortedMap<Rejection, Long> expected = new TreeMap<>(Map.of(Rejection.STORE_UNAVAILABLE, 2L));
    assertThat(metrics.rejectedSpans()).isEqualTo(Map.of(Transport.OTLP_GRPC, expected));
  }

  @Test
  void write_emptyBatch_doesNotAskTheStore() {
    failures.add(new StoreClosedException());
    assertThat(ingest.write(Transport.OTLP_GRPC, SpanBatch.builder().build()))
        .isEqualTo(new WriteResult.Written());
    assertThat(failures).hasSize(1);
  }

  private static SpanBatch batch(int spans) {
    SpanBatch.Builder builder = SpanBatch.builder();
    int scope = builder.scope(ResourceScope.EMPTY);
    for (int i = 1; i <= spans; i++) {
      builder.begin(1, 1, i).scopeIndex(scope).end();
    }
    return builder.build();
  }
}
