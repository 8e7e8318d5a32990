// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import io.roentgen.model.Format;
import io.roentgen.model.NodeId;
import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanLink;
import io.roentgen.model.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the spans of one trace as X-Ray segment documents.
 *
 * <p>Spans that {@link SegmentDecoder} made give back the documents they came from: the same JSON, but for the
 * order of members, the way in which a number is written, and ids in lower case. Spans that came by OTLP are
 * converted as the OpenTelemetry Collector's exporter for X-Ray does it. One trace may have both.
 *
 * <p>Stateless. Of several spans with one id the last counts. Parents that form a circle are broken up, so no
 * span is left out.
 */
public final class SegmentWriter {
  private static final Comparator<Span> BY_TIME =
      Comparator.comparingLong(Span::startEpochNanos).thenComparing(Span::spanId);

  private static final int NO_ORDER = -1;
  private static final long INFERRED_SEED = 0x9e3779b97f4a7c15L;

  private final Map<SpanId, Span> spans = new LinkedHashMap<>();
  private final Map<SpanId, List<Span>> children = new HashMap<>();
  private final Set<SpanId> written = new HashSet<>();

  private SegmentWriter(List<Span> trace) {
    for (Span span : trace) {
      spans.put(span.spanId(), span);
    }
    for (Span span : spans.values()) {
      if (!isSegment(span)) {
        children
            .computeIfAbsent(Objects.requireNonNull(span.parentSpanId()), id -> new ArrayList<>())
            .add(span);
      }
    }
    children.values().forEach(SegmentWriter::sort);
  }

  /**
   * Returns a document for each segment, with its subsegments embedded at any depth, and one for each
   * subsegment whose parent is not among the spans; in order of start, then id.
   *
   * @param trace spans of one trace, in any order
   * @throws IllegalArgumentException if a span's own document is not a JSON object
   */
  public static List<SegmentDocument> documents(List<Span> trace) {
    return new SegmentWriter(trace).documents();
  }

  /**
   * Returns a document for each callee that sent no segment itself, made from its caller's subsegment: same
   * times, http and aws members, {@code inferred} true. Its id depends on the subsegment's id alone, so that it
   * is the same at every reading. In order of start, then id of the caller.
   *
   * @param trace spans of one trace, in any order
   * @throws IllegalArgumentException if a span's own document is not a JSON object
   */
  public static List<SegmentDocument> inferredDocuments(List<Span> trace) {
    return new SegmentWriter(trace).inferredDocuments();
  }

  /**
   * Returns the annotations that a span's document has, by key: for X-Ray, those that have no place in {@link
   * Span#document}; for OTLP, all scalar attributes that are no member of their own.
   */
  public static Map<String, Value> annotations(Span span) {
    if (span.format() != Format.XRAY) {
      OtlpSegment segment = new OtlpSegment(span, isSegment(span), new JsonObject());
      segment.put();
      return segment.annotations();
    }
    Map<String, Value> annotations = new LinkedHashMap<>();
    for (Map.Entry<String, Value> attribute : span.attributes().entrySet()) {
      SegmentMembers.Attribute known = SegmentMembers.attribute(attribute.getKey());
      if (known == null || !known.type().fits(attribute.getValue())) {
        annotations.put(attribute.getKey(), attribute.getValue());
      }
    }
    return annotations;
  }

  private static boolean isSegment(Span span) {
    return span.segment() || span.parentSpanId() == null;
  }

  private List<SegmentDocument> documents() {
    List<Span> roots = new ArrayList<>();
    for (Span span : spans.values()) {
      if (isSegment(span) || !spans.containsKey(span.parentSpanId())) {
        roots.add(span);
      }
    }
    roots.sort(BY_TIME);
    List<SegmentDocument> documents = new ArrayList<>();
    for (Span root : roots) {
      written.add(root.spanId());
      documents.add(document(root));
    }
    for (Span span : spans.values()) {
      // Left over are circles of parents and what hangs on them.
      if (written.add(span.spanId())) {
        documents.add(document(span));
      }
    }
    return documents;
  }

  private SegmentDocument document(Span root) {
    StringBuilder json = new StringBuilder(1024);
    // Not recursive: nobody limits how deep the spans of a trace are nested.
    Deque<Iterator<Span>> open = new ArrayDeque<>();
    append(root, false, json, open);
    while (!open.isEmpty()) {
      Iterator<Span> siblings = open.peek();
      if (!siblings.hasNext()) {
        open.pop();
        json.append("]}");
        continue;
      }
      if (json.charAt(json.length() - 1) != '[') {
        json.append(',');
      }
      append(siblings.next(), true, json, open);
    }
    return new SegmentDocument(root.spanId(), json.toString());
  }

