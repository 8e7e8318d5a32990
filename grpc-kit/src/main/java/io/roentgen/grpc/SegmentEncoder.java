// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.Status;
import io.roentgen.codec.xray.SegmentNames;
import io.roentgen.grpc.ActiveSpan.Kind;
import io.roentgen.model.Outcome;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes spans as X-Ray segment documents. One that does not fit into a datagram goes without its
 * subsegments, which then are documents of their own; without stacks if that is still too large.
 *
 * <p>Source: AWS X-Ray developer guide, "X-Ray segment documents".
 */
final class SegmentEncoder {
  /** How many frames of an exception's stack are sent. */
  private static final int MAX_FRAMES = 100;

  private static final int MAX_CAUSES = 10;
  private static final int MAX_MESSAGE = 4096;
  private static final int MAX_PEERS = 1024;
  private static final String UNNAMED = "unnamed";

  /** Takes a document: the bytes of the buffer. */
  interface Sink {
    void document(JsonBuffer document);
  }

  private final int maxBytes;
  private final RpcNames names;
  private final CallOutcomes outcomes;
  private final String origin;
  private final String version;
  private final JsonBuffer json = new JsonBuffer();
  private final Map<SocketAddress, String> peers = new HashMap<>();
  private final Map<SocketAddress, String> hosts = new HashMap<>();

  private final RpcNames.Target annotationTarget =
      new RpcNames.Target() {
        @Override
        public void put(String name, String value) {
          json.member(name).string(value);
        }

        @Override
        public void put(String name, long value) {
          json.member(name).number(value);
        }
      };

  /**
   * Makes one.
   *
   * @param maxBytes how long a document may be
   * @param names how gRPC's attributes are called
   * @param outcomes what of a call's status is an error or a fault
   * @param origin what this process runs on, such as {@code AWS::EKS::Container}; may be empty
   * @param version of this process; may be empty
   */
  SegmentEncoder(
      int maxBytes, RpcNames names, CallOutcomes outcomes, String origin, String version) {
    this.maxBytes = maxBytes;
    this.names = names;
    this.outcomes = outcomes;
    this.origin = origin;
    this.version = version;
  }

  /**
   * Writes a span and all that is embedded in it.
   *
   * @return how many spans did not fit into a document of their own and were left out
   */
  int encode(XRaySpan span, Sink sink) {
    XRaySpan children = span.isEnded() ? span.takeChildren() : null;
    json.clear();
    open(span, true, true);
    subsegments(span, children);
    json.raw("}");
    if (json.size() <= maxBytes) {
      sink.document(json);
      return 0;
    }
    return split(span, sink);
  }

  private int split(XRaySpan span, Sink sink) {
    int lost = 0;
    json.clear();
    open(span, true, true);
    json.raw("}");
    if (json.size() > maxBytes) {
      json.clear();
      open(span, true, false);
      json.raw("}");
    }
    if (json.size() <= maxBytes) {
      sink.document(json);
    } else {
      lost++;
    }
    XRaySpan child = span.isEnded() ? span.takeChildren() : null;
    for (; child != null; child = child.nextSibling()) {
      lost += encode(child, sink);
    }
    return lost;
  }

  /** Writes what is embedded in a span: its attempts if there were several, then its children. */
  private void subsegments(XRaySpan span, @Nullable XRaySpan first) {
    List<Attempts.Attempt> attempts =
        span.call instanceof ClientSide client ? client.severalAttempts() : List.of();
    if (first == null && attempts.isEmpty()) {
      return;
    }
    json.member("subsegments").raw("[");
    for (int i = 0; i < attempts.size(); i++) {
      attempt(span, attempts.get(i), i + 1);
    }
    for (XRaySpan child = first; child != null; child = child.nextSibling()) {
      json.comma();
      open(child, false, true);
      subsegments(child, child.takeChildren());
      json.raw("}");
    }
    json.raw("]");
  }

  private void attempt(XRaySpan span, Attempts.Attempt attempt, int number) {
    Status status = attempt.status();
    if (attempt.id == 0) {
      attempt.id = newId();
    }
    json.comma();
    json.raw("{").member("name").string("attempt " + number);
    json.member("id").hex(attempt.id);
    json.member("start_time")
        .seconds(span.startEpochNanos + (attempt.startNanos - span.startNanos));
    // One that a hedge left behind may end after its call.
    if (status != null) {
      json.member("end_time")
          .seconds(span.startEpochNanos + (attempt.endNanos() - span.startNanos));
      flags(bits(span.call, status));
    } else if (span.isEnded()) {
      json.member("end_time").seconds(span.endEpochNanos());
    } else {
      json.member("in_progress").raw("true");
    }
    json.member("annotations").raw("{").member("grpc.previous_attempts");
    json.number(attempt.previous);
    if (attempt.transparent) {
      json.member("grpc.transparent_retry").raw("true");
    }
    if (attempt.hedge) {
      json.member("grpc.hedge").raw("true");
    }
    json.raw("}");
    json.member("metadata").raw("{\"grpc\":{").member("status");
    json.string(status == null ? "" : status.getCode().name());
    SocketAddress peer = attempt.peer();
    if (peer != null) {
      json.member("peer").string(peer.toString());
    }
    json.raw("}}}");
  }

