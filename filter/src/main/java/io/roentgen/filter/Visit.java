// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.model.NodeId;
import io.roentgen.model.Span;
import java.util.List;

/**
 * One visit of a trace to a node of the service map.
 *
 * @param node the node
 * @param accountIds accounts it said it runs in
 * @param kind how the node is known
 * @param measured its segment, or the span of the caller if it sent none
 * @param own the spans that speak of the visit: that one and, below a segment, all down to the next
 *     segments
 */
record Visit(NodeId node, List<String> accountIds, Kind kind, Span measured, List<Span> own) {
  enum Kind {
    /** It sent a segment. */
    SEGMENT,
    /** It is whom somebody called who sent no segment. */
    INFERRED,
    /** It is the one outside who called a segment without a parent. */
    CLIENT
  }
}
