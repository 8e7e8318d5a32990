// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.store.Trace;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FilterTest {
  private static final Trace FAULT =
      Documents.trace(
          "{'id':'0000000000000001','name':'web','start_time':1,'end_time':3,'fault':true}");

  private final Map<String, String> expressions = new HashMap<>();

  private final Filter.Groups groups =
      new Filter.Groups() {
        @Override
        public @Nullable String ofNameOrNull(String name) {
          return expressions.get(name);
        }

        @Override
        public @Nullable String ofArnOrNull(String arn) {
          return expressions.get(arn.substring(arn.lastIndexOf('/') + 1));
        }
      };

  private boolean matches(String text) {
    return Filter.parse(text, groups).matches(FAULT);
  }

  @Test
  void parse_groups_areReplacedByTheirExpressions() {
    expressions.put("slow", "duration > 1");
    expressions.put("bad", "fault OR error");
    expressions.put("both", "group.name = \"slow\" AND group.arn = \"arn:aws:group/bad\"");
    expressions.put("all", "");

    assertThat(matches("group.name = \"slow\"")).isTrue();
    assertThat(matches("group.name != \"slow\"")).isFalse();
    assertThat(matches("group.name = \"both\" AND service(\"web\")")).isTrue();
    assertThat(matches("group.arn = \"arn:aws:group/slow\"")).isTrue();
    assertThat(matches("group.name = \"all\"")).isTrue();
    assertThat(Filter.parse("group.name = slow".replace("slow", "\"slow\""), groups).text())
        .isEqualTo("group.name = \"slow\"");
  }

  @Test
  void parse_unknownGroup_hasNoTraces() {
    assertThat(matches("group.name = \"nope\"")).isFalse();
    assertThat(matches("group.name != \"nope\"")).isTrue();
    assertThat(matches("group.name = \"nope\" OR fault")).isTrue();
    assertThat(matches("group.name = \"nope\" OR group.name = \"nope2\"")).isFalse();
    assertThat(Filter.parse("group.name = \"nope\"", groups).plan().exact()).isTrue();
  }

  @Test
  void parse_groupsInACircle_areRefused() {
    expressions.put("a", "ok OR group.name = \"b\"");
    expressions.put("b", "group.name = \"a\"");

    assertThatThrownBy(() -> matches("group.name = \"a\""))
        .isInstanceOf(FilterException.class)
        .hasMessage(
            "line 1, column 1: group.name \"a\" within itself (expected: groups that do not refer"
                + " to each other)");
  }

  @Test
  void parse_groupsOfGroupsWithoutEnd_areRefused() {
    expressions.put("0", "ok");
    for (int i = 1; i < 20; i++) {
      String below = "group.name = \"" + (i - 1) + "\"";
      expressions.put(Integer.toString(i), below + " OR " + below);
    }
    assertThat(matches("group.name = \"4\"")).isFalse();
    assertThatThrownBy(() -> matches("group.name = \"19\""))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining("more than 100 groups");

    expressions.put("deep", "!".repeat(120) + "ok");
    expressions.put("deeper", "!".repeat(120) + "group.name = \"deep\"");
    assertThat(matches("group.name = \"deeper\"")).isFalse();
    assertThatThrownBy(() -> matches("!".repeat(120) + "group.name = \"deeper\""))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining("too many levels with those of groups");
  }

  @Test
  void parse_groupsThatAreLongTogether_areRefused() {
    expressions.put("long", "fault" + " ".repeat(Filter.MAX_LENGTH - 5));
    expressions.put("short", "ok");
    String twice = "group.name = \"long\" OR group.name = \"long\"";
    assertThat(matches(twice)).isTrue();
    assertThatThrownBy(() -> matches(twice + " OR group.name = \"short\""))
        .hasMessageContaining("groups of more than 20000 characters together");
  }

  @Test
  void parse_groupWithAMistake_saysWhereInIt() {
    expressions.put("bad", "ok AND\nfalt");

    assertThatThrownBy(() -> matches("group.name = \"bad\""))
        .hasMessageStartingWith("line 2, column 1: unknown keyword 'falt'");
  }

  /** On the stack of a thread that somebody made small. */
  @Test
  void parseMatchAndPlan_deepestExpressions_fitTheStack() throws InterruptedException {
    expressions.put("deep", "(fault OR (ok ".repeat(63) + "fault" + "))".repeat(63));
    Map<String, Object> results = new HashMap<>();
    Thread thread =
        new Thread(
            null,
            () -> {
              for (String text :
                  new String[] {
                    "group.name = \"deep\" AND " + "!".repeat(127) + "ok",
                    "(ok OR (fault AND ".repeat(64) + "ok" + "))".repeat(64),
                    "service() { " + "(ok OR (fault AND ".repeat(63) + "ok" + "))".repeat(63) + "}"
                  }) {
                Filter filter = Filter.parse(text, groups);
                boolean matches = filter.matches(FAULT);
                boolean candidate = filter.plan().condition().matches(FAULT);
                results.put(
                    text, (candidate || !matches) && filter.equals(Filter.parse(text, groups)));
              }
            },
            "small",
            // Half of what threads have by default. Frames are larger before they are compiled, so
            // that 256 kB are enough at times only.
            512 * 1024);
    thread.setUncaughtExceptionHandler((_, failure) -> results.put("failure", failure));
    thread.start();
    thread.join();

    assertThat(results).hasSize(3).allSatisfy((_, result) -> assertThat(result).isEqualTo(true));
  }
}
