// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.orders;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.roentgen.grpc.ActiveSpan;
import org.jspecify.annotations.Nullable;

/**
 * What generated service methods do not see of their call: the header {@code idempotency-key}, and
 * the trailers. Says in the span which instance of the service has the call.
 */
final class CallExtras implements ServerInterceptor {
  static final Metadata.Key<String> IDEMPOTENCY_KEY =
      Metadata.Key.of("idempotency-key", Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<String> NEXT_PAGE_TOKEN =
      Metadata.Key.of("next-page-token", Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<byte[]> BATCH_FAILURES =
      Metadata.Key.of("batch-failures-bin", Metadata.BINARY_BYTE_MARSHALLER);

  /** Trailer: which instance had the call. */
  static final Metadata.Key<String> INSTANCE =
      Metadata.Key.of("x-instance", Metadata.ASCII_STRING_MARSHALLER);

  private static final Context.Key<CallExtras.Of> KEY = Context.key("order-call-extras");

  private final String instance;

  CallExtras(String instance) {
    this.instance = instance;
  }

  /**
   * Of one call.
   *
   * @param trailers what is added to those of the call
   */
  record Of(@Nullable String idempotencyKey, Metadata trailers) {}

  /** Returns those of the current call. */
  static Of current() {
    Of of = KEY.get();
    if (of == null) {
      throw new IllegalStateException("no extras: CallExtras is not in the server's slots");
    }
    return of;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    ActiveSpan.current().annotate("instance", instance);
    Of extras = new Of(headers.get(IDEMPOTENCY_KEY), new Metadata());
    ServerCall<Q, A> withTrailers =
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            trailers.put(INSTANCE, instance);
            trailers.merge(extras.trailers());
            super.close(status, trailers);
          }
        };
    return Contexts.interceptCall(
        Context.current().withValue(KEY, extras), withTrailers, headers, next);
  }
}
