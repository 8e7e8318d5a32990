// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.SpanBatch;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AttributeColumnTest {
  @Provide
  Arbitrary<String> keys() {
    return Arbitraries.strings()
        .withChars("aAbB^.-_")
        .withCharRange('!', '~')
        .excludeChars('"', ':')
        .ofMinLength(1)
        .ofMaxLength(20);
  }

  @Property
  void name_ofAnyKeyAndType_readsBack(
      @ForAll("keys") String key, @ForAll AttributeColumn.Type type) {
    AttributeColumn column = new AttributeColumn(key, type);

    assertThat(AttributeColumn.mayHaveColumn(key)).isTrue();
    assertThat(AttributeColumn.ofName(column.name())).isEqualTo(column);
    assertThat(column.name()).isEqualTo(column.name().toLowerCase(Locale.ROOT));
  }

  @Property
  void name_ofDifferentColumns_differsWhateverTheCase(
      @ForAll @Size(min = 2, max = 8) List<@From("keys") String> keys) {
    Set<String> distinct = new HashSet<>(keys);
    Set<String> names = new HashSet<>();
    for (String key : distinct) {
      AttributeColumn.ofKey(key).forEach(column -> names.add(column.name()));
    }
    assertThat(names).hasSize(4 * distinct.size());
  }

  @ParameterizedTest
  @CsvSource({
    "userId, LONG, attr.user^id:long",
    "userid, STRING, attr.userid",
    "a^b, STRING, attr.a^^b",
    "^A, DOUBLE, attr.^^^a:double",
    "^^, BOOLEAN, attr.^^^^:boolean",
    "attr.x, STRING, attr.attr.x"
  })
  void name_isAsDocumented(String key, AttributeColumn.Type type, String name) {
    assertThat(new AttributeColumn(key, type).name()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a:long",
        "a:double",
        "a:boolean",
        ":",
        "a b",
        "a\"b",
        "a\tb",
        "ä",
        "a\u007f",
        "\u0000"
      })
  void mayHaveColumn_lookAlikesAndOddKeys_goToTheMap(String key) {
    assertThat(AttributeColumn.mayHaveColumn(key)).isFalse();
  }

  @Test
  void mayHaveColumn_longKeys_goToTheMap() {
    assertThat(AttributeColumn.mayHaveColumn("k".repeat(128))).isTrue();
    assertThat(AttributeColumn.mayHaveColumn("k".repeat(129))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        SpanBatch.VALUE_EMPTY,
        SpanBatch.VALUE_BYTES,
        SpanBatch.VALUE_ARRAY,
        SpanBatch.VALUE_MAP
      })
  void ofValue_nestedBytesAndEmpty_haveNoColumn(int valueType) {
    assertThat(AttributeColumn.Type.ofValue(valueType)).isNull();
  }

  @Test
  void ofName_fixedColumns_areNoAttributes() {
    assertThat(Column.values()).allMatch(each -> AttributeColumn.ofName(each.column()) == null);
  }
}
