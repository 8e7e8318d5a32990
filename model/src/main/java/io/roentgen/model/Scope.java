// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.util.Map;

/**
 * The instrumentation that made spans: a library, with its version.
 *
 * @param name the library's name, or empty
 * @param version the library's version, or empty
 * @param attributes attributes by key, in the order received; a copy is kept
 * @param droppedAttributesCount how many attributes the sender left out
 * @param schemaUrl the schema that the spans follow, or empty
 * @param raw what came beside these, see {@link Raw}
 */
public record Scope(
    String name,
    String version,
    Map<String, Value> attributes,
    int droppedAttributesCount,
    String schemaUrl,
    Raw raw) {
  /** A scope that nothing is known of. */
  public static final Scope EMPTY = new Scope("", "", Map.of(), 0, "", Raw.EMPTY);

  public Scope {
    attributes = Attributes.copyOf(attributes);
  }
}
