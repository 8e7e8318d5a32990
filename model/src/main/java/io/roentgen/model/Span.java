// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One piece of work in a trace: the neutral unit that OTLP spans, X-Ray segments and X-Ray subsegments map to
 * and back from without loss. Immutable; equal when all fields are.
 */
public final class Span {
  private final TraceId traceId;
  private final SpanId spanId;
  private final @Nullable SpanId parentSpanId;
  private final String service;
  private final String serviceType;
  private final String peerName;
  private final String peerType;
  private final String name;
  private final SpanKind kind;
  private final long startEpochNanos;
  private final long endEpochNanos;
  private final boolean inProgress;
  private final boolean segment;
  private final StatusCode statusCode;
  private final String statusMessage;
  private final Outcome outcome;
  private final int flags;
  private final String traceState;
  private final Map<String, Value> attributes;
  private final int droppedAttributesCount;
  private final List<SpanEvent> events;
  private final int droppedEventsCount;
  private final List<SpanLink> links;
  private final int droppedLinksCount;
  private final ResourceScope resourceScope;
  private final Format format;
  private final String document;
  private final Raw raw;

  private Span(Builder builder) {
    traceId = builder.traceId;
    spanId = builder.spanId;
    parentSpanId = builder.parentSpanId;
    service = builder.service;
    serviceType = builder.serviceType;
    peerName = builder.peerName;
    peerType = builder.peerType;
    name = builder.name;
    kind = builder.kind;
    startEpochNanos = builder.startEpochNanos;
    endEpochNanos = builder.endEpochNanos;
    inProgress = builder.inProgress;
    segment = builder.segment;
    statusCode = builder.statusCode;
    statusMessage = builder.statusMessage;
    outcome = builder.outcome;
    flags = builder.flags;
    traceState = builder.traceState;
    attributes = Attributes.copyOf(builder.attributes);
    droppedAttributesCount = builder.droppedAttributesCount;
    events = List.copyOf(builder.events);
    droppedEventsCount = builder.droppedEventsCount;
    links = List.copyOf(builder.links);
    droppedLinksCount = builder.droppedLinksCount;
    resourceScope = builder.resourceScope;
    format = builder.format;
    document = builder.document;
    raw = builder.raw;
  }

  /** Returns a builder for the span with these ids. */
  public static Builder builder(TraceId traceId, SpanId spanId) {
    return new Builder(traceId, spanId);
  }

  /** Returns a builder that starts with all of this span's fields. */
  public Builder toBuilder() {
    Builder builder = new Builder(traceId, spanId);
    builder.parentSpanId = parentSpanId;
    builder.service = service;
    builder.serviceType = serviceType;
    builder.peerName = peerName;
    builder.peerType = peerType;
    builder.name = name;
    builder.kind = kind;
    builder.startEpochNanos = startEpochNanos;
    builder.endEpochNanos = endEpochNanos;
    builder.inProgress = inProgress;
    builder.segment = segment;
    builder.statusCode = statusCode;
    builder.statusMessage = statusMessage;
    builder.outcome = outcome;
    builder.flags = flags;
    builder.traceState = traceState;
    builder.attributes = new LinkedHashMap<>(attributes);
    builder.droppedAttributesCount = droppedAttributesCount;
    builder.events = events;
    builder.droppedEventsCount = droppedEventsCount;
    builder.links = links;
    builder.droppedLinksCount = droppedLinksCount;
    builder.resourceScope = resourceScope;
    builder.format = format;
    builder.document = document;
    builder.raw = raw;
    return builder;
  }

  /** Returns the trace that this span belongs to. */
  public TraceId traceId() {
    return traceId;
  }

  /** Returns the id, unique within the trace. */
  public SpanId spanId() {
    return spanId;
  }

  /** Returns the parent's id, or null for a root. */
  public @Nullable SpanId parentSpanId() {
    return parentSpanId;
  }

  /**
   * Returns the service that did the work, or empty where the source did not say: an X-Ray
   * subsegment sent alone.
   */
  public String service() {
    return service;
  }

  /** Returns the kind of resource the service runs on, such as AWS::ECS::Container, or empty. */
  public String serviceType() {
    return serviceType;
  }

  /**
   * Returns whom the span called, as far as the caller can tell: a database, queue, AWS resource or remote host;
   * empty for work that calls nobody. The codec works it out. It becomes a node of the service map when the
   * callee sends no segment of its own.
   */
  public String peerName() {
    return peerName;
  }