  /** Writes all of a span but its children and the closing brace. */
  private void open(XRaySpan span, boolean document, boolean stacks) {
    boolean ended = span.isEnded();
    GrpcCall call = span.call;
    json.raw("{").member("name").string(SegmentNames.legalize(span.name, UNNAMED));
    json.member("id").hex(span.id);
    if (document) {
      json.member("trace_id").traceId(span.incoming().traceHigh, span.incoming().traceLow);
      if (span.parentId != 0) {
        json.member("parent_id").hex(span.parentId);
      }
      if (!span.isSegment()) {
        json.member("type").raw("\"subsegment\"");
      }
    }
    json.member("start_time").seconds(span.startEpochNanos);
    if (ended) {
      json.member("end_time").seconds(Math.max(span.startEpochNanos, span.endEpochNanos()));
    } else {
      json.member("in_progress").raw("true");
    }
    Object[] own = span.annotations();
    String namespace = span.isSegment() || call != null ? null : DocumentMembers.namespace(own);
    if (namespace != null) {
      json.member("namespace").string(namespace);
    } else if (span.isRemote()) {
      json.member("namespace").raw("\"remote\"");
    }
    if (span.isSegment()) {
      service();
    }
    List<Throwable> exceptions = span.exceptions();
    Status status = call == null ? null : call.status();
    flags(outcome(span, call, status, own, exceptions));
    if (call != null) {
      http(span, call, status);
    } else if (own.length > 0) {
      DocumentMembers.write(json, own, span.isSegment());
    }
    annotations(span, own, call, status);
    if (call != null) {
      metadata(call);
    }
    if (!exceptions.isEmpty()) {
      cause(exceptions, span.kind != Kind.SERVER && span.isRemote(), stacks);
    }
  }

  private int outcome(
      XRaySpan span,
      @Nullable GrpcCall call,
      @Nullable Status status,
      Object[] own,
      List<Throwable> exceptions) {
    if (status != null) {
      return bits(call, status);
    }
    if (call != null) {
      return 0;
    }
    Outcome said = span.outcome();
    if (said != null) {
      return said.bits();
    }
    long http = DocumentMembers.status(own);
    if (http >= 400 && http < 500) {
      return http == 429 ? Outcome.ERROR_BIT | Outcome.THROTTLE_BIT : Outcome.ERROR_BIT;
    }
    return (http >= 500 && http < 600) || !exceptions.isEmpty() ? Outcome.FAULT_BIT : 0;
  }

  private int bits(@Nullable GrpcCall call, Status status) {
    return call == null ? 0 : outcomes.bits(call.method(), status.getCode());
  }

  private void service() {
    if (!origin.isEmpty()) {
      json.member("origin").string(origin);
    }
    if (!version.isEmpty()) {
      json.member("service").raw("{").member("version").string(version).raw("}");
    }
    json.member("aws").raw("{\"xray\":{\"sdk\":\"roentgen gRPC kit\"}}");
  }

  private void flags(int outcome) {
    if ((outcome & Outcome.ERROR_BIT) != 0) {
      json.member("error").raw("true");
    }
    if ((outcome & Outcome.THROTTLE_BIT) != 0) {
      json.member("throttle").raw("true");
    }
    if ((outcome & Outcome.FAULT_BIT) != 0) {
      json.member("fault").raw("true");
    }
  }

  /** gRPC is HTTP/2: what shows a request where gRPC is not known. */
  private void http(XRaySpan span, GrpcCall call, @Nullable Status status) {
    json.member("http").raw("{\"request\":{\"method\":\"POST\",\"url\":");
    json.openString().text("grpc://").text(call.authority()).text("/");
    json.text(call.method().getFullMethodName()).closeString();
    SocketAddress peer = span.kind == Kind.SERVER ? call.peer() : null;
    if (peer instanceof InetSocketAddress) {
      json.member("client_ip").string(hosts.computeIfAbsent(peer, SegmentEncoder::host));
    }
    json.raw("}");
    if (status != null) {
      json.member("response").raw("{").member("status");
      json.number(RpcNames.httpStatus(status.getCode())).raw("}");
    }
    json.raw("}");
  }

  private void annotations(
      XRaySpan span, Object[] own, @Nullable GrpcCall call, @Nullable Status status) {
    if (call == null && own.length == 0) {
      return;
    }
    json.member("annotations").raw("{");
    if (call != null) {
      names.describe(call, status, annotationTarget);
    }
    for (int i = 0; i < own.length; i += 2) {
      String key = (String) own[i];
      if (call != null || !DocumentMembers.has(key, own[i + 1], span.isSegment())) {
        value(json.anyMember(key), own[i + 1]);
      }
    }
    json.raw("}");
  }

