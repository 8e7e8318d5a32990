// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.settings;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.roentgen.sampling.Wildcard;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.OperationTable;
import io.roentgen.server.xray.protocol.PageToken;
import io.roentgen.server.xray.protocol.Times;
import io.roentgen.server.xray.protocol.XRayException;
import io.roentgen.server.xray.state.StateDocuments;
import io.roentgen.store.DocumentStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code PutResourcePolicy}, {@code DeleteResourcePolicy} and {@code ListResourcePolicies}.
 * Policies are checked, kept and given back; nothing here is allowed or denied by them.
 */
public final class PolicyOperations {
  private static final int MAX_POLICIES = 5;
  private static final int MAX_DOCUMENT_BYTES = 5 * 1024;
  private static final int MAX_NAME_LENGTH = 128;
  private static final int MAX_TOKEN_LENGTH = 100;
  private static final String CREATE_ONLY = "0";
  private static final String PUT_ACTION = "xray:PutResourcePolicy";
  private static final Pattern NAME = Pattern.compile("[\\w+=,.@-]+");
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final StateDocuments documents;
  private final InstantSource clock;

  private PolicyOperations(DocumentStore store, InstantSource clock) {
    documents = new StateDocuments(store, "resource-policy");
    this.clock = clock;
  }

  /** Adds them. */
  public static void addTo(OperationTable table, DocumentStore store, InstantSource clock) {
    var policies = new PolicyOperations(store, clock);
    table.add("PutResourcePolicy", "/PutResourcePolicy", policies::putResourcePolicy);
    table.add("DeleteResourcePolicy", "/DeleteResourcePolicy", policies::deleteResourcePolicy);
    table.add("ListResourcePolicies", "/ListResourcePolicies", policies::listResourcePolicies);
  }

  private static String name(Members request) {
    String name = request.requiredText("PolicyName", 1, MAX_NAME_LENGTH);
    if (!NAME.matcher(name).matches()) {
      throw request.invalid("PolicyName", name, "letters, digits and _+=,.@-");
    }
    return name;
  }

