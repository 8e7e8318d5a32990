// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.xraysdk;

import com.amazonaws.xray.AWSXRay;
import com.amazonaws.xray.AWSXRayRecorder;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerInterceptor;
import io.roentgen.codec.xray.SegmentNames;
import io.roentgen.grpc.Propagation;
import io.roentgen.grpc.TraceFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Records gRPC calls with the recorder of the AWS X-Ray SDK: a segment for each call that is
 * served, a subsegment for each that is made. What handlers and callbacks record lands in the right
 * one, as the recorder's entity is set around each of them, and the thread's former one put back.
 *
 * <pre>{@code
 * XRaySdkTracing tracing = XRaySdkTracing.create("orders");
 * Server server = ServerBuilder.forPort(50051).intercept(tracing.serverInterceptor())...
 * UsersBlockingStub users = UsersGrpc.newBlockingStub(channel).withInterceptors(tracing.clientInterceptor());
 * }</pre>
 *
 * <p>Each entity is closed once, by the first of close, cancel, complete and a thrown exception.
 * Interceptors that are there twice, such as on channel and stub, record once. One object serves a
 * whole process. What goes wrong here is logged and never reaches a call.
 */
public final class XRaySdkTracing {
  private final ServerInterceptor server;
  private final ClientInterceptor client;
  private final Recording recording;

  private XRaySdkTracing(Builder builder) {
    Propagation propagation =
        builder.propagation == null
            ? Propagation.of(
                Propagation.DEFAULT_READ,
                builder.bareKeys
                    ? List.of(TraceFormat.XRAY, TraceFormat.TRACE_ID_PARENT_ID)
                    : List.of(TraceFormat.XRAY),
                List.of())
            : builder.propagation;
    recording = new Recording(builder.recorder, builder.service);
    server = new RecordingServer(recording, propagation, builder.naming);
    client = new RecordingClient(recording, propagation);
  }

  /** Names the segment of a call. Called for each; must be quick. */
  @FunctionalInterface
  public interface Naming {
    /** Returns 1 to 200 letters, digits, spaces and {@code _ . : / % & # = + \ - @}. */
    String name(ServerCall<?, ?> call, Metadata headers);
  }

  /**
   * Returns the interceptors for the SDK's global recorder.
   *
   * @param service the name of this application, which its segments get
   * @throws IllegalArgumentException if no segment may be called so
   */
  public static XRaySdkTracing create(String service) {
    return builder(AWSXRay.getGlobalRecorder(), service).build();
  }

  /**
   * Returns what interceptors are made with.
   *
   * @param service the name of this application, which its segments get
   * @throws IllegalArgumentException if no segment may be called so
   */
  public static Builder builder(AWSXRayRecorder recorder, String service) {
    return new Builder(recorder, service);
  }

  /** Returns the interceptor for calls that are served; to be the outermost. */
  public ServerInterceptor serverInterceptor() {
    return server;
  }

  /** Returns the interceptor for calls that are made, for a channel or a stub. */
  public ClientInterceptor clientInterceptor() {
    return client;
  }

  /** Returns how many segments and subsegments of calls are open. */
  public long openCalls() {
    return recording.open();
  }

  /** What interceptors are made with. */
  public static final class Builder {
    private final AWSXRayRecorder recorder;
    private final String service;
    private Naming naming;
    private boolean bareKeys;
    private @Nullable Propagation propagation;

    private Builder(AWSXRayRecorder recorder, String service) {
      this.recorder = Objects.requireNonNull(recorder, "recorder");
      if (!SegmentNames.isValid(service)) {
        throw new IllegalArgumentException(
            "service: '"
                + service
                + "' (expected: 1 to 200 letters, digits, spaces and _ . : / % & # = + \\ - @)");
      }
      this.service = service;
      naming = (call, headers) -> service;
    }

    /** Sets how segments are named, in place of the service's name. */
    public Builder naming(Naming newNaming) {
      naming = Objects.requireNonNull(newNaming, "naming");
      return this;
    }

    /**
     * Has the bare keys {@code traceid} and {@code parentid} written too, for services with the
     * first gRPC interceptors for X-Ray. They are read in any case.
     */
    public Builder bareKeys(boolean write) {
      bareKeys = write;
      return this;
    }

    /**
     * Sets which headers are read and written, in place of {@link #bareKeys}. Nothing is relayed.
     */
    public Builder propagation(Propagation newPropagation) {
      propagation = Objects.requireNonNull(newPropagation, "propagation");
      return this;
    }

    /** Makes the interceptors. */
    public XRaySdkTracing build() {
      return new XRaySdkTracing(this);
    }
  }
}
