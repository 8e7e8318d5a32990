// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import java.util.Objects;

/**
 * What is wrong with one field of a request.
 *
 * @param field path of the field as in the proto file: {@code items[2].sku}; empty if it is the
 *     request as a whole
 * @param description what is wrong, for the caller's developer
 */
public record FieldViolation(String field, String description) {
  public FieldViolation {
    Objects.requireNonNull(field, "field");
    Objects.requireNonNull(description, "description");
  }

  /** Returns {@code field: description}. */
  @Override
  public String toString() {
    return field.isEmpty() ? description : field + ": " + description;
  }
}
