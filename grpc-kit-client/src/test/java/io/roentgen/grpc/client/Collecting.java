// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

/** A subscriber that asks for what it is told to and keeps what it gets. */
class Collecting<T> implements Flow.Subscriber<T> {
  final List<T> items = new CopyOnWriteArrayList<>();
  final CompletableFuture<Throwable> end = new CompletableFuture<>();
  volatile Flow.Subscription subscription;
  private final long first;

  /** Asks for {@code first} items at once; for none if 0. */
  Collecting(long first) {
    this.first = first;
  }

  @Override
  public void onSubscribe(Flow.Subscription s) {
    subscription = s;
    if (first != 0) {
      s.request(first);
    }
  }

  @Override
  public void onNext(T item) {
    items.add(item);
  }

  @Override
  public void onError(Throwable error) {
    if (!end.complete(error)) {
      throw new IllegalStateException("ended twice", error);
    }
  }

  @Override
  public void onComplete() {
    if (!end.complete(null)) {
      throw new IllegalStateException("ended twice");
    }
  }

  /** Waits for the end; null if it was a good one. */
  Throwable awaitEnd() throws Exception {
    return end.get(20, TimeUnit.SECONDS);
  }
}
