// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SpanIdTest {
  @Property
  void parse_anyIdInEitherCase_givesItBack(@ForAll long value) {
    SpanId id = new SpanId(value == 0 ? 1 : value);

    assertThat(SpanId.parse(id.toHex())).isEqualTo(id);
    assertThat(SpanId.parse(id.toString().toUpperCase(Locale.ROOT))).isEqualTo(id);
    assertThat(id.toHex()).hasSize(16).isEqualTo(id.toHex().toLowerCase(Locale.ROOT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0000000000000000",
        "53995c3f42cd8ad",
        "53995c3f42cd8ad80",
        "53995c3f42cd8adg",
        "-3995c3f42cd8ad8",
        "53995c3f42cd8ad\u0663"
      })
  void parse_anythingElse_isRefused(String text) {
    assertThat(SpanId.parseOrNull(text)).isNull();
    assertThatThrownBy(() -> SpanId.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("span id: '%s' (expected: 16 hex digits, not all zero)", text);
  }

  @Test
  void zero_isNoId() {
    assertThat(SpanId.ofOrNull(0)).isNull();
    assertThat(SpanId.ofOrNull(-1)).isEqualTo(new SpanId(-1));
    assertThatThrownBy(() -> new SpanId(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("span id: all zero (expected: at least one bit set)");
  }

  @Property
  void compareTo_anyIds_isTheOrderOfTheirSpellings(@ForAll long one, @ForAll long other) {
    SpanId left = new SpanId(one | 1);
    SpanId right = new SpanId(other | 1);

    assertThat(Integer.signum(left.compareTo(right)))
        .isEqualTo(Integer.signum(left.toHex().compareTo(right.toHex())));
  }
}
