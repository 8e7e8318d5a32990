// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.xraysdk;

import com.amazonaws.xray.AWSXRayRecorder;
import com.amazonaws.xray.entities.Entity;
import com.amazonaws.xray.entities.Segment;
import com.amazonaws.xray.entities.Subsegment;
import com.amazonaws.xray.entities.TraceID;
import com.amazonaws.xray.strategy.sampling.SamplingRequest;
import com.amazonaws.xray.strategy.sampling.SamplingResponse;
import com.amazonaws.xray.strategy.sampling.SamplingStrategy;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.roentgen.grpc.CallOutcomes;
import io.roentgen.grpc.RpcNames;
import io.roentgen.grpc.TraceContext;
import io.roentgen.grpc.TraceContext.Decision;
import io.roentgen.model.Outcome;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What both sides do with the recorder, whose entities belong to threads. */
final class Recording {
  private static final System.Logger LOG = System.getLogger(Recording.class.getName());
  private static final int MAX_MESSAGE = 1000;

  final AWSXRayRecorder recorder;
  private final String service;
  private final CallOutcomes outcomes;
  private final AtomicLong open = new AtomicLong();
  private final AtomicBoolean warned = new AtomicBoolean();
  private final AtomicBoolean told = new AtomicBoolean();

  Recording(AWSXRayRecorder recorder, String service, CallOutcomes outcomes) {
    this.recorder = recorder;
    this.service = service;
    this.outcomes = outcomes;
  }

  long open() {
    return open.get();
  }

  void begun() {
    open.incrementAndGet();
  }

  /**
   * Sets this thread's entity and returns the one it had. An entity that was sent already is none,
   * as the SDK throws when anything is added to it.
   */
  @Nullable Entity swap(@Nullable Entity entity) {
    Entity before = recorder.getTraceEntity();
    set(before, entity);
    return before;
  }

  /** Sets this thread's entity back. */
  void restore(@Nullable Entity entity) {
    set(recorder.getTraceEntity(), entity);
  }

  /** The SDK's replacement takes a Runnable, which callbacks that throw would have to be. */
  @SuppressWarnings("deprecation")
  private void set(@Nullable Entity before, @Nullable Entity entity) {
    Entity next = isOver(entity) ? null : entity;
    if (next == before) {
      return;
    }
    if (next == null) {
      recorder.clearTraceEntity();
    } else {
      recorder.setTraceEntity(next);
    }
  }

  static boolean isOver(@Nullable Entity entity) {
    return entity == null
        || entity.isEmitted()
        || (entity.getParentSegment() != null && entity.getParentSegment().isEmitted());
  }

  /**
   * Begins a segment, which becomes this thread's entity. This thread must have none.
   *
   * @param incoming what the caller sent; its decision is honoured
   */
  Segment begin(
      String name, String method, @Nullable String authority, @Nullable TraceContext incoming) {
    TraceId id = incoming == null ? null : incoming.traceId();
    SpanId caller = incoming == null ? null : incoming.spanId();
    Decision decision = incoming == null ? Decision.UNDECIDED : incoming.decision();
    TraceID trace = id == null ? TraceID.create(recorder) : TraceID.fromString(id.toXRay());
    String parent = caller == null ? null : caller.toHex();
    if (decision == Decision.SAMPLED) {
      return recorder.beginSegment(name, trace, parent);
    }
    SamplingStrategy strategy = recorder.getSamplingStrategy();
    SamplingResponse decided =
        decision == Decision.NOT_SAMPLED
            ? new SamplingResponse(false)
            : strategy.shouldTrace(
                new SamplingRequest(
                    service, authority, '/' + method, "POST", recorder.getOrigin()));
    if (!decided.isSampled() && !strategy.isForcedSamplingSupported()) {
      return recorder.beginNoOpSegment(trace);
    }
    Segment segment = recorder.beginSegment(name, trace, parent);
    decided.getRuleName().ifPresent(segment::setRuleName);
    segment.setSampled(decided.isSampled());
    return segment;
  }

  /** Returns what is told to a callee of the entity that calls. */
  TraceContext context(Entity entity) {
    Segment segment = entity.getParentSegment();
    boolean sampled = entity.isSampled() && segment.isSampled();
    TraceId trace = TraceId.parseOrNull(segment.getTraceId().toString());
    if (trace == null) {
      // Segments that an application begins as not sampled have an id of zeros, which is none.
      trace = TraceId.parse(TraceID.create(recorder).toString());
    }
    return TraceContext.of(
        trace,
        sampled ? SpanId.parseOrNull(entity.getId()) : null,
        sampled ? Decision.SAMPLED : Decision.NOT_SAMPLED);
  }

  static void request(
      Entity entity, String method, @Nullable String authority, @Nullable String client) {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("method", "POST");
    request.put("url", "grpc://" + (authority == null ? "" : authority) + '/' + method);
    if (client != null) {
      request.put("client_ip", client);
    }
    entity.putHttp("request", request);
  }

  private static void outcome(
      Entity entity, Outcome outcome, Status status, @Nullable Throwable thrown) {
    Throwable cause = thrown == null ? status.getCause() : thrown;
    if (cause != null) {
      entity.addException(cause);
    }
    // In this order: the SDK takes every exception for a fault, and every throttle for an error.
    entity.setFault(outcome.fault());
    entity.setThrottle(outcome.throttle());
    entity.setError(outcome.error());
    entity.putHttp("response", Map.of("status", RpcNames.httpStatus(status.getCode())));
    entity.putAnnotation("rpc.grpc.status_code", status.getCode().value());
    String message = status.getDescription();
    if (message != null) {
      entity.putMetadata(
          "grpc",
          "message",
          message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) : message);
    }
  }

  /** Ends a call's segment, or its subsegment and, unless null, the segment it was begun for. */
  void end(
      @Nullable Subsegment call,
      @Nullable Segment segment,
      MethodDescriptor<?, ?> method,
      Status status,
      @Nullable Throwable thrown) {
    open.decrementAndGet();
    Entity entity = call == null ? segment : call;
    if (entity == null) {
      return;
    }
    Outcome outcome = outcomes.of(method, status.getCode());
    Entity before = recorder.getTraceEntity();
    // Two threads that end the last two entities of a segment could both, or neither, send it.
    synchronized (entity.getParentSegment()) {
      try {
        // The application may have ended them itself.
        if (call != null && !isOver(call)) {
          outcome(call, outcome, status, thrown);
          swap(call);
          recorder.endSubsegment();
        }
        if (segment != null && !isOver(segment)) {
          outcome(segment, outcome, status, thrown);
          swap(segment);
          recorder.endSegment();
        }
      } catch (RuntimeException e) {
        failed("end", e);
      } finally {
        restore(segment != null && isOf(segment, before) ? null : before);
      }
    }
  }

  private static boolean isOf(Segment segment, @Nullable Entity entity) {
    return entity != null && entity.getParentSegment() == segment;
  }

  /** Says once that recording failed; the call goes on without. */
  void failed(String what, RuntimeException e) {
    LOG.log(
        warned.compareAndSet(false, true) ? Level.WARNING : Level.DEBUG,
        "X-Ray SDK could not record what=" + what + "; calls are not affected",
        e);
  }

  /** Says once that somebody further out records the same calls; those are left to it. */
  void secondTracer(String side) {
    if (told.compareAndSet(false, true)) {
      LOG.log(
          Level.WARNING,
          "second tracer found tracer=roentgen-grpc-kit side="
              + side
              + "; its spans are kept, the X-Ray SDK gets none of these calls");
    }
  }
}
