// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The part of a {@link DocumentStore} that is the same for every store: what is in memory, and the rules. A store says how
 * a kind is made durable.
 */
public final class Documents implements DocumentStore {
  private static final Pattern KIND = Pattern.compile("[a-z-]{1,64}");
  private static final int MAX_NAME_LENGTH = 1_024;

  private final Saver saver;

  /** Held while a kind is saved, so that one change comes after the other; readers do not take it. */
  private final Object lock = new Object();

  private final Map<String, Kind> kinds = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /** Makes documents durable. */
  public interface Saver {
    /**
     * Replaces all that is kept of {@code kind}. Called by one thread at a time.
     *
     * @throws StoreUnavailableException if that cannot be
     */
    void save(String kind, Kind content);
  }

  /**
   * All documents of a kind.
   *
   * @param lastRevision the greatest that was ever given
   * @param documents by name, sorted
   */
  public record Kind(long lastRevision, Map<String, Document> documents) {
    static final Kind EMPTY = new Kind(NONE, Map.of());

    public Kind {
      documents = Collections.unmodifiableMap(new TreeMap<>(documents));
    }

    private Kind with(Document document) {
      Map<String, Document> more = new TreeMap<>(documents);
      more.put(document.name(), document);
      return new Kind(document.revision(), more);
    }

    private Kind without(String name) {
      Map<String, Document> less = new TreeMap<>(documents);
      less.remove(name);
      return new Kind(lastRevision + 1, less);
    }
  }

  /** Goes on with what was saved before. */
  public Documents(Map<String, Kind> saved, Saver saver) {
    this.saver = saver;
    kinds.putAll(saved);
  }

  @Override
  public Optional<Document> find(String kind, String name) {
    checkName(name);
    return Optional.ofNullable(kind(kind).documents.get(name));
  }

  @Override
  public List<Document> list(String kind) {
    return List.copyOf(kind(kind).documents.values());
  }

  private Kind kind(String kind) {
    checkKind(kind);
    checkOpen();
    return kinds.getOrDefault(kind, Kind.EMPTY);
  }

  @Override
  public Optional<Document> put(String kind, String name, String content, long expectedRevision) {
    checkKind(kind);
    checkName(name);
    if (content.length() > MAX_CONTENT_LENGTH) {
      throw new IllegalArgumentException(
          "content: " + content.length() + " characters (expected: at most " + MAX_CONTENT_LENGTH + ")");
    }
    checkUnicode("content", content);
    synchronized (lock) {
      checkOpen();
      Kind before = kinds.getOrDefault(kind, Kind.EMPTY);
      if (revision(before, name) != expectedRevision) {
        return Optional.empty();
      }
      Document document = new Document(name, before.lastRevision + 1, content);
      save(kind, before.with(document));
      return Optional.of(document);
    }
  }

  @Override
  public boolean delete(String kind, String name, long expectedRevision) {
    checkKind(kind);
    checkName(name);
    synchronized (lock) {
      checkOpen();
      Kind before = kinds.getOrDefault(kind, Kind.EMPTY);
      if (expectedRevision == NONE || revision(before, name) != expectedRevision) {
        return false;
      }
      save(kind, before.without(name));
      return true;
    }
  }

  /** To be called with the lock held. */
  private void save(String kind, Kind content) {
    saver.save(kind, content);
    kinds.put(kind, content);
  }

  /** Ends this; every other method throws {@link StoreClosedException} afterwards. */
  public void close() {
    synchronized (lock) {
      closed = true;
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new StoreClosedException();
    }
  }

  private static long revision(Kind kind, String name) {
    Document document = kind.documents.get(name);
    return document == null ? NONE : document.revision();
  }

  private static void checkKind(String kind) {
    if (!KIND.matcher(kind).matches()) {
      throw new IllegalArgumentException(
          "kind: '" + kind + "' (expected: 1 to 64 of the characters a-z and -)");
    }
  }

  private static void checkName(String name) {
    if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
      throw new IllegalArgumentException(
          "name: " + name.length() + " characters (expected: 1 to " + MAX_NAME_LENGTH + ")");
    }
    checkUnicode("name", name);
  }

  private static void checkUnicode(String what, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (i + 1 == text.length() || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
          throw new IllegalArgumentException(
              what + ": half a surrogate pair at " + i + " (expected: Unicode)");
        }
        i++;
      }
    }
  }
}
