// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.ResourceScope;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Numbers resource scopes by their content, so that one has the same number in every part: the first 8 bytes of the
 * SHA-256 of its JSON.
 */
final class ScopeIds {
  private final Map<ResourceScope, Entry> entries = new HashMap<>();
  private final Map<Long, Entry> byId = new LinkedHashMap<>();

  /**
   * A numbered scope.
   *
   * @param id the number
   * @param service the resource's service name in UTF-8, or empty
   * @param resource the resource as JSON
   * @param scope the scope as JSON
   */
  // The array is shared by reference on purpose and no equality is asked of entries.
  @SuppressWarnings("ArrayRecordComponent")
  record Entry(long id, byte[] service, String resource, String scope) {}

  /** Returns the entry of a scope. */
  Entry of(ResourceScope scope) {
    Entry entry = entries.computeIfAbsent(scope, ScopeIds::entry);
    byId.put(entry.id(), entry);
    return entry;
  }

  /** Returns all entries that were asked for, by number. */
  Map<Long, Entry> used() {
    return byId;
  }

  private static Entry entry(ResourceScope both) {
    String resource = ValueJson.resource(both.resource());
    String scope = ValueJson.scope(both.scope());
    String service = both.resource().serviceName();
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(resource.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      digest.update(scope.getBytes(StandardCharsets.UTF_8));
      long id = ByteBuffer.wrap(digest.digest()).getLong();
      byte[] name = service == null ? new byte[0] : service.getBytes(StandardCharsets.UTF_8);
      return new Entry(id, name, resource, scope);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
