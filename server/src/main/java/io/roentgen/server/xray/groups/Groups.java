// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.groups;

import io.roentgen.model.Hex;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.XRayException;
import io.roentgen.server.xray.state.Account;
import io.roentgen.server.xray.state.StateDocuments;
import io.roentgen.server.xray.tags.TaggedResources;
import io.roentgen.store.DocumentStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** All groups, durable. Safe for use by several threads. */
public final class Groups implements TaggedResources {
  /** Groups beside the default one, as AWS is said to allow by default. */
  static final int MAX_GROUPS = 25;

  static final int MAX_NAME_LENGTH = 32;
  private static final int MAX_ARN_LENGTH = 400;

  private final StateDocuments documents;
  private final Account account;

  /** Those that are kept in {@code store}. */
  public Groups(DocumentStore store, Account account) {
    documents = new StateDocuments(store, "group");
    this.account = account;
  }

  /** Returns all groups: the default one, then the others by name. */
  public List<Group> all() {
    List<Group> all = new ArrayList<>();
    all.add(Group.ofDefault());
    for (StateDocuments.State state : documents.list()) {
      Group group = Group.read(state);
      if (group.isDefault()) {
        all.set(0, group);
      } else {
        all.add(group);
      }
    }
    return all;
  }

  /** Returns the group of a name, or null. */
  public @Nullable Group find(String name) {
    // A filter may name anything; the store refuses names that no group can have.
    if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
      return null;
    }
    return documents
        .find(name)
        .map(Group::read)
        .orElse(name.equals(Group.DEFAULT) ? Group.ofDefault() : null);
  }

  /** Returns the group of an ARN, or null. */
  public @Nullable Group findByArn(String arn) {
    return all().stream().filter(group -> arn(group).equals(arn)).findFirst().orElse(null);
  }

  /** Returns the ARN of a group. */
  public String arn(Group group) {
    return account.arn(group.resource());
  }

  /**
   * Returns the group that a request names by {@code GroupName} or {@code GroupARN}, or null if it
   * names none.
   *
   * @throws XRayException if there is no such group, or name and ARN are of two groups
   */
  public @Nullable Group named(Members request) {
    String name = request.text("GroupName", 1, MAX_NAME_LENGTH);
    String arn = request.text("GroupARN", 1, MAX_ARN_LENGTH);
    if (name == null && arn == null) {
      return null;
    }
    Group group = name != null ? find(name) : null;
    if (name != null && group == null) {
      throw request.invalid("GroupName", name, "the name of a group that is there");
    }
    Group byArn = arn != null ? findByArn(arn) : group;
    if (byArn == null) {
      throw XRayException.invalid(
          "GroupARN: '"
              + Hex.quote(String.valueOf(arn))
              + "' (expected: the ARN of a group that is there)");
    }
    if (group != null && !group.name().equals(byArn.name())) {
      throw XRayException.invalid(
          "GroupARN: of the group '"
              + byArn.name()
              + "' (expected: that of GroupName '"
              + group.name()
              + "', or one of the two)");
    }
    return byArn;
  }

  /** Returns the group that a request names, which it must; see {@link #named}. */
  Group requiredNamed(Members request) {
    Group group = named(request);
    if (group == null) {
      throw XRayException.invalid("GroupName: missing (expected: GroupName or GroupARN)");
    }
    return group;
  }

  /** Adds a group; one at a time, so that no two take the last place. */
  public void create(Group group) {
    create(group, "GroupName");
  }

  /** Adds a group whose name the request has in {@code member}. */
  synchronized void create(Group group, String member) {
    if (find(group.name()) != null) {
      throw XRayException.invalid(
          member, '\'' + group.name() + '\'', "a name that no group has yet");
    }
    int count = all().size() - 1;
    if (count >= MAX_GROUPS) {
      throw XRayException.invalid(
          "groups: " + count + " are there (expected: at most " + MAX_GROUPS + "); delete one");
    }
    if (documents.put(group.name(), group.write(), DocumentStore.NONE).isEmpty()) {
      throw new IllegalStateException("group made twice: " + group.name());
    }
  }

  /**
   * Changes a group and returns it as it is then, or null if it has gone: also if another one has
   * its name by now.
   */
  @Nullable Group change(Group group, UnaryOperator<Group> change) {
    String name = group.name();
    while (true) {
      StateDocuments.State state = documents.find(name).orElse(null);
      if (state == null && !name.equals(Group.DEFAULT)) {
        return null;
      }
      Group now = state == null ? Group.ofDefault() : Group.read(state);
      if (!now.id().equals(group.id())) {
        return null;
      }
      Group changed = change.apply(now);
      long revision = state == null ? DocumentStore.NONE : state.revision();
      if (documents.put(name, changed.write(), revision).isPresent()) {
        return changed;
      }
    }
  }

  /** Deletes a group; does nothing if it has gone, also if another one has its name by now. */
  public void delete(Group group) {
    StateDocuments.State state = documents.find(group.name()).orElse(null);
    while (state != null
        && Group.read(state).id().equals(group.id())
        && !documents.delete(group.name(), state.revision())) {
      state = documents.find(group.name()).orElse(null);
    }
  }

  @Override
  public @Nullable SortedMap<String, String> tags(String arn) {
    Group group = findByArn(arn);
    return group == null ? null : group.tags();
  }

  @Override
  public boolean changeTags(String arn, UnaryOperator<Map<String, String>> change) {
    Group group = findByArn(arn);
    return group != null && change(group, now -> now.withTags(change.apply(now.tags()))) != null;
  }
}
