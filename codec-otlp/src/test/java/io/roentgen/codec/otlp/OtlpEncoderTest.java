// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.roentgen.model.Format;
import io.roentgen.model.Raw;
import io.roentgen.model.ResourceScope;
import io.roentgen.model.Scope;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OtlpEncoderTest {
  private static Span.Builder span(long id) {
    return Span.builder(new TraceId(1, 2), new SpanId(id)).name("span " + id);
  }

  private static ResourceScope scope(String service, String scope) {
    return new ResourceScope(
        new io.roentgen.model.Resource(Map.of("service.name", Value.of(service)), 0, "", Raw.EMPTY),
        new Scope(scope, "", Map.of(), 0, "", Raw.EMPTY));
  }

  private static ExportTraceServiceRequest encode(Span... spans) throws Exception {
    return ExportTraceServiceRequest.parseFrom(OtlpEncoder.encodeProtobuf(List.of(spans)));
  }

  @Test
  void encode_spansOfSeveralScopes_groupsInFirstSeenOrder() throws Exception {
    ExportTraceServiceRequest request =
        encode(
            span(1).service("b").resourceScope(scope("b", "y")).build(),
            span(2).service("a").resourceScope(scope("a", "x")).build(),
            span(3).service("b").resourceScope(scope("b", "x")).build(),
            span(4).service("b").resourceScope(scope("b", "y")).build());

    assertThat(request.getResourceSpansList())
        .extracting(resource -> resource.getResource().getAttributes(0).getValue().getStringValue())
        .containsExactly("b", "a");
    assertThat(request.getResourceSpans(0).getScopeSpansList())
        .extracting(ScopeSpans::getScope)
        .extracting(InstrumentationScope::getName)
        .containsExactly("y", "x");
    assertThat(request.getResourceSpans(0).getScopeSpans(0).getSpansList())
        .extracting(io.opentelemetry.proto.trace.v1.Span::getName)
        .containsExactly("span 1", "span 4");
  }

  @Test
  void encode_spanOfXRay_hasServiceAndDocument() throws Exception {
    ExportTraceServiceRequest request =
        encode(
            span(1)
                .format(Format.XRAY)
                .service("orders")
                .attribute("color", Value.of("red"))
                .document("{\"metadata\":{}}")
                .inProgress(true)
                .build());

    assertThat(request.getResourceSpansList())
        .singleElement()
        .extracting(ResourceSpans::getResource)
        .isEqualTo(
            Resource.newBuilder().addAttributes(Requests.text("service.name", "orders")).build());
    assertThat(request.getResourceSpans(0).getScopeSpans(0).getSpans(0).getAttributesList())
        .containsExactly(
            Requests.text("color", "red"),
            Requests.text("xray.document", "{\"metadata\":{}}"),
            KeyValue.newBuilder()
                .setKey("aws.xray.inprogress")
                .setValue(AnyValue.newBuilder().setBoolValue(true))
                .build());
  }

  @Test
  void encode_nothing_isEmpty() {
    assertThat(OtlpEncoder.encodeProtobuf(List.of())).isEmpty();
  }
}
