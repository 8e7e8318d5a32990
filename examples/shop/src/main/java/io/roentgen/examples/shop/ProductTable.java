// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.grpc.Context;
import io.grpc.Deadline;
import io.roentgen.examples.common.Spans;
import io.roentgen.examples.common.Tracing;
import io.roentgen.examples.shop.v1.Product;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.model.Outcome;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A table of products with a capacity, as one of DynamoDB: who asks for more waits and tries again
 * until he is let in, has tried often enough, or nobody waits for him any more. Each use is a
 * subsegment as an AWS SDK makes it. Safe for use by several threads.
 */
final class ProductTable {
  static final String NAME = "ProductCatalog";
  static final int DEFAULT_READ_UNITS = 40;
  static final int DEFAULT_WRITE_UNITS = 15;
  static final int DEFAULT_RETRIES = 10;

  private static final long FIRST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Map<String, Product> rows = new TreeMap<>();
  private final CapacityBucket reads;
  private final CapacityBucket writes;
  private final Tracing tracing;
  private final int retries;
  private final Pause pause;

  /** Waits. */
  interface Pause {
    /** Waits so long. */
    void nanos(long nanos) throws InterruptedException;
  }

  /** What a table is made with. */
  record Config(int readUnits, int writeUnits, int retries, CapacityBucket.Burst burst) {
    static final Config DEFAULT =
        new Config(
            DEFAULT_READ_UNITS, DEFAULT_WRITE_UNITS, DEFAULT_RETRIES, CapacityBucket.Burst.OFF);

    Config {
      if (retries < 0 || retries > 20) {
        throw new IllegalArgumentException("retries: " + retries + " (expected: 0 to 20)");
      }
    }
  }

  ProductTable(Tracing tracing, Config config) {
    this(tracing, config, System::nanoTime, TimeUnit.NANOSECONDS::sleep);
  }

  ProductTable(Tracing tracing, Config config, LongSupplier nanoTime, Pause pause) {
    this.tracing = tracing;
    reads = new CapacityBucket(config.readUnits(), config.burst(), nanoTime);
    writes = new CapacityBucket(config.writeUnits(), config.burst(), nanoTime);
    retries = config.retries();
    this.pause = pause;
    Products.ALL.forEach(product -> rows.put(product.getId(), product));
  }

  /**
   * Returns a product, or null.
   *
   * @throws ThroughputExceededException if the table is over its capacity for too long
   */
  @Nullable Product get(String id) {
    return traced("GetItem", () -> rows.get(id));
  }

  /** Returns all products by name; throws as {@link #get}. */
  List<Product> scan() {
    return traced(
        "Scan",
        () -> rows.values().stream().sorted(Comparator.comparing(Product::getName)).toList());
  }

  int readUnits() {
    return reads.unitsPerSecond();
  }

  int writeUnits() {
    return writes.unitsPerSecond();
  }

  /**
   * Changes the capacity.
   *
   * @throws IllegalArgumentException if one of them is out of range; nothing is changed then
   */
  void setCapacity(int readUnits, int writeUnits) {
    int readsBefore = reads.unitsPerSecond();
    reads.setUnitsPerSecond(readUnits);
    try {
      writes.setUnitsPerSecond(writeUnits);
    } catch (IllegalArgumentException e) {
      reads.setUnitsPerSecond(readsBefore);
      throw e;
    }
  }

  private <T extends @Nullable Object> T traced(String operation, Supplier<T> read) {
    ActiveSpan span = Spans.table(tracing, NAME, operation);
    try {
      span.annotate("aws.retries", (long) awaitUnit());
      span.annotate("http.response.status_code", 200L);
      return read.get();
    } catch (ThroughputExceededException e) {
      span.annotate("http.response.status_code", 400L)
          .outcome(new Outcome(true, false, true))
          .recordException(e);
      throw e;
    } finally {
      span.end();
    }
  }

  /** Returns how often it was tried again. */
  private int awaitUnit() {
    long waitNanos = FIRST_WAIT_NANOS;
    int tries = 0;
    while (!reads.tryTake()) {
      Deadline deadline = Context.current().getDeadline();
      if (tries == retries
          || Context.current().isCancelled()
          || (deadline != null && deadline.timeRemaining(TimeUnit.NANOSECONDS) <= waitNanos)) {
        throw new ThroughputExceededException(
            "ProvisionedThroughputExceeded: table "
                + NAME
                + " has "
                + reads.unitsPerSecond()
                + " read units a second; tried "
                + (tries + 1)
                + " times");
      }
      try {
        pause.nanos(waitNanos);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ThroughputExceededException(
            "ProvisionedThroughputExceeded: interrupted while waiting for table " + NAME);
      }
      waitNanos *= 2;
      tries++;
    }
    return tries;
  }
}
