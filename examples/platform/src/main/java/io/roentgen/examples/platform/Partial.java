// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** Carries the names of services that are missing from an answer, in its trailers. */
final class Partial implements ServerInterceptor {
  private static final Context.Key<Set<String>> MISSING = Context.key("missing");

  /** Says which are missing from the answer to the call of this context. */
  static void tell(Collection<String> missing) {
    Set<String> known = MISSING.get();
    if (known != null) {
      known.addAll(missing);
    }
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Set<String> missing = new ConcurrentSkipListSet<>();
    ServerCall<Q, A> telling =
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            if (!missing.isEmpty()) {
              trailers.put(Greeter.PARTIAL, String.join(",", missing));
            }
            super.close(status, trailers);
          }
        };
    return Contexts.interceptCall(
        Context.current().withValue(MISSING, missing), telling, headers, next);
  }

  /** Hears what a callee says is missing from its answer. */
  static final class Heard implements ClientInterceptor {
    private volatile List<String> missing = List.of();

    List<String> missing() {
      return missing;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          super.start(
              new SimpleForwardingClientCallListener<>(listener) {
                @Override
                public void onClose(Status status, Metadata trailers) {
                  String names = trailers.get(Greeter.PARTIAL);
                  if (names != null) {
                    missing = Arrays.asList(names.split(",", -1));
                  }
                  super.onClose(status, trailers);
                }
              },
              headers);
        }
      };
    }
  }
}
