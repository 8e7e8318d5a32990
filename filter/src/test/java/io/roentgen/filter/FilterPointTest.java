// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.filter.Expectation.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilterPointTest {
  /** The place is where the bar is. */
  private static FilterPoint at(String marked) {
    int position = marked.indexOf('|');
    return FilterPoint.at(marked.replace("|", ""), position);
  }

  private static List<String> texts(FilterPoint point, Kind kind) {
    return point.expected().stream()
        .filter(each -> each.kind() == kind)
        .map(Expectation::text)
        .toList();
  }

  @Test
  void at_theStart_expectsConditionsOfTraces() {
    FilterPoint point = at("|");

    assertThat(texts(point, Kind.KEYWORD))
        .contains(
            "fault", "responsetime", "service", "edge", "group.name", "rootcause.fault.service")
        .doesNotContain("name", "coverage", "rootcause.responsetime.exception");
    assertThat(texts(point, Kind.SIGN)).containsExactly("!", "(");
    assertThat(point.problem()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "http.url |; OPERATOR; =,!=,CONTAINS,BEGINSWITH,ENDSWITH,EXISTS",
        "responsetime |; OPERATOR; =,!=,<,<=,>,>=,EXISTS",
        "fault |; OPERATOR; =,!=",
        "annotation.a |; OPERATOR; =,!=,CONTAINS,BEGINSWITH,ENDSWITH,<,<=,>,>=,EXISTS",
        "fault |; JOIN; AND,OR",
        "(fault |; SIGN; )",
        "service(\"a\") { fault |; SIGN; }",
        "service(\"a\"|; SIGN; )",
        "service(\"a\") |; SIGN; {",
        "user = |; VALUE; user",
        "annotation[\"a.b\"] = |; VALUE; annotation[\"a.b\"]",
        "annotation[|; KEY; annotation",
        "attribute[\"x|; KEY; attribute",
        "edge(\"a\", |; CALLEE; a",
        "group.name = |; GROUP; group.name",
        "rootcause.fault.exception { |; KEYWORD; first,last,index,name,message",
        "service(id(|; KEYWORD; name,type,account.id",
      })
  void at_aPlace_expectsWhatTheParserAsksFor(String marked, Kind kind, String texts) {
    assertThat(texts(at(marked), kind)).containsExactly(texts.split(","));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "service(|; SERVICE",
        "service(\"a|; SERVICE",
        "service(id(name: |; SERVICE",
        "service(id(type: |; TYPE",
        "edge(|; CALLER",
      })
  void at_aName_expectsNodes(String marked, Kind kind) {
    assertThat(at(marked).expected()).extracting(Expectation::kind).contains(kind);
  }

  @Test
  void at_aWordThatIsBegun_replacesAllOfIt_andAllowsConditionsWithoutAnd() {
    FilterPoint point = at("fault err|or AND ok");

    assertThat(point.typed()).isEqualTo("err");
    assertThat(point.quoted()).isFalse();
    assertThat(point.start()).isEqualTo(6);
    assertThat(point.end()).isEqualTo(11);
    assertThat(texts(point, Kind.KEYWORD)).contains("error");
    assertThat(texts(at("fault |"), Kind.KEYWORD)).isEmpty();
  }

  @Test
  void at_aString_replacesItWithItsQuotes_andTellsItsText() {
    FilterPoint whole = at("user = \"a\\\"l|ice\" AND ok");
    FilterPoint open = at("user = \"al|");

    assertThat(whole.typed()).isEqualTo("a\"l");
    assertThat(whole.quoted()).isTrue();
    assertThat(whole.start()).isEqualTo(7);
    assertThat(whole.end()).isEqualTo(16);
    assertThat(open.start()).isEqualTo(7);
    assertThat(open.end()).isEqualTo(10);
  }

  @Test
  void at_aPlaceBehindSomethingWrong_expectsNothing_andTellsTheProblem() {
    FilterPoint point = at("respontime > 1 AND |");

    assertThat(point.expected()).isEmpty();
    assertThat(point.problem()).isNotNull();
    assertThat(point.problem().position()).isZero();
    assertThat(point.problem().hint()).isEqualTo("responsetime");
  }

  @Test
  void at_aPlaceThatIsNone_orInATextThatIsTooLong_isRefused() {
    assertThatThrownBy(() -> FilterPoint.at("ok", 3)).hasMessage("position: 3 (expected: 0 to 2)");
    assertThatThrownBy(() -> FilterPoint.at("(".repeat(100_000), 5))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining("at most 10000");
    assertThat(FilterPoint.at("(".repeat(10_000), 10_000).problem()).isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "``; ",
        "ok !partial  duration <3 ; ok|!partial|duration <3",
        " fault AND (error OR ok) and user = \"a AND b\"; fault|(error OR ok)|user = \"a AND b\"",
        "fault AND ok OR error; fault AND ok OR error",
        "service(\"a\") { fault AND ok } AND http.url; service(\"a\") { fault AND ok }|http.url",
      })
  void terms_ofAnExpression_areItsConditionsWithTheirPlaces(String text, String terms) {
    List<FilterTerm> found = FilterTerm.of(text);

    assertThat(found)
        .extracting(FilterTerm::text)
        .containsExactly(terms == null ? new String[0] : terms.split("\\|"));
    assertThat(found)
        .allSatisfy(
            term -> assertThat(text.substring(term.start(), term.end())).isEqualTo(term.text()));
  }

  @Test
  void terms_ofWhatIsNoExpression_areRefused() {
    assertThatThrownBy(() -> FilterTerm.of("ok AND")).isInstanceOf(FilterException.class);
    assertThatThrownBy(() -> FilterTerm.of("ok )")).isInstanceOf(FilterException.class);
  }
}
