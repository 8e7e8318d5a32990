// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server.stream;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.roentgen.grpc.server.ShutdownSignal;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Sends what a source has as the answer of a streaming call, no faster than the client reads it:
 * gRPC itself would buffer all that a handler sends, without limit. The source is left when the
 * call is cancelled, when its deadline is over, and when the server shuts down; then the client is
 * told {@link Status#UNAVAILABLE}.
 *
 * <p>To be called in the service method, before it returns; returns at once. A failing source ends
 * the call as {@code onError} with what it threw.
 */
public final class ResponseStream {
  private ResponseStream() {}

  /**
   * Sends what an iterator has. It is asked on the call's own threads, one at a time, so it may
   * block if the server's executor is made for that; if it is {@link AutoCloseable} it is closed at
   * the end, whichever.
   */
  public static <T> void send(Iterator<? extends T> items, StreamObserver<T> responses) {
    Objects.requireNonNull(items, "items");
    new IteratorSender<T>(items, serverSide(responses)).start();
  }

  /**
   * Sends what a publisher has. At most 16 items are under way between it and gRPC. A publisher
   * that comes to its end completes the call; it may signal from any thread.
   */
  public static <T> void send(Flow.Publisher<? extends T> items, StreamObserver<T> responses) {
    Objects.requireNonNull(items, "items");
    PublisherSender<T> sender = new PublisherSender<>(serverSide(responses));
    sender.start();
    items.subscribe(sender);
  }

  private static <T> ServerCallStreamObserver<T> serverSide(StreamObserver<T> responses) {
    if (responses instanceof ServerCallStreamObserver<T> serverSide) {
      return serverSide;
    }
    throw new IllegalArgumentException(
        "responses: "
            + responses.getClass().getName()
            + " (expected: the ServerCallStreamObserver that the service method was given)");
  }

  /** What both kinds have in common: the end, which comes once. */
  private abstract static class Sender<T> {
    private final ServerCallStreamObserver<T> responses;
    private final ShutdownSignal signal = ShutdownSignal.current();
    // One object, for it to be removed again.
    private final Runnable onShutdown = this::shutDown;

    // The lock of this object guards both this and the use of responses, which is for one thread
    // at a time; gRPC buffers, so nothing blocks under it.
    private boolean ended;

    Sender(ServerCallStreamObserver<T> responses) {
      this.responses = responses;
    }

    final void start() {
      responses.setOnCancelHandler(this::cancelled);
      responses.setOnReadyHandler(this::ready);
      signal.onShutdown(onShutdown);
    }

    /** The client can take more. Called by one thread at a time. */
    abstract void ready();

    /** Leaves the source. Called once, by any thread. */
    abstract void leave();

    final boolean isReady() {
      return responses.isReady();
    }

    final boolean isEnded() {
      synchronized (this) {
        return ended;
      }
    }

    /** Returns whether there was still a call to send it on. */
    final boolean next(T item) {
      synchronized (this) {
        if (ended) {
          return false;
        }
        responses.onNext(item);
        return true;
      }
    }

    /** Ends the call: with an error, or as complete. */
    final void end(@Nullable Throwable error) {
      synchronized (this) {
        if (ended) {
          return;
        }
        ended = true;
        if (error == null) {
          responses.onCompleted();
        } else {
          responses.onError(error);
        }
      }
      left();
    }

    private void shutDown() {
      end(
          Status.UNAVAILABLE
              .withDescription("the server is shutting down; call again")
              .asRuntimeException());
    }

    private void cancelled() {
      synchronized (this) {
        if (ended) {
          return;
        }
        ended = true;
      }
      left();
    }

    private void left() {
      signal.remove(onShutdown);
      leave();
    }
  }

  private static final class IteratorSender<T> extends Sender<T> {
    private final Iterator<? extends T> items;

    // The lock of this object's monitor is not held while the iterator works, which may take long;
    // these two say who closes it: the thread that uses it, or if there is none, who ends the call.
    private final Object use = new Object();
    private boolean inUse;
    private boolean left;

    IteratorSender(Iterator<? extends T> items, ServerCallStreamObserver<T> responses) {
      super(responses);
      this.items = items;
    }

    @Override
    void ready() {
      synchronized (use) {
        if (left) {
          return;
        }
        inUse = true;
      }
      try {
        while (isReady() && !isEnded()) {
          if (!items.hasNext()) {
            end(null);
            return;
          }
          next(items.next());
        }
      } catch (RuntimeException e) {
        end(e);
      } finally {
        boolean close;
        synchronized (use) {
          inUse = false;
          close = left;
        }
        if (close) {
          close();
        }
      }
    }

    @Override
    void leave() {
      synchronized (use) {
        left = true;
        if (inUse) {
          return;
        }
      }
      close();
    }

    private void close() {
      if (items instanceof AutoCloseable closeable) {
        try {
          closeable.close();
        } catch (Exception e) {
          System.getLogger(ResponseStream.class.getName())
              .log(System.Logger.Level.WARNING, "response stream's source does not close", e);
        }
      }
    }
  }

  private static final class PublisherSender<T> extends Sender<T> implements Flow.Subscriber<T> {
    /** How many items are asked for at a time. */
    static final int DEMAND = 16;

    // The lock of this object's monitor guards these; not held while the publisher is called.
    private final Object state = new Object();
    private Flow.@Nullable Subscription subscription;
    private boolean left;
    private int outstanding;

    PublisherSender(ServerCallStreamObserver<T> responses) {
      super(responses);
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      Objects.requireNonNull(subscription, "subscription");
      boolean take;
      synchronized (state) {
        take = this.subscription == null && !left;
        if (take) {
          this.subscription = subscription;
        }
      }
      if (take) {
        ready();
      } else {
        subscription.cancel();
      }
    }

    @Override
    public void onNext(T item) {
      synchronized (state) {
        outstanding--;
      }
      try {
        next(item);
      } catch (RuntimeException e) {
        fail(e);
        return;
      }
      ready();
    }

    @Override
    public void onError(Throwable thrown) {
      end(thrown);
    }

    @Override
    public void onComplete() {
      end(null);
    }

    @Override
    void ready() {
      Flow.Subscription from;
      synchronized (state) {
        // If the client is not ready now, gRPC calls again when it is.
        if (left || subscription == null || outstanding > 0 || !isReady()) {
          return;
        }
        outstanding = DEMAND;
        from = subscription;
      }
      from.request(DEMAND);
    }

    @Override
    void leave() {
      Flow.Subscription from;
      synchronized (state) {
        left = true;
        from = subscription;
      }
      if (from != null) {
        from.cancel();
      }
    }

    private void fail(RuntimeException thrown) {
      try {
        end(thrown);
      } catch (IllegalStateException e) {
        // The message could not be written, and gRPC has closed the call for it.
        leave();
      }
    }
  }
}
