// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.store.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceFieldTest {
  private static final List<String> FIELDS =
      List.of(
          "service",
          "http.status",
          "http.method",
          "http.url",
          "user",
          "grpc.status",
          "availabilityzone",
          "rootcause.fault.service",
          "rootcause.error.exception",
          "rootcause.responsetime.service");

  @Property(tries = 300, shrinking = ShrinkingMode.OFF)
  void clause_ofAnyValue_matchesTheTraceThatHasIt(@ForAll long seed) {
    Trace trace = new RandomTraces(seed).next();
    TraceContent content = new TraceContent(trace);
    List<String> fields = new ArrayList<>(FIELDS);
    content.attributeKeys().forEach(key -> fields.add("attribute[" + quoted(key) + "]"));
    content.annotationKeys().forEach(key -> fields.add("annotation[" + quoted(key) + "]"));
    for (String each : fields) {
      TraceField field = Objects.requireNonNull(TraceField.ofOrNull(each), each);
      for (Map.Entry<String, String> value : field.valuesOf(content).entrySet()) {
        assertThat(Filter.parse(value.getValue(), Filter.Groups.NONE).matches(trace))
            .as("%s of %s", value, trace)
            .isTrue();
      }
    }
  }

  private static String quoted(String key) {
    return ExpressionWriter.quoted(key);
  }

  @ParameterizedTest
  @CsvSource({
    "SERVICE, service",
    "http.URL, http.url",
    "annotation[a], annotation.a",
    "attribute[\"a.b\"], attribute[\"a.b\"]",
    "rootcause.fault.exception, rootcause.fault.exception"
  })
  void field_isKnownByItsOneSpelling(String text, String canonical) {
    assertThat(Objects.requireNonNull(TraceField.ofOrNull(text)).text()).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "fault",
        "responsetime",
        "http.url = \"a\"",
        "name",
        "user AND http.url",
        "(",
        "x",
        "rootcause.fault.entity",
        "rootcause.fault.service { first }",
        "annotation."
      })
  void field_thatHasNoValues_isNone(String text) {
    assertThat(TraceField.ofOrNull(text)).isNull();
  }
}
