// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import com.amazonaws.xray.AWSXRayRecorder;
import com.amazonaws.xray.AWSXRayRecorderBuilder;
import com.amazonaws.xray.emitters.Emitter;
import com.amazonaws.xray.entities.Entity;
import com.amazonaws.xray.entities.Segment;
import com.amazonaws.xray.entities.Subsegment;
import com.amazonaws.xray.entities.TraceID;
import com.amazonaws.xray.strategy.sampling.AllSamplingStrategy;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * gRPC interceptors over the X-Ray SDK as teams write them: two bare keys, an entity for each side,
 * ended by close. Only what a benchmark needs; the SDK has none of its own.
 */
final class XRaySdkWiring {
  private static final Metadata.Key<String> TRACE =
      Metadata.Key.of("traceId", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> PARENT =
      Metadata.Key.of("parentId", Metadata.ASCII_STRING_MARSHALLER);

  private XRaySdkWiring() {}

  static Pair make() {
    Serializing emitter = new Serializing();
    AWSXRayRecorder recorder =
        AWSXRayRecorderBuilder.standard()
            .withEmitter(emitter)
            .withSamplingStrategy(new AllSamplingStrategy())
            .build();
    return Pair.of(
        List.of(new Client(recorder)),
        List.of(new Server(recorder)),
        emitter.documents::sum,
        () -> {});
  }

  /** Does what the SDK's UDP emitter does, but for the datagram. */
  private static final class Serializing extends Emitter {
    private final LongAdder documents = new LongAdder();

    @Override
    public boolean sendSegment(Segment segment) {
      documents.increment();
      return !segment.serialize().isEmpty();
    }

    @Override
    public boolean sendSubsegment(Subsegment subsegment) {
      documents.increment();
      return !subsegment.streamSerialize().isEmpty();
    }
  }

  /** {@code setTraceEntity} is deprecated, and what the wirings in use call. */
  @SuppressWarnings("deprecation")
  static final class Client implements ClientInterceptor {
    private final AWSXRayRecorder recorder;

    Client(AWSXRayRecorder recorder) {
      this.recorder = recorder;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          Segment segment = recorder.beginSegment("front");
          Subsegment call = recorder.beginSubsegment(method.getFullMethodName());
          Entity entity = call;
          headers.put(TRACE, segment.getTraceId().toString());
          headers.put(PARENT, call.getId());
          recorder.clearTraceEntity();
          super.start(
              new SimpleForwardingClientCallListener<>(listener) {
                @Override
                public void onClose(Status status, Metadata trailers) {
                  @Nullable Entity before = recorder.getTraceEntity();
                  recorder.setTraceEntity(entity);
                  recorder.endSubsegment();
                  recorder.endSegment();
                  recorder.setTraceEntity(before);
                  super.onClose(status, trailers);
                }
              },
              headers);
        }
      };
    }
  }

  @SuppressWarnings("deprecation")
  static final class Server implements ServerInterceptor {
    private final AWSXRayRecorder recorder;

    Server(AWSXRayRecorder recorder) {
      this.recorder = recorder;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      Segment segment =
          recorder.beginSegment(
              "back", TraceID.fromString(headers.get(TRACE)), headers.get(PARENT));
      ServerCall<Q, A> ending =
          new SimpleForwardingServerCall<>(call) {
            @Override
            public void close(Status status, Metadata trailers) {
              @Nullable Entity before = recorder.getTraceEntity();
              recorder.setTraceEntity(segment);
              recorder.endSegment();
              recorder.setTraceEntity(before);
              super.close(status, trailers);
            }
          };
      ServerCall.Listener<Q> listener = next.startCall(ending, headers);
      recorder.clearTraceEntity();
      return new SimpleForwardingServerCallListener<>(listener) {
        @Override
        public void onHalfClose() {
          @Nullable Entity before = recorder.getTraceEntity();
          recorder.setTraceEntity(segment);
          try {
            super.onHalfClose();
          } finally {
            recorder.setTraceEntity(before);
          }
        }
      };
    }
  }
}
