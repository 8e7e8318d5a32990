// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.benchmarks.GeneratedSpan.Outcome;
import io.roentgen.benchmarks.Topology.KeyValue;
import io.roentgen.benchmarks.Topology.Operation;
import io.roentgen.benchmarks.Topology.Role;

/**
 * Writes the same spans as Zipkin's ListOfSpans in protobuf, the cheapest form that its server
 * takes. Times are cut to microseconds and all attributes are text, as Zipkin has it.
 */
final class ZipkinRequestEncoder implements SpanEncoder {
  private static final int KIND_CLIENT = 1;
  private static final int KIND_SERVER = 2;
  private static final long NANOS_PER_MICRO = 1_000;

  private final Topology topology;
  private final byte[][][] tags = new byte[Topology.KEY_COUNT][][];
  private final byte[] errorTag = tag("error", "request failed");
  private final byte[][] endpoints = new byte[Topology.SERVICE_COUNT][];
  private final ProtoSink span = new ProtoSink(1024);
  private final ProtoSink request = new ProtoSink(512 * 1024);
  private int spanCount;

  ZipkinRequestEncoder(Topology topology) {
    this.topology = topology;
    for (int key = 0; key < tags.length; key++) {
      tags[key] = new byte[topology.values(key).size()][];
      for (int i = 0; i < tags[key].length; i++) {
        KeyValue value = topology.values(key).get(i);
        tags[key][i] = tag(value.key(), value.text());
      }
    }
    for (int service = 0; service < endpoints.length; service++) {
      endpoints[service] = endpoint(topology.service(service));
    }
  }

  private static byte[] tag(String key, String value) {
    ProtoSink entry = new ProtoSink(64);
    entry.string(1, key);
    entry.string(2, value);
    ProtoSink whole = new ProtoSink(64);
    whole.message(11, entry);
    return whole.toBytes();
  }

  private static byte[] endpoint(String service) {
    ProtoSink endpoint = new ProtoSink(64);
    endpoint.string(1, service);
    return endpoint.toBytes();
  }

  @Override
  public void add(GeneratedSpan from) {
    Operation operation = from.operation;
    Role role = operation.role();
    span.clear();
    span.id(1, from.traceHigh, from.traceLow);
    if (from.parentSpanId != 0) {
      span.id(2, from.parentSpanId);
    }
    span.id(3, from.spanId);
    if (role != Role.INTERNAL) {
      span.varint(4, role == Role.SERVER ? KIND_SERVER : KIND_CLIENT);
    }
    span.string(5, operation.name());
    span.fixed64(6, from.startEpochNanos / NANOS_PER_MICRO);
    span.varint(7, Math.max(1, from.durationNanos / NANOS_PER_MICRO));
    span.bytes(8, endpoints[operation.service()]);
    if (role == Role.CLIENT) {
      span.bytes(9, endpoints[operation.target()]);
    } else if (role == Role.DATABASE) {
      int at = operation.keys().indexOf(Topology.DB_NAMESPACE);
      span.bytes(9, endpoint(topology.values(Topology.DB_NAMESPACE).get(from.values[at]).text()));
    }
    for (int i = 0; i < Topology.KEYS_PER_SPAN; i++) {
      span.raw(tags[operation.keys().get(i)][from.values[i]]);
    }
    if (from.outcome == Outcome.FAULT) {
      span.raw(errorTag);
    }
    request.message(1, span);
    spanCount++;
  }

  @Override
  public int spanCount() {
    return spanCount;
  }

  @Override
  public byte[] finish() {
    byte[] whole = request.toBytes();
    request.clear();
    spanCount = 0;
    return whole;
  }
}
