// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.Outcome;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.Value;
import io.roentgen.store.SpanCondition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@link SpanCondition} over the bytes of batches, without an object per span. It is a first sieve: it accepts every
 * span that the condition accepts.
 */
final class LiveFilter {
  private final SpanCondition condition;
  private final byte @Nullable [] service;
  private final byte @Nullable [] operation;
  private final List<String> keys;
  private final List<String> texts;
  private final List<byte[]> textBytes;

  LiveFilter(SpanCondition condition) {
    this.condition = condition;
    service = bytes(condition.service());
    operation = bytes(condition.operation());
    keys = new ArrayList<>(condition.attributes().keySet());
    texts = new ArrayList<>(condition.attributes().values());
    textBytes = texts.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  private static byte @Nullable [] bytes(@Nullable String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  Matcher forBatch(SpanBatch batch) {
    return new Matcher(batch);
  }

  /** The condition with keys and scopes of one batch looked up. */
  final class Matcher {
    private final byte[] bytes;
    private final int[] keyRoles;
    private final boolean[] scopeHasService;
    private final boolean[][] scopeHasAttribute;
    private final boolean[] found;

    private Matcher(SpanBatch batch) {
      bytes = batch.bytes();
      keyRoles = new int[batch.keyCount()];
      for (int key = 0; key < keyRoles.length; key++) {
        keyRoles[key] = keys.indexOf(batch.key(key));
      }
      scopeHasService = new boolean[batch.scopeCount()];
      scopeHasAttribute = new boolean[batch.scopeCount()][keys.size()];
      for (int scope = 0; scope < scopeHasService.length; scope++) {
        Map<String, Value> attributes = batch.scope(scope).resource().attributes();
        String name = batch.scope(scope).resource().serviceName();
        scopeHasService[scope] = (name == null ? "" : name).equals(condition.service());
        for (int i = 0; i < keys.size(); i++) {
          Value value = attributes.get(keys.get(i));
          scopeHasAttribute[scope][i] = value != null && SpanCondition.matches(value, texts.get(i));
        }
      }
      found = new boolean[keys.size()];
    }

    boolean matches(SpanBatch.Cursor cursor) {
      if (!matchesHeader(cursor)) {
        return false;
      }
      int scope = cursor.scopeIndex();
      boolean serviceFound = service == null || scopeHasService[scope];
      boolean operationFound = operation == null || operation.length == 0;
      System.arraycopy(scopeHasAttribute[scope], 0, found, 0, found.length);
      for (int tag = cursor.nextField(); tag != SpanBatch.FIELD_NONE; tag = cursor.nextField()) {
        switch (tag) {
          case SpanBatch.FIELD_SERVICE ->
              serviceFound = service == null || blockEquals(cursor, service);
          case SpanBatch.FIELD_NAME ->
              operationFound = operation == null || blockEquals(cursor, operation);
          case SpanBatch.FIELD_ATTRIBUTE -> {
            int role = keyRoles[cursor.keyIndex()];
            if (role >= 0) {
              found[role] = valueMatches(cursor, role);
            }
          }
          default -> {}
        }
      }
      if (!serviceFound || !operationFound) {
        return false;
      }
      for (boolean each : found) {
        if (!each) {
          return false;
        }
      }
      return true;
    }

    private boolean matchesHeader(SpanBatch.Cursor cursor) {
      SpanCondition.Status status = condition.status();
      if (status != null
          && switch (status) {
            case OK -> cursor.outcome() != 0;
            case ERROR -> (cursor.outcome() & Outcome.ERROR_BIT) == 0;
            case FAULT -> (cursor.outcome() & Outcome.FAULT_BIT) == 0;
            case THROTTLE -> (cursor.outcome() & Outcome.THROTTLE_BIT) == 0;
          }) {
        return false;
      }
      Long min = condition.minDurationNanos();
      Long max = condition.maxDurationNanos();
      if (min == null && max == null) {
        return true;
      }
      long duration = Math.max(0, cursor.endEpochNanos() - cursor.startEpochNanos());
      return !cursor.inProgress()
          && (min == null || duration >= min)
          && (max == null || duration <= max);
    }

    private boolean blockEquals(SpanBatch.Cursor cursor, byte[] wanted) {
      int offset = cursor.blockOffset();
      return Arrays.equals(
          bytes, offset, offset + cursor.blockLength(), wanted, 0, wanted.length);
    }

    private boolean valueMatches(SpanBatch.Cursor cursor, int role) {
      return cursor.valueType() == SpanBatch.VALUE_STRING
          ? blockEquals(cursor, textBytes.get(role))
          : SpanCondition.matches(cursor.value(), texts.get(role));
    }
  }
}