  private void append(
      Span span, boolean embedded, StringBuilder json, Deque<Iterator<Span>> open) {
    JsonObject members = members(span, embedded);
    List<Span> embeds = new ArrayList<>();
    for (Span child : children.getOrDefault(span.spanId(), List.of())) {
      if (written.add(child.spanId())) {
        embeds.add(child);
      }
    }
    if (embeds.isEmpty()) {
      members.append(json);
      return;
    }
    members.remove("subsegments");
    members.appendOpen(json);
    json.append(",\"subsegments\":[");
    open.push(embeds.iterator());
  }

  private List<SegmentDocument> inferredDocuments() {
    Set<SpanId> called = new HashSet<>();
    for (Span span : spans.values()) {
      if (span.segment() && span.parentSpanId() != null) {
        called.add(span.parentSpanId());
      }
    }
    List<Span> callers = new ArrayList<>();
    for (Span span : spans.values()) {
      // A queue stays between sender and consumer.
      boolean silent =
          !called.contains(span.spanId())
              || new NodeId(span.peerName(), span.peerType()).hasQueueType();
      if (!isSegment(span) && !span.peerName().isEmpty() && silent) {
        callers.add(span);
      }
    }
    callers.sort(BY_TIME);
    Set<SpanId> ids = new HashSet<>(spans.keySet());
    List<SegmentDocument> documents = new ArrayList<>();
    for (Span caller : callers) {
      SpanId id = derivedId(caller.spanId());
      while (!ids.add(id)) {
        id = derivedId(id);
      }
      documents.add(new SegmentDocument(id, inferred(caller, id).toString()));
    }
    return documents;
  }

  private static JsonObject inferred(Span caller, SpanId id) {
    JsonObject call = members(caller, true);
    JsonObject segment = new JsonObject();
    segment.putText("id", id.toHex());
    // X-Ray's own documents have the service's name here, and the table's only on the map.
    String name =
        caller.peerType().equals("AWS::DynamoDB::Table") && caller.format() == Format.XRAY
            ? caller.name()
            : caller.peerName();
    segment.putText("name", SegmentNames.legalize(name, "unknown"));
    segment.putText("trace_id", caller.traceId().toXRay());
    segment.putText("parent_id", caller.spanId().toHex());
    segment.copy(call, "start_time");
    segment.copy(call, "end_time");
    segment.copy(call, "in_progress");
    segment.putJson("inferred", "true");
    segment.copy(call, "error");
    segment.copy(call, "fault");
    segment.copy(call, "throttle");
    segment.copy(call, "http");
    segment.copy(call, "aws");
    // "remote" is a type of node and no origin.
    if (caller.peerType().contains("::")) {
      segment.putText("origin", caller.peerType());
    }
    return segment;
  }

  /** Returns an id that depends on {@code id} alone and looks random (the finalizer of SplitMix64). */
  static SpanId derivedId(SpanId id) {
    long z = id.value() + INFERRED_SEED;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    z ^= z >>> 31;
    return new SpanId(z == 0 ? INFERRED_SEED : z);
  }

  private static JsonObject members(Span span, boolean embedded) {
    boolean segment = isSegment(span);
    JsonObject members = new JsonObject();
    members.putText("id", span.spanId().toHex());
    if (!embedded) {
      members.putText("trace_id", span.traceId().toXRay());
      SpanId parent = span.parentSpanId();
      if (parent != null) {
        members.putText("parent_id", parent.toHex());
      }
      if (!segment) {
        members.putText("type", "subsegment");
      }
    }
    members.putSeconds("start_time", span.startEpochNanos());
    if (span.inProgress()) {
      members.putJson("in_progress", "true");
    }
    if (segment && !span.serviceType().isEmpty()) {
      members.putText("origin", span.serviceType());
    }
    // What came without flags goes without them.
    Outcome outcome =
        reservedOrNull(span, SegmentDecoder.OUTCOME_MEMBER) == null ? span.outcome() : Outcome.OK;
    if (outcome.error()) {
      members.putJson("error", "true");
    }
    if (outcome.throttle()) {
      members.putJson("throttle", "true");
    }
    if (outcome.fault()) {
      members.putJson("fault", "true");
    }
    if (span.format() == Format.XRAY) {
      putXRay(span, members);
    } else {
      new OtlpSegment(span, segment, members).put();
    }
    return members;
  }

