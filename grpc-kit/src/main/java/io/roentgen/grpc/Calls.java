// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.roentgen.grpc.TraceContext.Decision;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The life of calls: each begins once and ends once, and whoever listens is told. Nothing that
 * listens can fail a call.
 */
final class Calls {
  private static final System.Logger LOG = System.getLogger(Calls.class.getName());

  final SpanSource source;
  final Propagation propagation;
  private final TraceFormat unsampledRoot;
  final KitClock clock;

  /** The source if it is this kit's own, which follows its callers; else null. */
  final @Nullable XRaySpans xray;

  private final CallObserver[] observers;
  private final AtomicLong open = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();

  Calls(SpanSource source, Propagation propagation, KitClock clock, List<CallObserver> observers) {
    this.source = source;
    xray = source instanceof XRaySpans own ? own : null;
    this.propagation = propagation;
    unsampledRoot = propagation.unsampledRoot();
    this.clock = clock;
    this.observers = observers.toArray(new CallObserver[0]);
  }

  /** Asks the source to decide about a call that is served; null if that is for later. */
  @Nullable TraceContext decide(ServerCall<?, ?> call, @Nullable TraceContext incoming) {
    String authority = call.getAuthority();
    return source.decide(
        call.getMethodDescriptor().getFullMethodName(),
        authority == null ? "" : authority,
        incoming);
  }

  /**
   * Returns what a call that is served carries on, if its caller does not record it and so nobody
   * here does; else null.
   */
  byte @Nullable [] unsampled(Metadata headers) {
    return xray == null ? null : propagation.unsampled(headers);
  }

  /** Asks the source to decide about a call that is made for none; null if that is for later. */
  @Nullable UnsampledSpan root(String method, String authority) {
    if (xray != null) {
      return xray.root(method, authority, unsampledRoot);
    }
    TraceContext decided = source.decide(method, authority, null);
    return decided == null ? null : new UnsampledSpan(decided);
  }

  /** Returns whether nobody is told of a call that was decided about so. */
  boolean isQuiet(@Nullable Decision decided) {
    return decided == Decision.NOT_SAMPLED && !isObserved();
  }

  /** Returns whether somebody is told of every call, of whoever makes its span. */
  boolean isObserved() {
    return observers.length > 0;
  }

  /** Returns how many calls have begun and not ended; those nobody hears of are not counted. */
  long open() {
    return open.get();
  }

  void started(GrpcCall call) {
    open.incrementAndGet();
    for (CallObserver observer : observers) {
      try {
        observer.started(call);
      } catch (RuntimeException e) {
        failed("started", e);
      }
    }
  }

  /** Ends a call, unless it has ended: tells its span and those who listen. */
  void end(GrpcCall call, Status status, @Nullable Throwable thrown) {
    if (!call.end(status)) {
      return;
    }
    open.decrementAndGet();
    // A span may wait long to be sent.
    call.span().cameWith = null;
    try {
      call.span().callEnded(call, thrown == null ? status.getCause() : thrown);
    } catch (RuntimeException e) {
      failed("callEnded", e);
    }
    for (CallObserver observer : observers) {
      try {
        observer.ended(call);
      } catch (RuntimeException e) {
        failed("ended", e);
      }
    }
  }

  /** Logs the first time that something which listens failed, and counts all. */
  void failed(String where, RuntimeException e) {
    if (failures.getAndIncrement() == 0) {
      LOG.log(
          Level.WARNING,
          "telemetry failed where="
              + where
              + "; the call goes on, further failures are only counted",
          e);
    }
  }

  long failures() {
    return failures.get();
  }
}
