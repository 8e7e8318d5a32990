// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.SpanBatch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The column that holds one attribute's values of one type. Its name is {@code attr.} and the key, then for other
 * types than strings a colon and the type. As SQL engines fold the case of names, an upper-case letter is written as
 * {@code ^} and the lower-case one, and {@code ^} itself twice.
 *
 * @param key the attribute key
 * @param type what the column holds
 */
record AttributeColumn(String key, Type type) {
  private static final String PREFIX = "attr.";
  private static final int MAX_KEY_LENGTH = 128;

  /** The types that have columns; values of other types go to the map column. */
  enum Type {
    STRING(""),
    LONG(":long"),
    DOUBLE(":double"),
    BOOLEAN(":boolean");

    private final String suffix;

    Type(String suffix) {
      this.suffix = suffix;
    }

    /** Returns the type for a value type of a batch, or null if it goes to the map column. */
    static @Nullable Type ofValue(int valueType) {
      return switch (valueType) {
        case SpanBatch.VALUE_STRING -> STRING;
        case SpanBatch.VALUE_LONG -> LONG;
        case SpanBatch.VALUE_DOUBLE -> DOUBLE;
        case SpanBatch.VALUE_FALSE, SpanBatch.VALUE_TRUE -> BOOLEAN;
        default -> null;
      };
    }
  }

  /** Returns whether values under {@code key} may have a column: it is short and prints as ASCII. */
  static boolean mayHaveColumn(String key) {
    if (key.isEmpty() || key.length() > MAX_KEY_LENGTH) {
      return false;
    }
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (c <= ' ' || c >= 127 || c == '"' || c == ':') {
        return false;
      }
    }
    return true;
  }

  /** Returns the columns that values under {@code key} may be in, whatever their type. */
  static List<AttributeColumn> ofKey(String key) {
    List<AttributeColumn> columns = new ArrayList<>();
    for (Type type : Type.values()) {
      columns.add(new AttributeColumn(key, type));
    }
    return columns;
  }

  /** Returns the column's name, not quoted. */
  String name() {
    StringBuilder name = new StringBuilder(PREFIX);
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (c == '^') {
        name.append("^^");
      } else if (c >= 'A' && c <= 'Z') {
        name.append('^').append((char) (c + 'a' - 'A'));
      } else {
        name.append(c);
      }
    }
    return name.append(type.suffix).toString();
  }

  /** Returns the column with that name, or null if it is no attribute's. */
  static @Nullable AttributeColumn ofName(String name) {
    if (!name.startsWith(PREFIX)) {
      return null;
    }
    int colon = name.indexOf(':');
    Type type = Type.STRING;
    if (colon >= 0) {
      for (Type each : Type.values()) {
        if (name.startsWith(each.suffix, colon) && !each.suffix.isEmpty()) {
          type = each;
        }
      }
    }
    StringBuilder key = new StringBuilder();
    int end = colon < 0 ? name.length() : colon;
    for (int i = PREFIX.length(); i < end; i++) {
      char c = name.charAt(i);
      if (c == '^') {
        char escaped = name.charAt(++i);
        key.append(escaped == '^' ? '^' : (char) (escaped - 'a' + 'A'));
      } else {
        key.append(c);
      }
    }
    return new AttributeColumn(key.toString(), type);
  }
}
