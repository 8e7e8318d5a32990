// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Metadata;
import io.roentgen.grpc.TraceContext.Decision;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PropagationTest {
  private static final TraceId TRACE = TraceId.parse("5759e988bd862e3fe1be46a994272793");
  private static final SpanId SPAN = SpanId.parse("53995c3f42cd8ad8");
  private static final TraceContext CONTEXT = TraceContext.of(TRACE, SPAN, Decision.SAMPLED);

  static Stream<Arguments> pairs() {
    List<Arguments> pairs = new ArrayList<>();
    for (TraceFormat written : TraceFormat.values()) {
      for (Decision decision : List.of(Decision.SAMPLED, Decision.NOT_SAMPLED)) {
        pairs.add(Arguments.of(written, decision));
      }
    }
    return pairs.stream();
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void written_asAnyFormat_isReadBack(TraceFormat format, Decision decision) {
    Propagation writer = Propagation.of(List.of(), List.of(format), List.of());
    Metadata headers = new Metadata();
    writer.inject(TraceContext.of(TRACE, SPAN, decision), headers);

    TraceContext read = Propagation.defaults().extract(headers);
    assertThat(read).isNotNull();
    assertThat(read.traceId()).isEqualTo(TRACE);
    assertThat(read.spanId()).isEqualTo(SPAN);
    assertThat(read.decision())
        .isEqualTo(format == TraceFormat.TRACE_ID_PARENT_ID ? Decision.UNDECIDED : decision);
  }

  @ParameterizedTest
  @EnumSource(TraceFormat.class)
  void written_overAnOlderOne_replacesIt(TraceFormat format) {
    Propagation writer = Propagation.of(List.of(format), List.of(format), List.of());
    Metadata headers = new Metadata();
    writer.inject(
        TraceContext.of(TraceId.parse("1".repeat(32)), SPAN, Decision.NOT_SAMPLED), headers);
    writer.inject(CONTEXT, headers);
    writer.inject(CONTEXT, headers);
    for (String name : headers.keys()) {
      if (!name.endsWith("-bin")) {
        assertThat(headers.getAll(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)))
            .hasSize(1);
      }
    }
    assertThat(writer.extract(headers).traceId()).isEqualTo(TRACE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "x-amzn-trace-id | Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1 | 53995c3f42cd8ad8 | SAMPLED",
        "x-amzn-trace-id | Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0 | 53995c3f42cd8ad8 | NOT_SAMPLED",
        "x-amzn-trace-id | Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=? | 53995c3f42cd8ad8 | REQUESTED",
        "x-amzn-trace-id | Root=1-5759e988-bd862e3fe1be46a994272793 | - | UNDECIDED",
        "x-amzn-trace-id | Sampled=1; Parent=53995C3F42CD8AD8 ;Root=1-5759E988-BD862E3FE1BE46A994272793 | 53995c3f42cd8ad8 | SAMPLED",
        "traceparent | 00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01 | 53995c3f42cd8ad8 | SAMPLED",
        "traceparent | 00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-02 | 53995c3f42cd8ad8 | NOT_SAMPLED",
        "traceparent | cc-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-03-what-comes | 53995c3f42cd8ad8 | SAMPLED",
        "b3 | 5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-1-05e3ac9a4f6e3b90 | 53995c3f42cd8ad8 | SAMPLED",
        "b3 | 5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-d | 53995c3f42cd8ad8 | SAMPLED",
        "b3 | 5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8 | 53995c3f42cd8ad8 | UNDECIDED",
        "traceid | 1-5759e988-bd862e3fe1be46a994272793 | - | UNDECIDED"
      })
  void header_valid_isRead(String name, String value, String span, Decision decision) {
    TraceContext context = Propagation.defaults().extract(headers(name, value));
    assertThat(context).isNotNull();
    assertThat(context.traceId()).isEqualTo(TRACE);
    assertThat(context.spanId()).isEqualTo(span == null ? null : SpanId.parse(span));
    assertThat(context.decision()).isEqualTo(decision);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x-amzn-trace-id | Root=1-00000000-000000000000000000000000;Parent=53995c3f42cd8ad8;Sampled=1",
        "x-amzn-trace-id | Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=2",
        "x-amzn-trace-id | Root=;Parent=;Sampled=",
        "traceparent | 00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01-more",
        "traceparent | ff-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01",
        "traceparent | 00-5759E988BD862E3FE1BE46A994272793-53995c3f42cd8ad8-01",
        "traceparent | 00-00000000000000000000000000000000-53995c3f42cd8ad8-01",
        "traceparent | 00-5759e988bd862e3fe1be46a994272793-0000000000000000-01",
        "b3 | 5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-2",
        "b3 | 5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-1-1-1",
        "b3 | x",
        "x-b3-traceid | 5759e988bd862e3fe1be46a994272793",
        "traceid | 0",
        "parentid | 53995c3f42cd8ad8"
      })
  void header_invalid_isReadAsNone(String name, String value) {
    assertThat(Propagation.defaults().extract(headers(name, value))).isNull();
  }

  @Test
  void formats_several_firstValidOfTheOrderWins() {
    Metadata headers = headers("traceparent", "00-" + "2".repeat(32) + "-53995c3f42cd8ad8-01");
    headers.put(key("x-amzn-trace-id"), "Root=nonsense");
    headers.put(key("b3"), "3".repeat(32) + "-53995c3f42cd8ad8-1");

    assertThat(Propagation.defaults().extract(headers).traceId())
        .isEqualTo(TraceId.parse("2".repeat(32)));
    Propagation b3First =
        Propagation.of(
            List.of(TraceFormat.B3_SINGLE, TraceFormat.W3C), List.of(TraceFormat.W3C), List.of());
    assertThat(b3First.extract(headers).traceId()).isEqualTo(TraceId.parse("3".repeat(32)));
  }

  @Test
  void b3Multi_decisionAlone_isReadAndWritten() {
    TraceContext context = Propagation.defaults().extract(headers("x-b3-sampled", "0"));
    assertThat(context.traceId()).isNull();
    assertThat(context.decision()).isEqualTo(Decision.NOT_SAMPLED);
    Metadata headers = new Metadata();
    Propagation.of(List.of(), List.of(TraceFormat.B3_MULTI, TraceFormat.W3C), List.of())
        .inject(context, headers);
    assertThat(headers.keys()).containsExactly("x-b3-sampled");
  }

  @Test
  void b3_traceOf64Bits_isPaddedOnTheLeft() {
    TraceContext context =
        Propagation.defaults().extract(headers("b3", "e1be46a994272793-53995c3f42cd8ad8-1"));
    assertThat(context.traceId().toHex()).isEqualTo("0".repeat(16) + "e1be46a994272793");
  }

  @Test
  void otherParts_andTraceState_areKept() {
    Propagation both =
        Propagation.of(
            List.of(TraceFormat.XRAY, TraceFormat.W3C),
            List.of(TraceFormat.XRAY, TraceFormat.W3C),
            List.of());
    Metadata out = new Metadata();
    both.inject(
        both.extract(
            headers(
                "x-amzn-trace-id",
                "Self=1-1-1;Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1;Lineage=a:1")),
        out);
    assertThat(out.get(key("x-amzn-trace-id")))
        .isEqualTo("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1;Self=1-1-1;Lineage=a:1");

    Metadata w3c = headers("traceparent", "00-" + TRACE.toHex() + "-53995c3f42cd8ad8-01");
    w3c.put(key("tracestate"), "vendor=1,other=2");
    Metadata next = new Metadata();
    both.inject(both.extract(w3c), next);
    assertThat(next.get(key("tracestate"))).isEqualTo("vendor=1,other=2");
  }

  @Test
  void relay_passesOnNamedHeadersWithAValueOnly() {
    Propagation relaying =
        Propagation.of(
            List.of(), List.of(), List.of("X-Request-Id", "x-ot-span-context", "x-b3-flags"));
    Metadata in = headers("x-request-id", "r-1");
    in.put(key("x-ot-span-context"), "");
    in.put(key("authorization"), "secret");
    Metadata out = new Metadata();
    Propagation.relay(relaying.relayed(in), out);
    assertThat(out.keys()).containsExactly("x-request-id");
    assertThat(out.get(key("x-request-id"))).isEqualTo("r-1");

    Metadata own = headers("x-request-id", "mine");
    Propagation.relay(relaying.relayed(in), own);
    assertThat(own.getAll(key("x-request-id"))).containsExactly("mine");
    assertThat(relaying.relayed(headers("authorization", "secret"))).isNull();
  }

  @Test
  void relay_ofAHeaderThatIsWritten_isRefused() {
    assertThatThrownBy(
            () ->
                Propagation.of(List.of(), List.of(TraceFormat.B3_MULTI), Propagation.MESH_HEADERS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "relay: x-b3-traceid (expected: a header that is not written as B3_MULTI");
    assertThatThrownBy(() -> Propagation.of(List.of(), List.of(), List.of("no spaces")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Propagation.of(List.of(), List.of(), List.of("a-bin")))
        .hasMessageContaining("expected: a text header");
  }

  @Test
  void otherProtocols_useTheSameSpellings() {
    Map<String, String> headers = new HashMap<>();
    Propagation.defaults().inject(CONTEXT, headers::put);
    assertThat(headers)
        .containsOnly(
            Map.entry(
                "x-amzn-trace-id",
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"),
            Map.entry("traceparent", "00-" + TRACE.toHex() + "-53995c3f42cd8ad8-01"));
    assertThat(Propagation.defaults().extract(headers::get)).isEqualTo(CONTEXT);
  }

  private static Metadata headers(String name, String value) {
    Metadata headers = new Metadata();
    headers.put(key(name), value);
    return headers;
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
