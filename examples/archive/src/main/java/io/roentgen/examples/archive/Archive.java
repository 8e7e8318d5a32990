// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.archive;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is kept, in memory: numbered from 1 in the order in which it came; the oldest goes when all
 * is longer than {@value #MAX_CHARACTERS} characters. Safe for use by several threads.
 */
final class Archive {
  static final long MAX_CHARACTERS = 32L << 20;

  private final Map<Long, Document> documents = new LinkedHashMap<>();
  private long last;
  private long characters;

  /**
   * A page.
   *
   * @param status that it was answered with
   * @param base64 whether the body is in Base64, as it is no text
   */
  record Document(int status, String body, boolean base64) {}

  /** Returns its number. */
  synchronized long store(Document document) {
    last++;
    documents.put(last, document);
    characters += document.body().length();
    Iterator<Document> oldest = documents.values().iterator();
    while (characters > MAX_CHARACTERS && documents.size() > 1) {
      characters -= oldest.next().body().length();
      oldest.remove();
    }
    return last;
  }

  /** Returns a document, or null. */
  synchronized @Nullable Document find(long id) {
    return documents.get(id);
  }
}
