// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What spans were reported for: a process, with the attributes that hold for all of its spans.
 *
 * @param attributes attributes by key, in the order received; a copy is kept
 * @param droppedAttributesCount how many attributes the sender left out
 * @param schemaUrl the schema that the attributes follow, or empty
 * @param raw what came beside these, see {@link Raw}
 */
public record Resource(
    Map<String, Value> attributes, int droppedAttributesCount, String schemaUrl, Raw raw) {
  /** A resource that nothing is known of. */
  public static final Resource EMPTY = new Resource(Map.of(), 0, "", Raw.EMPTY);

  public Resource {
    attributes = Attributes.copyOf(attributes);
  }

  /** Returns the attribute {@code service.name}, or null if there is none or it is not a string. */
  public @Nullable String serviceName() {
    return attributes.get("service.name") instanceof Value.StringValue text ? text.value() : null;
  }
}
