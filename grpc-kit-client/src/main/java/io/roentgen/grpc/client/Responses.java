// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The answers of one call, taken by a thread that waits for each. Closing it before the end cancels
 * the call. For one consuming thread; any thread may close.
 */
public final class Responses<R> implements Iterator<R>, AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<R> waiting = new ArrayDeque<>(); // Guarded by lock.
  private Flow.@Nullable Subscription subscription; // Guarded by lock.
  private @Nullable Throwable failure; // Guarded by lock.
  private boolean ended; // Guarded by lock.
  private boolean closed; // Guarded by lock.

  Responses() {}

  Flow.Subscriber<R> subscriber(int readAhead) {
    return new Flow.Subscriber<>() {
      @Override
      public void onSubscribe(Flow.Subscription s) {
        lock.lock();
        try {
          subscription = s;
        } finally {
          lock.unlock();
        }
        s.request(readAhead);
      }

      @Override
      public void onNext(R response) {
        change(
            () -> {
              if (!closed) {
                waiting.add(response);
              }
            });
      }

      @Override
      public void onError(Throwable error) {
        change(
            () -> {
              failure = error;
              ended = true;
            });
      }

      @Override
      public void onComplete() {
        change(() -> ended = true);
      }
    };
  }

  private void change(Runnable what) {
    lock.lock();
    try {
      what.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the next answer or the end; false at the end and after {@link #close}.
   *
   * @throws StatusRuntimeException if the call ended with a status other than OK, after all answers
   *     were taken; with CANCELLED if the thread was interrupted, which cancels the call
   */
  @Override
  public boolean hasNext() {
    lock.lock();
    try {
      while (waiting.isEmpty() && !ended && !closed) {
        changed.await();
      }
      if (closed) {
        return false;
      }
      if (!waiting.isEmpty()) {
        return true;
      }
      if (failure instanceof StatusRuntimeException e) {
        throw e;
      }
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      cancel();
      throw Status.CANCELLED
          .withDescription("interrupted while waiting for a response")
          .withCause(e)
          .asRuntimeException();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns the next answer, waiting for it.
   *
   * @throws NoSuchElementException at the end
   * @throws StatusRuntimeException as {@link #hasNext}
   */
  @Override
  public R next() {
    R next = null;
    Flow.Subscription from = null;
    if (hasNext()) {
      lock.lock();
      try {
        next = waiting.poll();
        from = subscription;
      } finally {
        lock.unlock();
      }
    }
    if (next == null || from == null) {
      throw new NoSuchElementException("no response is left");
    }
    from.request(1);
    return next;
  }

  /** Cancels the call unless it has ended, and drops the answers not taken. */
  @Override
  public void close() {
    change(
        () -> {
          closed = true;
          waiting.clear();
        });
    cancel();
  }

  private void cancel() {
    Flow.Subscription from;
    lock.lock();
    try {
      from = ended ? null : subscription;
    } finally {
      lock.unlock();
    }
    if (from != null) {
      from.cancel();
    }
  }
}
