// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientStreamTracer;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCallHandler;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Looks for whoever else makes spans of the same calls, so that none has two: an agent, the
 * interceptors of OpenTelemetry, Brave or Micrometer, around this kit's or inside of it, or this
 * kit installed twice. The other one goes first, and is named once in the log.
 */
final class OtherTracers {
  private static final System.Logger LOG = System.getLogger(OtherTracers.class.getName());

  /** The OpenTelemetry agent and those built on it, which instrument gRPC unless told not to. */
  private static final String AGENT = "io.opentelemetry.javaagent.OpenTelemetryAgent";

  private final boolean agent;
  private final boolean grpc = InnerTracers.isGrpcTracing();
  private final Tracer[] tracers;
  private final InnerTracers inner;
  private final Set<String> told = ConcurrentHashMap.newKeySet();

  /** Looks for the current span of somebody else's tracer. */
  private interface Tracer {
    String name();

    /** Returns the id of the span that is current in this thread, or null if there is none. */
    @Nullable String currentSpanId();
  }

  /** Loaded only where OpenTelemetry's API is. */
  private static final class OpenTelemetry implements Tracer {
    @Override
    public String name() {
      return "OpenTelemetry";
    }

    @Override
    public @Nullable String currentSpanId() {
      SpanContext context = Span.current().getSpanContext();
      return context.isValid() ? context.getSpanId() : null;
    }
  }

  /** Loaded only where Brave is. */
  private static final class Brave implements Tracer {
    @Override
    public String name() {
      return "Brave";
    }

    @Override
    public @Nullable String currentSpanId() {
      brave.Tracer tracer = brave.Tracing.currentTracer();
      brave.Span span = tracer == null ? null : tracer.currentSpan();
      return span == null ? null : span.context().spanIdString();
    }
  }

  private OtherTracers(boolean agent, List<Tracer> tracers, InnerTracers inner) {
    this.agent = agent;
    this.tracers = tracers.toArray(new Tracer[0]);
    this.inner = inner;
  }

  /** Looks at what is on the class path. */
  static OtherTracers find() {
    return find(new InnerTracers(InnerTracers.known()));
  }

  static OtherTracers find(InnerTracers inner) {
    ClassLoader loader = OtherTracers.class.getClassLoader();
    List<Tracer> tracers = new ArrayList<>();
    if (exists("io.opentelemetry.api.trace.Span", loader)) {
      tracers.add(new OpenTelemetry());
    }
    if (exists("brave.Tracing", loader)) {
      tracers.add(new Brave());
    }
    OtherTracers found =
        new OtherTracers(exists(AGENT, ClassLoader.getSystemClassLoader()), tracers, inner);
    if (found.agent) {
      found.tell("the OpenTelemetry agent", "it traces gRPC; this kit makes no spans beside it");
    }
    return found;
  }

  /**
   * Returns whether another tracer makes the span of a call that is served: one that is current
   * already, before any handler ran, or will be made by an interceptor inside of this.
   */
  boolean traceServerCall(Attributes attributes, ServerCallHandler<?, ?> next) {
    if (agent) {
      return true;
    }
    String inside = inner.find(next);
    if (inside != null) {
      tell(inside, "its interceptor inside this kit's makes the span of a served call, this none");
      return true;
    }
    return isCurrent(attributes);
  }

  /**
   * Returns whether an interceptor inside of this makes the span of a call that is made, or gRPC's
   * own tracing, which leaves a tracer of attempts in the options of the call, has begun it.
   */
  boolean traceClientCall(Channel next, CallOptions options) {
    if (agent) {
      return true;
    }
    if (grpc && isTraced(options)) {
      tell(
          InnerTracers.GRPC.name(), "its span of a call that is made is kept, this kit makes none");
      return true;
    }
    String inside = inner.find(next);
    if (inside != null) {
      tell(inside, "its interceptor inside this kit's makes the span of a call, this none");
    }
    return inside != null;
  }

  private static boolean isTraced(CallOptions options) {
    for (ClientStreamTracer.Factory factory : options.getStreamTracerFactories()) {
      if (factory.getClass().getName().startsWith(InnerTracers.GRPC.prefix())) {
        return true;
      }
    }
    return false;
  }

  private boolean isCurrent(Attributes attributes) {
    if (tracers.length == 0) {
      return false;
    }
    // In one process without threads of its own, the server runs in the client's span.
    SocketAddress peer = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    if (peer != null && peer.getClass().getName().contains("InProcess")) {
      return false;
    }
    for (Tracer tracer : tracers) {
      if (tracer.currentSpanId() != null) {
        tell(tracer.name(), "its span of a served call is kept, this kit makes none");
        return true;
      }
    }
    return false;
  }

  /**
   * Returns whether the headers of a call carry a span that another tracer has made current for it;
   * headers that a handler passed on are none.
   */
  boolean traceClientCall(Metadata headers) {
    for (Tracer tracer : tracers) {
      String id = tracer.currentSpanId();
      if (id != null && carries(headers, id)) {
        tell(tracer.name(), "its span of a call that is made is kept, this kit makes none");
        return true;
      }
    }
    return false;
  }

  private static boolean carries(Metadata headers, String spanId) {
    for (TraceFormat format : TraceFormat.values()) {
      for (Metadata.Key<String> key : format.keys) {
        String value = headers.get(key);
        if (value != null && value.contains(spanId)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Says who else is around the kit's interceptor: the kit's own, or one that is not the kit's. */
  void around(String side, boolean elsewhere) {
    if (elsewhere) {
      tell(
          "the X-Ray SDK's interceptor",
          "it records the calls of this " + side + ", the kit's inside of it makes no spans");
      return;
    }
    tell("this kit", "its " + side + " interceptor is installed twice; the inner one does nothing");
  }

  private void tell(String who, String what) {
    if (told.add(who)) {
      LOG.log(Level.WARNING, "second tracer found tracer=" + who + "; " + what);
    }
  }

  static boolean exists(String name, ClassLoader loader) {
    try {
      Class.forName(name, false, loader);
      return true;
    } catch (ClassNotFoundException notThere) {
      return false;
    }
  }
}
