// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Looks for whoever else makes spans of the same calls, so that none has two: an agent, the
 * interceptors of OpenTelemetry or Brave, or this kit installed twice. The other one goes first,
 * and is named once in the log.
 */
final class OtherTracers {
  private static final System.Logger LOG = System.getLogger(OtherTracers.class.getName());

  /** The OpenTelemetry agent and those built on it, which instrument gRPC unless told not to. */
  private static final String AGENT = "io.opentelemetry.javaagent.OpenTelemetryAgent";

  private final boolean agent;
  private final List<Tracer> tracers;
  private final Set<String> told = ConcurrentHashMap.newKeySet();

  /**
   * Somebody else's tracer.
   *
   * @param name for messages
   * @param steps how to come from nothing to the id of the current span; each takes what the one
   *     before returned, and null ends it
   */
  private record Tracer(String name, List<MethodHandle> steps) {
    private static final String NO_ID = "0000000000000000";

    /** Returns the id of the span that is current in this thread, or null if there is none. */
    @Nullable String currentSpanId() {
      @Nullable Object value = null;
      try {
        for (int i = 0; i < steps.size(); i++) {
          value = i == 0 ? steps.get(0).invoke() : steps.get(i).invoke(value);
          if (value == null) {
            return null;
          }
        }
      } catch (Throwable e) {
        if (e instanceof Error error) {
          throw error;
        }
        return null;
      }
      return NO_ID.equals(value) ? null : String.valueOf(value);
    }
  }

  private OtherTracers(boolean agent, List<Tracer> tracers) {
    this.agent = agent;
    this.tracers = tracers;
  }

  /** Looks at what is on the class path. */
  static OtherTracers find() {
    List<Tracer> tracers = new ArrayList<>();
    add(
        tracers,
        "OpenTelemetry",
        "io.opentelemetry.api.trace.Span.current",
        "io.opentelemetry.api.trace.Span.getSpanContext",
        "io.opentelemetry.api.trace.SpanContext.getSpanId");
    add(
        tracers,
        "Brave",
        "brave.Tracing.currentTracer",
        "brave.Tracer.currentSpan",
        "brave.Span.context",
        "brave.propagation.TraceContext.spanIdString");
    OtherTracers found = new OtherTracers(exists(AGENT), List.copyOf(tracers));
    if (found.agent) {
      found.tell("the OpenTelemetry agent", "it traces gRPC; this kit makes no spans beside it");
    }
    return found;
  }

  /** Returns whether an agent makes the spans of every call. */
  boolean agent() {
    return agent;
  }

  /** Returns whether a span of this call is current already, before any handler ran. */
  boolean traceServerCall(Attributes attributes) {
    if (tracers.isEmpty()) {
      return false;
    }
    // In one process without threads of its own, the server runs in the client's span.
    SocketAddress peer = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    if (peer != null && peer.getClass().getName().contains("InProcess")) {
      return false;
    }
    for (Tracer tracer : tracers) {
      if (tracer.currentSpanId() != null) {
        tell(tracer.name, "its span of a served call is kept, this kit makes none");
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
        tell(tracer.name, "its span of a call that is made is kept, this kit makes none");
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

  void installedTwice(String side) {
    tell("this kit", "its " + side + " interceptor is installed twice; the inner one does nothing");
  }

  private void tell(String who, String what) {
    if (told.add(who)) {
      LOG.log(Level.WARNING, "second tracer found tracer=" + who + "; " + what);
    }
  }

  /** Adds a tracer if it is on the class path; the first method is static, none has parameters. */
  private static void add(List<Tracer> tracers, String name, String... methods) {
    List<MethodHandle> steps = new ArrayList<>();
    try {
      for (String method : methods) {
        int dot = method.lastIndexOf('.');
        Class<?> type =
            Class.forName(method.substring(0, dot), false, OtherTracers.class.getClassLoader());
        Method found = type.getMethod(method.substring(dot + 1));
        steps.add(MethodHandles.publicLookup().unreflect(found));
      }
    } catch (ReflectiveOperationException notThere) {
      return;
    }
    tracers.add(new Tracer(name, List.copyOf(steps)));
  }

  private static boolean exists(String name) {
    try {
      Class.forName(name, false, ClassLoader.getSystemClassLoader());
      return true;
    } catch (ClassNotFoundException notThere) {
      return false;
    }
  }
}
