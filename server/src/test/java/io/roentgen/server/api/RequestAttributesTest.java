// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.sampling.SampledRequest;
import io.roentgen.store.Trace;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestAttributesTest {
  private static Span.Builder span(long id) {
    return Span.builder(new TraceId(1, 1), new SpanId(id))
        .service("shop")
        .serviceType("AWS::ECS::Container")
        .name("shop")
        .startEpochNanos(id)
        .endEpochNanos(id + 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "url.full=http://shop.example.com/order?item=1 http.request.method=GET | shop.example.com | GET | /order",
        "url.full=https://me@[::1]:8443 http.method=PUT | [::1] | PUT | /",
        "http.url=http://shop:80#top | shop | '' | /",
        "url.full=/order/7?x | '' | '' | /order/7",
        "url.path=/p?q server.address=api | api | '' | /p",
        "http.target=/t?u http.host=api:8080 | api | '' | /t",
        "rpc.service=shop.Cart rpc.method=Add | '' | POST | /shop.Cart/Add",
        "rpc.method=shop.Cart/Add server.address=api | api | POST | /shop.Cart/Add",
        "rpc.method=Add | '' | '' | ''",
        "other=x | '' | '' | ''",
      })
  void of_attributes_isTheRequest(String attributes, String host, String method, String path) {
    Map<String, Value> values = new LinkedHashMap<>();
    for (String attribute : attributes.split(" ")) {
      int equals = attribute.indexOf('=');
      values.put(attribute.substring(0, equals), Value.of(attribute.substring(equals + 1)));
    }
    values.put("count", Value.of(1L));
    SampledRequest request = RequestAttributes.of(span(1).attributes(values).build());
    assertThat(request.serviceName()).isEqualTo("shop");
    assertThat(request.serviceType()).isEqualTo("AWS::ECS::Container");
    assertThat(request.host()).isEqualTo(host);
    assertThat(request.httpMethod()).isEqualTo(method);
    assertThat(request.urlPath()).isEqualTo(path);
    assertThat(request.attributes()).hasSize(values.size() - 1).doesNotContainKey("count");
  }

  @Test
  void root_isTheSpanWithoutParent() {
    Span child = span(1).parentSpanId(new SpanId(2)).build();
    Span root = span(2).attributes(Map.of("xray.sampling_rule_name", Value.of("r"))).build();
    assertThat(RequestAttributes.root(new Trace(new TraceId(1, 1), List.of(child, root))))
        .isSameAs(root);
    assertThat(RequestAttributes.isSampledByRule(root)).isTrue();
    assertThat(RequestAttributes.isSampledByRule(child)).isFalse();
    for (String document : List.of("{\"metadata\":{\"rule_name\":1}}", "{}")) {
      Span other = span(3).document(document).build();
      assertThat(RequestAttributes.isSampledByRule(other)).as(document).isFalse();
    }
    Span ofJavaSdk = span(3).document("{\"aws\":{\"xray\":{\"rule_name\":\"r\"}}}").build();
    assertThat(RequestAttributes.isSampledByRule(ofJavaSdk)).isTrue();
  }
}
