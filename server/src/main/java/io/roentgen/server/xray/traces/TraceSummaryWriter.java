// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.traces;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.codec.xray.SegmentWriter;
import io.roentgen.filter.RootCause;
import io.roentgen.filter.RootCauses;
import io.roentgen.model.NodeId;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.TimeRange;
import io.roentgen.model.Value;
import io.roentgen.query.TraceTree;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceQuery.TimeField;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Works out the {@code TraceSummary} of one trace and writes it. */
final class TraceSummaryWriter {
  private static final int NANO_DIGITS = 9;

  private final Trace trace;

  private final Span root;
  private boolean partial;
  private final SortedSet<NodeId> nodes = new TreeSet<>();
  private final SortedMap<String, Map<Value, Set<NodeId>>> annotations = new TreeMap<>();
  private final SortedMap<String, Set<NodeId>> users = new TreeMap<>();
  private final SortedSet<String> resourceArns = new TreeSet<>();
  private final SortedSet<String> instanceIds = new TreeSet<>();
  private final SortedSet<String> availabilityZones = new TreeSet<>();
  private final Map<NodeId, String> accountIds = new LinkedHashMap<>();

  TraceSummaryWriter(Trace trace) {
    this.trace = trace;
    SpanId rootId = trace.summary().root().spanId();
    root =
        trace.spans().stream()
            .filter(span -> span.spanId().equals(rootId))
            .findFirst()
            .orElseThrow();
    collect();
  }

  private void collect() {
    Set<SpanId> called = new HashSet<>();
    for (Span span : trace.spans()) {
      SpanId parent = span.parentSpanId();
      if (span.segment() && parent != null) {
        called.add(parent);
      }
    }
    List<TraceTree.Node> tree = TraceTree.assemble(trace).nodes();
    List<@Nullable NodeId> owners = new ArrayList<>(tree.size());
    for (TraceTree.Node node : tree) {
      Span span = node.span();
      NodeId owner =
          !span.service().isEmpty()
              ? new NodeId(span.service(), span.serviceType())
              : node.parentIndex() < 0 ? null : owners.get(node.parentIndex());
      owners.add(owner);
      partial |= span.inProgress();
      partial |= node.depth() == 0 && node.placement() != TraceTree.Placement.ROOT;
      boolean answered = called.contains(span.spanId());
      partial |= !answered && Value.of(true).equals(span.attributes().get("xray.traced"));
      if (span.segment() && owner != null) {
        nodes.add(owner);
        String account = text(span, "aws.account_id", "cloud.account.id");
        if (account != null) {
          accountIds.putIfAbsent(owner, account);
        }
      }
      NodeId peer = new NodeId(span.peerName(), span.peerType());
      if (!peer.name().isEmpty() && (!answered || peer.hasQueueType())) {
        nodes.add(peer);
      }
      collect(span, owner);
    }
  }

  private void collect(Span span, @Nullable NodeId owner) {
    for (Map.Entry<String, Value> attribute : SegmentWriter.annotations(span).entrySet()) {
      Value value = attribute.getValue();
      if (isScalar(value)) {
        add(
            annotations
                .computeIfAbsent(attribute.getKey(), _ -> new LinkedHashMap<>())
                .computeIfAbsent(value, _ -> new LinkedHashSet<>()),
            owner);
      }
    }
    String user = text(span, "enduser.id", "user.id");
    if (user != null) {
      add(users.computeIfAbsent(user, _ -> new LinkedHashSet<>()), owner);
    }
    add(resourceArns, text(span, "xray.resource_arn"));
    add(instanceIds, text(span, "host.id"));
    add(availabilityZones, text(span, "cloud.availability_zone"));
  }

  private static boolean isScalar(Value value) {
    return value instanceof Value.StringValue
        || value instanceof Value.LongValue
        || value instanceof Value.BooleanValue
        || (value instanceof Value.DoubleValue number && Double.isFinite(number.value()));
  }

  private static <T> void add(Set<T> set, @Nullable T element) {
    if (element != null) {
      set.add(element);
    }
  }

  /**
   * Returns the text of the first of these attributes that the span or its resource has, or null.
   */
  private static @Nullable String text(Span span, String... keys) {
    for (String key : keys) {
      if (value(span, key) instanceof Value.StringValue text && !text.value().isEmpty()) {
        return text.value();
      }
    }
    return null;
  }

