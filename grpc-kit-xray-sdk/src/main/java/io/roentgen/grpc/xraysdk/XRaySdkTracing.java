// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.xraysdk;

import com.amazonaws.xray.AWSXRay;
import com.amazonaws.xray.AWSXRayRecorder;
import com.amazonaws.xray.strategy.SegmentNamingStrategy;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerInterceptor;
import io.roentgen.codec.xray.SegmentNames;
import io.roentgen.grpc.CallOutcomes;
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
  private static final String EXPECTED =
      "' (expected: 1 to 200 letters, digits, spaces and _ . : / % & # = + \\ - @)";

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
                Propagation.DEFAULT_RELAY)
            : builder.propagation;
    // The SDK itself reads the variable and the property, and says so in its log.
    String override = SegmentNamingStrategy.fixed(builder.service).getOverrideName();
    String service = override == null ? builder.service : override;
    if (!SegmentNames.isValid(service)) {
      throw new IllegalArgumentException(
          SegmentNamingStrategy.NAME_OVERRIDE_ENVIRONMENT_VARIABLE_KEY
              + " or "
              + SegmentNamingStrategy.NAME_OVERRIDE_SYSTEM_PROPERTY_KEY
              + ": '"
              + service
              + EXPECTED);
    }
    recording = new Recording(builder.recorder, service, builder.outcomes);
    Naming naming = builder.naming;
    server =
        new RecordingServer(
            recording, propagation, naming == null ? (call, headers) -> service : naming);
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
    private @Nullable Naming naming;
    private boolean bareKeys;
    private @Nullable Propagation propagation;
    private CallOutcomes outcomes = CallOutcomes.defaults();

    private Builder(AWSXRayRecorder recorder, String service) {
      this.recorder = Objects.requireNonNull(recorder, "recorder");
      if (!SegmentNames.isValid(service)) {
        throw new IllegalArgumentException("service: '" + service + EXPECTED);
      }
      this.service = service;
    }

    /**
     * Sets how segments are named, in place of the service's name and of what overrides that: the
     * variable {@code AWS_XRAY_TRACING_NAME}, then the system property {@code
     * com.amazonaws.xray.strategy.tracingName}, as everywhere in the SDK.
     */
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
     * Sets which headers are read, written and relayed, in place of {@link #bareKeys}. Unless set,
     * {@code x-request-id} is relayed to the calls that are made in the gRPC context of the one
     * that is served.
     */
    public Builder propagation(Propagation newPropagation) {
      propagation = Objects.requireNonNull(newPropagation, "propagation");
      return this;
    }

    /** Sets which statuses are errors, faults and throttles, for all methods or some. */
    public Builder outcomes(CallOutcomes newOutcomes) {
      outcomes = Objects.requireNonNull(newOutcomes, "outcomes");
      return this;
    }

    /**
     * Makes the interceptors.
     *
     * @throws IllegalArgumentException if the variable or the property that overrides the service's
     *     name has one that no segment may have
     */
    public XRaySdkTracing build() {
      return new XRaySdkTracing(this);
    }
  }
}
