// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query.analytics;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the two sets have in one field.
 *
 * @param name an attribute's key, or {@code service}, {@code operation}, {@code entry}, {@code
 *     status}, {@code grpc.status} or {@code exception.type}
 * @param attribute whether it is an attribute of spans or their resources
 * @param numeric whether {@link #values} are ranges of numbers
 * @param score how far apart the two distributions are, 0 to 1; see {@link FieldCounts}
 * @param valueCount how many values there are
 * @param aCount traces of A that have the field
 * @param bCount traces of B that have the field
 * @param values those whose shares differ most, at most {@value #MAX_VALUES}; ranges of numbers in
 *     their order
 */
public record Field(
    String name,
    boolean attribute,
    boolean numeric,
    double score,
    int valueCount,
    int aCount,
    int bCount,
    List<FieldValue> values) {
  /** How many values are told at the most. */
  public static final int MAX_VALUES = 8;

  public Field {
    values = List.copyOf(values);
  }

  /**
   * A value, or a range of numbers.
   *
   * @param text the value
   * @param aCount traces of A that have it
   * @param bCount traces of B that have it
   * @param filter an expression that matches the traces that have it, or null if there is none
   */
  public record FieldValue(String text, int aCount, int bCount, @Nullable String filter) {}
}
