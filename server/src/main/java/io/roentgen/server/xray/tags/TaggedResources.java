// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.tags;

import java.util.Map;
import java.util.SortedMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Resources of one sort, which may have tags. */
public interface TaggedResources {
  /** Returns the tags of a resource, or null if there is none of that ARN. */
  @Nullable SortedMap<String, String> tags(String arn);

  /**
   * Replaces the tags of a resource by what {@code change} makes of them; what that throws is
   * passed on and nothing is changed. Returns whether there is a resource of that ARN.
   */
  boolean changeTags(String arn, UnaryOperator<Map<String, String>> change);
}
