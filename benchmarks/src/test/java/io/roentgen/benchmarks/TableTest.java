// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
  private static final List<Row> ROWS =
      List.of(
          Row.of("ingest", 71_234.5, "spans/CPU-s").atLeast(60_000).note("Cores are shared."),
          Row.of("trace by id, p99", 31.25, "ms").atMost(20),
          Row.of("parts", 3, "parts").note("Cores are shared."),
          Row.missing("Zipkin", "It said \"no\"."));

  @Test
  void markdown_rows_areAlignedWithNotesBelow() {
    assertThat(Table.markdown(ROWS))
        .isEqualTo(
            """
            | name             |  value | unit        |    budget | met? |
            | ---------------- | -----: | ----------- | --------: | ---- |
            | ingest [1]       | 71,235 | spans/CPU-s | >= 60,000 | yes  |
            | trace by id, p99 |   31.3 | ms          |     <= 20 | NO   |
            | parts [1]        |      3 | parts       |         - | -    |
            | Zipkin [2]       |      - |             |         - | -    |

            [1] Cores are shared.
            [2] It said "no".
            """);
  }

  @Test
  void json_rows_areObjects() {
    assertThat(Table.json(ROWS.subList(1, 4)))
        .isEqualTo(
            """
            [
              {"name":"trace by id, p99","value":31.25,"unit":"ms","atMost":20.0,"met":false},
              {"name":"parts","value":3.0,"unit":"parts","note":"Cores are shared."},
              {"name":"Zipkin","value":null,"unit":"","note":"It said \\"no\\"."}
            ]
            """);
  }

  @Test
  void number_sizes_haveThreeDigits() {
    assertThat(List.of(1234.5, 99.96, 12.34, 1.234, 0.1234, 5.0))
        .extracting(Table::number)
        .containsExactly("1,235", "100", "12.3", "1.23", "0.123", "5");
  }
}
