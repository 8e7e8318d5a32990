// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TraceIdTest {
  private static final TraceId ID = new TraceId(0x5759e988bd862e3fL, 0xe1be46a994272793L);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1-5759e988-bd862e3fe1be46a994272793",
        "1-5759E988-BD862E3FE1BE46A994272793",
        "5759e988bd862e3fe1be46a994272793",
        "5759E988bd862e3fE1BE46A994272793"
      })
  void parse_eachSpelling_isOneId(String text) {
    assertThat(TraceId.parse(text)).isEqualTo(ID);
  }

  @Test
  void parse_sixteenDigits_isPaddedWithZeros() {
    assertThat(TraceId.parse("E1be46a994272793")).isEqualTo(new TraceId(0, 0xe1be46a994272793L));
    assertThat(TraceId.parse("0000000000000000e1be46a994272793"))
        .isEqualTo(TraceId.parse("e1be46a994272793"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "0000000000000000",
        "00000000000000000000000000000000",
        "1-00000000-000000000000000000000000",
        "2-5759e988-bd862e3fe1be46a994272793",
        "1_5759e988-bd862e3fe1be46a994272793",
        "1-5759e988_bd862e3fe1be46a994272793",
        "1-5759e98-8bd862e3fe1be46a994272793",
        "1-5759e988-bd862e3fe1be46a99427279g",
        "1-5759e98g-bd862e3fe1be46a994272793",
        "1-5759e988-bd862e3fe1be46a99427279",
        "5759e988bd862e3fe1be46a99427279",
        "5759e988bd862e3fe1be46a9942727930",
        "5759e988bd862e3fe1be46a99427279x",
        "5759e988bd862e3fe1be46a99427279\u0663",
        " 5759e988bd862e3fe1be46a99427279",
        "e1be46a99427279-",
        "+e1be46a99427279"
      })
  void parse_anythingElse_isRefused(String text) {
    assertThat(TraceId.parseOrNull(text)).isNull();
    assertThatThrownBy(() -> TraceId.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "trace id: '%s' (expected: 1-8hex-24hex, or 32 or 16 hex digits, not all zero)", text);
  }

  @Test
  void construct_allZero_isRefused() {
    assertThatThrownBy(() -> new TraceId(0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("trace id: all zero (expected: at least one bit set)");
  }

  @Test
  void toText_bothSpellings_areLowerCase() {
    assertThat(ID.toHex()).isEqualTo("5759e988bd862e3fe1be46a994272793").isEqualTo(ID.toString());
    assertThat(ID.toXRay()).isEqualTo("1-5759e988-bd862e3fe1be46a994272793");
    assertThat(new TraceId(0, 1).toXRay()).isEqualTo("1-00000000-000000000000000000000001");
    assertThat(ID.epochSeconds()).isEqualTo(0x5759e988L);
    assertThat(new TraceId(-1, 0).epochSeconds()).isEqualTo(0xffffffffL);
  }

  @Property
  void parse_anyIdInEachSpelling_givesItBack(@ForAll long high, @ForAll long low) {
    TraceId id = (high | low) == 0 ? new TraceId(1, 0) : new TraceId(high, low);

    assertThat(TraceId.parse(id.toHex())).isEqualTo(id);
    assertThat(TraceId.parse(id.toXRay())).isEqualTo(id);
    assertThat(TraceId.parse(id.toHex().toUpperCase(Locale.ROOT))).isEqualTo(id);
    assertThat(TraceId.parse(id.toXRay().toUpperCase(Locale.ROOT))).isEqualTo(id);
  }

  @Property
  void compareTo_anyIds_isTheOrderOfTheirSpellings(
      @ForAll long high, @ForAll long low, @ForAll long otherHigh, @ForAll long otherLow) {
    TraceId one = new TraceId(high, low | 1);
    TraceId other = new TraceId(otherHigh, otherLow | 1);

    assertThat(Integer.signum(one.compareTo(other)))
        .isEqualTo(Integer.signum(one.toHex().compareTo(other.toHex())));
  }

  @Test
  void compareTo_idsWithHighBits_isUnsigned() {
    List<TraceId> ascending =
        List.of(
            new TraceId(0, 1),
            new TraceId(0, Long.MAX_VALUE),
            new TraceId(0, -1),
            new TraceId(1, 0),
            new TraceId(Long.MAX_VALUE, -1),
            new TraceId(Long.MIN_VALUE, 0),
            new TraceId(-1, -1));
    List<TraceId> sorted = new ArrayList<>(ascending);
    sorted.sort(Comparator.reverseOrder());
    sorted.sort(Comparator.naturalOrder());

    assertThat(sorted).isEqualTo(ascending);
  }
}
