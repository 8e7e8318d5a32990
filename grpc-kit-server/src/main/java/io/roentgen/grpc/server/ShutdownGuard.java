// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Knows of every open call, for {@link Slot#SHUTDOWN_GUARD}. When {@link GracefulShutdown} begins
 * to drain, streams hear of it by {@link ShutdownSignal}, streams that would never end by
 * themselves are closed, and calls that still come in are refused with {@link Status#UNAVAILABLE},
 * which clients may send again to another server without harm. Safe for use by several threads.
 */
public final class ShutdownGuard implements ServerInterceptor {
  private static final System.Logger LOG = System.getLogger(ShutdownGuard.class.getName());
  private static final Status SHUTTING_DOWN =
      Status.UNAVAILABLE.withDescription("the server is shutting down; call another one");

  private static final class OpenCall {
    private final ShutdownSignal signal = new ShutdownSignal();
  }

  private final Set<String> endless;
  private final Set<OpenCall> open = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  private ShutdownGuard(Set<String> endless) {
    this.endless = endless;
  }

  /** Returns a guard that itself closes streams of health Watch and of reflection only. */
  public static ShutdownGuard create() {
    return closing();
  }

  /**
   * Returns a guard that moreover closes the streams of these methods, with {@link
   * Status#UNAVAILABLE}: those whose handlers do not listen to {@link ShutdownSignal}.
   */
  public static ShutdownGuard closing(String... fullMethodNames) {
    Set<String> endless = new HashSet<>(List.of(fullMethodNames));
    endless.add(WellKnownMethods.HEALTH_WATCH);
    return new ShutdownGuard(Collections.unmodifiableSet(endless));
  }

  /** Returns how many calls are open. */
  public int openCalls() {
    return open.size();
  }

  /** Returns whether calls are refused by now. */
  public boolean isDraining() {
    return draining;
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    OpenCall entry = new OpenCall();
    // Before asking whether we drain: a call is told, or refused, or both, but not neither.
    open.add(entry);
    if (draining && !method.equals(WellKnownMethods.HEALTH_CHECK)) {
      open.remove(entry);
      return RefusableCall.refuseAtStart(call, SHUTTING_DOWN, new Metadata());
    }
    ServerCall.Listener<ReqT> listener;
    try {
      if (call.getMethodDescriptor().getType() == MethodDescriptor.MethodType.UNARY) {
        listener = next.startCall(call, headers);
      } else {
        listener = startStream(entry, method, call, headers, next);
      }
    } catch (RuntimeException | Error e) {
      open.remove(entry);
      throw e;
    }
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onCancel() {
        open.remove(entry);
        super.onCancel();
      }

      @Override
      public void onComplete() {
        open.remove(entry);
        super.onComplete();
      }
    };
  }

  private <ReqT, RespT> ServerCall.Listener<ReqT> startStream(
      OpenCall entry,
      String method,
      ServerCall<ReqT, RespT> call,
      Metadata headers,
      ServerCallHandler<ReqT, RespT> next) {
    Context context = Context.current().withValue(ShutdownSignal.KEY, entry.signal);
    if (!endless.contains(method) && !WellKnownMethods.isReflection(method)) {
      return Contexts.interceptCall(context, call, headers, next);
    }
    RefusableCall<ReqT, RespT> refusable = RefusableCall.of(call);
    entry.signal.onShutdown(() -> refusable.refuse(SHUTTING_DOWN, new Metadata()));
    return new RefusableCall.Listener<>(
        refusable, Contexts.interceptCall(context, refusable, headers, next));
  }

  /** Refuses calls from now on and tells the open ones. */
  void drain() {
    draining = true;
    open.forEach(call -> call.signal.give(LOG));
  }
}
