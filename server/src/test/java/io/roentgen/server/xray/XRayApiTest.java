// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.ingest.Ingest;
import io.roentgen.ingest.IngestMetrics;
import io.roentgen.server.xray.state.Account;
import io.roentgen.store.memory.MemoryStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class XRayApiTest {
  @Test
  void operations_ofTheServiceModel_areAtTheirPaths() throws IOException {
    var expected = new TreeMap<String, String>();
    try (InputStream in = getClass().getResourceAsStream("/xray/operations.csv")) {
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split(",", -1))
          .forEach(row -> expected.put(row[1], row[0]));
    }
    assertThat(expected).hasSize(38);

    var registry = new PrometheusRegistry();
    var metrics = new IngestMetrics(registry);
    try (var store = new MemoryStore()) {
      var api =
          new XRayApi(
              store,
              new Ingest(store.writer(), metrics),
              metrics,
              registry,
              new XRayApi.Limits(1 << 20, 50),
              new Account("us-east-1", "000000000000"),
              null,
              null,
              InstantSource.system());
      assertThat(api.operations()).containsExactlyInAnyOrderEntriesOf(expected);
    }
  }
}
