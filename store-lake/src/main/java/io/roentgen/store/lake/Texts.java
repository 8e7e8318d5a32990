// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Gives one String for the same bytes again and again: names come thousands of times, and one that is made once has its
 * hash code and is compared by identity. Holds up to {@value #MAX_TEXTS} texts, what is beyond is made anew each time.
 * Not safe for use by several threads.
 */
final class Texts {
  private static final int MAX_TEXTS = 1 << 16;

  private String[] texts = new String[256];
  private byte[][] bytes = new byte[256][];
  private int[] hashes = new int[256];
  private int[] slots = new int[512];
  private int size;

  /** Returns the text whose UTF-8 these bytes are. */
  String of(byte[] source, int offset, int length) {
    if (length == 0) {
      return "";
    }
    int hash = 1;
    for (int i = offset; i < offset + length; i++) {
      hash = 31 * hash + source[i];
    }
    hash ^= hash >>> 15;
    int mask = slots.length - 1;
    int slot = hash & mask;
    while (slots[slot] != 0) {
      int at = slots[slot] - 1;
      byte[] known = bytes[at];
      if (hashes[at] == hash
          && Arrays.equals(known, 0, known.length, source, offset, offset + length)) {
        return texts[at];
      }
      slot = (slot + 1) & mask;
    }
    String text = new String(source, offset, length, StandardCharsets.UTF_8);
    if (size < MAX_TEXTS) {
      add(text, Arrays.copyOfRange(source, offset, offset + length), hash, slot);
    }
    return text;
  }

  /** Returns the String that stands for {@code text}. */
  String of(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return of(utf8, 0, utf8.length);
  }

  private void add(String text, byte[] utf8, int hash, int slot) {
    if (size == texts.length) {
      int capacity = size * 2;
      texts = Arrays.copyOf(texts, capacity);
      bytes = Arrays.copyOf(bytes, capacity);
      hashes = Arrays.copyOf(hashes, capacity);
    }
    texts[size] = text;
    bytes[size] = utf8;
    hashes[size] = hash;
    size++;
    slots[slot] = size;
    if (size * 2 > slots.length) {
      slots = new int[slots.length * 2];
      int mask = slots.length - 1;
      for (int at = 0; at < size; at++) {
        int free = hashes[at] & mask;
        while (slots[free] != 0) {
          free = (free + 1) & mask;
        }
        slots[free] = at + 1;
      }
    }
  }
}
