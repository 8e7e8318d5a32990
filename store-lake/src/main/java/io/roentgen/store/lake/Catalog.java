// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.roentgen.store.StoreCorruptedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The list of parts: what makes a file part of the store. Written as a whole and replaced at once, so that a part is there
 * or not. Its last member is a checksum of the text before it: what the catalog does not list is deleted, so a changed
 * number must not pass for another.
 *
 * @param nextPart the number of the next part
 * @param sealedSequence spans up to this sequence are in parts; the log's are not read again
 * @param fieldIds Parquet field ids of attribute columns by name, never changed once given
 * @param parts in the order in which they were committed
 */
record Catalog(
    long nextPart, long sealedSequence, Map<String, Integer> fieldIds, List<PartInfo> parts) {
  static final Catalog EMPTY = new Catalog(1, 0, Map.of(), List.of());
  static final String FILE = "catalog.json";

  private static final int VERSION = 4;
  private static final JsonFactory JSON = new JsonFactory();
  private static final String CHECKSUM = ",\"checksum\":\"%08x\"}";
  private static final int CHECKSUM_BYTES = CHECKSUM.formatted(0).length();

  Catalog {
    fieldIds = Collections.unmodifiableMap(new LinkedHashMap<>(fieldIds));
    parts = List.copyOf(parts);
  }

  /**
   * Reads the catalog in {@code folder}.
   *
   * @throws IOException if the file cannot be read
   * @throws StoreCorruptedException if what it holds is not what was written, or written by another version
   */
  static Catalog read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    byte[] bytes = Files.readAllBytes(file);
    long nextPart = 0;
    long sealedSequence = 0;
    Map<String, Integer> fieldIds = new LinkedHashMap<>();
    List<PartInfo> parts = new ArrayList<>();
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
          case "nextPart" -> nextPart = json.getLongValue();
          case "sealedSequence" -> sealedSequence = json.getLongValue();
          case "fieldIds" -> {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
              String name = json.currentName();
              fieldIds.put(name, json.nextIntValue(0));
            }
          }
          case "parts" -> {
            while (json.nextToken() == JsonToken.START_OBJECT) {
              parts.add(PartInfo.read(json));
            }
          }
          case "checksum" -> {}
          default -> throw new IOException("member '" + member + "'");
        }
      }
      require(checksumHolds(bytes), "checksum differs");
    } catch (IOException e) {
      throw new StoreCorruptedException(
          "cannot read "
              + file
              + ": "
              + e.getMessage()
              + "; it was written by another version or damaged: put back a copy of it, or move the"
              + " folder away to start empty",
          e);
    }
    return new Catalog(nextPart, sealedSequence, fieldIds, parts);
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

  private static void require(boolean condition, String problem) throws IOException {
    if (!condition) {
      throw new IOException(problem);
    }
  }

  /** Replaces the catalog in {@code folder} by this one; it is durable when this returns. */
  void write(Path folder) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeNumberField("version", VERSION);
      json.writeNumberField("nextPart", nextPart);
      json.writeNumberField("sealedSequence", sealedSequence);
      json.writeObjectFieldStart("fieldIds");
      for (Map.Entry<String, Integer> each : fieldIds.entrySet()) {
        json.writeNumberField(each.getKey(), each.getValue());
      }
      json.writeEndObject();
      json.writeArrayFieldStart("parts");
      for (PartInfo part : parts) {
        part.write(json);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    byte[] open = Arrays.copyOf(bytes.toByteArray(), bytes.size() - 1);
    bytes.reset();
    bytes.writeBytes(open);
    bytes.writeBytes(checksum(open, open.length).getBytes(StandardCharsets.UTF_8));
    Durable.replace(folder, FILE, bytes.toByteArray());
  }

  /** Returns the number of the next part and takes {@code count} numbers. */
  Catalog takeNumbers(int count) {
    return new Catalog(nextPart + count, sealedSequence, fieldIds, parts);
  }

  /** Returns this with field ids for all of these columns. */
  Catalog withColumns(List<AttributeColumn> columns) {
    Map<String, Integer> ids = new LinkedHashMap<>(fieldIds);
    int next = Column.FIRST_ATTRIBUTE_ID + ids.size();
    for (AttributeColumn column : columns) {
      if (ids.putIfAbsent(column.name(), next) == null) {
        next++;
      }
    }
    return new Catalog(nextPart, sealedSequence, ids, parts);
  }

  /** Returns this with some parts in place of others. */
  Catalog replace(List<PartInfo> removed, List<PartInfo> added, long sealed) {
    List<PartInfo> result = new ArrayList<>(parts);
    result.removeAll(removed);
    result.addAll(added);
    return new Catalog(nextPart, Math.max(sealedSequence, sealed), fieldIds, result);
  }
}
