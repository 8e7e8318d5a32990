// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import io.roentgen.store.DocumentStore;
import io.roentgen.store.GraphReader;
import io.roentgen.store.StoreStatus;
import io.roentgen.store.TraceReader;
import io.roentgen.store.TraceStore;
import io.roentgen.store.TraceWriter;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A store whose writes fail as a test wants them to. */
final class FaultyStore implements TraceStore {
  private final TraceStore delegate;

  /** What the next writes throw, or null for none. */
  volatile @Nullable Supplier<RuntimeException> failure;

  FaultyStore(TraceStore delegate) {
    this.delegate = delegate;
  }

  @Override
  public TraceWriter writer() {
    return batch -> {
      Supplier<RuntimeException> thrown = failure;
      if (thrown != null) {
        throw thrown.get();
      }
      delegate.writer().write(batch);
    };
  }

  @Override
  public TraceReader reader() {
    return delegate.reader();
  }

  @Override
  public GraphReader graph() {
    return delegate.graph();
  }

  @Override
  public DocumentStore documents() {
    return delegate.documents();
  }

  @Override
  public StoreStatus status() {
    return delegate.status();
  }

  @Override
  public void close() {
    delegate.close();
  }
}
