// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

/**
 * A {@link RuleFile}, or an answer that {@link SamplingMessages} reads, is not as it has to be. The
 * message says which member it is, what was found and what was expected, and the place.
 */
public final class RuleFileException extends Exception {
  private static final long serialVersionUID = 1;

  private final int line;
  private final int column;

  RuleFileException(String message, int line, int column) {
    super(message + ", line " + line + ", column " + column);
    this.line = line;
    this.column = column;
  }

  /** Returns the line of what is wrong, from 1. */
  public int line() {
    return line;
  }

  /** Returns the column of what is wrong, from 1, in UTF-16 units. */
  public int column() {
    return column;
  }
}
