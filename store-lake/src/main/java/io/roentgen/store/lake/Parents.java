// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a part knows of the parent of each of its spans, in the order of its rows. There are few distinct ones, so a row
 * is a number. Of several spans with the parent's id it is the one that counts. Not safe for use by several threads.
 */
final class Parents {
  private static final int NONE = -1;

  private final int[] numbers;
  private final List<Parent> distinct = new ArrayList<>();
  private final Map<Parent, Integer> known = new HashMap<>();
  private int rows;

  /**
   * What a search for a span together with its parent asks of the parent as a rule.
   *
   * @param service its service, or empty
   * @param serviceType its service's type, or empty
   * @param peerName whom it called or received from, or empty
   * @param peerType that one's type, or empty
   * @param inProgress whether its end is still to come
   */
  record Parent(
      String service, String serviceType, String peerName, String peerType, boolean inProgress) {
    private static Parent of(SpanOutline span) {
      return new Parent(
          span.service(),
          span.serviceType(),
          span.peerName(),
          span.peerType(),
          span.inProgress());
    }
  }

  /**
   * @param rowCount how many rows the part has
   */
  Parents(int rowCount) {
    numbers = new int[rowCount];
  }

  /**
   * Adds the next rows.
   *
   * @param spans those of one trace, as they stand in the part
   * @param counting those of them that count
   */
  void add(List<SpanOutline> spans, List<SpanOutline> counting) {
    Map<Long, SpanOutline> byId = new HashMap<>();
    if (counting.size() > SpanOutline.FEW) {
      counting.forEach(span -> byId.put(span.spanId(), span));
    }
    for (SpanOutline span : spans) {
      long id = span.parentSpanId();
      SpanOutline parent =
          id == 0 ? null : counting.size() > SpanOutline.FEW ? byId.get(id) : withId(counting, id);
      numbers[rows++] = parent == null ? NONE : number(Parent.of(parent));
    }
  }

  private static @Nullable SpanOutline withId(List<SpanOutline> spans, long id) {
    for (SpanOutline span : spans) {
      if (span.spanId() == id) {
        return span;
      }
    }
    return null;
  }

  private int number(Parent parent) {
    Integer number = known.putIfAbsent(parent, distinct.size());
    if (number == null) {
      distinct.add(parent);
      return distinct.size() - 1;
    }
    return number;
  }

  /** Returns what is known of the parent of a row's span; null if the part does not have it. */
  @Nullable Parent of(int row) {
    return numbers[row] == NONE ? null : distinct.get(numbers[row]);
  }
}
