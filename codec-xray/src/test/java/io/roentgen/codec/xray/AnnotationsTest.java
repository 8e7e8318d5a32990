// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.xray;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Format;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnnotationsTest {
  private static final Span SPAN =
      Span.builder(new TraceId(1, 2), new SpanId(3))
          .name("shop")
          .segment(true)
          .startEpochNanos(1)
          .endEpochNanos(2)
          .attribute("http.request.method", Value.of("GET"))
          .attribute("enduser.id", Value.of(7L))
          .attribute("cart", Value.of("c-1"))
          .attribute("tags", new Value.ArrayValue(List.of(Value.of("a"))))
          .build();

  @Test
  void annotations_xray_areTheAttributesThatAreNoMember() {
    assertThat(SegmentWriter.annotations(SPAN.toBuilder().format(Format.XRAY).build()))
        .isEqualTo(
            Map.of(
                "enduser.id", Value.of(7L),
                "cart", Value.of("c-1"),
                "tags", new Value.ArrayValue(List.of(Value.of("a")))));
  }

  @Test
  void annotations_otlp_areThoseOfItsDocument() {
    Map<String, Value> annotations =
        SegmentWriter.annotations(SPAN.toBuilder().format(Format.OTLP).build());
    String document = SegmentWriter.documents(List.of(SPAN)).get(0).document();

    assertThat(annotations).containsEntry("cart", Value.of("c-1")).doesNotContainKey("tags");
    assertThat(document).contains("\"annotations\":{");
    for (String key : annotations.keySet()) {
      assertThat(document).contains("\"" + key + "\":");
    }
  }
}
