// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.marks;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.TimeRange;
import io.roentgen.store.memory.MemoryStore;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MarksTest {
  private final MemoryStore store = new MemoryStore();
  private final Marks marks = new Marks(store::documents, 3);

  private Mark add(long start, @Nullable Long end, String title, String... tags) {
    var mark = new Mark(Marks.newId(start), start, end, title, "why", "cart", List.of(tags));
    marks.add(mark);
    return mark;
  }

  @Test
  void in_range_hasWhatTouchesIt_byStart() {
    Mark later = add(150, null, "later");
    Mark around = add(50, 500L, "around");
    add(200, null, "at the end, which is not part of it");

    assertThat(marks.in(new TimeRange(100, 200), Set.of())).containsExactly(around, later);
  }

  @Test
  void in_range_hasNotWhatEndedAsItStarts() {
    add(50, 100L, "over");
    Mark atStart = add(100, null, "at the start");

    assertThat(marks.in(new TimeRange(100, 200), Set.of())).containsExactly(atStart);
  }

  @Test
  void in_severalTags_hasThoseWithAll() {
    add(1, null, "a", "chaos");
    Mark both = add(2, null, "b", "chaos", "kill");

    assertThat(marks.in(new TimeRange(0, 9), Set.of("kill", "chaos"))).containsExactly(both);
  }

  @Test
  void add_moreThanThereMayBe_dropsTheEarliest() {
    add(10, null, "first");
    Mark second = add(20, null, "second");
    Mark third = add(30, null, "third");
    Mark fourth = add(40, null, "fourth");

    assertThat(marks.in(new TimeRange(0, 100), Set.of())).containsExactly(second, third, fourth);
  }

  @Test
  void add_earlierThanAllOfAFullStore_isKept() {
    add(10, null, "first");
    Mark second = add(20, null, "second");
    Mark third = add(30, null, "third");
    Mark old = add(1, null, "long ago");

    assertThat(marks.in(new TimeRange(0, 100), Set.of())).containsExactly(old, second, third);
    assertThat(marks.find(old.id())).isEqualTo(old);
  }

  @Test
  void delete_twice_isTrueOnce() {
    Mark mark = add(10, null, "one");

    assertThat(marks.delete(mark.id())).isTrue();
    assertThat(marks.delete(mark.id())).isFalse();
    assertThat(marks.find(mark.id())).isNull();
  }
}
