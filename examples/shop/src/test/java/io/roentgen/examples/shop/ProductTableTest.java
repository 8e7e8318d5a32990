// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Context;
import io.grpc.Deadline;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.common.Tracing;
import io.roentgen.examples.shop.CapacityBucket.Burst;
import io.roentgen.examples.shop.v1.Product;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProductTableTest {
  private final AtomicLong clock = new AtomicLong();
  private final List<Long> waits = new ArrayList<>();
  private final Tracing tracing =
      Tracing.start(Settings.of(Map.of("TRACE_MODE", "none")), "catalogservice");

  @AfterEach
  void close() {
    tracing.close();
  }

  /** Returns a table with so many units a second, whose time passes while it waits. */
  private ProductTable table(int units, int retries) {
    return new ProductTable(
        tracing,
        new ProductTable.Config(units, 15, retries, Burst.OFF),
        clock::get,
        nanos -> {
          waits.add(TimeUnit.NANOSECONDS.toMillis(nanos));
          clock.addAndGet(nanos);
        });
  }

  @Test
  void get_withinCapacity_doesNotWait() {
    ProductTable table = table(40, 10);

    assertThat(table.get(Products.FEATURED)).extracting(Product::getName).isEqualTo("Tissot");
    assertThat(table.get("0000000000000")).isNull();
    assertThat(table.scan()).hasSize(9);
    assertThat(waits).isEmpty();
  }

  @Test
  void get_overCapacity_waitsTwiceAsLongEachTime_untilThereIsRoom() {
    ProductTable table = table(1, 10);
    table.get(Products.FEATURED);

    assertThat(table.get(Products.FEATURED)).isNotNull();

    // 50 + 100 + 200 + 400 ms are too short for one unit, and with 800 more it is there.
    assertThat(waits).containsExactly(50L, 100L, 200L, 400L, 800L);
  }

  @Test
  void get_retriesUsedUp_isRefusedByName() {
    ProductTable table = table(1, 3);
    table.get(Products.FEATURED);

    assertThatThrownBy(() -> table.get(Products.FEATURED))
        .isInstanceOf(ThroughputExceededException.class)
        .hasMessage(
            "ProvisionedThroughputExceeded: table ProductCatalog has 1 read units a second; tried 4"
                + " times");
    assertThat(waits).containsExactly(50L, 100L, 200L);
  }

  @Test
  void get_tenRetries_isAllThatIsTried() {
    ProductTable table =
        new ProductTable(
            tracing,
            new ProductTable.Config(1, 15, 10, Burst.OFF),
            clock::get,
            nanos -> waits.add(TimeUnit.NANOSECONDS.toMillis(nanos)));
    table.get(Products.FEATURED);

    assertThatThrownBy(() -> table.get(Products.FEATURED))
        .isInstanceOf(ThroughputExceededException.class)
        .hasMessageContaining("tried 11 times");
    assertThat(waits)
        .containsExactlyElementsOf(LongStream.range(0, 10).map(i -> 50L << i).boxed().toList());
  }

  @Test
  void get_deadlineSoonerThanTheNextTry_isRefusedAtOnce() throws Exception {
    ProductTable table = table(1, 10);
    table.get(Products.FEATURED);
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try (Context.CancellableContext context =
        Context.current().withDeadline(Deadline.after(0, TimeUnit.SECONDS), timer)) {
      context.run(
          () ->
              assertThatThrownBy(() -> table.get(Products.FEATURED))
                  .isInstanceOf(ThroughputExceededException.class)
                  .hasMessageContaining("tried 1 times"));
    } finally {
      timer.shutdownNow();
    }
    assertThat(waits).isEmpty();
  }

  @Test
  void setCapacity_oneOutOfRange_changesNeither() {
    ProductTable table = table(40, 10);

    assertThatThrownBy(() -> table.setCapacity(1, 0)).isInstanceOf(IllegalArgumentException.class);

    assertThat(table.readUnits()).isEqualTo(40);
    assertThat(table.writeUnits()).isEqualTo(15);
    table.setCapacity(1, 2);
    assertThat(table.readUnits()).isEqualTo(1);
    assertThat(table.writeUnits()).isEqualTo(2);
  }
}
