// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server.paging;

import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a caller asks for: how many items, after which one. Immutable. */
public final class PageRequest {
  private final int size;
  private final @Nullable String after;
  private final Function<String, String> tokenOf;

  PageRequest(int size, @Nullable String after, Function<String, String> tokenOf) {
    this.size = size;
    this.after = after;
    this.tokenOf = tokenOf;
  }

  /** Returns how many items the page has at most. */
  public int size() {
    return size;
  }

  /** Returns how many items to read: one more than the page has, to see whether there are more. */
  public int limit() {
    return size + 1;
  }

  /** Returns the cursor of the item that the page before ended with; null for the first page. */
  public @Nullable String after() {
    return after;
  }

  /**
   * Returns the page.
   *
   * @param found the items after {@link #after}, in the order of the list, up to {@link #limit} of
   *     them
   * @param cursorOf says where in the list an item is, such as by its key; callers can read it, but
   *     not change it
   */
  public <T> Page<T> of(List<T> found, Function<? super T, String> cursorOf) {
    if (found.size() > limit()) {
      throw new IllegalArgumentException(
          "found: " + found.size() + " items (expected: at most " + limit() + ")");
    }
    if (found.size() <= size) {
      return new Page<>(found, "", OptionalLong.empty());
    }
    List<T> items = found.subList(0, size);
    String next = tokenOf.apply(cursorOf.apply(items.get(size - 1)));
    return new Page<>(items, next, OptionalLong.empty());
  }
}
