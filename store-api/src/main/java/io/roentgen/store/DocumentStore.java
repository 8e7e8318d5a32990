// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import java.util.List;
import java.util.Optional;

/**
 * Keeps the small state of a server, such as groups and rules: texts with a name, in kinds. There are few of them, so all
 * of them are in memory; a kind is written as a whole.
 *
 * <p>Each document has a revision, which grows with every change within its kind and never comes again, not even after a
 * deletion. Who changes a document says which revision he has seen, so that of two who do so at the same time one learns
 * that he is late.
 *
 * <p>Changes are durable when a method returns, as far as the store is, and seen by every call that starts afterwards.
 * Each method throws {@link StoreClosedException} if the store was closed, and {@link IllegalArgumentException} for a
 * kind that is not 1 to 64 of the characters {@code a-z} and {@code -}, or a name that is not 1 to 1,024 characters.
 */
public interface DocumentStore {
  /** The longest content, in characters. */
  int MAX_CONTENT_LENGTH = 1 << 20;

  /** The revision of a document that is not there. */
  long NONE = 0;

  /** Returns the document, or empty if there is none. */
  Optional<Document> find(String kind, String name);

  /** Returns all documents of a kind, sorted by name as {@link String#compareTo} does. */
  List<Document> list(String kind);

  /**
   * Writes a document if its revision is {@code expectedRevision}; {@link #NONE} stands for a document that must not be
   * there yet. Returns what was written, or empty if the document has another revision; nothing was changed then.
   *
   * @throws StoreUnavailableException if the document cannot be made durable, for example on a full disk; it is as before
   *     for everyone who asks this store. Only if the disk failed at the last step may the next start find it changed
   * @throws IllegalArgumentException if {@code content} is longer than {@value #MAX_CONTENT_LENGTH} characters, or is no
   *     Unicode: has half a surrogate pair
   */
  Optional<Document> put(String kind, String name, String content, long expectedRevision);

  /**
   * Deletes a document if its revision is {@code expectedRevision}; returns whether it was so.
   *
   * @throws StoreUnavailableException as {@link #put}
   */
  boolean delete(String kind, String name, long expectedRevision);
}
