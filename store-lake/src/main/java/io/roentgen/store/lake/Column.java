// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The columns that every part has. Names, types and field ids are part of the file format and never change; see {@code
 * docs/storage.md}. Texts and counts that are empty or zero are null.
 */
enum Column {
  TRACE_ID_HIGH(1),
  TRACE_ID_LOW(2),
  SPAN_ID(3),
  PARENT_SPAN_ID(4),
  SEQUENCE(5),
  START_EPOCH_NANOS(6),
  DURATION_NANOS(7),
  SERVICE(8),
  SERVICE_TYPE(9),
  NAME(10),
  KIND(11),
  STATUS(12),
  OUTCOME(13),
  SEGMENT(14),
  IN_PROGRESS(15),
  FORMAT(16),
  PEER_NAME(17),
  PEER_TYPE(18),
  FLAGS(19),
  TRACE_STATE(20),
  STATUS_MESSAGE(21),
  DOCUMENT(22),
  RAW(23),
  EVENTS(24),
  LINKS(25),
  DROPPED_ATTRIBUTES(26),
  DROPPED_EVENTS(27),
  DROPPED_LINKS(28),
  SCOPE_ID(29),
  ATTRIBUTES(30),
  // What the part knows of the span's parent, so that a search for both of them reads one row. Null if the part does not
  // have the parent.
  PARENT_SERVICE(33, SERVICE),
  PARENT_SERVICE_TYPE(34, SERVICE_TYPE),
  PARENT_PEER_NAME(35, PEER_NAME),
  PARENT_PEER_TYPE(36, PEER_TYPE),
  PARENT_IN_PROGRESS(37, IN_PROGRESS);

  /** The field ids of a map column's keys and values. */
  static final int ATTRIBUTES_KEY_ID = 31;

  static final int ATTRIBUTES_VALUE_ID = 32;

  /** The first field id for attribute columns. */
  static final int FIRST_ATTRIBUTE_ID = 1000;

  private final int fieldId;
  private final @Nullable Column copied;

  Column(int fieldId) {
    this(fieldId, null);
  }

  Column(int fieldId, @Nullable Column copied) {
    this.fieldId = fieldId;
    this.copied = copied;
  }

  int fieldId() {
    return fieldId;
  }

  /** Returns the column's name, which needs no quotes. */
  String column() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the column of the parent's row that this one repeats; null if it is part of the span. */
  @Nullable Column copied() {
    return copied;
  }

  /** Returns the names of the columns that are part of the span. */
  static List<String> ofSpan() {
    List<String> names = new ArrayList<>();
    for (Column column : values()) {
      if (column.copied == null) {
        names.add(column.column());
      }
    }
    return names;
  }
}
