// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.SpanBatch;
import io.roentgen.store.StoreException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A batch on its way into the log, and the thread that waits for it. */
final class PendingWrite {
  private final SpanBatch batch;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile @Nullable StoreException failure;
  private long sequence;

  PendingWrite(SpanBatch batch) {
    this.batch = batch;
  }

  SpanBatch batch() {
    return batch;
  }

  long sequence() {
    return sequence;
  }

  void sequence(long value) {
    sequence = value;
  }

  void succeed() {
    done.countDown();
  }

  void fail(StoreException cause) {
    failure = cause;
    done.countDown();
  }

  /** Waits for the end, also when interrupted, since the batch may be kept all the same. */
  void await() {
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    StoreException cause = failure;
    if (cause != null) {
      throw cause;
    }
  }
}
