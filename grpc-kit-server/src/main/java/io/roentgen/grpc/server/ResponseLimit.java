// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Ends calls whose response message is too large with {@link Status#RESOURCE_EXHAUSTED}, as gRPC
 * does for requests ({@link ServerTransport}), for {@link Slot#HANDLER}. Without it a client that
 * accepts less reads the start of the message, and the server has sent it in vain.
 *
 * <p>Sizes are known of messages whose marshaller makes {@link KnownLength} streams, such as
 * protobuf's, which does not encode for it. Other messages pass.
 */
public final class ResponseLimit implements ServerInterceptor {
  private final int maxBytes;

  private ResponseLimit(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Returns the interceptor; a message has at most this many bytes before compression. */
  public static ResponseLimit ofBytes(int maxBytes) {
    if (maxBytes <= 0) {
      throw new IllegalArgumentException("maxBytes: " + maxBytes + " (expected: > 0)");
    }
    return new ResponseLimit(maxBytes);
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    RefusableCall<ReqT, RespT> refusable = RefusableCall.of(call);
    ServerCall<ReqT, RespT> limited =
        new SimpleForwardingServerCall<>(refusable) {
          @Override
          public void sendMessage(RespT message) {
            int bytes = sizeOf(call, message);
            if (bytes <= maxBytes) {
              super.sendMessage(message);
            } else {
              refusable.refuse(
                  Status.RESOURCE_EXHAUSTED.withDescription(
                      "response: " + bytes + " bytes (expected: at most " + maxBytes + ")"),
                  new Metadata());
            }
          }
        };
    return new RefusableCall.Listener<>(refusable, next.startCall(limited, headers));
  }

  private static <RespT> int sizeOf(ServerCall<?, RespT> call, RespT message) {
    try (InputStream stream = call.getMethodDescriptor().streamResponse(message)) {
      return stream instanceof KnownLength ? stream.available() : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
