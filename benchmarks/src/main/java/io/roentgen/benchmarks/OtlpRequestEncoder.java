// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.benchmarks.GeneratedSpan.Outcome;
import io.roentgen.benchmarks.Topology.KeyValue;
import io.roentgen.benchmarks.Topology.Operation;
import io.roentgen.benchmarks.Topology.Role;
import java.util.List;

/** Writes OTLP ExportTraceServiceRequest messages with one resource for each service. */
final class OtlpRequestEncoder implements SpanEncoder {
  private static final int KIND_INTERNAL = 1;
  private static final int KIND_SERVER = 2;
  private static final int KIND_CLIENT = 3;
  private static final int STATUS_ERROR = 2;
  private static final int SAMPLED = 0x01;
  private static final int HAS_IS_REMOTE = 0x100;
  private static final int IS_REMOTE = 0x200;

  /** Each value of each key as a whole field of a span. */
  private final byte[][][] attributes;

  private final byte[][] resources;
  private final byte[] scope;
  private final byte[] errorStatus;
  private final ProtoSink[] spans = new ProtoSink[Topology.SERVICE_COUNT];
  private final ProtoSink span = new ProtoSink(1024);
  private final ProtoSink head = new ProtoSink(256);
  private final ProtoSink request = new ProtoSink(512 * 1024);
  private int spanCount;

  OtlpRequestEncoder(Topology topology) {
    attributes = new byte[Topology.KEY_COUNT][][];
    for (int key = 0; key < attributes.length; key++) {
      List<KeyValue> values = topology.values(key);
      attributes[key] = new byte[values.size()][];
      for (int i = 0; i < values.size(); i++) {
        attributes[key][i] = attribute(9, values.get(i));
      }
    }
    resources = new byte[Topology.SERVICE_COUNT][];
    for (int service = 0; service < resources.length; service++) {
      String name = topology.service(service);
      ProtoSink resource = new ProtoSink(256);
      resource.raw(attribute(1, new KeyValue("service.name", name, false)));
      resource.raw(attribute(1, new KeyValue("service.version", "1.4." + service, false)));
      resource.raw(attribute(1, new KeyValue("host.name", name + "-7d9f4", false)));
      resource.raw(attribute(1, new KeyValue("telemetry.sdk.language", "java", false)));
      resources[service] = resource.toBytes();
      spans[service] = new ProtoSink(64 * 1024);
    }
    ProtoSink name = new ProtoSink(64);
    name.string(1, "io.roentgen.reference");
    name.string(2, "1.0.0");
    scope = name.toBytes();
    ProtoSink status = new ProtoSink(64);
    status.string(2, "request failed");
    status.varint(3, STATUS_ERROR);
    errorStatus = status.toBytes();
  }

  private static byte[] attribute(int field, KeyValue keyValue) {
    ProtoSink value = new ProtoSink(64);
    if (keyValue.number()) {
      value.varint(3, Long.parseLong(keyValue.text()));
    } else {
      value.string(1, keyValue.text());
    }
    ProtoSink attribute = new ProtoSink(64);
    attribute.string(1, keyValue.key());
    attribute.message(2, value);
    ProtoSink whole = new ProtoSink(64);
    whole.message(field, attribute);
    return whole.toBytes();
  }

  @Override
  public void add(GeneratedSpan from) {
    Operation operation = from.operation;
    boolean root = from.parentSpanId == 0;
    span.clear();
    span.id(1, from.traceHigh, from.traceLow);
    span.id(2, from.spanId);
    if (!root) {
      span.id(4, from.parentSpanId);
    }
    span.string(5, operation.name());
    span.varint(6, kind(operation.role()));
    span.fixed64(7, from.startEpochNanos);
    span.fixed64(8, from.endEpochNanos());
    for (int i = 0; i < Topology.KEYS_PER_SPAN; i++) {
      span.raw(attributes[operation.keys().get(i)][from.values[i]]);
    }
    // As the semantic conventions have it, a 4xx is an error of the client alone.
    if (from.outcome == Outcome.FAULT
        || (from.outcome == Outcome.ERROR && operation.role() == Role.CLIENT)) {
      span.bytes(15, errorStatus);
    }
    boolean remote = operation.role() == Role.SERVER && !root;
    span.fixed32(16, SAMPLED | HAS_IS_REMOTE | (remote ? IS_REMOTE : 0));
    spans[operation.service()].message(2, span);
    spanCount++;
  }

  private static int kind(Role role) {
    return switch (role) {
      case SERVER -> KIND_SERVER;
      case CLIENT, DATABASE -> KIND_CLIENT;
      case INTERNAL -> KIND_INTERNAL;
    };
  }

  @Override
  public int spanCount() {
    return spanCount;
  }

  @Override
  public byte[] finish() {
    request.clear();
    for (int service = 0; service < spans.length; service++) {
      if (spans[service].size() == 0) {
        continue;
      }
      ProtoSink scopeSpans = head;
      scopeSpans.clear();
      scopeSpans.bytes(1, scope);
      scopeSpans.raw(spans[service]);
      ProtoSink resourceSpans = new ProtoSink(scopeSpans.size() + 512);
      resourceSpans.bytes(1, resources[service]);
      resourceSpans.message(2, scopeSpans);
      request.message(1, resourceSpans);
      spans[service].clear();
    }
    spanCount = 0;
    return request.toBytes();
  }
}
