// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.roentgen.grpc.ActiveSpan;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Turns exceptions into statuses, for {@link Slot#ERROR_MAPPING}: those thrown in any callback of a
 * call, and those that a handler gives to {@code StreamObserver.onError}.
 *
 * <ul>
 *   <li>{@link StatusRuntimeException} and {@link StatusException} stay as they are, with their
 *       trailers
 *   <li>exceptions with a rule of their own ({@link Builder#map}) follow it
 *   <li>{@link IllegalArgumentException} is {@link Status#INVALID_ARGUMENT} with its message
 *   <li>everything else is {@link Status#INTERNAL} with a general text: what went wrong inside is
 *       in the log and in the span, and not the caller's
 * </ul>
 *
 * <p>What errors say is cut to a size that gets through, with a warning: see {@link
 * Builder#maxDescriptionBytes} and {@link Builder#maxDetailBytes}. An {@link Error} is answered
 * like an exception, and goes on to the thread's handler. Safe for use by several threads.
 */
public final class ErrorMapping implements ServerInterceptor {
  /** How long a description may be unless said otherwise, in bytes as sent. */
  public static final int DEFAULT_MAX_DESCRIPTION_BYTES = 1024;

  /** How much the details may be together unless said otherwise, in bytes. */
  public static final int DEFAULT_MAX_DETAIL_BYTES = 4096;

  private static final System.Logger LOG = System.getLogger(ErrorMapping.class.getName());
  private static final Status INTERNAL = Status.INTERNAL.withDescription("internal error");

  private record Rule<T extends Throwable>(
      Class<T> type, Function<? super T, StatusRuntimeException> toStatus) {
    @Nullable StatusRuntimeException apply(Throwable thrown) {
      return type.isInstance(thrown) ? toStatus.apply(type.cast(thrown)) : null;
    }
  }

  private record Mapped(Status status, Metadata trailers) {}

  private final List<Rule<?>> rules;
  private final ErrorCap cap;

  private ErrorMapping(Builder builder) {
    this.rules = List.copyOf(builder.rules);
    this.cap = new ErrorCap(builder.maxDescriptionBytes, builder.maxDetailBytes);
  }

  /** Returns a builder with no rules but the general ones. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    // Around the call itself, so that what is refused further in is cut to size, too.
    RefusableCall<ReqT, RespT> refusable = RefusableCall.of(new MappedCall<>(call));
    ServerCall.Listener<ReqT> listener;
    try {
      listener = next.startCall(refusable, headers);
    } catch (Exception e) {
      refuse(refusable, e);
      return RefusableCall.ignoringListener();
    } catch (Error e) {
      refuse(refusable, e);
      throw e;
    }
    return new MappingListener<>(refusable, listener);
  }

  private void refuse(RefusableCall<?, ?> call, Throwable thrown) {
    if (call.isClosed()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "exception after the call was closed method=" + methodOf(call) + Ids.ofSpan(),
          thrown);
      return;
    }
    Mapped mapped = map(thrown, call);
    call.refuse(mapped.status(), mapped.trailers());
  }

  private Mapped map(Throwable thrown, ServerCall<?, ?> call) {
    if (thrown instanceof StatusRuntimeException e) {
      return new Mapped(e.getStatus(), copyOf(e.getTrailers()));
    }
    if (thrown instanceof StatusException e) {
      return new Mapped(e.getStatus(), copyOf(e.getTrailers()));
    }
    for (Rule<?> rule : rules) {
      StatusRuntimeException by;
      try {
        by = rule.apply(thrown);
      } catch (RuntimeException e) {
        e.addSuppressed(thrown);
        return internal(e, call);
      }
      if (by != null) {
        if (isFault(by.getStatus())) {
          logFault(by.getStatus(), thrown, call);
        }
        return new Mapped(by.getStatus().withCause(thrown), copyOf(by.getTrailers()));
      }
    }
    if (thrown instanceof IllegalArgumentException) {
      return new Mapped(
          Status.INVALID_ARGUMENT.withDescription(thrown.getMessage()).withCause(thrown),
          new Metadata());
    }
    return internal(thrown, call);
  }

  private static Mapped internal(Throwable thrown, ServerCall<?, ?> call) {
    logFault(INTERNAL, thrown, call);
    // The cause does not travel; interceptors further out see it.
    return new Mapped(INTERNAL.withCause(thrown), new Metadata());
  }

  private static void logFault(Status status, Throwable thrown, ServerCall<?, ?> call) {
    ActiveSpan.current().recordException(thrown);
    LOG.log(
        System.Logger.Level.WARNING,
        "call failed method=" + methodOf(call) + " code=" + status.getCode() + Ids.ofSpan(),
        thrown);
  }

  private static boolean isFault(Status status) {
    return switch (status.getCode()) {
      case UNKNOWN, INTERNAL, DATA_LOSS, UNAVAILABLE, UNIMPLEMENTED, DEADLINE_EXCEEDED -> true;
      default -> false;
    };
  }

  private static String methodOf(ServerCall<?, ?> call) {
    return call.getMethodDescriptor().getFullMethodName();
  }

  private static Metadata copyOf(@Nullable Metadata trailers) {
    Metadata copy = new Metadata();
    if (trailers != null) {
      // One exception may be thrown for many calls at a time, and trailers are not for that.
      copy.merge(trailers);
    }
    return copy;
  }

  private final class MappedCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {
    MappedCall(ServerCall<ReqT, RespT> call) {
      super(call);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (status.isOk()) {
        super.close(status, trailers);
        return;
      }
      Status mapped = status;
      Throwable cause = status.getCause();
      if (status.getCode() == Status.Code.UNKNOWN
          && status.getDescription() == null
          && cause != null) {
        // What grpc-stub makes of onError(exception) for any exception but its own.
        Mapped byRule = map(cause, this);
        mapped = byRule.status();
        trailers.merge(byRule.trailers());
      }
      cap.cap(trailers, methodOf(this));
      super.close(cap.capped(mapped, methodOf(this)), trailers);
    }
  }

  private final class MappingListener<ReqT> extends RefusableCall.Listener<ReqT> {
    private final RefusableCall<ReqT, ?> call;

    MappingListener(RefusableCall<ReqT, ?> call, ServerCall.Listener<ReqT> delegate) {
      super(call, delegate);
      this.call = call;
    }

    @Override
    public void onMessage(ReqT message) {
      guarded(() -> super.onMessage(message));
    }

    @Override
    public void onHalfClose() {
      guarded(super::onHalfClose);
    }

    @Override
    public void onReady() {
      guarded(super::onReady);
    }

    @Override
    public void onCancel() {
      guarded(super::onCancel);
    }

    @Override
    public void onComplete() {
      guarded(super::onComplete);
    }

    private void guarded(Runnable callback) {
      try {
        callback.run();
      } catch (Exception e) {
        refuse(call, e);
      } catch (Error e) {
        refuse(call, e);
        throw e;
      }
    }
  }

  /** Collects rules and limits. Not safe for use by several threads. */
  public static final class Builder {
    private final List<Rule<?>> rules = new ArrayList<>();
    private int maxDescriptionBytes = DEFAULT_MAX_DESCRIPTION_BYTES;
    private int maxDetailBytes = DEFAULT_MAX_DETAIL_BYTES;

    private Builder() {}

    /**
     * Answers exceptions of a class, and of those that extend it, with a fixed status; rules are
     * asked in the order in which they were added. The exception is logged if the status is the
     * server's fault.
     */
    public Builder map(Class<? extends Throwable> type, Status status) {
      RichError error = RichError.of(status);
      return mapRich(type, thrown -> error);
    }

    /** Answers exceptions of a class with a status that depends on the exception. */
    public <T extends Throwable> Builder map(Class<T> type, Function<? super T, Status> status) {
      return mapRich(type, thrown -> RichError.of(status.apply(thrown)));
    }

    /** Answers exceptions of a class with a status and details. */
    public <T extends Throwable> Builder mapRich(
        Class<T> type, Function<? super T, RichError> error) {
      Objects.requireNonNull(error, "error");
      rules.add(
          new Rule<T>(
              Objects.requireNonNull(type, "type"), thrown -> error.apply(thrown).toException()));
      return this;
    }

    /**
     * Sets how many bytes of a description are sent, counted percent-encoded: {@value
     * ErrorMapping#DEFAULT_MAX_DESCRIPTION_BYTES} unless set, 16 to 65536.
     */
    public Builder maxDescriptionBytes(int bytes) {
      maxDescriptionBytes = inRange("maxDescriptionBytes", bytes);
      return this;
    }

    /**
     * Sets how many bytes of details ({@code grpc-status-details-bin}) are sent: {@value
     * ErrorMapping#DEFAULT_MAX_DETAIL_BYTES} unless set, 16 to 65536.
     */
    public Builder maxDetailBytes(int bytes) {
      maxDetailBytes = inRange("maxDetailBytes", bytes);
      return this;
    }

    /** Returns the interceptor. */
    public ErrorMapping build() {
      return new ErrorMapping(this);
    }

    private static int inRange(String name, int bytes) {
      if (bytes < 16 || bytes > 65536) {
        throw new IllegalArgumentException(name + ": " + bytes + " (expected: 16 to 65536)");
      }
      return bytes;
    }
  }
}
