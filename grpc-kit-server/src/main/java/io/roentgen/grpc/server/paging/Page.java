// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server.paging;

import java.util.List;
import java.util.OptionalLong;

/** One page of a list. Immutable. */
public final class Page<T> {
  private final List<T> items;
  private final String nextPageToken;
  private final OptionalLong totalSize;

  Page(List<T> items, String nextPageToken, OptionalLong totalSize) {
    this.items = List.copyOf(items);
    this.nextPageToken = nextPageToken;
    this.totalSize = totalSize;
  }

  /** Returns this page with the number of items on all pages, for lists that know it. */
  public Page<T> withTotalSize(long totalSize) {
    if (totalSize < items.size()) {
      throw new IllegalArgumentException(
          "totalSize: " + totalSize + " (expected: >= " + items.size() + ", as this page has)");
    }
    return new Page<>(items, nextPageToken, OptionalLong.of(totalSize));
  }

  /** Returns the items in the order of the list; may be empty. */
  public List<T> items() {
    return items;
  }

  /** Returns what asks for the next page; empty if this is the last. */
  public String nextPageToken() {
    return nextPageToken;
  }

  /** Returns the number of items on all pages, if it is known. */
  public OptionalLong totalSize() {
    return totalSize;
  }
}
