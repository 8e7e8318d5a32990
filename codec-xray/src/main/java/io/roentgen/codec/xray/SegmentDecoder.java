// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import io.roentgen.codec.xray.Members.Member;
import io.roentgen.codec.xray.SegmentMembers.Attribute;
import io.roentgen.model.Format;
import io.roentgen.model.GrpcStatus;
import io.roentgen.model.Hex;
import io.roentgen.model.Outcome;
import io.roentgen.model.Rejection;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.SpanLink;
import io.roentgen.model.StatusCode;
import io.roentgen.model.TraceId;
import io.roentgen.model.Utf8;
import io.roentgen.model.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decodes X-Ray segment documents to spans: complete segments, segments in progress, and subsegments, either
 * sent alone or embedded at any depth, where each becomes a span of its own.
 *
 * <p>What a span has a field or an attribute for goes there; every other member stays, as JSON, in {@link
 * io.roentgen.model.Span#document}, so that {@link SegmentWriter} gives back what came. Ids alone are changed:
 * to lower case, and a trace id in W3C spelling to X-Ray's.
 *
 * <p>A document is taken whole or not at all. Nothing in it makes this class throw. An instance keeps its
 * buffers from one document to the next and is not safe for use by several threads.
 *
 * <pre>{@code
 * SegmentDecoder decoder = new SegmentDecoder(SegmentDecoder.DEFAULT_MAX_DOCUMENT_BYTES);
 * Decoded decoded = decoder.decode(bytes, 0, bytes.length, batch);
 * }</pre>
 *
 * <p>Source: AWS X-Ray developer guide, "AWS X-Ray segment documents".
 */
public final class SegmentDecoder {
  /** How large a document may be when it does not come in a datagram: 1 MiB. */
  public static final int DEFAULT_MAX_DOCUMENT_BYTES = 1024 * 1024;

  /** How large X-Ray itself lets a document be: 64 KiB. */
  public static final int XRAY_MAX_DOCUMENT_BYTES = 64 * 1024;

  /** How deep objects and arrays may be nested; 31 subsegments in one another fit. */
  public static final int MAX_DEPTH = 64;

  /** How many characters a name may have. */
  public static final int MAX_NAME_LENGTH = 200;

  /**
   * The member of {@link io.roentgen.model.Span#document} that keeps an embedded subsegment's place among its
   * siblings where these are not in order of start and id. A member of the sender's own that begins with
   * {@link #RESERVED_PREFIX} is kept with that prefix put before it once more, so the two cannot clash.
   */
  static final String ORDER_MEMBER = "roentgen.order";

  /**
   * The member of {@link io.roentgen.model.Span#document} that says that the sender gave no flags, and the outcome is that
   * of a gRPC status among annotations or metadata.
   */
  static final String OUTCOME_MEMBER = "roentgen.outcome";

  static final String RESERVED_PREFIX = "roentgen.";

  /** X-Ray's limit for string members; only so long an origin is repeated on every subsegment. */
  private static final int MAX_ORIGIN_BYTES = 250;

  private static final int KEPT_BYTES = 64 * 1024;
  private static final int FEW_IDS = 16;
  private static final int ID_DIGITS = 16;
  private static final int XRAY_TRACE_ID_LENGTH = 35;
  private static final int W3C_TRACE_ID_LENGTH = 32;
  private static final int NO_ORDER = -1;
  private static final int MAX_STATUS = 1_000;

  private final int maxDocumentBytes;
  private final JsonTape tape = new JsonTape(MAX_DEPTH);
  private final Decimal decimal = new Decimal();
  private final Decimal scratch = new Decimal();
  private final Utf8Sink residue = new Utf8Sink();
  private final long[] fewIds = new long[FEW_IDS];
  private final Set<Long> manyIds = new HashSet<>();
  private int idCount;

  private SpanBatch.Builder batch = SpanBatch.builder();
  private int scope;
  private long traceIdHigh;
  private long traceIdLow;
  private byte[] service = new byte[0];
  private byte[] serviceType = new byte[0];
  private @Nullable String segmentId;
  private Rejection rejection = Rejection.INVALID_SEGMENT;
  private String message = "";

  /**
   * Makes a decoder that takes documents of at most so many bytes.
   *
   * @throws IllegalArgumentException if {@code maxDocumentBytes} is less than 1
   */
  public SegmentDecoder(int maxDocumentBytes) {
    if (maxDocumentBytes < 1) {
      throw new IllegalArgumentException(
          "maxDocumentBytes: " + maxDocumentBytes + " (expected: >= 1)");
    }
    this.maxDocumentBytes = maxDocumentBytes;
  }

  /**
   * Decodes one document in UTF-8 and appends its spans to {@code target}: the outer one, then what it embeds
   * in document order. On rejection the batch is as it was.
   *
   * @throws IndexOutOfBoundsException if the range is not within {@code bytes}
   */
  public Decoded decode(byte[] bytes, int offset, int length, SpanBatch.Builder target) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    Objects.requireNonNull(target, "target");
    segmentId = null;
    if (length > maxDocumentBytes) {
      rejectDocument(
          Rejection.TOO_LARGE,
          "document of " + length + " bytes (expected: at most " + maxDocumentBytes + ")");
      return rejected();
    }
    if (!Utf8.isValid(bytes, offset, length)) {
      rejectDocument(Rejection.INVALID_TEXT, "document that is not UTF-8 (expected: UTF-8)");
      return rejected();
    }
    if (!tape.parse(bytes, offset, length)) {
      rejectDocument(tape.failure(), tape.failureMessage());
      return rejected();
    }
    batch = target;
    idCount = 0;
    manyIds.clear();
    residue.clear(KEPT_BYTES);
    SpanBatch.Mark mark = target.mark();
    boolean accepted = false;
    try {
      scope = target.scope(ResourceScope.EMPTY);
      accepted = outer();
    } finally {
      if (!accepted) {
        target.rollback(mark);
      }
    }
    return accepted ? new Decoded.Accepted(target.spanCount() - mark.spanCount()) : rejected();
  }

  private Decoded rejected() {
    return new Decoded.Rejected(segmentId, rejection, message);
  }

  private boolean rejectDocument(Rejection reason, String cause) {
    return reject("segment", reason, cause);
  }

  private boolean reject(String what, Rejection reason, String cause) {
    rejection = reason;
    message = "Invalid " + what + ". ErrorCode: " + reason.xrayCode() + ", Cause: " + cause;
    return false;
  }

  /** Decodes the outermost object, which says to which trace and service all belongs. */
  private boolean outer() {
    if (tape.type(JsonTape.ROOT) != JsonTape.OBJECT) {
      // X-Ray answers so, for example, when the documents are sent as one JSON array.
      return rejectDocument(
          Rejection.MISSING_ID, "document that is not a JSON object (expected: an object with id)");
    }
    int[] roles = roles(JsonTape.ROOT);
    int id = roles[SegmentMembers.ID];
    if (id != 0 && tape.type(id) == JsonTape.STRING) {
      segmentId = Hex.quote(tape.string(id));
    }
    int type = roles[SegmentMembers.TYPE];
    boolean segment =
        type == 0
            || tape.type(type) != JsonTape.STRING
            || !tape.contentEquals(type, "subsegment");
    String what = segment ? "segment" : "subsegment";
    int trace = roles[SegmentMembers.TRACE_ID];
    // X-Ray names a missing id before all else.
    if (isAbsent(id)) {
      return missing(what, Rejection.MISSING_ID, "id");
    }
    if (isAbsent(trace)) {
      return missing(what, Rejection.MISSING_TRACE_ID, "trace_id");
    }
    if (!traceId(trace)) {
      return reject(
          what,
          Rejection.INVALID_TRACE_ID,
          "trace_id " + quote(trace) + " (expected: 1-8hex-24hex, not all zero)");
    }
    int parent = roles[SegmentMembers.PARENT_ID];
    long parentId = 0;
    boolean hasParent = !isAbsent(parent) && !isEmptyString(parent);
    if (hasParent) {
      parentId = spanId(parent);
      if (parentId == 0) {
        return reject(
            what,
            Rejection.INVALID_ID,
            "parent_id " + quote(parent) + " (expected: 16 hex digits, not all zero)");
      }
    } else if (!segment) {
      return missing(what, Rejection.MISSING_PARENT_ID, "parent_id");
    }
    service = new byte[0];
    serviceType = new byte[0];
    int keep = hasParent ? 0 : 1 << SegmentMembers.PARENT_ID;
    if (segment) {
      keep |= 1 << SegmentMembers.TYPE;
      int name = roles[SegmentMembers.NAME];
      if (name != 0 && tape.type(name) == JsonTape.STRING) {
        service = text(name);
      }
      int origin = roles[SegmentMembers.ORIGIN];
      if (origin != 0 && tape.type(origin) == JsonTape.STRING) {
        byte[] text = text(origin);
        serviceType = text.length <= MAX_ORIGIN_BYTES ? text : new byte[0];
      }
    }
    if (!segment || serviceType.length == 0) {
      keep |= 1 << SegmentMembers.ORIGIN;
    }
    return span(what, JsonTape.ROOT, roles, segment, parentId, keep, NO_ORDER);
  }

  /** Decodes one segment or subsegment and all subsegments in it. */
  private boolean span(
      String what, int node, int[] roles, boolean segment, long parentId, int keep, int order) {
    int idNode = roles[SegmentMembers.ID];
    if (isAbsent(idNode)) {
      return missing(what, Rejection.MISSING_ID, "id");
    }
    long id = spanId(idNode);
    if (id == 0) {
      return reject(
          what,
          Rejection.INVALID_ID,
          "id " + quote(idNode) + " (expected: 16 hex digits, not all zero)");
    }
    if (!addId(id)) {
      return reject(
          what,
          Rejection.INVALID_ID,
          "id " + quote(idNode) + " twice in one document (expected: once)");
    }
    int name = roles[SegmentMembers.NAME];
    if (isAbsent(name)) {
      return missing(what + " " + Hex.format(id), Rejection.MISSING_NAME, "name", what);
    }
    if (!isName(name)) {
      return reject(
          what,
          Rejection.INVALID_NAME,
          what
              + " "
              + Hex.format(id)
              + " name "
              + quote(name)
              + " (expected: 1 to "
              + MAX_NAME_LENGTH
              + " letters, digits, white space or _.:/%&#=+\\-@)");
    }
    int startNode = roles[SegmentMembers.START_TIME];
    if (isAbsent(startNode)) {
      return missing(what + " " + Hex.format(id), Rejection.MISSING_START_TIME, "start_time", what);
    }
    long start = nanos(startNode);
    if (start < 0) {
      return invalidTime(what, id, Rejection.INVALID_START_TIME, "start_time", startNode);
    }
    if (decimal.isCut()) {
      keep |= 1 << SegmentMembers.START_TIME;
    }
    int endNode = roles[SegmentMembers.END_TIME];
    int progressNode = roles[SegmentMembers.IN_PROGRESS];
    boolean inProgress = isAbsent(endNode);
    long end = 0;
    if (inProgress) {
      keep |= 1 << SegmentMembers.END_TIME;
      if (!isTrue(progressNode)) {
        return reject(
            what,
            Rejection.MISSING_END_TIME,
            what
                + " "
                + Hex.format(id)
                + " has no end_time (expected: end_time, or in_progress true)");
      }
    } else {
      keep |= 1 << SegmentMembers.IN_PROGRESS;
      end = nanos(endNode);
      if (end < 0) {
        return invalidTime(what, id, Rejection.INVALID_END_TIME, "end_time", endNode);
      }
      if (decimal.isCut()) {
        keep |= 1 << SegmentMembers.END_TIME;
      }
    }

    int outcome = 0;
    if (isTrue(roles[SegmentMembers.ERROR])) {
      outcome |= Outcome.ERROR_BIT;
    } else {
      keep |= 1 << SegmentMembers.ERROR;
    }
    if (isTrue(roles[SegmentMembers.FAULT])) {
      outcome |= Outcome.FAULT_BIT;
    } else {
      keep |= 1 << SegmentMembers.FAULT;
    }
    if (isTrue(roles[SegmentMembers.THROTTLE])) {
      outcome |= Outcome.THROTTLE_BIT;
    } else {
      keep |= 1 << SegmentMembers.THROTTLE;
    }
    int stated = outcome;
    if (outcome == 0) {
      outcome = grpcOutcome(roles);
    }
    keep |= 1 << SegmentMembers.METADATA;
    int children = roles[SegmentMembers.SUBSEGMENTS];
    boolean hasChildren =
        children != 0
            && tape.type(children) == JsonTape.ARRAY
            && tape.first(children) != tape.next(children);
    if (!hasChildren) {
      keep |= 1 << SegmentMembers.SUBSEGMENTS;
    }

    batch
        .begin(traceIdHigh, traceIdLow, id)
        .parent(parentId)
        .start(start)
        .endTime(end)
        .outcome(outcome)
        .format(Format.XRAY)
        .scopeIndex(scope);
    if (inProgress) {
      batch.inProgress();
    }
    if (segment) {
      batch.segment();
    }
    if ((outcome & (Outcome.ERROR_BIT | Outcome.FAULT_BIT)) != 0) {
      batch.status(StatusCode.ERROR.number());
    }
    tape.readText(name);
    batch.block(
        SpanBatch.FIELD_NAME, tape.textBytes(), tape.textOffset(), tape.textLength());
    if (service.length > 0) {
      batch.block(SpanBatch.FIELD_SERVICE, service, 0, service.length);
    }
    if (serviceType.length > 0) {
      batch.block(SpanBatch.FIELD_SERVICE_TYPE, serviceType, 0, serviceType.length);
    }
    fields(node, roles, keep, order, outcome != stated);
    callee(roles, segment, name);
    batch.end();
    return !hasChildren || children(children, id);
  }

  /** Turns all members into fields and attributes, and those that cannot be into the span's document. */
  private void fields(int node, int[] roles, int keep, int order, boolean outcomeWorkedOut) {
    residue.size = 0;
    residue.putByte('{');
    for (int key = tape.first(node); key < tape.next(node); key = tape.next(key + 1)) {
      Member member = find(SegmentMembers.ROOT, key);
      int value = key + 1;
      if (member == null) {
        keepMember(key, value);
      } else if (member.nested != null || member.attribute != null) {
        member(member, key, value, roles);
      } else if (member.role == SegmentMembers.ANNOTATIONS) {
        annotations(key, value);
      } else if (member.role == SegmentMembers.LINKS) {
        links(key, value);
      } else if ((keep & (1 << member.role)) != 0) {
        keepMember(key, value);
      }
    }
    if (order != NO_ORDER) {
      separate();
      residue.putAscii("\"" + ORDER_MEMBER + "\":" + order);
    }
    if (outcomeWorkedOut) {
      separate();
      residue.putAscii("\"" + OUTCOME_MEMBER + "\":true");
    }
    if (residue.size > 1) {
      residue.putByte('}');
      batch.block(SpanBatch.FIELD_DOCUMENT, residue.bytes, 0, residue.size);
    }
  }

  private void members(Members known, int object, int[] roles) {
    for (int key = tape.first(object); key < tape.next(object); key = tape.next(key + 1)) {
      Member member = find(known, key);
      if (member == null) {
        keepNested(key, key + 1);
      } else {
        member(member, key, key + 1, roles);
      }
    }
  }

  private void member(Member member, int key, int value, int[] roles) {
    if (member.nested == null) {
      if (attribute(member, value)) {
        roles[member.role] = value;
      } else {
        keepNested(key, value);
      }
      return;
    }
    if (tape.type(value) != JsonTape.OBJECT || tape.first(value) == tape.next(value)) {
      keepNested(key, value);
      return;
    }
    int mark = residue.size;
    int open = openObject(key);
    members(member.nested, value, roles);
    closeObject(mark, open);
  }

  private boolean attribute(Member member, int value) {
    Attribute attribute = Objects.requireNonNull(member.attribute);
    int type = tape.type(value);
    switch (attribute.type()) {
      case STRING -> {
        if (type != JsonTape.STRING) {
          return false;
        }
        stringAttribute(batch.key(member.key, 0, member.key.length), value);
        return true;
      }
      case LONG -> {
        Long number = type == JsonTape.INTEGER ? tape.integer(value) : null;
        if (number == null) {
          return false;
        }
        batch.longAttribute(batch.key(member.key, 0, member.key.length), number);
        return true;
      }
      case BOOLEAN -> {
        if (type != JsonTape.TRUE && type != JsonTape.FALSE) {
          return false;
        }
        batch.booleanAttribute(
            batch.key(member.key, 0, member.key.length), type == JsonTape.TRUE);
        return true;
      }
    }
    throw new AssertionError(attribute);
  }

  private void stringAttribute(int key, int value) {
    tape.readText(value);
    batch.stringAttribute(key, tape.textBytes(), tape.textOffset(), tape.textLength());
  }

  private void annotations(int key, int value) {
    if (tape.type(value) != JsonTape.OBJECT || tape.first(value) == tape.next(value)) {
      keepMember(key, value);
      return;
    }
    int mark = residue.size;
    int open = openObject(key);
    for (int k = tape.first(value); k < tape.next(value); k = tape.next(k + 1)) {
      if (!annotation(k, k + 1)) {
        keepNested(k, k + 1);
      }
    }
    closeObject(mark, open);
  }

  private boolean annotation(int key, int value) {
    int type = tape.type(value);
    Long number = null;
    double real = 0;
    switch (type) {
      case JsonTape.STRING, JsonTape.TRUE, JsonTape.FALSE -> {}
      case JsonTape.INTEGER -> {
        number = tape.integer(value);
        if (number == null) {
          return false;
        }
      }
      case JsonTape.DECIMAL -> {
        decimal.read(tape.source(), tape.start(value), tape.end(value));
        real = Double.parseDouble(tape.json(value));
        if (!decimal.isWrittenBy(real, scratch)) {
          return false;
        }
      }
      default -> {
        return false;
      }
    }
    tape.readText(key);
    if (tape.textLength() == 0
        || SegmentMembers.isAttribute(
            tape.textBytes(), tape.textOffset(), tape.textLength(), tape.hash(key))) {
      return false;
    }
    int index = batch.key(tape.textBytes(), tape.textOffset(), tape.textLength());
    if (type == JsonTape.STRING) {
      stringAttribute(index, value);
    } else if (number != null) {
      batch.longAttribute(index, number);
    } else if (type == JsonTape.DECIMAL) {
      batch.doubleAttribute(index, real);
    } else {
      batch.booleanAttribute(index, type == JsonTape.TRUE);
    }
    return true;
  }

  private void links(int key, int value) {
    List<SpanLink> links = linksOrNull(value);
    if (links == null) {
      keepMember(key, value);
      return;
    }
    for (SpanLink link : links) {
      batch.link(link);
    }
  }

  /** Returns the links if they have nothing that a span link cannot hold, else null. */
  private @Nullable List<SpanLink> linksOrNull(int array) {
    if (tape.type(array) != JsonTape.ARRAY || tape.first(array) == tape.next(array)) {
      return null;
    }
    List<SpanLink> links = new ArrayList<>();
    for (int element = tape.first(array);
        element < tape.next(array);
        element = tape.next(element)) {
      SpanLink link = linkOrNull(element);
      if (link == null) {
        return null;
      }
      links.add(link);
    }
    return links;
  }

  private @Nullable SpanLink linkOrNull(int object) {
    if (tape.type(object) != JsonTape.OBJECT) {
      return null;
    }
    TraceId traceId = null;
    SpanId spanId = null;
    Map<String, Value> attributes = Map.of();
    for (int key = tape.first(object); key < tape.next(object); key = tape.next(key + 1)) {
      int value = key + 1;
      switch (tape.string(key)) {
        case "trace_id" -> {
          String text = tape.type(value) == JsonTape.STRING ? tape.string(value) : "";
          traceId = TraceId.parseOrNull(text);
          if (traceId == null || !traceId.toXRay().equals(text)) {
            return null;
          }
        }
        case "id" -> {
          String text = tape.type(value) == JsonTape.STRING ? tape.string(value) : "";
          spanId = SpanId.parseOrNull(text);
          if (spanId == null || !spanId.toHex().equals(text)) {
            return null;
          }
        }
        case "attributes" -> {
          Map<String, Value> values = scalarsOrNull(value);
          if (values == null) {
            return null;
          }
          attributes = values;
        }
        default -> {
          return null;
        }
      }
    }
    return traceId == null || spanId == null
        ? null
        : new SpanLink(traceId, spanId, "", 0, attributes, 0);
  }

  private @Nullable Map<String, Value> scalarsOrNull(int object) {
    if (tape.type(object) != JsonTape.OBJECT || tape.first(object) == tape.next(object)) {
      return null;
    }
    Map<String, Value> values = new LinkedHashMap<>();
    for (int key = tape.first(object); key < tape.next(object); key = tape.next(key + 1)) {
      Value value = scalarOrNull(key + 1);
      if (value == null) {
        return null;
      }
      values.put(tape.string(key), value);
    }
    return values;
  }

  private @Nullable Value scalarOrNull(int node) {
    switch (tape.type(node)) {
      case JsonTape.STRING -> {
        return Value.of(tape.string(node));
      }
      case JsonTape.TRUE -> {
        return Value.of(true);
      }
      case JsonTape.FALSE -> {
        return Value.of(false);
      }
      case JsonTape.INTEGER -> {
        Long number = tape.integer(node);
        return number == null ? null : new Value.LongValue(number);
      }
      case JsonTape.DECIMAL -> {
        decimal.read(tape.source(), tape.start(node), tape.end(node));
        double real = Double.parseDouble(tape.json(node));
        return decimal.isWrittenBy(real, scratch) ? new Value.DoubleValue(real) : null;
      }
      default -> {
        return null;
      }
    }
  }

  /** Returns the outcome by the gRPC status that is among the annotations or the metadata; 0 without any. */
  private int grpcOutcome(int[] roles) {
    int code = grpcCode(roles[SegmentMembers.ANNOTATIONS]);
    int metadata = roles[SegmentMembers.METADATA];
    if (code < 0) {
      code = grpcCode(metadata);
    }
    if (code < 0 && isObject(metadata)) {
      for (int key = tape.first(metadata);
          key < tape.next(metadata) && code < 0;
          key = tape.next(key + 1)) {
        code = grpcCode(key + 1);
      }
    }
    return code <= 0 ? 0 : GrpcStatus.outcomeBits(code);
  }

  /** Returns the code in an object by OpenTelemetry's names, or by those with X-Ray's underscores; -1 without any. */
  private int grpcCode(int object) {
    if (!isObject(object)) {
      return -1;
    }
    int grpc = -1;
    int response = -1;
    boolean otherSystem = false;
    for (int key = tape.first(object); key < tape.next(object); key = tape.next(key + 1)) {
      int at = tape.start(key) + 1;
      if (tape.source()[at] != 'r' || tape.source()[at + 1] != 'p') {
        continue;
      }
      int value = key + 1;
      switch (tape.string(key).replace('.', '_')) {
        case "rpc_grpc_status_code" -> grpc = code(value);
        case "rpc_response_status_code" -> response = code(value);
        case "rpc_system", "rpc_system_name" ->
            otherSystem |= tape.type(value) == JsonTape.STRING && !speaksGrpc(tape.string(value));
        default -> {}
      }
    }
    return grpc >= 0 || otherSystem ? grpc : response;
  }

  private static boolean speaksGrpc(String system) {
    String name = system.toLowerCase(Locale.ROOT);
    return name.isEmpty() || name.startsWith("grpc") || name.startsWith("connect");
  }

  private int code(int value) {
    if (tape.type(value) == JsonTape.STRING) {
      return GrpcStatus.ofText(tape.string(value));
    }
    if (tape.type(value) != JsonTape.INTEGER && tape.type(value) != JsonTape.DECIMAL) {
      return -1;
    }
    double number = Double.parseDouble(tape.json(value));
    return number >= 0 && number < MAX_STATUS && number == Math.rint(number) ? (int) number : -1;
  }

  /** Sets kind and peer. */
  private void callee(int[] roles, boolean segment, int name) {
    if (segment) {
      batch.kind(SpanKind.SERVER.number());
      return;
    }
    int namespace = roles[SegmentMembers.NAMESPACE];
    boolean known = namespace != 0 && tape.type(namespace) == JsonTape.STRING;
    boolean aws = known && tape.contentEquals(namespace, "aws");
    boolean remote = known && tape.contentEquals(namespace, "remote");
    batch.kind((aws || remote ? SpanKind.CLIENT : SpanKind.INTERNAL).number());
    int sql = roles[SegmentMembers.SQL];
    boolean database = sql != 0 && tape.type(sql) == JsonTape.OBJECT;
    Peer peer;
    if (aws) {
      peer =
          Peer.ofAws(
              tape.string(name),
              stringOrNull(roles[SegmentMembers.TABLE_NAME]),
              stringOrNull(roles[SegmentMembers.QUEUE_URL]),
              stringOrNull(roles[SegmentMembers.BUCKET_NAME]),
              stringOrNull(roles[SegmentMembers.FUNCTION_NAME]),
              stringOrNull(roles[SegmentMembers.TOPIC_ARN]));
    } else if (database) {
      peer = Peer.ofDatabase(tape.string(name));
    } else if (remote) {
      peer = remotePeer(roles, tape.string(name));
    } else {
      return;
    }
    batch.text(SpanBatch.FIELD_PEER_NAME, peer.name());
    batch.text(SpanBatch.FIELD_PEER_TYPE, peer.type());
  }

  /**
   * Returns who was called by what annotations or metadata say under OpenTelemetry's names, where senders keep what the
   * documents have no member for: a queue, a database, else a host.
   */
  private Peer remotePeer(int[] roles, String name) {
    for (int role : new int[] {SegmentMembers.ANNOTATIONS, SegmentMembers.METADATA}) {
      int object = roles[role];
      Peer peer = systemOrNull(object, "", name);
      if (peer == null && role == SegmentMembers.METADATA && isObject(object)) {
        for (int key = tape.first(object);
            key < tape.next(object) && peer == null;
            key = tape.next(key + 1)) {
          // Metadata are in namespaces; the kit's are called "db" and the names in it begin after that.
          String prefix = tape.contentEquals(key, "db") ? "db_" : "";
          peer = systemOrNull(key + 1, prefix, name);
        }
      }
      if (peer != null) {
        return peer;
      }
    }
    return Peer.ofHost(name);
  }

  private @Nullable Peer systemOrNull(int object, String prefix, String name) {
    if (!isObject(object)) {
      return null;
    }
    String messaging = "";
    String destination = "";
    String database = "";
    for (int key = tape.first(object); key < tape.next(object); key = tape.next(key + 1)) {
      byte first = tape.source()[tape.start(key) + 1];
      boolean related = first == 'm' || first == 'd' || !prefix.isEmpty();
      if (!related || tape.type(key + 1) != JsonTape.STRING) {
        continue;
      }
      switch (prefix + tape.string(key).replace('.', '_')) {
        case "messaging_system" -> messaging = tape.string(key + 1);
        case "messaging_destination_name" -> destination = tape.string(key + 1);
        case "db_system_name", "db_system" -> database = tape.string(key + 1);
        default -> {}
      }
    }
    if (!messaging.isEmpty()) {
      return Peer.ofQueue(destination.isEmpty() ? name : destination, messaging);
    }
    return database.isEmpty() ? null : Peer.ofDatabase(name, database);
  }

  private boolean isObject(int node) {
    return node != 0 && tape.type(node) == JsonTape.OBJECT;
  }

  private @Nullable String stringOrNull(int node) {
    return node == 0 ? null : tape.string(node);
  }

  private boolean children(int array, long parentId) {
    boolean ordered = isOrdered(array);
    int index = 0;
    for (int child = tape.first(array); child < tape.next(array); child = tape.next(child)) {
      if (tape.type(child) != JsonTape.OBJECT) {
        return reject(
            "subsegment",
            Rejection.MISSING_ID,
            "subsegment in "
                + Hex.format(parentId)
                + " that is not a JSON object (expected: an object with id)");
      }
      int keep =
          (1 << SegmentMembers.TRACE_ID)
              | (1 << SegmentMembers.PARENT_ID)
              | (1 << SegmentMembers.TYPE)
              | (1 << SegmentMembers.ORIGIN);
      int order = ordered ? NO_ORDER : index;
      if (!span("subsegment", child, roles(child), false, parentId, keep, order)) {
        return false;
      }
      index++;
    }
    return true;
  }

  /** Returns whether the subsegments stand in the order in which the writer puts them of itself. */
  private boolean isOrdered(int array) {
    long lastStart = -1;
    long lastId = 0;
    for (int child = tape.first(array); child < tape.next(array); child = tape.next(child)) {
      if (tape.type(child) != JsonTape.OBJECT) {
        return false;
      }
      long start = -1;
      long id = 0;
      for (int key = tape.first(child); key < tape.next(child); key = tape.next(key + 1)) {
        Member member = find(SegmentMembers.ROOT, key);
        if (member != null && member.role == SegmentMembers.ID) {
          id = spanId(key + 1);
        } else if (member != null && member.role == SegmentMembers.START_TIME) {
          start = nanos(key + 1);
        }
      }
      if (start < lastStart || (start == lastStart && Long.compareUnsigned(id, lastId) < 0)) {
        return false;
      }
      lastStart = start;
      lastId = id;
    }
    return true;
  }

  /** Returns by role the nodes of the members that have one; 0 for those that are not there. */
  private int[] roles(int object) {
    int[] roles = new int[SegmentMembers.ROLE_COUNT];
    for (int key = tape.first(object); key < tape.next(object); key = tape.next(key + 1)) {
      Member member = find(SegmentMembers.ROOT, key);
      if (member != null) {
        roles[member.role] = key + 1;
      }
    }
    return roles;
  }

  private @Nullable Member find(Members known, int key) {
    tape.readText(key);
    return known.find(tape.textBytes(), tape.textOffset(), tape.textLength(), tape.hash(key));
  }

  private int openObject(int key) {
    separate();
    tape.copyTo(key, residue);
    residue.putByte(':');
    residue.putByte('{');
    return residue.size;
  }

  private void closeObject(int mark, int open) {
    if (residue.size == open) {
      residue.size = mark;
    } else {
      residue.putByte('}');
    }
  }

  /** Keeps a member of the segment or subsegment itself. */
  private void keepMember(int key, int value) {
    separate();
    if (tape.string(key).startsWith(RESERVED_PREFIX)) {
      residue.putByte('"');
      residue.putAscii(RESERVED_PREFIX);
      residue.putBytes(
          tape.source(), tape.start(key) + 1, tape.end(key) - tape.start(key) - 1);
    } else {
      tape.copyTo(key, residue);
    }
    residue.putByte(':');
    tape.copyTo(value, residue);
  }

  /** Keeps a member of an object further in. */
  private void keepNested(int key, int value) {
    separate();
    tape.copyTo(key, residue);
    residue.putByte(':');
    tape.copyTo(value, residue);
  }

  private void separate() {
    if (residue.bytes[residue.size - 1] != '{') {
      residue.putByte(',');
    }
  }

  private boolean missing(String what, Rejection reason, String member) {
    return missing(what, reason, member, what);
  }

  private boolean missing(String subject, Rejection reason, String member, String what) {
    return reject(what, reason, subject + " without " + member + " (expected: " + member + ")");
  }

  private boolean invalidTime(String what, long id, Rejection reason, String member, int node) {
    return reject(
        what,
        reason,
        what
            + " "
            + Hex.format(id)
            + " "
            + member
            + " "
            + quote(node)
            + " (expected: epoch seconds as a number, 0 to 9223372036)");
  }

  private String quote(int node) {
    return switch (tape.type(node)) {
      case JsonTape.OBJECT -> "that is an object";
      case JsonTape.ARRAY -> "that is an array";
      case JsonTape.STRING -> "'" + Hex.quote(tape.string(node)) + "'";
      default -> Hex.quote(tape.json(node));
    };
  }

  private boolean isAbsent(int node) {
    return node == 0 || tape.type(node) == JsonTape.NULL;
  }

  private boolean isTrue(int node) {
    return node != 0 && tape.type(node) == JsonTape.TRUE;
  }

  private boolean isEmptyString(int node) {
    return tape.type(node) == JsonTape.STRING && tape.end(node) - tape.start(node) == 2;
  }

  private byte[] text(int node) {
    tape.readText(node);
    return Arrays.copyOfRange(
        tape.textBytes(), tape.textOffset(), tape.textOffset() + tape.textLength());
  }

  /** Returns the time in epoch nanoseconds, or -1 if the node is none. */
  private long nanos(int node) {
    int type = tape.type(node);
    if (type != JsonTape.INTEGER && type != JsonTape.DECIMAL) {
      return -1;
    }
    decimal.read(tape.source(), tape.start(node), tape.end(node));
    return decimal.nanos();
  }

  /** Returns the id, or 0 if the node is none. */
  private long spanId(int node) {
    if (tape.type(node) != JsonTape.STRING) {
      return 0;
    }
    tape.readText(node);
    return tape.textLength() == ID_DIGITS && isHex(0, ID_DIGITS) ? hex(0, ID_DIGITS) : 0;
  }

  private boolean traceId(int node) {
    if (tape.type(node) != JsonTape.STRING) {
      return false;
    }
    tape.readText(node);
    byte[] text = tape.textBytes();
    int offset = tape.textOffset();
    if (tape.textLength() == XRAY_TRACE_ID_LENGTH) {
      if (text[offset] != '1'
          || text[offset + 1] != '-'
          || text[offset + 10] != '-'
          || !isHex(2, 8)
          || !isHex(11, 24)) {
        return false;
      }
      traceIdHigh = (hex(2, 8) << 32) | hex(11, 8);
      traceIdLow = hex(19, ID_DIGITS);
    } else if (tape.textLength() == W3C_TRACE_ID_LENGTH && isHex(0, W3C_TRACE_ID_LENGTH)) {
      traceIdHigh = hex(0, ID_DIGITS);
      traceIdLow = hex(ID_DIGITS, ID_DIGITS);
    } else {
      return false;
    }
    return (traceIdHigh | traceIdLow) != 0;
  }

  private boolean isHex(int from, int count) {
    int start = tape.textOffset() + from;
    for (int i = start; i < start + count; i++) {
      if (Hex.digit(tape.textBytes()[i]) < 0) {
        return false;
      }
    }
    return true;
  }

  private long hex(int from, int count) {
    int start = tape.textOffset() + from;
    long value = 0;
    for (int i = start; i < start + count; i++) {
      value = (value << 4) | Hex.digit(tape.textBytes()[i]);
    }
    return value;
  }

  private boolean addId(long id) {
    if (idCount < FEW_IDS) {
      for (int i = 0; i < idCount; i++) {
        if (fewIds[i] == id) {
          return false;
        }
      }
      fewIds[idCount++] = id;
      return true;
    }
    if (idCount == FEW_IDS) {
      for (long few : fewIds) {
        manyIds.add(few);
      }
    }
    idCount++;
    return manyIds.add(id);
  }

  private boolean isName(int node) {
    if (tape.type(node) != JsonTape.STRING) {
      return false;
    }
    tape.readText(node);
    byte[] text = tape.textBytes();
    int start = tape.textOffset();
    int end = start + tape.textLength();
    for (int i = start; i < end; i++) {
      if (text[i] < 0) {
        return SegmentNames.isValid(new String(text, start, end - start, StandardCharsets.UTF_8));
      }
      if (!SegmentNames.isValidAscii(text[i])) {
        return false;
      }
    }
    return end > start && end - start <= MAX_NAME_LENGTH;
  }
}
