// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.roentgen.examples.shop.v1.Fault;
import io.roentgen.examples.shop.v1.FaultAdminServiceGrpc;
import io.roentgen.examples.shop.v1.InjectFaultResponse;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Faults that a service is told to have: calls that are late, fail or are never answered. Stands
 * right before the service, so that its spans show them.
 */
final class Faults implements ServerInterceptor {
  static final int MAX_DURATION_MILLIS = 600_000;
  static final int MAX_DELAY_MILLIS = 60_000;

  /** A fault and when it ends, in the time of {@link #nanoTime}. */
  private record Active(Fault fault, long endNanos) {}

  private final LongSupplier nanoTime;
  private volatile @Nullable Active active;

  Faults() {
    this(System::nanoTime);
  }

  Faults(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * Begins a fault, in place of what goes on.
   *
   * @throws IllegalArgumentException if it cannot be
   */
  void inject(Fault fault) {
    require("duration_ms", fault.getDurationMs(), 1, MAX_DURATION_MILLIS);
    switch (fault.getKind()) {
      case KIND_LATENCY -> {
        require("min_delay_ms", fault.getMinDelayMs(), 0, MAX_DELAY_MILLIS);
        require("max_delay_ms", fault.getMaxDelayMs(), fault.getMinDelayMs(), MAX_DELAY_MILLIS);
      }
      case KIND_STATUS -> require("percent", fault.getPercent(), 1, 100);
      case KIND_BLACKHOLE -> {}
      case KIND_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "kind: " + fault.getKindValue() + " (expected: one of latency, status, blackhole)");
    }
    active =
        new Active(
            fault, nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(fault.getDurationMs()));
  }

  private static void require(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + min + " to " + max + ")");
    }
  }

  /** Returns what goes on; the default instance if nothing does. */
  Fault current() {
    Active now = active;
    return now == null || nanoTime.getAsLong() - now.endNanos >= 0
        ? Fault.getDefaultInstance()
        : now.fault;
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    Fault fault =
        isWork(call.getMethodDescriptor().getFullMethodName())
            ? current()
            : Fault.getDefaultInstance();
    return switch (fault.getKind()) {
      case KIND_STATUS -> {
        if (ThreadLocalRandom.current().nextInt(100) >= fault.getPercent()) {
          yield next.startCall(call, headers);
        }
        call.close(Status.UNAVAILABLE.withDescription("chaos: status"), new Metadata());
        yield new ServerCall.Listener<ReqT>() {};
      }
      case KIND_BLACKHOLE -> {
        // Takes the request; the caller gives up by his deadline.
        call.request(1);
        yield new ServerCall.Listener<ReqT>() {};
      }
      case KIND_LATENCY -> new Late<>(next.startCall(call, headers), delayMillis(fault));
      case KIND_UNSPECIFIED, UNRECOGNIZED -> next.startCall(call, headers);
    };
  }

  /** Who runs the service must be able to tell it more, and its health is another matter. */
  private static boolean isWork(String method) {
    return method.startsWith("shop.") && !method.contains("AdminService/");
  }

  private static long delayMillis(Fault fault) {
    return ThreadLocalRandom.current()
        .nextLong(fault.getMinDelayMs(), (long) fault.getMaxDelayMs() + 1);
  }

  /**
   * Waits before the service works. The calls of this shop have threads of their own to wait in.
   */
  private static final class Late<T> extends SimpleForwardingServerCallListener<T> {
    private final long millis;

    Late(ServerCall.Listener<T> service, long millis) {
      super(service);
      this.millis = millis;
    }

    @Override
    public void onHalfClose() {
      try {
        TimeUnit.MILLISECONDS.sleep(millis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      super.onHalfClose();
    }
  }

  /** The service by which faults are told. */
  FaultAdminServiceGrpc.FaultAdminServiceImplBase admin() {
    return new FaultAdminServiceGrpc.FaultAdminServiceImplBase() {
      @Override
      public void injectFault(Fault request, StreamObserver<InjectFaultResponse> responses) {
        try {
          inject(request);
        } catch (IllegalArgumentException e) {
          throw Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asRuntimeException();
        }
        responses.onNext(InjectFaultResponse.getDefaultInstance());
        responses.onCompleted();
      }
    };
  }
}