  private static @Nullable Value value(Span span, String key) {
    Value own = span.attributes().get(key);
    return own != null ? own : span.resourceScope().resource().attributes().get(key);
  }

  void write(JsonGenerator json, TimeField timeField, TimeRange range) throws IOException {
    json.writeStartObject();
    json.writeStringField("Id", trace.traceId().toXRay());
    long start = trace.spans().getFirst().startEpochNanos();
    json.writeNumberField("StartTime", seconds(start));
    // As the keyword of filter expressions: of segments and, where there are none, of the root.
    boolean throttle =
        trace.spans().stream()
            .anyMatch(span -> (span.segment() || span.equals(root)) && span.outcome().throttle());
    if (!trace.spans().stream().allMatch(Span::inProgress)) {
      json.writeNumberField("Duration", seconds(trace.summary().endEpochNanos() - start));
    }
    if (!root.inProgress()) {
      json.writeNumberField("ResponseTime", seconds(root.durationNanos()));
    }
    json.writeBooleanField("HasFault", root.outcome().fault());
    json.writeBooleanField("HasError", root.outcome().error());
    json.writeBooleanField("HasThrottle", throttle);
    json.writeBooleanField("IsPartial", partial);
    http(json);
    json.writeObjectFieldStart("Annotations");
    for (Map.Entry<String, Map<Value, Set<NodeId>>> annotation : annotations.entrySet()) {
      json.writeArrayFieldStart(annotation.getKey());
      for (Map.Entry<Value, Set<NodeId>> value : annotation.getValue().entrySet()) {
        json.writeStartObject();
        json.writeObjectFieldStart("AnnotationValue");
        annotationValue(json, value.getKey());
        json.writeEndObject();
        serviceIds(json, value.getValue());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    json.writeEndObject();
    json.writeArrayFieldStart("Users");
    for (Map.Entry<String, Set<NodeId>> user : users.entrySet()) {
      json.writeStartObject();
      json.writeStringField("UserName", user.getKey());
      serviceIds(json, user.getValue());
      json.writeEndObject();
    }
    json.writeEndArray();
    serviceIds(json, nodes);
    details(json, "ResourceARNs", "ARN", resourceArns);
    details(json, "InstanceIds", "Id", instanceIds);
    details(json, "AvailabilityZones", "Name", availabilityZones);
    if (!root.service().isEmpty()) {
      json.writeFieldName("EntryPoint");
      serviceId(json, new NodeId(root.service(), root.serviceType()));
    }
    RootCauses causes = RootCauses.of(trace);
    rootCauses(json, "FaultRootCauses", causes.faults());
    rootCauses(json, "ErrorRootCauses", causes.errors());
    rootCauses(json, "ResponseTimeRootCauses", causes.responseTimes());
    json.writeNumberField("Revision", revision());
    Long matched = matchedEpochNanos(timeField, range);
    if (matched != null) {
      json.writeNumberField("MatchedEventTime", seconds(matched));
    }
    json.writeEndObject();
  }

  private void http(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("Http");
    text(json, "HttpURL", url());
    Value status = value(root, "http.response.status_code");
    if ((status == null ? value(root, "http.status_code") : status)
        instanceof Value.LongValue number) {
      json.writeNumberField("HttpStatus", number.value());
    }
    text(json, "HttpMethod", text(root, "http.request.method", "http.method"));
    text(json, "UserAgent", text(root, "user_agent.original", "http.user_agent"));
    text(json, "ClientIp", text(root, "client.address", "http.client_ip"));
    json.writeEndObject();
  }

  /** Returns the URL, put together where an OpenTelemetry server span has only its pieces. */
  private @Nullable String url() {
    String whole = text(root, "url.full", "http.url");
    String path = text(root, "url.path", "http.target");
    if (whole != null || path == null) {
      return whole;
    }
    String query = text(root, "url.query");
    String rest = query == null ? path : path + '?' + query;
    String host = text(root, "server.address", "http.host");
    if (host == null) {
      return rest;
    }
    String scheme = text(root, "url.scheme", "http.scheme");
    String port =
        value(root, "server.port") instanceof Value.LongValue number ? ":" + number.value() : "";
    return (scheme == null ? "http" : scheme) + "://" + host + port + rest;
  }

  private static void text(JsonGenerator json, String name, @Nullable String value)
      throws IOException {
    if (value != null) {
      json.writeStringField(name, value);
    }
  }

  private static void annotationValue(JsonGenerator json, Value value) throws IOException {
    if (value instanceof Value.StringValue text) {
      json.writeStringField("StringValue", text.value());
    } else if (value instanceof Value.LongValue number) {
      json.writeNumberField("NumberValue", number.value());
    } else if (value instanceof Value.DoubleValue number) {
      json.writeNumberField("NumberValue", number.value());
    } else if (value instanceof Value.BooleanValue flag) {
      json.writeBooleanField("BooleanValue", flag.value());
    }
  }

  private void serviceIds(JsonGenerator json, Set<NodeId> ids) throws IOException {
    json.writeArrayFieldStart("ServiceIds");
    for (NodeId id : ids) {
      serviceId(json, id);
    }
    json.writeEndArray();
  }

  private void serviceId(JsonGenerator json, NodeId id) throws IOException {
    json.writeStartObject();
    json.writeStringField("Name", id.name());
    json.writeArrayFieldStart("Names");
    json.writeString(id.name());
    json.writeEndArray();
    text(json, "AccountId", accountIds.get(id));
    if (!id.type().isEmpty()) {
      json.writeStringField("Type", id.type());
    }
    json.writeEndObject();
  }

  private static void rootCauses(JsonGenerator json, String name, List<RootCause> causes)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (RootCause cause : causes) {
      json.writeStartObject();
      json.writeArrayFieldStart("Services");
      for (RootCause.CauseService service : cause.services()) {
        causeService(json, service);
      }
      json.writeEndArray();
      json.writeBooleanField("ClientImpacting", cause.clientImpacting());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void causeService(JsonGenerator json, RootCause.CauseService service)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("Name", service.node().name());
    json.writeArrayFieldStart("Names");
    json.writeString(service.node().name());
    json.writeEndArray();
    if (!service.node().type().isEmpty()) {
      json.writeStringField("Type", service.node().type());
    }
    text(json, "AccountId", service.accountId());
    json.writeArrayFieldStart("EntityPath");
    for (RootCause.Entity entity : service.entityPath()) {
      json.writeStartObject();
      json.writeStringField("Name", entity.name());
      Double coverage = entity.coverage();
      if (coverage == null) {
        json.writeArrayFieldStart("Exceptions");
        for (RootCause.Thrown thrown : entity.exceptions()) {
          json.writeStartObject();
          json.writeStringField("Name", thrown.name());
          json.writeStringField("Message", thrown.message());
          json.writeEndObject();
        }
        json.writeEndArray();
      } else {
        json.writeNumberField("Coverage", coverage);
      }
      json.writeBooleanField("Remote", entity.remote());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeBooleanField("Inferred", service.inferred());
    json.writeEndObject();
  }

  private static void details(JsonGenerator json, String list, String member, Set<String> values)
      throws IOException {
    json.writeArrayFieldStart(list);
    for (String value : values) {
      json.writeStartObject();
      json.writeStringField(member, value);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Returns a number that grows when a span arrives and when one that was in progress ends. */
  private long revision() {
    return trace.spans().size() + trace.spans().stream().filter(span -> !span.inProgress()).count();
  }

  /** Returns the latest time for which the trace is in the range, or null where its id says so. */
  private @Nullable Long matchedEpochNanos(TimeField timeField, TimeRange range) {
    Long latest = null;
    if (timeField == TimeField.SEGMENT_END) {
      for (Span span : trace.spans()) {
        if (span.segment() && !span.inProgress()) {
          latest = later(latest, span.endEpochNanos(), range);
        }
      }
    } else if (timeField == TimeField.ACTIVE) {
      for (Span span : trace.spans()) {
        latest = later(latest, span.startEpochNanos(), range);
        if (!span.inProgress()) {
          latest = later(latest, span.endEpochNanos(), range);
        }
      }
      // Active all through the range without a start or an end in it.
      return latest == null ? Long.valueOf(range.startEpochNanos()) : latest;
    }
    return latest;
  }

  private static @Nullable Long later(@Nullable Long latest, long epochNanos, TimeRange range) {
    return range.contains(epochNanos) && (latest == null || epochNanos > latest)
        ? Long.valueOf(epochNanos)
        : latest;
  }

  /** Returns nanoseconds as seconds, exactly. */
  static BigDecimal seconds(long nanos) {
    BigDecimal seconds = BigDecimal.valueOf(nanos, NANO_DIGITS).stripTrailingZeros();
    return seconds.scale() < 0 ? seconds.setScale(0) : seconds;
  }
}
