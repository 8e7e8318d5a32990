// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.util.Map;

/**
 * Something that happened at one instant within a span, such as an exception.
 *
 * @param epochNanos when
 * @param name what
 * @param attributes attributes by key, in the order received; a copy is kept
 * @param droppedAttributesCount how many attributes the sender left out
 */
public record SpanEvent(
    long epochNanos, String name, Map<String, Value> attributes, int droppedAttributesCount) {
  public SpanEvent {
    attributes = Attributes.copyOf(attributes);
  }
}
