// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.roentgen.benchmarks.Topology.Operation;
import io.roentgen.codec.otlp.DecodedRequest;
import io.roentgen.codec.otlp.OtlpDecoder;
import io.roentgen.model.Span;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class ReferenceDataTest {
  private static final long TRACES = 2_000;
  private static final TimeRange RANGE =
      new TimeRange(
          ReferenceData.END_EPOCH_NANOS - 3_600_000_000_000L, ReferenceData.END_EPOCH_NANOS);

  private final Topology topology = new Topology();
  private final ReferenceData data = new ReferenceData(topology, 1, TRACES, RANGE);

  @Test
  void requests_madeTwice_areTheSameBytes() {
    ReferenceData again = new ReferenceData(new Topology(), 1, TRACES, RANGE);
    ReferenceData.Requests first = data.requests(OtlpRequestEncoder::new);
    ReferenceData.Requests second = again.requests(OtlpRequestEncoder::new);
    int count = 0;
    for (ReferenceData.Request each = first.next(); each != null; each = first.next()) {
      ReferenceData.Request other = second.next();
      assertThat(other).isNotNull();
      assertThat(each.body()).isEqualTo(other.body());
      count++;
    }
    assertThat(second.next()).isNull();
    assertThat(count).isBetween(39, 42);
  }

  @Test
  void requests_ofAnotherSeed_areOthers() {
    ReferenceData other = new ReferenceData(topology, 2, TRACES, RANGE);

    assertThat(other.requests(OtlpRequestEncoder::new).next().body())
        .isNotEqualTo(data.requests(OtlpRequestEncoder::new).next().body());
    assertThat(other.traceId(0)).isNotEqualTo(data.traceId(0));
  }

  @Test
  void requests_decoded_areWholeTracesAsDescribed() {
    Map<TraceId, List<Span>> traces = decode();

    assertThat(traces).hasSize((int) TRACES);
    assertThat(traces).containsKeys(data.traceId(0), data.traceId(TRACES - 1));
    Set<String> keys = new HashSet<>();
    Set<String> services = new HashSet<>();
    Set<String> operations = new HashSet<>();
    Map<String, Set<String>> keysOfOperation = new HashMap<>();
    Set<Map.Entry<String, Value>> values = new HashSet<>();
    traces
        .values()
        .forEach(
            spans -> {
              assertIsTree(spans);
              for (Span span : spans) {
                assertThat(span.attributes()).hasSize(Topology.KEYS_PER_SPAN);
                assertThat(
                        keysOfOperation.computeIfAbsent(
                            span.service() + " " + span.name(), _ -> span.attributes().keySet()))
                    .isEqualTo(span.attributes().keySet());
                services.add(span.service());
                operations.add(span.service() + " " + span.name());
                keys.addAll(span.attributes().keySet());
                values.addAll(span.attributes().entrySet());
              }
            });
    assertThat(services).hasSize(Topology.SERVICE_COUNT);
    assertThat(keys).hasSize(Topology.KEY_COUNT);
    assertThat(operations).hasSizeBetween(450, 500);
    assertThat(values).hasSizeBetween(900, Topology.VALUE_COUNT);
  }

  private static void assertIsTree(List<Span> spans) {
    assertThat(spans).hasSize(ReferenceData.SPANS_PER_TRACE);
    Map<Object, Span> byId = new HashMap<>();
    spans.forEach(span -> byId.put(span.spanId(), span));
    assertThat(byId).hasSize(ReferenceData.SPANS_PER_TRACE);
    assertThat(spans).filteredOn(span -> span.parentSpanId() == null).hasSize(1);
    for (Span span : spans) {
      if (span.parentSpanId() != null) {
        Span parent = byId.get(span.parentSpanId());
        assertThat(parent).isNotNull();
        assertThat(span.startEpochNanos()).isGreaterThanOrEqualTo(parent.startEpochNanos());
        assertThat(span.endEpochNanos()).isLessThanOrEqualTo(parent.endEpochNanos());
      } else {
        assertThat(RANGE.contains(span.startEpochNanos())).isTrue();
      }
    }
  }

  @Test
  void requests_decoded_haveTheSharesOfErrorsAndFaults() {
    List<Span> spans = decode().values().stream().flatMap(List::stream).toList();

    assertThat(share(spans, span -> span.outcome().fault())).isCloseTo(0.01, within(0.004));
    assertThat(share(spans, span -> span.outcome().error())).isBetween(0.008, 0.025);
    assertThat(share(spans, span -> span.peerName() != null && !span.peerName().isEmpty()))
        .isBetween(0.2, 0.7);
  }

  private static double share(List<Span> spans, Predicate<Span> condition) {
    return (double) spans.stream().filter(condition).count() / spans.size();
  }

  @Test
  void requests_decoded_keepEachTraceInOneOrTwoNeighbours() {
    ReferenceData.Requests requests = data.requests(OtlpRequestEncoder::new);
    Map<TraceId, List<Integer>> places = new HashMap<>();
    int at = 0;
    for (ReferenceData.Request each = requests.next(); each != null; each = requests.next()) {
      for (Span span : spans(each)) {
        places.computeIfAbsent(span.traceId(), _ -> new ArrayList<>()).add(at);
      }
      at++;
    }

    assertThat(places.values())
        .allSatisfy(each -> assertThat(each.getLast() - each.getFirst()).isBetween(0, 1));
    assertThat(places.values())
        .anySatisfy(each -> assertThat(each.getLast()).isGreaterThan(each.getFirst()));
  }

  @Test
  void ofScale_one_isAMillionTracesOverTenDays() {
    ReferenceData full = ReferenceData.ofScale(topology, 1);

    assertThat(full.spanCount()).isEqualTo(10_000_000);
    assertThat(full.range().endEpochNanos() - full.range().startEpochNanos())
        .isEqualTo(864_000_000_000_000L);
    assertThatThrownBy(() -> ReferenceData.ofScale(topology, 0))
        .hasMessage("scale: 0.0 (expected: above 0, up to 1)");
  }

  @Test
  void topology_counted_isAsDescribed() {
    assertThat(topology).hasToString("10 services, 500 operations, 97 keys, 1000 values");
    for (int service = 0; service < Topology.SERVICE_COUNT; service++) {
      assertThat(topology.operations(service)).extracting(Operation::name).doesNotHaveDuplicates();
      assertThat(topology.operations(service))
          .allSatisfy(
              each ->
                  assertThat(each.keys()).hasSize(Topology.KEYS_PER_SPAN).doesNotHaveDuplicates());
    }
  }

  private Map<TraceId, List<Span>> decode() {
    Map<TraceId, List<Span>> traces = new HashMap<>();
    ReferenceData.Requests requests = data.requests(OtlpRequestEncoder::new);
    for (ReferenceData.Request each = requests.next(); each != null; each = requests.next()) {
      List<Span> spans = spans(each);
      assertThat(spans).hasSize(each.spanCount());
      for (Span span : spans) {
        traces.computeIfAbsent(span.traceId(), _ -> new ArrayList<>()).add(span);
      }
    }
    return traces;
  }

  private static List<Span> spans(ReferenceData.Request request) {
    DecodedRequest decoded = OtlpDecoder.decodeProtobuf(request.body(), 0, request.body().length);
    assertThat(decoded.errorMessage()).isEmpty();
    assertThat(decoded.rejectedSpans()).isZero();
    return decoded.batch().toSpans();
  }
}
