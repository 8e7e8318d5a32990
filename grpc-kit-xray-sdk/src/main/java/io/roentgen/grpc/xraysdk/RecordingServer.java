// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.xraysdk;

import com.amazonaws.xray.entities.Entity;
import com.amazonaws.xray.entities.Segment;
import io.grpc.Context;
import io.grpc.ForwardingServerCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.roentgen.grpc.Propagation;
import io.roentgen.grpc.TraceContext;
import io.roentgen.grpc.TraceContext.Decision;
import io.roentgen.grpc.TracedElsewhere;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Records each call that is served as a segment. */
final class RecordingServer implements ServerInterceptor {
  /** Set while a call's handler is started: whoever is further in has nothing left to record. */
  private static final Context.Key<Boolean> RECORDED = Context.key("roentgen-xray-sdk-recorded");

  private static final Metadata.Key<String> TRACE_HEADER =
      Metadata.Key.of("x-amzn-trace-id", Metadata.ASCII_STRING_MARSHALLER);

  private final Recording recording;
  private final Propagation propagation;
  private final XRaySdkTracing.Naming naming;

  RecordingServer(Recording recording, Propagation propagation, XRaySdkTracing.Naming naming) {
    this.recording = recording;
    this.propagation = propagation;
    this.naming = naming;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (RECORDED.get() != null) {
      return next.startCall(call, headers);
    }
    if (TracedElsewhere.isServed(headers)) {
      recording.secondTracer("server");
      return next.startCall(call, headers);
    }
    // The thread may have an entity: that of the caller, if server and client are one process.
    Entity before = recording.swap(null);
    try {
      Served served = begin(call, headers);
      if (served == null) {
        return next.startCall(call, headers);
      }
      Context context = TracedElsewhere.serving(headers, propagation).withValue(RECORDED, true);
      Context outer = context.attach();
      try {
        return new Listener<>(served, context, next.startCall(new Call<>(served, call), headers));
      } catch (RuntimeException | Error e) {
        served.end(Status.UNKNOWN, e);
        throw e;
      } finally {
        context.detach(outer);
      }
    } finally {
      recording.restore(before);
    }
  }

  private @Nullable Served begin(ServerCall<?, ?> call, Metadata headers) {
    try {
      String method = call.getMethodDescriptor().getFullMethodName();
      TraceContext incoming = propagation.extract(headers);
      Segment segment =
          recording.begin(naming.name(call, headers), method, call.getAuthority(), incoming);
      recording.begun();
      Recording.request(segment, method, call.getAuthority(), client(call));
      boolean asked = incoming != null && incoming.decision() == Decision.REQUESTED;
      return new Served(recording, segment, call.getMethodDescriptor(), asked);
    } catch (RuntimeException e) {
      recording.failed("begin of a segment", e);
      return null;
    }
  }

  private static @Nullable String client(ServerCall<?, ?> call) {
    return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
                instanceof InetSocketAddress address
            && address.getAddress() != null
        ? address.getAddress().getHostAddress()
        : null;
  }

  /** A call that is served, and its segment. */
  private static final class Served {
    final Recording recording;
    final Segment segment;
    final boolean asked;
    private final MethodDescriptor<?, ?> method;
    private final AtomicBoolean ended = new AtomicBoolean();

    Served(Recording recording, Segment segment, MethodDescriptor<?, ?> method, boolean asked) {
      this.recording = recording;
      this.segment = segment;
      this.method = method;
      this.asked = asked;
    }

    void end(Status status, @Nullable Throwable thrown) {
      if (ended.compareAndSet(false, true)) {
        recording.end(null, segment, method, status, thrown);
      }
    }

    /** Returns the entity for the handler; none when the segment has ended. */
    @Nullable Entity entity() {
      return ended.get() ? null : segment;
    }

    /** Tells the caller, who left it to us, whether the trace is recorded. */
    void answer(Metadata headers) {
      if (asked) {
        headers.discardAll(TRACE_HEADER);
        headers.put(
            TRACE_HEADER,
            "Root=" + segment.getTraceId() + ";Sampled=" + (segment.isSampled() ? '1' : '0'));
      }
    }
  }

  private static final class Call<Q, A>
      extends ForwardingServerCall.SimpleForwardingServerCall<Q, A> {
    private final Served served;

    Call(Served served, ServerCall<Q, A> call) {
      super(call);
      this.served = served;
    }

    @Override
    public void sendHeaders(Metadata headers) {
      served.answer(headers);
      super.sendHeaders(headers);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      served.end(status, null);
      super.close(status, trailers);
    }
  }

  /** Runs callbacks with the call's entity, and ends it when one of them is the last. */
  private static final class Listener<Q> extends ServerCall.Listener<Q> {
    private final Served served;
    private final Context context;
    private final ServerCall.Listener<Q> listener;

    Listener(Served served, Context context, ServerCall.Listener<Q> listener) {
      this.served = served;
      this.context = context;
      this.listener = listener;
    }

    @Override
    public void onMessage(Q message) {
      run(() -> listener.onMessage(message), null);
    }

    @Override
    public void onHalfClose() {
      run(listener::onHalfClose, null);
    }

    @Override
    public void onCancel() {
      run(listener::onCancel, Status.CANCELLED);
    }

    @Override
    public void onComplete() {
      run(listener::onComplete, Status.OK);
    }

    @Override
    public void onReady() {
      run(listener::onReady, null);
    }

    private void run(Runnable callback, @Nullable Status last) {
      Entity before = served.recording.swap(served.entity());
      Context outer = context.attach();
      try {
        callback.run();
      } catch (RuntimeException | Error e) {
        // gRPC answers UNKNOWN, and does not tell the call.
        served.end(last == null ? Status.UNKNOWN : last, e);
        throw e;
      } finally {
        context.detach(outer);
        if (last != null) {
          served.end(last, null);
        }
        served.recording.restore(before);
      }
    }
  }
}
