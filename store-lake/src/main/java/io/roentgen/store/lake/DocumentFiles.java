// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.roentgen.store.Document;
import io.roentgen.store.DocumentStore;
import io.roentgen.store.Documents;
import io.roentgen.store.StoreCorruptedException;
import io.roentgen.store.StoreUnavailableException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * A JSON file for each kind of document, replaced as a whole with every change: after a crash it is the old or the new
 * one. The last member is a checksum of the text before it.
 */
final class DocumentFiles implements Documents.Saver {
  static final String FOLDER = "documents";

  private static final int VERSION = 1;
  private static final String SUFFIX = ".json";
  private static final String CHECKSUM = ",\"checksum\":\"%08x\"}";
  private static final int CHECKSUM_BYTES = CHECKSUM.formatted(0).length();
  private static final JsonFactory JSON = new JsonFactory();

  private final Path folder;

  private DocumentFiles(Path folder) {
    this.folder = folder;
  }

  /**
   * Reads what is in the store's folder.
   *
   * @throws IOException if it cannot be read
   * @throws StoreCorruptedException if a file does not hold what was written
   */
  static Documents open(Path storeFolder) throws IOException {
    Path folder = storeFolder.resolve(FOLDER);
    if (!Files.exists(folder)) {
      Files.createDirectory(folder);
      Durable.syncFolder(storeFolder);
    }
    List<Path> files;
    try (Stream<Path> found = Files.list(folder)) {
      files = new ArrayList<>(found.toList());
    }
    Map<String, Documents.Kind> kinds = new HashMap<>();
    for (Path file : files) {
      String name = file.getFileName().toString();
      if (name.endsWith(SUFFIX + Durable.FRESH_SUFFIX)) {
        Files.delete(file);
      } else if (name.endsWith(SUFFIX)) {
        kinds.put(name.substring(0, name.length() - SUFFIX.length()), read(file));
      }
    }
    return new Documents(kinds, new DocumentFiles(folder));
  }

  private static Documents.Kind read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    long lastRevision = 0;
    Map<String, Document> documents = new TreeMap<>();
    // The checksum first: what it does not cover need not be understood.
    try {
      require(checksumHolds(bytes), "checksum differs");
      try (JsonParser json = JSON.createParser(bytes)) {
        require(json.nextToken() == JsonToken.START_OBJECT, "no object");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String member = json.currentName();
          json.nextToken();
          switch (member) {
            case "version" ->
                require(
                    json.getIntValue() == VERSION,
                    "version " + json.getIntValue() + " (expected: " + VERSION + ")");
            case "lastRevision" -> lastRevision = json.getLongValue();
            case "documents" -> {
              while (json.nextToken() == JsonToken.START_OBJECT) {
                Document document = readDocument(json);
                documents.put(document.name(), document);
              }
            }
            case "checksum" -> {}
            default -> throw new IOException("member '" + member + "'");
          }
        }
      }
      return new Documents.Kind(lastRevision, documents);
    } catch (IOException | IllegalArgumentException e) {
      throw new StoreCorruptedException(
          "cannot read "
              + file
              + ": "
              + e.getMessage()
              + "; it was written by another version or damaged: put back a copy of it, or move it"
              + " away to go on without what it holds",
          e);
    }
  }

  private static Document readDocument(JsonParser json) throws IOException {
    String name = "";
    long revision = DocumentStore.NONE;
    String content = "";
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String member = json.currentName();
      json.nextToken();
      switch (member) {
        case "name" -> name = json.getText();
        case "revision" -> revision = json.getLongValue();
        case "content" -> content = json.getText();
        default -> throw new IOException("member '" + member + "' of a document");
      }
    }
    return new Document(name, revision, content);
  }

  private static void require(boolean condition, String problem) throws IOException {
    if (!condition) {
      throw new IOException(problem);
    }
  }

  private static boolean checksumHolds(byte[] bytes) {
    int end = bytes.length - CHECKSUM_BYTES;
    return end > 0
        && checksum(bytes, end)
            .equals(new String(bytes, end, CHECKSUM_BYTES, StandardCharsets.UTF_8));
  }

  private static String checksum(byte[] bytes, int end) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, end);
    return CHECKSUM.formatted((int) crc.getValue());
  }

  @Override
  public void save(String kind, Documents.Kind content) {
    try {
      Durable.replace(folder, kind + SUFFIX, encode(content));
    } catch (IOException e) {
      throw new StoreUnavailableException(
          "cannot write "
              + folder.resolve(kind + SUFFIX)
              + ": "
              + e
              + "; nothing was changed; check that the folder can be written and the disk has room",
          e);
    }
  }

  private static byte[] encode(Documents.Kind content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeNumberField("version", VERSION);
      json.writeNumberField("lastRevision", content.lastRevision());
      json.writeArrayFieldStart("documents");
      for (Document document : content.documents().values()) {
        json.writeStartObject();
        json.writeStringField("name", document.name());
        json.writeNumberField("revision", document.revision());
        json.writeStringField("content", document.content());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.flush();
      byte[] open = bytes.toByteArray();
      bytes.writeBytes(checksum(open, open.length).getBytes(StandardCharsets.UTF_8));
      // The object is closed by the checksum; what the generator adds is cut off.
      return bytes.toByteArray();
    }
  }
}
