// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.settings;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.roentgen.model.Hex;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.OperationTable;
import io.roentgen.server.xray.protocol.PageToken;
import io.roentgen.server.xray.protocol.Times;
import io.roentgen.server.xray.protocol.XRayException;
import io.roentgen.server.xray.state.StateDocuments;
import io.roentgen.store.DocumentStore;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;

/**
 * Encryption, the indexing rule and the destination of segments. They are kept and given back, and
 * change nothing here: files are encrypted by the file system, every span is indexed, and segments
 * go to the one store.
 */
public final class SettingOperations {
  private static final String ENCRYPTION = "encryption";
  private static final String INDEXING = "indexing";
  private static final String DESTINATION = "destination";
  private static final String INDEXING_RULE = "Default";
  private static final double DEFAULT_INDEXING_PERCENTAGE = 1;
  private static final double ALL_PERCENT = 100;
  private static final int MAX_KEY_ID_LENGTH = 3_000;

  private final StateDocuments documents;
  private final InstantSource clock;

  private SettingOperations(DocumentStore store, InstantSource clock) {
    documents = new StateDocuments(store, "setting");
    this.clock = clock;
  }

  /** Adds them. */
  public static void addTo(OperationTable table, DocumentStore store, InstantSource clock) {
    var settings = new SettingOperations(store, clock);
    table.add("GetEncryptionConfig", "/EncryptionConfig", settings::getEncryptionConfig);
    table.add("PutEncryptionConfig", "/PutEncryptionConfig", settings::putEncryptionConfig);
    table.add("GetIndexingRules", "/GetIndexingRules", settings::getIndexingRules);
    table.add("UpdateIndexingRule", "/UpdateIndexingRule", settings::updateIndexingRule);
    table.add(
        "GetTraceSegmentDestination",
        "/GetTraceSegmentDestination",
        settings::getTraceSegmentDestination);
    table.add(
        "UpdateTraceSegmentDestination",
        "/UpdateTraceSegmentDestination",
        settings::updateTraceSegmentDestination);
  }

  private JsonNode read(String name) {
    return documents
        .find(name)
        .map(StateDocuments.State::content)
        .orElseGet(StateDocuments::object);
  }

  /** The last one wins, as these are replaced as a whole. */
  private void write(String name, ObjectNode content) {
    long revision;
    do {
      revision =
          documents.find(name).map(StateDocuments.State::revision).orElse(DocumentStore.NONE);
    } while (documents.put(name, content, revision).isEmpty());
  }

  private void getEncryptionConfig(Members request, JsonGenerator json) throws IOException {
    writeEncryption(read(ENCRYPTION), "ACTIVE", json);
  }

  private void putEncryptionConfig(Members request, JsonGenerator json) throws IOException {
    String keyId = request.text("KeyId", 1, MAX_KEY_ID_LENGTH);
    String type = request.requiredChoice("Type", Set.of("NONE", "KMS"));
    if (type.equals("KMS") && keyId == null) {
      throw request.missing("KeyId", "a key, as Type is KMS");
    }
    if (type.equals("NONE") && keyId != null) {
      throw request.invalid("KeyId", keyId, "none, as Type is NONE");
    }
    ObjectNode content = StateDocuments.object().put("type", type);
    if (keyId != null) {
      content.put("keyId", keyId);
    }
    write(ENCRYPTION, content);
    writeEncryption(content, "UPDATING", json);
  }

  private static void writeEncryption(JsonNode content, String status, JsonGenerator json)
      throws IOException {
    json.writeObjectFieldStart("EncryptionConfig");
    if (content.has("keyId")) {
      json.writeStringField("KeyId", content.path("keyId").asText());
    }
    json.writeStringField("Status", status);
    json.writeStringField("Type", content.path("type").asText("NONE"));
    json.writeEndObject();
  }

  private void getIndexingRules(Members request, JsonGenerator json) throws IOException {
    PageToken.refuseAny(request);
    json.writeArrayFieldStart("IndexingRules");
    writeIndexingRule(read(INDEXING), json);
    json.writeEndArray();
  }

  private void updateIndexingRule(Members request, JsonGenerator json) throws IOException {
    String name = request.requiredText("Name", 1, Integer.MAX_VALUE);
    Members rule = request.requiredObject("Rule").requiredObject("Probabilistic");
    double percentage = rule.requiredNumber("DesiredSamplingPercentage", 0, ALL_PERCENT);
    if (!name.equals(INDEXING_RULE)) {
      throw XRayException.notFound(
          "Name: '" + Hex.quote(name) + "' (expected: " + INDEXING_RULE + ")", name);
    }
    ObjectNode content =
        StateDocuments.object()
            .put("desired", percentage)
            .put("modifiedAt", clock.instant().toEpochMilli());
    write(INDEXING, content);
    json.writeFieldName("IndexingRule");
    writeIndexingRule(content, json);
  }

  private static void writeIndexingRule(JsonNode content, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("Name", INDEXING_RULE);
    Times.write(json, "ModifiedAt", Instant.ofEpochMilli(content.path("modifiedAt").asLong()));
    json.writeObjectFieldStart("Rule");
    json.writeObjectFieldStart("Probabilistic");
    json.writeNumberField(
        "DesiredSamplingPercentage", content.path("desired").asDouble(DEFAULT_INDEXING_PERCENTAGE));
    // What is true here, whatever is desired: every span can be found.
    json.writeNumberField("ActualSamplingPercentage", ALL_PERCENT);
    json.writeEndObject();
    json.writeEndObject();
    json.writeEndObject();
  }

  private void getTraceSegmentDestination(Members request, JsonGenerator json) throws IOException {
    writeDestination(read(DESTINATION).path("destination").asText("XRay"), "ACTIVE", json);
  }

  private void updateTraceSegmentDestination(Members request, JsonGenerator json)
      throws IOException {
    String before = read(DESTINATION).path("destination").asText("XRay");
    String destination = request.choice("Destination", Set.of("XRay", "CloudWatchLogs"));
    if (destination == null || destination.equals(before)) {
      writeDestination(before, "ACTIVE", json);
      return;
    }
    write(DESTINATION, StateDocuments.object().put("destination", destination));
    writeDestination(destination, "PENDING", json);
  }

  private static void writeDestination(String destination, String status, JsonGenerator json)
      throws IOException {
    json.writeStringField("Destination", destination);
    json.writeStringField("Status", status);
  }
}
