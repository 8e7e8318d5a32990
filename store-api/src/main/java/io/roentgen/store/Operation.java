// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.SpanKind;

/**
 * Something that a service does.
 *
 * @param name span or segment name
 * @param kind the part it plays in a call
 */
public record Operation(String name, SpanKind kind) implements Comparable<Operation> {
  @Override
  public int compareTo(Operation other) {
    int byName = name.compareTo(other.name);
    return byName != 0 ? byName : kind.compareTo(other.kind);
  }
}