  /** Returns the node type that goes with {@link #peerName}, such as remote or AWS::DynamoDB::Table. */
  public String peerType() {
    return peerType;
  }

  /** Returns the operation: OTLP span name, X-Ray segment or subsegment name. */
  public String name() {
    return name;
  }

  /** Returns the part the span plays in a call. */
  public SpanKind kind() {
    return kind;
  }

  /** Returns the start in epoch nanoseconds, never negative. */
  public long startEpochNanos() {
    return startEpochNanos;
  }

  /**
   * Returns the end in epoch nanoseconds; 0 while in progress. A sender's faulty clock may have
   * put it before the start.
   */
  public long endEpochNanos() {
    return endEpochNanos;
  }

  /**
   * Returns whether the span was sent before its end; a later one with the same id replaces it.
   */
  public boolean inProgress() {
    return inProgress;
  }

  /**
   * Returns whether the span is one service's entry to a request: an X-Ray segment, or a span of
   * kind SERVER or CONSUMER, without parent, or with a parent in another process.
   */
  public boolean segment() {
    return segment;
  }

  /** Returns what the instrumented code said of the result. */
  public StatusCode statusCode() {
    return statusCode;
  }

  /** Returns the text beside the status, or empty. */
  public String statusMessage() {
    return statusMessage;
  }

  /**
   * Returns error, fault and throttle, worked out by the codec for formats that do not carry
   * them.
   */
  public Outcome outcome() {
    return outcome;
  }

  /** Returns W3C trace flags in bits 0 to 7 and OTLP's remote-parent bits above. */
  public int flags() {
    return flags;
  }

  /** Returns the W3C trace state, or empty. */
  public String traceState() {
    return traceState;
  }

  /** Returns attributes by key in the order received; unmodifiable. */
  public Map<String, Value> attributes() {
    return attributes;
  }

  /** Returns how many attributes the sender left out. */
  public int droppedAttributesCount() {
    return droppedAttributesCount;
  }

  /** Returns events in the order received; unmodifiable. */
  public List<SpanEvent> events() {
    return events;
  }

  /** Returns how many events the sender left out. */
  public int droppedEventsCount() {
    return droppedEventsCount;
  }

  /** Returns links in the order received; unmodifiable. */
  public List<SpanLink> links() {
    return links;
  }

  /** Returns how many links the sender left out. */
  public int droppedLinksCount() {
    return droppedLinksCount;
  }

  /** Returns the resource and scope that reported the span. */
  public ResourceScope resourceScope() {
    return resourceScope;
  }

  /** Returns the wire format in which the span came. */
  public Format format() {
    return format;
  }

  /**
   * Returns, for X-Ray, the members of the document that have no field here, as a JSON object;
   * else empty.
   */
  public String document() {
    return document;
  }

  /** Returns, for OTLP, the protobuf fields of the span message that have no field here. */
  public Raw raw() {
    return raw;
  }

  /** Returns end minus start in nanoseconds, at least 0; 0 while in progress. */
  public long durationNanos() {
    return inProgress ? 0 : Math.max(0, endEpochNanos - startEpochNanos);
  }

  private List<@Nullable Object> state() {
    return Collections.unmodifiableList(
        Arrays.<@Nullable Object>asList(
            traceId,
            spanId,
            parentSpanId,
            service,
            serviceType,
            peerName,
            peerType,
            name,
            kind,
            startEpochNanos,
            endEpochNanos,
            inProgress,
            segment,
            statusCode,
            statusMessage,
            outcome,
            flags,
            traceState,
            attributes,
            droppedAttributesCount,
            events,
            droppedEventsCount,
            links,
            droppedLinksCount,
            resourceScope,
            format,
            document,
            raw));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Span that && state().equals(that.state());
  }

  @Override
  public int hashCode() {
    return Objects.hash(traceId, spanId, startEpochNanos);
  }

  @Override
  public String toString() {
    return "Span" + state();
  }

