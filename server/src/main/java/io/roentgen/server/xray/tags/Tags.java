// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.tags;

import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.XRayException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Checks tags. */
public final class Tags {
  /** How many tags a resource may have. */
  static final int MAX_TAGS = 50;

  private static final int MAX_GIVEN = 200;
  private static final int MAX_KEY_LENGTH = 128;
  private static final int MAX_VALUE_LENGTH = 256;
  private static final String RESERVED = "aws:";

  private Tags() {}

  /**
   * Returns the tags that a request brings for a resource that is to be made; empty if none.
   *
   * @param resourceName is told when there are too many
   */
  public static SortedMap<String, String> ofNew(Members request, String resourceName) {
    @Nullable List<Members> given = request.objects("Tags", MAX_GIVEN);
    SortedMap<String, String> tags = given == null ? new TreeMap<>() : read(given);
    checkCount(tags, resourceName);
    return tags;
  }

  static SortedMap<String, String> required(Members request) {
    return read(request.requiredObjects("Tags", MAX_GIVEN));
  }

  static List<String> requiredKeys(Members request) {
    return request.requiredTexts("TagKeys", 0, MAX_GIVEN, MAX_KEY_LENGTH);
  }

  private static SortedMap<String, String> read(List<Members> given) {
    SortedMap<String, String> tags = new TreeMap<>();
    for (Members each : given) {
      String key = each.requiredText("Key", 1, MAX_KEY_LENGTH);
      String value = each.requiredText("Value", 0, MAX_VALUE_LENGTH);
      if (key.regionMatches(true, 0, RESERVED, 0, RESERVED.length())) {
        throw each.invalid("Key", key, "no prefix aws:, which is AWS's own");
      }
      if (tags.put(key, value) != null) {
        throw each.invalid("Key", key, "each key once");
      }
    }
    return tags;
  }

  static void checkCount(Map<String, String> tags, String resourceName) {
    if (tags.size() > MAX_TAGS) {
      throw XRayException.tooManyTags(
          "Tags: " + tags.size() + " in all (expected: at most " + MAX_TAGS + " for a resource)",
          resourceName);
    }
  }
}
