// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

import io.roentgen.model.Hex;
import io.roentgen.model.TraceId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A place in the result of a search: behind the last trace of a page. Its text is what {@link TracePage#next}
 * holds; it depends on the query and the trace alone, so it outlives a restart and serves any store.
 *
 * <p>The text is 43 characters of unpadded base64url: start, both halves of the id, and the first 64 bits of the
 * SHA-256 of the query without its cursor. It protects against mix-ups, not against forgery.
 *
 * @param startEpochNanos the start of that trace
 * @param traceId its id
 */
public record TraceCursor(long startEpochNanos, TraceId traceId) {
  private static final int BYTES = 4 * Long.BYTES;

  /** Returns the cursor behind {@code last} in the result of {@code query}. */
  public static String after(TraceSummary last, TraceQuery query) {
    return new TraceCursor(last.startEpochNanos(), last.traceId()).toText(query);
  }

  /**
   * Returns the place where {@code query} wants to go on, or null if it asks for the first page.
   *
   * @throws CursorException if its cursor is not one, or was made for a query that is not equal to it
   *     in everything else
   */
  public static @Nullable TraceCursor of(TraceQuery query) {
    String text = query.cursor();
    if (text == null) {
      return null;
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException notBase64) {
      throw refused(text, "next of a page", notBase64);
    }
    if (bytes.length != BYTES) {
      throw refused(text, "next of a page", null);
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    long start = in.getLong();
    long high = in.getLong();
    long low = in.getLong();
    if ((high | low) == 0) {
      throw refused(text, "next of a page", null);
    }
    if (in.getLong() != fingerprint(query)) {
      throw refused(text, "next of a page of an equal query", null);
    }
    return new TraceCursor(start, new TraceId(high, low));
  }

  /** Returns the text that stands for this place in the result of {@code query}. */
  public String toText(TraceQuery query) {
    byte[] bytes =
        ByteBuffer.allocate(BYTES)
            .putLong(startEpochNanos)
            .putLong(traceId.high())
            .putLong(traceId.low())
            .putLong(fingerprint(query))
            .array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Returns whether a trace comes behind this place: starts earlier, or at the same time with a lower id. */
  public boolean isBefore(TraceSummary trace) {
    return trace.startEpochNanos() != startEpochNanos
        ? trace.startEpochNanos() < startEpochNanos
        : trace.traceId().compareTo(traceId) < 0;
  }

  private static long fingerprint(TraceQuery query) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException("SHA-256: not in this JDK", everyJdkHasIt);
    }
    SpanCondition span = query.span();
    put(digest, Long.toString(query.range().startEpochNanos()));
    put(digest, Long.toString(query.range().endEpochNanos()));
    put(digest, query.timeField().name());
    put(digest, Integer.toString(query.limit()));
    put(digest, span.service());
    put(digest, span.operation());
    put(digest, span.minDurationNanos() == null ? null : span.minDurationNanos().toString());
    put(digest, span.maxDurationNanos() == null ? null : span.maxDurationNanos().toString());
    put(digest, span.status() == null ? null : span.status().name());
    // Equal maps may differ in order.
    new TreeMap<>(span.attributes())
        .forEach(
            (key, text) -> {
              put(digest, key);
              put(digest, text);
            });
    if (!query.where().isAny()) {
      put(digest, query.where().toString());
    }
    return ByteBuffer.wrap(digest.digest()).getLong();
  }

  /** Adds a text with its length, so that no two lists of texts give the same bytes. */
  private static void put(MessageDigest digest, @Nullable String text) {
    byte[] bytes = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_16BE);
    digest.update(
        ByteBuffer.allocate(Integer.BYTES).putInt(text == null ? -1 : bytes.length).array());
    digest.update(bytes);
  }

  private static CursorException refused(
      String text, String expected, @Nullable Throwable cause) {
    return new CursorException(
        "cursor: '" + Hex.quote(text) + "' (expected: " + expected + ")", cause);
  }
}
