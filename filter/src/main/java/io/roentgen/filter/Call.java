// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.model.NodeId;
import io.roentgen.model.Span;
import java.util.Set;

/**
 * One call, as {@link io.roentgen.store.CallCounter} counts it.
 *
 * @param caller who called
 * @param callee whom
 * @param measured the span that gives its time and outcome
 */
record Call(Party caller, Party callee, Span measured) {
  /** A node with the accounts that its visits in this trace name. */
  record Party(NodeId node, Set<String> accountIds) {}
}
