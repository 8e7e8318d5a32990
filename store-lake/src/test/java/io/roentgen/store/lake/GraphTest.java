// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.model.CallStatistics;
import io.roentgen.model.LatencySketch;
import io.roentgen.store.StoreCorruptedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GraphTest {
  @Test
  void addCounts_whatIsStored_isAdded() {
    CallStatistics.Builder sum = new CallStatistics.Builder();
    Graph.addCounts("{}", sum::addBucket);
    Graph.addCounts("{\"0\":1,\"700\":-3,\"2047\":9223372036854775807}", sum::addBucket);
    Graph.addCounts("{\"700\":5}", sum::addBucket);

    LatencySketch expected = new LatencySketch();
    expected.addBucket(0, 1);
    expected.addBucket(700, 2);
    expected.addBucket(2047, Long.MAX_VALUE);
    assertThat(sum.build().latency()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "[]", "{1:2}", "{\"1\"}", "{\"1\":}", "{\":1}", "{\"a\":1}", "{\"1\":2 }", "{\"}", "{\"1\"}", "{\"1\":-}", "{\"1\":2;\"3\":4}", "{\"12345678901\":1}"})
  void addCounts_damaged_isRefused(String json) {
    assertThatThrownBy(() -> Graph.addCounts(json, new LatencySketch()::addBucket))
        .isInstanceOf(StoreCorruptedException.class)
        .hasMessageContaining("stored latency");
  }
}
