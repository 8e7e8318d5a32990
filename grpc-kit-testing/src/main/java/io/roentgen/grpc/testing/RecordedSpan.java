// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.testing;

import io.grpc.Status;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A span that has ended, as {@link RecordedSpans} keeps it. Immutable. */
public final class RecordedSpan {
  private final String name;
  private final ActiveSpan.Kind kind;
  private final TraceId traceId;
  private final SpanId spanId;
  private final @Nullable SpanId parentId;
  private final @Nullable Call call;
  private final Map<String, Object> annotations;
  private final List<Throwable> exceptions;

  /** What a span of a gRPC call knows besides. */
  record Call(Status status, long messagesSent, long messagesReceived, int attempts) {}

  RecordedSpan(
      String name,
      ActiveSpan.Kind kind,
      TraceId traceId,
      SpanId spanId,
      @Nullable SpanId parentId,
      @Nullable Call call,
      Map<String, Object> annotations,
      List<Throwable> exceptions) {
    this.name = name;
    this.kind = kind;
    this.traceId = traceId;
    this.spanId = spanId;
    this.parentId = parentId;
    this.call = call;
    this.annotations = annotations;
    this.exceptions = exceptions;
  }

  /** Returns the full name of the method, or what was done if this is no gRPC call. */
  public String name() {
    return name;
  }

  /** Returns which side of a call this is, or what else. */
  public ActiveSpan.Kind kind() {
    return kind;
  }

  /** Returns the trace. */
  public TraceId traceId() {
    return traceId;
  }

  /** Returns the id of this span. */
  public SpanId spanId() {
    return spanId;
  }

  /** Returns the span that this is part of, or null if the trace begins here. */
  public @Nullable SpanId parentId() {
    return parentId;
  }

  /** Returns how the call ended, or null if this is no gRPC call. */
  public @Nullable Status status() {
    return call == null ? null : call.status;
  }

  /** Returns how many messages this side of the call sent; 0 if this is no gRPC call. */
  public long messagesSent() {
    return call == null ? 0 : call.messagesSent;
  }

  /** Returns how many messages this side of the call received; 0 if this is no gRPC call. */
  public long messagesReceived() {
    return call == null ? 0 : call.messagesReceived;
  }

  /** Returns how many attempts were made; 0 on a server and if this is no gRPC call. */
  public int attempts() {
    return call == null ? 0 : call.attempts;
  }

  /** Returns what handlers annotated, in order: each a string, long, double or boolean. */
  public Map<String, Object> annotations() {
    return annotations;
  }

  /** Returns what was recorded or thrown, each once, in order. */
  public List<Throwable> exceptions() {
    return exceptions;
  }

  @Override
  public String toString() {
    return kind
        + " "
        + name
        + (call == null ? "" : " " + call.status.getCode())
        + " trace="
        + traceId
        + " span="
        + spanId
        + (parentId == null ? "" : " parent=" + parentId);
  }
}
