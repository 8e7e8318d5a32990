// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Context;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Runs work elsewhere in the trace of the call that asks for it: executors for what the call waits
 * for, and {@link #run} for what goes on after the answer.
 */
public final class Detached {
  private Detached() {}

  /**
   * Runs work in the trace of this thread but free of its call: neither its cancellation nor its
   * deadline nor its end, when gRPC cancels all that it started, reaches it.
   */
  public static void run(Executor executor, Runnable work) {
    executor.execute(inContext(Context.current().fork(), work));
  }

  /** Runs work in this thread, likewise. */
  public static void run(Runnable work) {
    inContext(Context.current().fork(), work).run();
  }

  /** Returns an executor whose work runs in the trace and the context of who hands it over. */
  public static Executor carrying(Executor executor) {
    return work -> executor.execute(inContext(Context.current(), work));
  }

  /**
   * Returns the same for an executor that can be shut down, such as one with a virtual thread for
   * each task.
   */
  public static ExecutorService carrying(ExecutorService executor) {
    return new Carrying(executor);
  }

  private static Runnable inContext(Context context, Runnable work) {
    ActiveSpan span = ActiveSpan.current();
    return () -> {
      Context before = context.attach();
      Object token = span.attach();
      try {
        work.run();
      } finally {
        if (token != null) {
          span.detach(token);
        }
        context.detach(before);
      }
    };
  }

  private static final class Carrying extends AbstractExecutorService {
    private final ExecutorService executor;

    Carrying(ExecutorService executor) {
      this.executor = executor;
    }

    @Override
    public void execute(Runnable work) {
      executor.execute(inContext(Context.current(), work));
    }

    @Override
    public void shutdown() {
      executor.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
      return executor.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
      return executor.isShutdown();
    }

    @Override
    public boolean isTerminated() {
      return executor.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
      return executor.awaitTermination(timeout, unit);
    }
  }
}
