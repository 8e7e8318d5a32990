// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

/** What stands on the left of an operator. */
sealed interface Operand permits Keyword, Operand.Annotation, Operand.Attribute {
  /** An annotation by its key. */
  record Annotation(String key) implements Operand {}

  /** An attribute of a span or of its resource by its key. */
  record Attribute(String key) implements Operand {}
}
