// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.CallObserver;
import io.roentgen.grpc.CallOutcomes;
import io.roentgen.grpc.GrpcCall;
import io.roentgen.model.TraceId;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Logs each call when it is over, once:
 *
 * <pre>{@code
 * call ended side=server method=ecommerce.v1.Orders/Create code=OK duration_ms=12.345 trace=1-... request=...
 * }</pre>
 *
 * <p>There are two ways to install it, and one is enough. As a {@link CallObserver} ({@code
 * GrpcKit.builder("orders").observer(callLog)}) it sees calls of both sides. As an {@link
 * #interceptor} in {@link Slot#LOG} it sees the server's calls, with their request id, and needs no
 * tracing.
 *
 * <p>Calls that fail by the server's fault (the six codes that X-Ray shows as faults, unless {@link
 * Builder#outcomes} says otherwise) are logged at WARNING, others at INFO; successful health checks
 * not at all. Safe for use by several threads.
 */
public final class CallLog implements CallObserver {
  private static final Metadata.Key<String> REQUEST_ID =
      Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER);

  private final System.Logger logger;
  private final System.Logger.Level level;
  private final System.Logger.Level faultLevel;
  private final CallOutcomes outcomes;
  private final Set<String> quiet;
  private final LongSupplier nanoTime;

  private CallLog(Builder builder) {
    this.logger = builder.logger;
    this.level = builder.level;
    this.faultLevel = builder.faultLevel;
    this.outcomes = builder.outcomes;
    this.quiet = Collections.unmodifiableSet(new HashSet<>(builder.quiet));
    this.nanoTime = builder.nanoTime;
  }

  /** Returns a builder with the levels said above. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public void ended(GrpcCall call) {
    Status status = call.status();
    log(
        call.side() == GrpcCall.Side.SERVER ? "server" : "client",
        call.method(),
        status == null ? Status.Code.UNKNOWN : status.getCode(),
        call.durationNanos(),
        call.span().traceId(),
        null);
  }

  /** Returns the interceptor that logs the server's calls. */
  public ServerInterceptor interceptor() {
    return new CallLogInterceptor();
  }

  void log(
      String side,
      MethodDescriptor<?, ?> method,
      Status.Code code,
      long durationNanos,
      @Nullable TraceId trace,
      @Nullable String requestId) {
    if (code == Status.Code.OK && quiet.contains(method.getFullMethodName())) {
      return;
    }
    System.Logger.Level at = outcomes.of(method, code).fault() ? faultLevel : level;
    if (!logger.isLoggable(at)) {
      return;
    }
    StringBuilder text = new StringBuilder(160);
    text.append("call ended side=").append(side);
    text.append(" method=").append(method.getFullMethodName());
    text.append(" code=").append(code);
    text.append(" duration_ms=").append(String.format(Locale.ROOT, "%.3f", durationNanos / 1e6));
    if (trace != null) {
      text.append(" trace=").append(trace.toXRay());
    }
    if (requestId != null && !requestId.isEmpty()) {
      text.append(" request=").append(Ids.quoted(requestId));
    }
    logger.log(at, text.toString());
  }

  private final class CallLogInterceptor implements ServerInterceptor {
    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
        ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
      // Now, as the callback that ends the call may be outside of the call's context.
      LoggedCall<ReqT, RespT> logged =
          new LoggedCall<>(call, ActiveSpan.current().traceId(), headers.get(REQUEST_ID));
      ServerCall.Listener<ReqT> listener;
      try {
        listener = next.startCall(logged, headers);
      } catch (RuntimeException | Error e) {
        logged.ended(Status.fromThrowable(e).getCode());
        throw e;
      }
      return new SimpleForwardingServerCallListener<>(listener) {
        @Override
        public void onCancel() {
          logged.ended(Status.Code.CANCELLED);
          super.onCancel();
        }

        @Override
        public void onComplete() {
          // Comes without a close if gRPC closed the call, as it does when a callback throws.
          logged.ended(Status.Code.UNKNOWN);
          super.onComplete();
        }
      };
    }
  }

  private final class LoggedCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {
    private final @Nullable TraceId trace;
    private final @Nullable String requestId;
    private final long startNanos = nanoTime.getAsLong();
    private final AtomicBoolean ended = new AtomicBoolean();

    LoggedCall(ServerCall<ReqT, RespT> call, @Nullable TraceId trace, @Nullable String requestId) {
      super(call);
      this.trace = trace;
      this.requestId = requestId;
    }

    @Override
    public void close(Status status, Metadata trailers) {
      ended(status.getCode());
      super.close(status, trailers);
    }

    void ended(Status.Code code) {
      if (ended.compareAndSet(false, true)) {
        log(
            "server",
            getMethodDescriptor(),
            code,
            nanoTime.getAsLong() - startNanos,
            trace,
            requestId);
      }
    }
  }

  /** Collects what is logged, and how. Not safe for use by several threads. */
  public static final class Builder {
    private System.Logger logger = System.getLogger(CallLog.class.getName());
    private System.Logger.Level level = System.Logger.Level.INFO;
    private System.Logger.Level faultLevel = System.Logger.Level.WARNING;
    private CallOutcomes outcomes = CallOutcomes.defaults();
    private final Set<String> quiet = new HashSet<>(Set.of(WellKnownMethods.HEALTH_CHECK));
    private LongSupplier nanoTime = System::nanoTime;

    private Builder() {}

    /** Sets where to log to. */
    public Builder logger(System.Logger logger) {
      this.logger = Objects.requireNonNull(logger, "logger");
      return this;
    }

    /** Sets the level of calls that succeed, or fail by the caller's fault. */
    public Builder level(System.Logger.Level level) {
      this.level = Objects.requireNonNull(level, "level");
      return this;
    }

    /** Sets the level of calls that fail by the server's fault. */
    public Builder faultLevel(System.Logger.Level level) {
      this.faultLevel = Objects.requireNonNull(level, "level");
      return this;
    }

    /** Sets which statuses are the server's fault: the table that the kit's spans go by. */
    public Builder outcomes(CallOutcomes outcomes) {
      this.outcomes = Objects.requireNonNull(outcomes, "outcomes");
      return this;
    }

    /** Leaves out successful calls of more methods, by full name. */
    public Builder quiet(String... fullMethodNames) {
      quiet.addAll(List.of(fullMethodNames));
      return this;
    }

    Builder nanoTime(LongSupplier nanoTime) {
      this.nanoTime = nanoTime;
      return this;
    }

    /** Returns the log. */
    public CallLog build() {
      return new CallLog(this);
    }
  }
}
