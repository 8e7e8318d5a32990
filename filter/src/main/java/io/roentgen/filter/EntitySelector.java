// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

/** Which node or edge of the service map statistics are wanted of. */
public sealed interface EntitySelector {
  /** The longest text that X-Ray takes, in characters. */
  int MAX_LENGTH = 500;

  /** A node. */
  record OfService(NodeSelector node) implements EntitySelector {}

  /** An edge. */
  record OfEdge(NodeSelector caller, NodeSelector callee) implements EntitySelector {}

  /**
   * Returns the selector that {@code text} spells: {@code service(...)}, {@code id(...)} or {@code
   * edge(...)}.
   *
   * @throws FilterException if it spells none
   */
  static EntitySelector parse(String text) {
    return Parser.selector(text, MAX_LENGTH);
  }
}
