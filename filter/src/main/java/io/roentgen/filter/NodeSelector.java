// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.model.NodeId;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes of the service map are meant.
 *
 * @param name the exact name, or null for any
 * @param type the exact type, or null for any
 * @param accountId the exact account, or null for any
 */
public record NodeSelector(
    @Nullable String name, @Nullable String type, @Nullable String accountId) {
  /** Any node. */
  public static final NodeSelector ANY = new NodeSelector(null, null, null);

  /** Returns whether a node with these accounts is meant. */
  public boolean matches(NodeId node, Collection<String> accountIds) {
    return (name == null || name.equals(node.name()))
        && (type == null || type.equals(node.type()))
        && (accountId == null || accountIds.contains(accountId));
  }
}
