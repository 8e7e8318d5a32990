// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.state;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.roentgen.store.Document;
import io.roentgen.store.DocumentStore;
import io.roentgen.store.StoreCorruptedException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The documents of one kind, as JSON objects. */
public final class StateDocuments {
  private static final JsonMapper JSON = new JsonMapper();

  private final DocumentStore store;
  private final String kind;

  /** Those of {@code kind}, which is named as {@link DocumentStore} wants it. */
  public StateDocuments(DocumentStore store, String kind) {
    this.store = store;
    this.kind = kind;
  }

  /**
   * One of them.
   *
   * @param revision as {@link Document#revision}
   * @param content as it was written
   */
  public record State(String name, long revision, JsonNode content) {}

  /** Returns one, or empty if it is not there. */
  public Optional<State> find(String name) {
    return store.find(kind, name).map(this::parse);
  }

  /** Returns all, sorted by name. */
  public List<State> list() {
    return store.list(kind).stream().map(this::parse).toList();
  }

  private State parse(Document document) {
    try {
      return new State(document.name(), document.revision(), JSON.readTree(document.content()));
    } catch (JsonProcessingException e) {
      throw new StoreCorruptedException(
          "document " + kind + " '" + document.name() + "' is not JSON: it was written by others",
          e);
    }
  }

  /** Writes one as {@link DocumentStore#put} does; returns its new revision, or empty. */
  public Optional<Long> put(String name, ObjectNode content, long expectedRevision) {
    return store.put(kind, name, content.toString(), expectedRevision).map(Document::revision);
  }

  /** Deletes one as {@link DocumentStore#delete} does. */
  public boolean delete(String name, long expectedRevision) {
    return store.delete(kind, name, expectedRevision);
  }

  /** Returns an empty object to be filled and written. */
  public static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** Puts texts by name into {@code content}; {@link #texts} reads them back. */
  public static void putTexts(ObjectNode content, String member, Map<String, String> texts) {
    ObjectNode object = content.putObject(member);
    texts.forEach(object::put);
  }

  /** Returns texts by name, sorted; empty if the member is not there. */
  public static SortedMap<String, String> texts(JsonNode content, String member) {
    SortedMap<String, String> texts = new TreeMap<>();
    content.path(member).properties().forEach(e -> texts.put(e.getKey(), e.getValue().asText()));
    return texts;
  }
}