  /** Writes the value of an annotation. */
  static void value(JsonBuffer json, Object value) {
    if (value instanceof String text) {
      json.string(text);
    } else if (value instanceof Long number) {
      json.number(number);
    } else if (value instanceof Double number) {
      json.number(number);
    } else {
      json.raw(value.toString());
    }
  }

  /** What is not searched for, but looked at. */
  private void metadata(GrpcCall call) {
    json.member("metadata").raw("{\"grpc\":{");
    json.member("type").string(call.method().getType().name());
    json.member("messages_sent").number(call.messagesSent());
    json.member("messages_received").number(call.messagesReceived());
    known("bytes_sent", call.bytesSent());
    known("bytes_received", call.bytesReceived());
    micros("headers_us", call.headersNanos());
    micros("first_message_us", call.firstMessageNanos());
    SocketAddress peer = call.peer();
    if (peer != null) {
      json.member("peer").string(text(peer));
    }
    Status status = call.status();
    if (status != null && status.getDescription() != null) {
      json.member("message").string(shortened(status.getDescription()));
    }
    ticks(call);
    json.raw("}}");
  }

  private void ticks(GrpcCall call) {
    long[] ticks = call.messageTicks();
    if (ticks.length == 0) {
      return;
    }
    json.member("messages").raw("[");
    for (long tick : ticks) {
      // The sign tells the direction.
      json.comma();
      json.raw("{").member(tick < 0 ? "received_us" : "sent_us");
      json.number(TimeUnit.NANOSECONDS.toMicros(Math.abs(tick))).raw("}");
    }
    json.raw("]");
  }

  private void known(String name, long value) {
    if (value != GrpcCall.UNKNOWN) {
      json.member(name).number(value);
    }
  }

  private void micros(String name, long nanos) {
    if (nanos != GrpcCall.UNKNOWN) {
      json.member(name).number(TimeUnit.NANOSECONDS.toMicros(nanos));
    }
  }

  private void cause(List<Throwable> exceptions, boolean remote, boolean stacks) {
    json.member("cause").raw("{");
    String folder = System.getProperty("user.dir");
    if (folder != null) {
      json.member("working_directory").string(folder);
    }
    json.member("exceptions").raw("[");
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Throwable thrown : exceptions) {
      long id = newId();
      int depth = 0;
      for (Throwable at = thrown; at != null && depth < MAX_CAUSES && seen.add(at); depth++) {
        Throwable cause = at.getCause();
        boolean more = cause != null && depth + 1 < MAX_CAUSES && !seen.contains(cause);
        long causeId = more ? newId() : 0;
        exception(at, id, causeId, remote, stacks);
        id = causeId;
        at = cause;
      }
    }
    json.raw("]}");
  }

  private void exception(Throwable thrown, long id, long causeId, boolean remote, boolean stacks) {
    json.comma();
    json.raw("{").member("id").hex(id);
    json.member("type").string(thrown.getClass().getName());
    String message = thrown.getMessage();
    if (message != null) {
      json.member("message").string(shortened(message));
    }
    if (remote) {
      json.member("remote").raw("true");
    }
    if (causeId != 0) {
      json.member("cause").hex(causeId);
    }
    StackTraceElement[] stack = thrown.getStackTrace();
    int frames = stacks ? Math.min(stack.length, MAX_FRAMES) : 0;
    if (frames > 0) {
      json.member("stack").raw("[");
      for (int i = 0; i < frames; i++) {
        StackTraceElement frame = stack[i];
        json.comma();
        json.raw("{");
        String file = frame.getFileName();
        if (file != null) {
          json.member("path").string(file);
        }
        if (frame.getLineNumber() >= 0) {
          json.member("line").number(frame.getLineNumber());
        }
        json.member("label").string(frame.getClassName() + '.' + frame.getMethodName());
        json.raw("}");
      }
      json.raw("]");
    }
    if (stack.length > frames) {
      json.member("truncated").number(stack.length - frames);
    }
    json.raw("}");
  }

  private static long newId() {
    long id = ThreadLocalRandom.current().nextLong();
    return id == 0 ? 1 : id;
  }

  private static String shortened(String text) {
    return text.length() <= MAX_MESSAGE ? text : text.substring(0, MAX_MESSAGE) + "...";
  }

  /** Returns the text of an address, which is the same object for all calls of a connection. */
  private String text(SocketAddress peer) {
    if (peers.size() >= MAX_PEERS) {
      peers.clear();
      hosts.clear();
    }
    return peers.computeIfAbsent(peer, SocketAddress::toString);
  }

  private static String host(SocketAddress peer) {
    InetSocketAddress inet = (InetSocketAddress) peer;
    InetAddress address = inet.getAddress();
    return address == null ? inet.getHostString() : address.getHostAddress();
  }
}
