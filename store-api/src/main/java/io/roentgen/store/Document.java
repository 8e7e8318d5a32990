// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

/**
 * A document of a {@link DocumentStore} as it was at one moment.
 *
 * @param name unique within its kind
 * @param revision greater than that of every earlier change of its kind; at least 1
 * @param content what was written
 */
public record Document(String name, long revision, String content) {
  public Document {
    if (revision < 1) {
      throw new IllegalArgumentException("revision: " + revision + " (expected: >= 1)");
    }
  }
}