  private synchronized void putResourcePolicy(Members request, JsonGenerator json)
      throws IOException {
    String name = name(request);
    String policy = request.requiredText("PolicyDocument", 0, Integer.MAX_VALUE);
    String revision = request.text("PolicyRevisionId");
    boolean bypass = Boolean.TRUE.equals(request.flag("BypassPolicyLockoutCheck"));
    int bytes = policy.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_DOCUMENT_BYTES) {
      throw XRayException.badRequest(
          "PolicySizeLimitExceededException",
          "PolicyDocument: " + bytes + " bytes (expected: at most " + MAX_DOCUMENT_BYTES + ")");
    }
    List<JsonNode> statements = statements(policy);
    if (!bypass && statements.stream().anyMatch(PolicyOperations::locksOut)) {
      throw XRayException.badRequest(
          "LockoutPreventionException",
          "PolicyDocument: denies everyone xray:PutResourcePolicy (expected: someone who can"
              + " change it, or BypassPolicyLockoutCheck)");
    }
    Optional<StateDocuments.State> before = documents.find(name);
    checkRevision(revision, before.orElse(null));
    if (before.isEmpty() && documents.list().size() >= MAX_POLICIES) {
      throw XRayException.badRequest(
          "PolicyCountLimitExceededException",
          "policies: "
              + MAX_POLICIES
              + " are there (expected: at most "
              + MAX_POLICIES
              + "); delete one");
    }
    ObjectNode content =
        StateDocuments.object()
            .put("document", policy)
            .put("updatedAt", clock.instant().toEpochMilli());
    long expected = before.map(StateDocuments.State::revision).orElse(DocumentStore.NONE);
    long written =
        documents
            .put(name, content, expected)
            .orElseThrow(() -> new IllegalStateException("policy changed by another: " + name));
    json.writeFieldName("ResourcePolicy");
    write(new StateDocuments.State(name, written, content), json);
  }

  private static void checkRevision(@Nullable String given, StateDocuments.@Nullable State now) {
    String expected = now == null ? CREATE_ONLY : Long.toString(now.revision());
    if (given != null && !given.equals(expected)) {
      throw XRayException.badRequest(
          "InvalidPolicyRevisionIdException",
          given.equals(CREATE_ONLY)
              ? "PolicyRevisionId: 0 (expected: a policy that is not there yet)"
              : "PolicyRevisionId: not that of the policy as it is now (expected: read it again)");
    }
  }

  private static XRayException malformed(String problem) {
    return XRayException.badRequest(
        "MalformedPolicyDocumentException", "PolicyDocument: " + problem);
  }

  private static List<JsonNode> statements(String policy) {
    JsonNode root;
    try {
      root = JSON.readTree(policy);
    } catch (JsonProcessingException e) {
      throw malformed("not JSON (expected: a JSON object with Statement)");
    }
    if (!root.isObject()) {
      throw malformed("not an object (expected: a JSON object with Statement)");
    }
    JsonNode version = root.get("Version");
    if (version != null && !Set.of("2012-10-17", "2008-10-17").contains(version.asText())) {
      throw malformed("Version (expected: 2012-10-17 or 2008-10-17)");
    }
    JsonNode statement = root.path("Statement");
    List<JsonNode> statements =
        statement.isArray() ? List.copyOf(statement.valueStream().toList()) : List.of(statement);
    if (statements.isEmpty()) {
      throw malformed("Statement: empty (expected: at least one)");
    }
    for (JsonNode each : statements) {
      if (!each.isObject()
          || !Set.of("Allow", "Deny").contains(each.path("Effect").asText())
          || !(each.has("Principal") ^ each.has("NotPrincipal"))
          || !(each.has("Action") ^ each.has("NotAction"))) {
        throw malformed("Statement (expected: objects with Effect, Principal and Action)");
      }
    }
    return statements;
  }

  private static boolean locksOut(JsonNode statement) {
    JsonNode principal = statement.path("Principal");
    boolean everyone = texts(principal).contains("*") || texts(principal.path("AWS")).contains("*");
    return statement.path("Effect").asText().equals("Deny")
        && everyone
        && !statement.has("Condition")
        && texts(statement.path("Action")).stream()
            .anyMatch(action -> Wildcard.matches(action, PUT_ACTION));
  }

  private static List<String> texts(JsonNode node) {
    return node.isArray()
        ? node.valueStream().map(JsonNode::asText).toList()
        : node.isTextual() ? List.of(node.asText()) : List.of();
  }

  private synchronized void deleteResourcePolicy(Members request, JsonGenerator json) {
    String name = name(request);
    String revision = request.text("PolicyRevisionId");
    StateDocuments.State now = documents.find(name).orElse(null);
    checkRevision(revision, now);
    if (now == null) {
      throw request.invalid("PolicyName", name, "the name of a policy that is there");
    }
    if (!documents.delete(name, now.revision())) {
      throw new IllegalStateException("policy changed by another: " + name);
    }
  }

  private void listResourcePolicies(Members request, JsonGenerator json) throws IOException {
    var _ = request.text("NextToken", 1, MAX_TOKEN_LENGTH);
    PageToken.refuseAny(request);
    json.writeArrayFieldStart("ResourcePolicies");
    for (StateDocuments.State state : documents.list()) {
      write(state, json);
    }
    json.writeEndArray();
  }

  private static void write(StateDocuments.State state, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("PolicyName", state.name());
    json.writeStringField("PolicyDocument", state.content().path("document").asText());
    json.writeStringField("PolicyRevisionId", Long.toString(state.revision()));
    Times.write(
        json, "LastUpdatedTime", Instant.ofEpochMilli(state.content().path("updatedAt").asLong()));
    json.writeEndObject();
  }
}
