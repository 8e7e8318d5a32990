// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Copies attribute maps, which keep the order in which the keys came. */
final class Attributes {
  private Attributes() {}

  static Map<String, Value> copyOf(Map<String, Value> attributes) {
    return attributes.isEmpty()
        ? Map.of()
        : Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }
}
