// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import io.roentgen.model.TimeRange;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Where a search goes on: the store's cursor with the range of the first page, since a range that
 * ends now would be another one on the next request.
 */
record SearchCursor(TimeRange range, String store) {
  String encode() {
    String text = range.startEpochNanos() + " " + range.endEpochNanos() + " " + store;
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Returns the cursor that {@link #encode} made {@code text} of, or null if it made no such text.
   */
  static @Nullable SearchCursor decodeOrNull(String text) {
    try {
      String[] parts =
          new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8).split(" ", 3);
      if (parts.length != 3) {
        return null;
      }
      return new SearchCursor(
          new TimeRange(Long.parseLong(parts[0]), Long.parseLong(parts[1])), parts[2]);
    } catch (IllegalArgumentException notOurs) {
      return null;
    }
  }
}
