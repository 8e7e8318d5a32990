// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import java.util.Objects;
import java.util.concurrent.Flow;

/**
 * Streams of messages as {@link Flow.Publisher} or iterator. In each, no message is read from the
 * connection before the consumer asks for it, so a slow consumer slows the server down (HTTP/2 flow
 * control) and memory stays bounded.
 *
 * <pre>{@code
 * Streams.publisher(channel, OrderServiceGrpc.getWatchOrderMethod(), CallOptions.DEFAULT, request)
 *     .subscribe(subscriber);
 *
 * try (Responses<Order> orders =
 *     Streams.iterator(channel, OrderServiceGrpc.getListOrdersMethod(), CallOptions.DEFAULT, request)) {
 *   while (orders.hasNext()) { ... }
 * }
 * }</pre>
 */
public final class Streams {
  /** Messages that an iterator reads ahead: 16. */
  public static final int DEFAULT_READ_AHEAD = 16;

  private Streams() {}

  /**
   * Returns a publisher of the answers to one request. Each subscription makes a call of its own.
   *
   * <p>Demand becomes {@code ClientCall.request}; cancelling cancels the call, and nothing is
   * signalled after that. A status other than OK arrives as {@code StatusRuntimeException}. Signals
   * come on the call's executor.
   */
  public static <Q, R> Flow.Publisher<R> publisher(
      Channel channel, MethodDescriptor<Q, R> method, CallOptions options, Q request) {
    Objects.requireNonNull(request, "request");
    checkOneRequest(method);
    return subscriber -> {
      Objects.requireNonNull(subscriber, "subscriber");
      new StreamCall<Q, R>(subscriber).start(channel, method, options, request, null);
    };
  }

  /**
   * Returns a publisher of the answers to a stream of requests. Each subscription subscribes to
   * {@code requests} and makes a call of its own.
   *
   * <p>One request at a time is asked for, while the connection has room for it. Its end
   * half-closes the call; its failure cancels the call and arrives at the subscriber as it is.
   */
  public static <Q, R> Flow.Publisher<R> exchange(
      Channel channel,
      MethodDescriptor<Q, R> method,
      CallOptions options,
      Flow.Publisher<? extends Q> requests) {
    Objects.requireNonNull(requests, "requests");
    Arguments.check(
        !method.getType().clientSendsOneMessage(),
        "method",
        method.getFullMethodName() + " of type " + method.getType(),
        "one whose client streams; use publisher for one request");
    return subscriber -> {
      Objects.requireNonNull(subscriber, "subscriber");
      new StreamCall<Q, R>(subscriber).start(channel, method, options, null, requests);
    };
  }

  /** Makes the call and returns its answers, 16 of which are read ahead. */
  public static <Q, R> Responses<R> iterator(
      Channel channel, MethodDescriptor<Q, R> method, CallOptions options, Q request) {
    return iterator(channel, method, options, request, DEFAULT_READ_AHEAD);
  }

  /**
   * Makes the call and returns its answers.
   *
   * @param readAhead how many answers may wait to be taken, 1 to 65,536
   */
  public static <Q, R> Responses<R> iterator(
      Channel channel,
      MethodDescriptor<Q, R> method,
      CallOptions options,
      Q request,
      int readAhead) {
    Objects.requireNonNull(request, "request");
    checkOneRequest(method);
    Arguments.check(readAhead >= 1 && readAhead <= 65_536, "readAhead", readAhead, "1 to 65536");
    Responses<R> responses = new Responses<>();
    publisher(channel, method, options, request).subscribe(responses.subscriber(readAhead));
    return responses;
  }

  static void checkOneRequest(MethodDescriptor<?, ?> method) {
    Arguments.check(
        method.getType().clientSendsOneMessage(),
        "method",
        method.getFullMethodName() + " of type " + method.getType(),
        "one with a single request; use exchange for a stream of them");
  }
}
