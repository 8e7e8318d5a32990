// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecentIngestTest {
  private static final long NOW = 1_700_000_000_000_000_000L;

  private final RecentIngest recent =
      new RecentIngest(() -> Instant.ofEpochSecond(NOW / 1_000_000_000));

  @Test
  void refused_sameWords_areOneWithTheSum() {
    recent.refused(Transport.OTLP_HTTP, "invalid_id", 2, "span: no id");
    recent.refused(Transport.XRAY_UDP, "too_large", 1, "datagram: large");
    recent.refused(Transport.OTLP_HTTP, "invalid_id", 3, "span: no id");

    assertThat(recent.refused())
        .containsExactly(
            new Refused(Transport.OTLP_HTTP, "invalid_id", NOW, 5, "span: no id"),
            new Refused(Transport.XRAY_UDP, "too_large", NOW, 1, "datagram: large"));
  }

  @Test
  void refused_manyKinds_keepsTheNewest() {
    for (int i = 0; i < 100; i++) {
      recent.refused(Transport.XRAY_UDP, "invalid_id", 1, "document " + i);
    }

    assertThat(recent.refused()).hasSize(RecentIngest.MAX_REFUSED);
    assertThat(recent.refused().getFirst().message()).isEqualTo("document 99");
    assertThat(recent.refused().getLast().message()).isEqualTo("document 80");
  }

  @Test
  void refused_longMessage_isCut() {
    recent.refused(Transport.XRAY_UDP, "invalid_id", 1, "x".repeat(10_000));

    assertThat(recent.refused().getFirst().message()).hasSize(503).endsWith("x...");
  }

  @Test
  void arrived_tellsOneSpanOfTheBatch() {
    Span span =
        Span.builder(new TraceId(1, 2), new SpanId(3)).service("shop").name("GET /").build();

    recent.arrived(Transport.OTLP_GRPC, SpanBatch.of(List.of(span)));

    assertThat(recent.arrivals())
        .containsExactly(
            new Arrival(Transport.OTLP_GRPC, NOW, 1, new TraceId(1, 2), "shop", "GET /"));
  }
}
