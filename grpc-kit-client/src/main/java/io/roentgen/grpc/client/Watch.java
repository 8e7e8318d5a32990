// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A call that watches something: its updates and its error come by two channels, and closing it is
 * no error.
 *
 * <pre>{@code
 * Watch<WatchRequest, OrderUpdate> watch =
 *     Watch.of(channel, OrderServiceGrpc.getWatchOrderMethod(), CallOptions.DEFAULT, request);
 * watch.errors().subscribe(errorSubscriber);
 * watch.updates().subscribe(updateSubscriber);
 * ...
 * watch.close();
 * }</pre>
 *
 * <p>The call starts when updates are subscribed to and is read at the pace of that subscriber, of
 * which there is one. When the call ends, in whatever way, updates complete. Errors then have one
 * item if it ended with a status other than OK, none if it ended well or was closed here, and
 * complete too; they may be subscribed to at any time, by any number.
 */
public final class Watch<Q, R> implements AutoCloseable {
  private final Channel channel;
  private final MethodDescriptor<Q, R> method;
  private final CallOptions options;
  private final Q request;
  private final Object lock = new Object();
  private final List<ErrorSubscription> waiting = new ArrayList<>(); // Guarded by lock.
  private @Nullable StreamCall<Q, R> call; // Guarded by lock.
  private @Nullable StatusRuntimeException error; // Guarded by lock.
  private boolean closed; // Guarded by lock.
  private boolean ended; // Guarded by lock.

  private Watch(Channel channel, MethodDescriptor<Q, R> method, CallOptions options, Q request) {
    this.channel = channel;
    this.method = method;
    this.options = options;
    this.request = request;
  }

  /** Returns a watch that has not started. */
  public static <Q, R> Watch<Q, R> of(
      Channel channel, MethodDescriptor<Q, R> method, CallOptions options, Q request) {
    Streams.checkOneRequest(method);
    return new Watch<>(channel, method, options, Objects.requireNonNull(request, "request"));
  }

  /**
   * Returns the updates; subscribing starts the call. A second subscriber gets an {@code
   * IllegalStateException}, one after {@link #close} completes at once.
   */
  public Flow.Publisher<R> updates() {
    return subscriber -> {
      Objects.requireNonNull(subscriber, "subscriber");
      StreamCall<Q, R> mine = new StreamCall<>(new Updates(subscriber));
      boolean second;
      boolean over;
      synchronized (lock) {
        over = closed;
        second = call != null;
        if (!over && !second) {
          call = mine;
        }
      }
      if (second || over) {
        subscriber.onSubscribe(new Nothing());
        if (over) {
          subscriber.onComplete();
        } else {
          subscriber.onError(
              new IllegalStateException("cannot subscribe to updates: they have a subscriber"));
        }
        return;
      }
      mine.start(channel, method, options, request, null);
    };
  }

  /** Returns the error, if the call ends with one; subscribing does not start the call. */
  public Flow.Publisher<StatusRuntimeException> errors() {
    return subscriber -> {
      ErrorSubscription subscription =
          new ErrorSubscription(Objects.requireNonNull(subscriber, "subscriber"));
      synchronized (lock) {
        waiting.add(subscription);
      }
      subscriber.onSubscribe(subscription);
      subscription.deliver();
    };
  }

  /** Cancels the call; updates and errors complete. Closing again does nothing. */
  @Override
  public void close() {
    StreamCall<Q, R> mine;
    synchronized (lock) {
      closed = true;
      mine = call;
    }
    if (mine == null) {
      end(null);
    } else {
      mine.stop("watch closed", null);
    }
  }

  private void end(@Nullable StatusRuntimeException failure) {
    List<ErrorSubscription> all;
    synchronized (lock) {
      if (ended) {
        return;
      }
      ended = true;
      error = failure;
      all = List.copyOf(waiting);
    }
    all.forEach(ErrorSubscription::signal);
  }

  /** Turns whatever ends the call into the end of updates. */
  private final class Updates implements Flow.Subscriber<R> {
    private final Flow.Subscriber<? super R> subscriber;

    Updates(Flow.Subscriber<? super R> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscriber.onSubscribe(
          new Flow.Subscription() {
            @Override
            public void request(long n) {
              subscription.request(n);
            }

            @Override
            public void cancel() {
              subscription.cancel();
              end(null); // Nothing more will be heard of the call.
            }
          });
    }

    @Override
    public void onNext(R update) {
      synchronized (lock) {
        if (closed) {
          return;
        }
      }
      subscriber.onNext(update);
    }

    @Override
    public void onError(Throwable failure) {
      boolean ours;
      synchronized (lock) {
        ours = closed;
      }
      if (ours) {
        end(null);
        subscriber.onComplete();
      } else if (failure instanceof StatusRuntimeException status) {
        end(status);
        subscriber.onComplete();
      } else {
        // The subscriber broke the rules of Flow, by request(0); that is no error of the watch.
        end(
            Status.CANCELLED
                .withDescription(failure.getMessage())
                .withCause(failure)
                .asRuntimeException());
        subscriber.onError(failure);
      }
    }

    @Override
    public void onComplete() {
      end(null);
      subscriber.onComplete();
    }
  }

  /** Waits for demand and for the end, whichever comes last. */
  private final class ErrorSubscription implements Flow.Subscription {
    private final Flow.Subscriber<? super StatusRuntimeException> subscriber;
    private boolean ready; // Guarded by lock: onSubscribe has been called.
    private boolean wanted; // Guarded by lock.
    private boolean done; // Guarded by lock.
    private @Nullable IllegalArgumentException refusal; // Guarded by lock.

    ErrorSubscription(Flow.Subscriber<? super StatusRuntimeException> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void request(long n) {
      synchronized (lock) {
        if (n <= 0) {
          refusal = Arguments.refusal("request", n, "more than 0");
        }
        wanted = true;
      }
      signal();
    }

    @Override
    public void cancel() {
      synchronized (lock) {
        done = true;
        waiting.remove(this);
      }
    }

    void deliver() {
      synchronized (lock) {
        ready = true;
      }
      signal();
    }

    private void signal() {
      StatusRuntimeException item;
      IllegalArgumentException bad;
      synchronized (lock) {
        bad = refusal;
        item = error;
        boolean due = bad != null || (ended && (item == null || wanted));
        if (done || !ready || !due) {
          return;
        }
        done = true;
        waiting.remove(this);
      }
      if (bad != null) {
        subscriber.onError(bad);
        return;
      }
      if (item != null) {
        subscriber.onNext(item);
      }
      subscriber.onComplete();
    }
  }

  /** A subscription to something that has nothing. */
  private static final class Nothing implements Flow.Subscription {
    @Override
    public void request(long n) {}

    @Override
    public void cancel() {}
  }
}
