// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue that many threads put into and one takes from, without locks: who puts never
 * waits, and is told when it is full.
 */
final class ExportQueue<T> {
  private final AtomicReferenceArray<@Nullable T> slots;
  private final int mask;
  private final AtomicLong tail = new AtomicLong();
  private final AtomicLong head = new AtomicLong();

  /**
   * Makes an empty queue.
   *
   * @param capacity at least 1; rounded up to a power of two
   */
  ExportQueue(int capacity) {
    int size = Integer.highestOneBit(Math.max(1, capacity - 1)) << (capacity > 1 ? 1 : 0);
    slots = new AtomicReferenceArray<>(size);
    mask = size - 1;
  }

  /** Puts an element at the end; returns false if the queue is full. */
  boolean offer(T element) {
    long at;
    do {
      at = tail.get();
      if (at - head.get() > mask) {
        return false;
      }
    } while (!tail.compareAndSet(at, at + 1));
    slots.lazySet((int) at & mask, element);
    return true;
  }

  /** Takes the first element, or returns null if there is none yet. One thread only. */
  @Nullable T poll() {
    long at = head.get();
    int slot = (int) at & mask;
    T element = slots.get(slot);
    if (element == null) {
      return null;
    }
    slots.lazySet(slot, null);
    head.lazySet(at + 1);
    return element;
  }

  /** Returns how many were put so far. */
  long put() {
    return tail.get();
  }

  /** Returns how many were taken so far. */
  long taken() {
    return head.get();
  }

  int capacity() {
    return mask + 1;
  }
}
