// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest.udp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Datagrams on their way from the sockets to the decoders, bounded in bytes. */
final class DatagramQueue {
  /** Array header and queue slot, so that many small datagrams count too. */
  private static final int OVERHEAD_BYTES = 24;

  private final long capacityBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private final ArrayDeque<byte[]> datagrams = new ArrayDeque<>();

  @GuardedBy("lock")
  private long bytes;

  @GuardedBy("lock")
  private boolean full;

  @GuardedBy("lock")
  private boolean ended;

  DatagramQueue(long capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  /** Adds a datagram, or returns false if there is no room. */
  boolean offer(byte[] datagram) {
    long size = (long) datagram.length + OVERHEAD_BYTES;
    lock.lock();
    try {
      if (bytes + size > capacityBytes) {
        full = true;
        return false;
      }
      bytes += size;
      datagrams.add(datagram);
      if (datagrams.size() == 1) {
        changed.signal();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Moves up to {@code max} datagrams to {@code to}: waits for the first, then lingers for more.
   * Adds none only if the queue has ended and is empty.
   */
  void take(List<byte[]> to, int max, long lingerNanos) throws InterruptedException {
    lock.lock();
    try {
      while (datagrams.isEmpty() && !ended) {
        changed.await();
      }
      move(to, max);
      long left = lingerNanos;
      while (to.size() < max && left > 0 && !ended) {
        left = changed.awaitNanos(left);
        move(to, max);
      }
      if (!datagrams.isEmpty()) {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void move(List<byte[]> to, int max) {
    while (to.size() < max && !datagrams.isEmpty()) {
      byte[] datagram = datagrams.remove();
      bytes -= datagram.length + OVERHEAD_BYTES;
      to.add(datagram);
      full = false;
    }
  }

  /** Returns whether the last datagram offered found no room and none was taken since. */
  boolean full() {
    lock.lock();
    try {
      return full;
    } finally {
      lock.unlock();
    }
  }

  long bytes() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  /** Says that no more will come: what is left can be taken, then {@link #take} adds none. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Returns what is left, without waiting. */
  List<byte[]> takeNow() {
    lock.lock();
    try {
      List<byte[]> rest = new ArrayList<>();
      move(rest, Integer.MAX_VALUE);
      return rest;
    } finally {
      lock.unlock();
    }
  }

  boolean ended() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }
}
