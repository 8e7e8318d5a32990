// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;

/**
 * For interceptors that record calls by other means than this kit's, such as the recorder of the
 * X-Ray SDK: no call is recorded by both, whichever is the outer one, and headers are relayed as
 * the kit does it. Not needed by anybody who uses the kit's interceptors.
 */
public final class TracedElsewhere {
  /** The headers of the served call that somebody else records. */
  private static final Context.Key<Metadata> SERVED = Context.key("roentgen-served-elsewhere");

  /** The headers of the call that this thread is starting, if somebody else records it. */
  private static final ThreadLocal<Metadata> MADE = new ThreadLocal<>();

  private TracedElsewhere() {}

  static boolean isServedElsewhere(Metadata headers) {
    return SERVED.get() == headers;
  }

  static boolean isMadeElsewhere(Metadata headers) {
    return MADE.get() == headers;
  }

  /**
   * Returns whether an interceptor further out records the call that is served.
   *
   * @param headers the object that this interceptor was given
   */
  public static boolean isServed(Metadata headers) {
    return ActiveSpan.isServing(headers);
  }

  /**
   * Returns the current context with the headers to relay, for the handlers and callbacks of a call
   * that is served: calls that are made in it carry them. The kit's own interceptors further in
   * leave the call alone.
   */
  public static Context serving(Metadata headers, Propagation propagation) {
    ActiveSpan span = ActiveSpan.unsampled(null);
    span.relayed = propagation.relayed(headers);
    span.cameWith = headers;
    return Context.current().withValues(ActiveSpan.KEY, span, SERVED, headers);
  }

  /**
   * Returns whether an interceptor further out records the call that is made.
   *
   * @param headers the object that {@code ClientCall.start} was given
   */
  public static boolean isMade(Metadata headers) {
    return KitClientInterceptor.STARTING.get() == headers;
  }

  /** Starts a call with the headers that are relayed. The kit's own leave it alone. */
  public static <A> void start(
      ClientCall<?, A> call, ClientCall.Listener<A> listener, Metadata headers) {
    Object[] relayed = ActiveSpan.current().relayed;
    if (relayed != null) {
      Propagation.relay(relayed, headers);
    }
    Metadata before = KitClientInterceptor.STARTING.get();
    Metadata madeBefore = MADE.get();
    KitClientInterceptor.STARTING.set(headers);
    MADE.set(headers);
    try {
      call.start(listener, headers);
    } finally {
      KitClientInterceptor.STARTING.set(before);
      MADE.set(madeBefore);
    }
  }
}
