// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.testing;

import io.grpc.Status;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.GrpcCall;
import io.roentgen.grpc.TraceContext;
import io.roentgen.grpc.TraceContext.Decision;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** A span that goes on, and is recorded. */
final class RecordingSpan extends ActiveSpan {
  private final RecordedSpans spans;
  private final String name;
  private final Kind kind;
  private final boolean ofCall;
  private final SpanId spanId;
  private final TraceId traceId;
  private final @Nullable SpanId parentId;
  private final TraceContext context;

  // Guarded by this.
  private final Map<String, Object> annotations = new LinkedHashMap<>();
  private final List<Throwable> exceptions = new ArrayList<>();

  RecordingSpan(
      RecordedSpans spans, String name, Kind kind, @Nullable TraceContext parent, boolean ofCall) {
    this.spans = spans;
    this.name = name;
    this.kind = kind;
    this.ofCall = ofCall;
    spanId = new SpanId(ThreadLocalRandom.current().nextLong() | 1);
    TraceId joined = parent == null ? null : parent.traceId();
    traceId = joined == null ? newTrace() : joined;
    parentId = parent == null ? null : parent.spanId();
    context =
        parent == null || joined == null
            ? TraceContext.of(traceId, spanId, Decision.SAMPLED)
            : parent.withSpan(spanId, Decision.SAMPLED);
  }

  /** Makes up an id that X-Ray takes too: it begins with the second. */
  static TraceId newTrace() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return new TraceId(
        (Instant.now().getEpochSecond() << 32) | (random.nextInt() & 0xffff_ffffL),
        random.nextLong());
  }

  @Override
  public TraceContext context() {
    return context;
  }

  @Override
  public boolean isSampled() {
    return true;
  }

  @Override
  protected synchronized void put(String key, Object value) {
    annotations.put(key, value);
  }

  @Override
  public synchronized ActiveSpan recordException(Throwable thrown) {
    if (exceptions.stream().noneMatch(known -> known == thrown)) {
      exceptions.add(thrown);
    }
    return this;
  }

  @Override
  public void end() {
    if (!ofCall) {
      spans.end(this, recorded(null));
    }
  }

  @Override
  protected ActiveSpan newChild(String childName, Kind childKind) {
    return spans.begin(childName, childKind, context, false);
  }

  @Override
  protected void callEnded(GrpcCall call, @Nullable Throwable thrown) {
    if (thrown != null) {
      recordException(thrown);
    }
    Status status = call.status();
    RecordedSpan.Call ended =
        new RecordedSpan.Call(
            status == null ? Status.UNKNOWN : status,
            call.messagesSent(),
            call.messagesReceived(),
            call.attempts());
    spans.end(this, recorded(ended));
  }

  private synchronized RecordedSpan recorded(RecordedSpan.@Nullable Call call) {
    return new RecordedSpan(
        name,
        kind,
        traceId,
        spanId,
        parentId,
        call,
        Collections.unmodifiableMap(new LinkedHashMap<>(annotations)),
        List.copyOf(exceptions));
  }

  @Override
  public String toString() {
    return kind + " " + name + " trace=" + traceId + " span=" + spanId;
  }
}