  /** Collects the fields of a span. Not safe for use by several threads. */
  public static final class Builder {
    private final TraceId traceId;
    private final SpanId spanId;
    private @Nullable SpanId parentSpanId;
    private String service = "";
    private String serviceType = "";
    private String peerName = "";
    private String peerType = "";
    private String name = "";
    private SpanKind kind = SpanKind.UNSPECIFIED;
    private long startEpochNanos;
    private long endEpochNanos;
    private boolean inProgress;
    private boolean segment;
    private StatusCode statusCode = StatusCode.UNSET;
    private String statusMessage = "";
    private Outcome outcome = Outcome.OK;
    private int flags;
    private String traceState = "";
    private Map<String, Value> attributes = new LinkedHashMap<>();
    private int droppedAttributesCount;
    private List<SpanEvent> events = List.of();
    private int droppedEventsCount;
    private List<SpanLink> links = List.of();
    private int droppedLinksCount;
    private ResourceScope resourceScope = ResourceScope.EMPTY;
    private Format format = Format.OTLP;
    private String document = "";
    private Raw raw = Raw.EMPTY;

    private Builder(TraceId traceId, SpanId spanId) {
      this.traceId = traceId;
      this.spanId = spanId;
    }

    /** Sets {@link Span#parentSpanId}. */
    public Builder parentSpanId(@Nullable SpanId value) {
      parentSpanId = value;
      return this;
    }

    /** Sets {@link Span#service}. */
    public Builder service(String value) {
      service = value;
      return this;
    }

    /** Sets {@link Span#serviceType}. */
    public Builder serviceType(String value) {
      serviceType = value;
      return this;
    }

    /** Sets {@link Span#peerName}. */
    public Builder peerName(String value) {
      peerName = value;
      return this;
    }

    /** Sets {@link Span#peerType}. */
    public Builder peerType(String value) {
      peerType = value;
      return this;
    }

    /** Sets {@link Span#name}. */
    public Builder name(String value) {
      name = value;
      return this;
    }

    /** Sets {@link Span#kind}. */
    public Builder kind(SpanKind value) {
      kind = value;
      return this;
    }

    /** Sets {@link Span#startEpochNanos}. */
    public Builder startEpochNanos(long value) {
      startEpochNanos = value;
      return this;
    }

    /** Sets {@link Span#endEpochNanos}. */
    public Builder endEpochNanos(long value) {
      endEpochNanos = value;
      return this;
    }

    /** Sets {@link Span#inProgress}. */
    public Builder inProgress(boolean value) {
      inProgress = value;
      return this;
    }

    /** Sets {@link Span#segment}. */
    public Builder segment(boolean value) {
      segment = value;
      return this;
    }

    /** Sets {@link Span#statusCode}. */
    public Builder statusCode(StatusCode value) {
      statusCode = value;
      return this;
    }

    /** Sets {@link Span#statusMessage}. */
    public Builder statusMessage(String value) {
      statusMessage = value;
      return this;
    }

    /** Sets {@link Span#outcome}. */
    public Builder outcome(Outcome value) {
      outcome = value;
      return this;
    }

    /** Sets {@link Span#flags}. */
    public Builder flags(int value) {
      flags = value;
      return this;
    }

    /** Sets {@link Span#traceState}. */
    public Builder traceState(String value) {
      traceState = value;
      return this;
    }

    /** Replaces all attributes. */
    public Builder attributes(Map<String, Value> value) {
      attributes = new LinkedHashMap<>(value);
      return this;
    }

    /** Sets one attribute. */
    public Builder attribute(String key, Value value) {
      attributes.put(key, value);
      return this;
    }

    /** Sets {@link Span#droppedAttributesCount}. */
    public Builder droppedAttributesCount(int value) {
      droppedAttributesCount = value;
      return this;
    }

    /** Sets {@link Span#events}. */
    public Builder events(List<SpanEvent> value) {
      events = value;
      return this;
    }

    /** Sets {@link Span#droppedEventsCount}. */
    public Builder droppedEventsCount(int value) {
      droppedEventsCount = value;
      return this;
    }

    /** Sets {@link Span#links}. */
    public Builder links(List<SpanLink> value) {
      links = value;
      return this;
    }

    /** Sets {@link Span#droppedLinksCount}. */
    public Builder droppedLinksCount(int value) {
      droppedLinksCount = value;
      return this;
    }

    /** Sets {@link Span#resourceScope}. */
    public Builder resourceScope(ResourceScope value) {
      resourceScope = value;
      return this;
    }

    /** Sets {@link Span#format}. */
    public Builder format(Format value) {
      format = value;
      return this;
    }

    /** Sets {@link Span#document}. */
    public Builder document(String value) {
      document = value;
      return this;
    }

    /** Sets {@link Span#raw}. */
    public Builder raw(Raw value) {
      raw = value;
      return this;
    }

    /** Returns the span. */
    public Span build() {
      return new Span(this);
    }
  }
}
