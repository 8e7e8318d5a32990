// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One call between a subscriber, whose demand becomes {@code ClientCall.request}, and either a
 * single request or a publisher of requests, asked for the next one while the transport takes it.
 *
 * <p>Signals to the subscriber come from gRPC's call executor only, which serves one at a time; so
 * what another thread finds out (a bad {@code request}, requests that failed) is kept and delivered
 * when the call closes. {@code this} guards the fields marked so; gRPC and subscribers are called
 * without it.
 */
final class StreamCall<Q, R> extends ClientCall.Listener<R> implements Flow.Subscription {
  /** Bounds what is asked of a call at once: some transports count in int. */
  private static final int MAX_OUTSTANDING = 1 << 30;

  private final Flow.Subscriber<? super R> subscriber;
  private @Nullable ClientCall<Q, R> call; // Guarded by this, set once.
  private boolean started; // Guarded by this.
  private boolean cancelled; // Guarded by this: the subscriber wants no more signals.
  private boolean stopped; // Guarded by this: the call was cancelled or has closed.
  private @Nullable Throwable failure; // Guarded by this.
  private long unasked; // Guarded by this: demand not yet asked of the call.
  private int outstanding; // Guarded by this: asked of the call and not yet delivered.
  private @Nullable Requests requests; // Guarded by this.

  StreamCall(Flow.Subscriber<? super R> subscriber) {
    this.subscriber = subscriber;
  }

  /** Subscribes, then starts the call unless the subscriber cancelled at once. */
  void start(
      Channel channel,
      MethodDescriptor<Q, R> method,
      CallOptions options,
      @Nullable Q request,
      Flow.@Nullable Publisher<? extends Q> publisher) {
    subscriber.onSubscribe(this);
    Throwable early;
    synchronized (this) {
      if (cancelled) {
        return;
      }
      early = failure;
      if (early == null && stopped) {
        early = Status.CANCELLED.withDescription("cancelled before the start").asRuntimeException();
      }
    }
    if (early != null) {
      subscriber.onError(early);
      return;
    }
    ClientCall<Q, R> newCall = channel.newCall(method, options);
    synchronized (this) {
      call = newCall;
    }
    try {
      newCall.start(this, new Metadata());
      if (request != null) {
        newCall.sendMessage(request);
        newCall.halfClose();
      }
    } catch (RuntimeException e) {
      newCall.cancel("cannot start call", e);
      throw e;
    }
    boolean stop;
    synchronized (this) {
      started = true;
      stop = cancelled || stopped || failure != null;
    }
    if (stop) {
      newCall.cancel("cancelled by subscriber", null);
      return;
    }
    ask();
    if (publisher != null) {
      Requests upstream = new Requests(newCall);
      synchronized (this) {
        requests = upstream;
      }
      try {
        publisher.subscribe(upstream);
      } catch (RuntimeException e) {
        fail(e);
      }
    }
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      fail(Arguments.refusal("request", n, "more than 0"));
      return;
    }
    synchronized (this) {
      unasked = unasked + n < 0 ? Long.MAX_VALUE : unasked + n;
    }
    ask();
  }

  private void ask() {
    ClientCall<Q, R> to;
    int count;
    synchronized (this) {
      to = call;
      if (!started || stopped || to == null) {
        return;
      }
      count = (int) Math.min(unasked, MAX_OUTSTANDING - outstanding);
      unasked -= count;
      outstanding += count;
    }
    if (count > 0) {
      to.request(count);
    }
  }

  @Override
  public void cancel() {
    synchronized (this) {
      cancelled = true;
    }
    stop("cancelled by subscriber", null);
  }

  /** Cancels the call; the subscriber is told when it has closed. */
  void stop(String reason, @Nullable Throwable cause) {
    ClientCall<Q, R> to;
    Requests upstream;
    synchronized (this) {
      if (stopped) {
        return;
      }
      stopped = true;
      to = started ? call : null;
      upstream = requests;
    }
    if (upstream != null) {
      upstream.end();
    }
    if (to != null) {
      to.cancel(reason, cause);
    }
  }

  private void fail(Throwable cause) {
    synchronized (this) {
      if (failure == null) {
        failure = cause;
      }
    }
    stop("cancelled after " + cause.getClass().getSimpleName(), cause);
  }

  @Override
  public void onReady() {
    Requests upstream;
    synchronized (this) {
      upstream = requests;
    }
    if (upstream != null) {
      upstream.pull();
    }
  }

  @Override
  public void onMessage(R message) {
    synchronized (this) {
      outstanding--;
      if (cancelled || failure != null) {
        return;
      }
    }
    subscriber.onNext(message);
    ask();
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    Throwable error;
    Requests upstream;
    boolean silent;
    synchronized (this) {
      stopped = true;
      silent = cancelled;
      error = failure;
      upstream = requests;
    }
    if (upstream != null) {
      upstream.end();
    }
    if (silent) {
      return;
    }
    if (error == null && !status.isOk()) {
      error = status.asRuntimeException(trailers);
    }
    if (error == null) {
      subscriber.onComplete();
    } else {
      subscriber.onError(error);
    }
  }

  /** Takes requests from their publisher, the next one once the transport has room for it. */
  private final class Requests implements Flow.Subscriber<Q> {
    private final ClientCall<Q, R> to;
    private Flow.@Nullable Subscription upstream; // Guarded by the call.
    private boolean pulling; // Guarded by the call: one was asked for and has not come.
    private boolean ended; // Guarded by the call.

    /** Pulls that are due; whoever finds none makes those that come meanwhile too. */
    private final AtomicInteger pulls = new AtomicInteger();

    Requests(ClientCall<Q, R> to) {
      this.to = to;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      boolean refuse;
      synchronized (StreamCall.this) {
        refuse = ended || stopped || upstream != null;
        if (!refuse) {
          upstream = subscription;
        }
      }
      if (refuse) {
        subscription.cancel();
      } else {
        pull();
      }
    }

    void pull() {
      // A publisher that answers within request would otherwise deepen the stack by each item.
      if (pulls.getAndIncrement() > 0) {
        return;
      }
      do {
        pullOne();
      } while (pulls.decrementAndGet() > 0);
    }

    private void pullOne() {
      if (!to.isReady()) {
        return; // onReady will come.
      }
      Flow.Subscription from;
      synchronized (StreamCall.this) {
        from = upstream;
        if (from == null || pulling || ended || stopped) {
          return;
        }
        pulling = true;
      }
      from.request(1);
    }

    @Override
    public void onNext(Q request) {
      send(() -> to.sendMessage(request));
      synchronized (StreamCall.this) {
        pulling = false;
      }
      pull();
    }

    @Override
    public void onError(Throwable error) {
      synchronized (StreamCall.this) {
        ended = true;
        upstream = null;
      }
      fail(error);
    }

    @Override
    public void onComplete() {
      synchronized (StreamCall.this) {
        ended = true;
        upstream = null;
      }
      send(to::halfClose);
    }

    private void send(Runnable action) {
      try {
        action.run();
      } catch (IllegalStateException e) {
        // Between the check in pull and here another thread may have cancelled the call.
        synchronized (StreamCall.this) {
          if (!stopped) {
            throw e;
          }
        }
      }
    }

    void end() {
      Flow.Subscription from;
      synchronized (StreamCall.this) {
        ended = true;
        from = upstream;
        upstream = null;
      }
      if (from != null) {
        from.cancel();
      }
    }
  }
}
