// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One unary call as a future, for which a stub would bring Guava's. Callbacks come one at a time.
 */
final class UnaryCall<R> extends ClientCall.Listener<R> {
  private final CompletableFuture<R> result = new CompletableFuture<>();
  private @Nullable R answer;

  private UnaryCall() {}

  /** Makes the call; cancelling the future cancels it. */
  static <Q, R> CompletableFuture<R> start(
      Channel channel, MethodDescriptor<Q, R> method, CallOptions options, Q request) {
    ClientCall<Q, R> call = channel.newCall(method, options);
    UnaryCall<R> listener = new UnaryCall<>();
    try {
      call.start(listener, new Metadata());
      // A second answer has to be seen, to be refused.
      call.request(2);
      call.sendMessage(request);
      call.halfClose();
    } catch (RuntimeException | Error e) {
      call.cancel("cannot start call", e);
      throw e;
    }
    CompletableFuture<R> unused =
        listener.result.whenComplete(
            (done, failure) -> {
              if (listener.result.isCancelled()) {
                call.cancel("cancelled by caller", failure);
              }
            });
    return listener.result;
  }

  @Override
  public void onMessage(R message) {
    if (answer != null) {
      result.completeExceptionally(
          Status.INTERNAL
              .withDescription("more than one answer to a unary call")
              .asRuntimeException());
    }
    answer = message;
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    R got = answer;
    if (!status.isOk()) {
      result.completeExceptionally(status.asRuntimeException(trailers));
    } else if (got == null) {
      result.completeExceptionally(
          Status.INTERNAL
              .withDescription("no answer to a unary call")
              .asRuntimeException(trailers));
    } else {
      result.complete(got);
    }
  }
}
