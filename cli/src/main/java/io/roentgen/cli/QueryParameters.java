// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parameters of a request in the order in which they were added. */
final class QueryParameters implements Iterable<Map.Entry<String, String>> {
  private final List<Map.Entry<String, String>> parameters = new ArrayList<>();

  /** Adds one, or nothing for null; returns this. */
  QueryParameters add(String name, @Nullable String value) {
    if (value != null) {
      parameters.add(Map.entry(name, value));
    }
    return this;
  }

  @Override
  public Iterator<Map.Entry<String, String>> iterator() {
    return parameters.iterator();
  }
}
