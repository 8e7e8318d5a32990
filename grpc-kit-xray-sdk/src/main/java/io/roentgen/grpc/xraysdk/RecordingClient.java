// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.xraysdk;

import com.amazonaws.xray.entities.Entity;
import com.amazonaws.xray.entities.Segment;
import com.amazonaws.xray.entities.Subsegment;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.roentgen.grpc.Propagation;
import io.roentgen.grpc.TracedElsewhere;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Records each call that is made as a subsegment. */
final class RecordingClient implements ClientInterceptor {
  /** Set for a call that is recorded: whoever is further in has nothing left to record. */
  private static final CallOptions.Key<Boolean> RECORDED =
      CallOptions.Key.createWithDefault("roentgen-xray-sdk-recorded", false);

  private static final String NAMESPACE = "remote";

  private final Recording recording;
  private final Propagation propagation;

  RecordingClient(Recording recording, Propagation propagation) {
    this.recording = recording;
    this.propagation = propagation;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    if (options.getOption(RECORDED)) {
      return next.newCall(method, options);
    }
    String authority = options.getAuthority() == null ? next.authority() : options.getAuthority();
    return new Call<>(
        recording,
        propagation,
        method,
        authority,
        recording.recorder.getTraceEntity(),
        next.newCall(method, options.withOption(RECORDED, true)));
  }

  /** A call that is made, and its subsegment. */
  private static final class Made {
    private final Recording recording;
    private final Subsegment subsegment;
    private final @Nullable Segment own;
    private final MethodDescriptor<?, ?> method;
    private final AtomicBoolean ended = new AtomicBoolean();

    /**
     * Makes one.
     *
     * @param own the segment that was begun for the call alone; null if there was one
     */
    Made(
        Recording recording,
        Subsegment subsegment,
        @Nullable Segment own,
        MethodDescriptor<?, ?> method) {
      this.recording = recording;
      this.subsegment = subsegment;
      this.own = own;
      this.method = method;
    }

    void end(Status status, @Nullable Throwable thrown) {
      if (ended.compareAndSet(false, true)) {
        recording.end(subsegment, own, method, status, thrown);
      }
    }
  }

  private static final class Call<Q, A>
      extends ForwardingClientCall.SimpleForwardingClientCall<Q, A> {
    private final Recording recording;
    private final Propagation propagation;
    private final MethodDescriptor<Q, A> method;
    private final @Nullable String authority;
    private final @Nullable Entity parent;
    private volatile @Nullable Made made;

    Call(
        Recording recording,
        Propagation propagation,
        MethodDescriptor<Q, A> method,
        @Nullable String authority,
        @Nullable Entity parent,
        ClientCall<Q, A> call) {
      super(call);
      this.recording = recording;
      this.propagation = propagation;
      this.method = method;
      this.authority = authority;
      this.parent = parent;
    }

    @Override
    public void start(Listener<A> listener, Metadata headers) {
      if (TracedElsewhere.isMade(headers)) {
        recording.secondTracer("client");
        super.start(listener, headers);
        return;
      }
      Made begun = begin();
      if (begun == null) {
        super.start(listener, headers);
        return;
      }
      made = begun;
      try {
        propagation.inject(recording.context(begun.subsegment), headers);
      } catch (RuntimeException e) {
        recording.failed("headers of a call", e);
      }
      try {
        TracedElsewhere.start(delegate(), new Told<>(recording, begun, parent, listener), headers);
      } catch (RuntimeException | Error e) {
        begun.end(Status.fromThrowable(e), e);
        throw e;
      }
    }

    /** Begins the subsegment, and leaves this thread's entity as it was. */
    private @Nullable Made begin() {
      boolean alone = Recording.isOver(parent);
      String name = method.getFullMethodName();
      Entity before = recording.swap(alone ? null : parent);
      Segment own = null;
      Subsegment subsegment = null;
      try {
        own = alone ? recording.begin(name, name, authority, null) : null;
        subsegment = recording.recorder.beginSubsegment(name);
        recording.begun();
        subsegment.setNamespace(NAMESPACE);
        Recording.request(subsegment, name, authority, null);
        return new Made(recording, subsegment, own, method);
      } catch (RuntimeException e) {
        recording.failed("begin of a subsegment", e);
        if (subsegment != null) {
          recording.end(subsegment, own, method, Status.UNKNOWN, null);
        } else if (own != null) {
          recording.begun();
          recording.end(null, own, method, Status.UNKNOWN, null);
        }
        return null;
      } finally {
        recording.restore(before);
      }
    }

    @Override
    public void cancel(@Nullable String message, @Nullable Throwable cause) {
      Made begun = made;
      if (begun != null) {
        // Not every client calls onClose after that, and who does has no more to say.
        begun.end(Status.CANCELLED.withDescription(message).withCause(cause), null);
      }
      super.cancel(message, cause);
    }
  }

  /** Runs callbacks with the entity that made the call, and ends the call's own at the close. */
  private static final class Told<A> extends ClientCall.Listener<A> {
    private final Recording recording;
    private final Made made;
    private final @Nullable Entity parent;
    private final ClientCall.Listener<A> listener;

    Told(Recording recording, Made made, @Nullable Entity parent, ClientCall.Listener<A> listener) {
      this.recording = recording;
      this.made = made;
      this.parent = parent;
      this.listener = listener;
    }

    @Override
    public void onHeaders(Metadata headers) {
      run(() -> listener.onHeaders(headers));
    }

    @Override
    public void onMessage(A message) {
      run(() -> listener.onMessage(message));
    }

    @Override
    public void onReady() {
      run(listener::onReady);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      made.end(status, null);
      run(() -> listener.onClose(status, trailers));
    }

    private void run(Runnable callback) {
      Entity before = recording.swap(parent);
      try {
        callback.run();
      } finally {
        recording.restore(before);
      }
    }
  }
}
