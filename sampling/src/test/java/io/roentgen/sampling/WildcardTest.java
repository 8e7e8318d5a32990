// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WildcardTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "*|\"\"|true",
        "*|anything|true",
        "\"\"|\"\"|true",
        "\"\"|a|false",
        "?|\"\"|false",
        "?|a|true",
        "/api/*|/API/orders|true",
        "/api/*|/api|false",
        "*.example.com|www.example.com|true",
        "*a?c*|xxabcabdyy|true",
        "a*b*c|aXbXbXc|true",
        "a*b*c|aXbXbX|false",
        "a.c|abc|false"
      })
  void matches_examples(String pattern, String text, boolean expected) {
    assertThat(Wildcard.matches(pattern, text)).isEqualTo(expected);
  }

  @Property(tries = 5_000)
  void matches_anyPattern_asTheRegularExpression(
      @ForAll @Chars({'a', 'A', 'b', '*', '?', '.'}) @StringLength(max = 10) String pattern,
      @ForAll @Chars({'a', 'A', 'b', 'B', '.', '\n'}) @StringLength(max = 12) String text) {
    var regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
    }
    boolean expected =
        Pattern.compile(regex.toString(), Pattern.CASE_INSENSITIVE | Pattern.DOTALL)
            .matcher(text)
            .matches();
    assertThat(Wildcard.matches(pattern, text)).isEqualTo(expected);
  }

  @Test
  void matches_manyStars_takesNoTime() {
    assertThat(Wildcard.matches("*a".repeat(250) + "b", "a".repeat(5_000))).isFalse();
  }
}
