// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.groups;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.server.xray.state.Account;
import io.roentgen.store.memory.MemoryStore;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GroupsTest {
  private final MemoryStore store = new MemoryStore();
  private final Groups groups =
      new Groups(store.documents(), new Account("us-east-1", "000000000000"));
  private final Filters filters = new Filters(groups);

  @AfterEach
  void close() {
    store.close();
  }

  private static Group group(String name, String id, String filter) {
    return new Group(
        name, id, filter, Instant.EPOCH, new Group.Insights(true, false), new TreeMap<>());
  }

  @Test
  void change_groupMadeAnewMeanwhile_leavesTheNewOneAlone() {
    Group old = group("shop", "OLD", "fault");
    groups.create(old);
    groups.delete(old);
    Group made = group("shop", "NEW", "error");
    groups.create(made);

    assertThat(groups.change(old, now -> now.withFilter("ok", Instant.EPOCH))).isNull();
    groups.delete(old);

    assertThat(groups.find("shop")).isEqualTo(made);
    groups.delete(made);
    assertThat(groups.find("shop")).isNull();
  }

  @Test
  void changeTags_oldArn_isNotFound() {
    Group old = group("shop", "OLD", "fault");
    groups.create(old);
    String arn = groups.arn(old);
    groups.delete(old);
    groups.create(group("shop", "NEW", "fault"));

    assertThat(groups.changeTags(arn, _ -> Map.of("a", "b"))).isFalse();
  }

  @Test
  void ofGroups_groupThatIsReferredToChanges_givesAnotherName() {
    Group inner = group("inner", "A", "fault");
    groups.create(inner);
    groups.create(group("outer", "B", "group.name = \"inner\" OR duration > 5"));
    groups.create(group("all", "C", ""));
    var before = filters.ofGroups();
    assertThat(before).hasSize(2);
    assertThat(before.keySet()).allMatch(name -> name.matches("[0-9a-f]{64}"));
    assertThat(filters.ofGroups()).isEqualTo(before);

    assertThat(groups.change(inner, now -> now.withFilter("error", Instant.EPOCH))).isNotNull();

    assertThat(filters.ofGroups())
        .hasSize(2)
        .doesNotContainKeys(before.keySet().toArray(String[]::new));
  }
}
