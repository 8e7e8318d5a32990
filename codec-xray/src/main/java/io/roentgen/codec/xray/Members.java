// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import io.roentgen.codec.xray.SegmentMembers.Attribute;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Members of an object by name, looked up by the bytes of the name. Immutable. */
final class Members {
  /** One known member. */
  static final class Member {
    private final byte[] name;

    /** What the decoder does with it, or 0. */
    final int role;

    /** Its own members if it is an object. */
    final @Nullable Members nested;

    /** The attribute it becomes, if it does. */
    final @Nullable Attribute attribute;

    /** The attribute's key in UTF-8; empty if there is none. */
    final byte[] key;

    Member(String name, int role, @Nullable Members nested, @Nullable Attribute attribute) {
      this.name = name.getBytes(StandardCharsets.UTF_8);
      this.role = role;
      this.nested = nested;
      this.attribute = attribute;
      key = 
          attribute == null ? new byte[0] : attribute.key().getBytes(StandardCharsets.UTF_8);
    }
  }

  private final @Nullable Member[] slots;

  private Members(int capacity) {
    slots = new Member[capacity];
  }

  static Members of(Member... members) {
    Members table = new Members(Integer.highestOneBit(members.length) * 4);
    for (Member member : members) {
      int slot = table.slot(JsonTape.hash(member.name, 0, member.name.length));
      while (table.slots[slot] != null) {
        slot = (slot + 1) & (table.slots.length - 1);
      }
      table.slots[slot] = member;
    }
    return table;
  }

  /** Returns the member with that name, whose {@link JsonTape#hash} is given, or null. */
  @Nullable Member find(byte[] name, int offset, int length, int hash) {
    for (int slot = slot(hash); ; slot = (slot + 1) & (slots.length - 1)) {
      Member member = slots[slot];
      if (member == null
          || Arrays.equals(member.name, 0, member.name.length, name, offset, offset + length)) {
        return member;
      }
    }
  }

  private int slot(int hash) {
    return (hash ^ (hash >>> 15)) & (slots.length - 1);
  }
}
