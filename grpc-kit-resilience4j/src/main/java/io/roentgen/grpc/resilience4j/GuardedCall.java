// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.resilience4j;

import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A call that asks for permission when it starts, not when it is made, since one that is made and
 * never started would keep its permission for ever; and that tells its guard exactly once how it
 * ended.
 */
final class GuardedCall<Q, R> extends SimpleForwardingClientCall<Q, R> {
  /** Lets a call start or not. */
  interface Guard {
    /** Asks for permission; null if given, else the status to close with. */
    @Nullable Status admit();

    /** An answer arrived. Not called after {@link #ended}. */
    default void answered() {}

    /** The call that was admitted has ended. Called once. */
    void ended(Status status);
  }

  private final Guard guard;
  private boolean refused;

  GuardedCall(ClientCall<Q, R> call, Guard guard) {
    super(call);
    this.guard = guard;
  }

  @Override
  public void start(Listener<R> listener, Metadata headers) {
    Status refusal = guard.admit();
    if (refusal != null) {
      refused = true;
      // Frees what interceptors below hold for the call.
      delegate().cancel(refusal.getDescription(), refusal.getCause());
      listener.onClose(refusal, new Metadata());
      return;
    }
    AtomicBoolean ended = new AtomicBoolean();
    try {
      super.start(
          new SimpleForwardingClientCallListener<>(listener) {
            @Override
            public void onMessage(R message) {
              guard.answered();
              super.onMessage(message);
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
              if (ended.compareAndSet(false, true)) {
                guard.ended(status);
              }
              super.onClose(status, trailers);
            }
          },
          headers);
    } catch (RuntimeException e) {
      if (ended.compareAndSet(false, true)) {
        guard.ended(Status.fromThrowable(e));
      }
      throw e;
    }
  }

  // A refused call was never started below; what the stub still does to it goes nowhere.

  @Override
  public void sendMessage(Q message) {
    if (!refused) {
      super.sendMessage(message);
    }
  }

  @Override
  public void halfClose() {
    if (!refused) {
      super.halfClose();
    }
  }

  @Override
  public void request(int count) {
    if (!refused) {
      super.request(count);
    }
  }

  @Override
  public void cancel(@Nullable String message, @Nullable Throwable cause) {
    if (!refused) {
      super.cancel(message, cause);
    }
  }

  @Override
  public void setMessageCompression(boolean enabled) {
    if (!refused) {
      super.setMessageCompression(enabled);
    }
  }

  @Override
  public boolean isReady() {
    return !refused && super.isReady();
  }
}
