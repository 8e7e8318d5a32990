// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceHeaderTest {
  private static final String ROOT = "Root=1-5759e988-bd862e3fe1be46a994272793";
  private static final TraceId TRACE = TraceId.parse("1-5759e988-bd862e3fe1be46a994272793");
  private static final SpanId PARENT = SpanId.parse("53995c3f42cd8ad8");

  @Test
  void parse_allParts_readsAndFormatsThem() {
    TraceHeader header =
        accepted(
            " Sampled=1 ;Lineage=a87bd80c:1|68fd508a:5; Parent = 53995C3F42CD8AD8;"
                + "Root=1-5759E988-bd862e3fe1be46a994272793;;Self=1-67891234-12456789abcdef012345678;"
                + "_dd.origin=a=b; noise ;=x");

    assertThat(header.root()).isEqualTo(TRACE);
    assertThat(header.parent()).isEqualTo(PARENT);
    assertThat(header.sampled()).isEqualTo(TraceHeader.Sampled.YES);
    assertThat(header.other("Lineage")).isEqualTo("a87bd80c:1|68fd508a:5");
    assertThat(header.other("lineage")).isNull();
    assertThat(header.format())
        .isEqualTo(
            ROOT
                + ";Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:1|68fd508a:5;"
                + "Self=1-67891234-12456789abcdef012345678;_dd.origin=a=b");
  }

  @Test
  void parse_rootAlone_isEnough() {
    assertThat(accepted(ROOT))
        .isEqualTo(TraceHeader.of(TRACE, null, TraceHeader.Sampled.UNDECIDED));
    assertThat(accepted(ROOT + ";Parent=;Sampled=").format()).isEqualTo(ROOT);
  }

  @ParameterizedTest
  @CsvSource({"1, YES", "0, NO", "?, REQUESTED"})
  void parse_sampled_isTheDecision(String text, TraceHeader.Sampled sampled) {
    TraceHeader header = accepted(ROOT + ";Sampled=" + text);

    assertThat(header.sampled()).isEqualTo(sampled);
    assertThat(header.format()).isEqualTo(ROOT + ";Sampled=" + text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                              | Root missing (expected: Root=1-8hex-24hex)",
        "Sampled=1                       | Root missing (expected: Root=1-8hex-24hex)",
        "root=1-5759e988-bd862e3fe1be46a994272793 | Root missing (expected: Root=1-8hex-24hex)",
        "Root=5759e988bd862e3fe1be46a994272793 | Root: '5759e988bd862e3fe1be46a994272793' (expected: 1-8hex-24hex, not all zero)",
        "Root=1-00000000-000000000000000000000000 | Root: '1-00000000-000000000000000000000000' (expected: 1-8hex-24hex, not all zero)",
        "R;Parent=5                      | Parent: '5' (expected: 16 hex digits, not all zero)",
        "R;Sampled=yes                   | Sampled: 'yes' (expected: 0, 1 or ?)",
        "R;R                             | Root twice (expected: once)",
        "R;Sampled=1;Sampled=0           | Sampled twice (expected: once)",
        "R;Parent=53995c3f42cd8ad8;Parent=53995c3f42cd8ad8 | Parent twice (expected: once)",
        "R;x=é                           | 'Root=1-5759e988-bd862e3fe1be46a994272793;x=é' (expected: printable ASCII)"
      })
  void parse_badHeader_saysWhy(String text, String message) {
    assertThat(TraceHeader.parse(text.replaceAll("\\bR\\b", ROOT)))
        .isEqualTo(new TraceHeader.Parsed.Rejected("trace header " + message));
  }

  @Test
  void parse_lineBreakOrLength_isRejected() {
    assertThat(TraceHeader.parse(ROOT + ";x=1\r\nset-cookie: a"))
        .isInstanceOf(TraceHeader.Parsed.Rejected.class);
    assertThat(TraceHeader.parse(ROOT + ";x=" + "1".repeat(TraceHeader.MAX_LENGTH)))
        .isInstanceOf(TraceHeader.Parsed.Rejected.class);
  }

  @Test
  void with_changesOnePart() {
    TraceHeader header = accepted(ROOT + ";Sampled=?;Lineage=1:2:3");

    assertThat(header.withParent(PARENT).withSampled(TraceHeader.Sampled.NO).format())
        .isEqualTo(ROOT + ";Parent=53995c3f42cd8ad8;Sampled=0;Lineage=1:2:3");
    assertThat(header.withOthers(List.of()).format()).isEqualTo(ROOT + ";Sampled=?");
  }

  @Test
  void part_thatWouldBreakTheHeader_isRefused() {
    for (String name : List.of("", "a;b", "a=b", "Root", " a", "a\n")) {
      assertThatThrownBy(() -> new TraceHeader.Part(name, "x"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("name: '");
    }
    for (String value : List.of("a;Sampled=1", "a\r\n", "é", "a ")) {
      assertThatThrownBy(() -> new TraceHeader.Part("a", value))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("value: '");
    }
  }

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void parse_ofFormat_isTheSameHeader(
      @ForAll long high, @ForAll @LongRange(min = 1) long low, @ForAll long parent) {
    Random random = new Random(low);
    List<TraceHeader.Part> others = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      others.add(new TraceHeader.Part("k" + printable(random).replace("=", "").strip(), printable(random)));
    }
    TraceHeader header =
        TraceHeader.of(
                new TraceId(high, low),
                SpanId.ofOrNull(parent),
                TraceHeader.Sampled.values()[random.nextInt(4)])
            .withOthers(others);

    assertThat(accepted(header.format())).isEqualTo(header);
  }

  private static String printable(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(10); i > 0; i--) {
      text.append((char) (' ' + random.nextInt(95)));
    }
    return text.toString().replace(";", "").strip();
  }

  private static TraceHeader accepted(String text) {
    if (TraceHeader.parse(text) instanceof TraceHeader.Parsed.Accepted accepted) {
      return accepted.header();
    }
    throw new AssertionError(TraceHeader.parse(text));
  }
}