  private static void putXRay(Span span, JsonObject members) {
    members.putText("name", span.name());
    if (!span.inProgress()) {
      members.putSeconds("end_time", span.endEpochNanos());
    }
    for (Map.Entry<String, Value> attribute : span.attributes().entrySet()) {
      SegmentMembers.Attribute known = SegmentMembers.attribute(attribute.getKey());
      if (known != null && known.type().fits(attribute.getValue())) {
        members.putValueAt(known.path(), attribute.getValue());
      } else {
        members.object("annotations").putValue(attribute.getKey(), attribute.getValue());
      }
    }
    putLinks(span, members);
    if (!span.document().isEmpty()) {
      JsonTape tape = documentOf(span);
      for (int key = tape.first(JsonTape.ROOT);
          key < tape.next(JsonTape.ROOT);
          key = tape.next(key + 1)) {
        String name = tape.string(key);
        if (!name.startsWith(SegmentDecoder.RESERVED_PREFIX)) {
          members.merge(name, tape, key + 1);
        } else if (!name.equals(SegmentDecoder.ORDER_MEMBER)
            && !name.equals(SegmentDecoder.OUTCOME_MEMBER)) {
          // The sender's own member, with the prefix once more.
          members.putJson(
              name.substring(SegmentDecoder.RESERVED_PREFIX.length()), tape.json(key + 1));
        }
      }
    }
  }

  static void putLinks(Span span, JsonObject members) {
    if (span.links().isEmpty()) {
      return;
    }
    List<JsonObject> links = new ArrayList<>();
    for (SpanLink link : span.links()) {
      JsonObject object = new JsonObject();
      object.putText("trace_id", link.traceId().toXRay());
      object.putText("id", link.spanId().toHex());
      if (!link.attributes().isEmpty()) {
        object.putObject("attributes", JsonObject.of(link.attributes()));
      }
      links.add(object);
    }
    members.putJson("links", JsonObject.array(links));
  }

  /** Sorts siblings by start and id, but keeps those in their order that came in another one. */
  private static void sort(List<Span> siblings) {
    siblings.sort(BY_TIME);
    Map<SpanId, Integer> orders = new HashMap<>();
    List<Span> placed = new ArrayList<>();
    List<Span> others = new ArrayList<>();
    for (Span span : siblings) {
      int order = order(span);
      if (order == NO_ORDER) {
        others.add(span);
      } else {
        orders.put(span.spanId(), order);
        placed.add(span);
      }
    }
    if (placed.isEmpty()) {
      return;
    }
    placed.sort(Comparator.comparingInt(span -> orders.getOrDefault(span.spanId(), 0)));
    siblings.clear();
    int next = 0;
    for (Span span : others) {
      while (next < placed.size() && BY_TIME.compare(placed.get(next), span) < 0) {
        siblings.add(placed.get(next++));
      }
      siblings.add(span);
    }
    siblings.addAll(placed.subList(next, placed.size()));
  }

  private static int order(Span span) {
    String order = reservedOrNull(span, SegmentDecoder.ORDER_MEMBER);
    return order == null ? NO_ORDER : Integer.parseInt(order);
  }

  /** Returns the value of a member that the decoder added to the span's document. */
  private static @Nullable String reservedOrNull(Span span, String member) {
    if (span.format() != Format.XRAY || !span.document().contains("\"" + member + "\"")) {
      return null;
    }
    JsonTape tape = documentOf(span);
    for (int key = tape.first(JsonTape.ROOT);
        key < tape.next(JsonTape.ROOT);
        key = tape.next(key + 1)) {
      if (tape.string(key).equals(member)) {
        return tape.json(key + 1);
      }
    }
    return null;
  }

  private static JsonTape documentOf(Span span) {
    byte[] bytes = span.document().getBytes(StandardCharsets.UTF_8);
    JsonTape tape = new JsonTape(SegmentDecoder.MAX_DEPTH);
    if (!tape.parse(bytes, 0, bytes.length) || tape.type(JsonTape.ROOT) != JsonTape.OBJECT) {
      throw new IllegalArgumentException(
          "span "
              + span.spanId()
              + " document: "
              + tape.failureMessage()
              + " (expected: a JSON object)");
    }
    return tape;
  }
}
