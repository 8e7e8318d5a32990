// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server.paging;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Reads requests for pages and writes the tokens of the next ones (Google's AIP-158).
 *
 * <p>A token is a cursor with a signature (HMAC-SHA-256) over cursor and filter: callers cannot
 * make up one or change it, and one list's token does not work on another. It is not secret:
 * whoever has it can read the cursor.
 *
 * <pre>{@code
 * PageRequest page = tokens.read(request.getPageSize(), request.getPageToken(), request.getFilter());
 * List<User> found = users.after(page.after(), request.getFilter(), page.limit());
 * Page<User> users = page.of(found, User::id);
 * }</pre>
 *
 * <p>Immutable; safe for use by several threads.
 */
public final class PageTokens {
  /** How many items a page has at most. */
  public static final int MAX_PAGE_SIZE = 100;

  /** How many items a page has if the caller does not say. */
  public static final int DEFAULT_PAGE_SIZE = 50;

  private static final String ALGORITHM = "HmacSHA256";
  private static final byte VERSION = 1;
  private static final int SIGNATURE_BYTES = 16;
  private static final int MIN_KEY_BYTES = 16;
  private static final int MAX_TOKEN_CHARACTERS = 4096;

  private final List<SecretKeySpec> keys;

  private PageTokens(List<SecretKeySpec> keys) {
    this.keys = keys;
  }

  /**
   * Returns tokens that any server with the same key understands.
   *
   * @param key at least 16 bytes, secret
   * @param olderKeys keys that sign no more, but whose tokens are still good
   */
  public static PageTokens signedWith(byte[] key, byte[]... olderKeys) {
    List<SecretKeySpec> keys = new ArrayList<>();
    keys.add(keyOf(key));
    for (byte[] older : olderKeys) {
      keys.add(keyOf(older));
    }
    return new PageTokens(List.copyOf(keys));
  }

  /** Returns tokens that no other process understands: for servers that stand alone. */
  public static PageTokens ofThisProcess() {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    return signedWith(key);
  }

  /**
   * Reads a request.
   *
   * @param pageSize 0 for {@value #DEFAULT_PAGE_SIZE}; more than {@value #MAX_PAGE_SIZE} is taken
   *     as that many
   * @param pageToken empty for the first page, else the one that the page before had
   * @param filter what else chooses or orders the items, and must stay the same from page to page
   * @throws IllegalArgumentException if the size is less than 0, or the token is not one of ours
   *     for this filter; the message is fit for the caller
   */
  public PageRequest read(int pageSize, String pageToken, String... filter) {
    if (pageSize < 0) {
      throw new IllegalArgumentException("page_size: " + pageSize + " (expected: 0 to 100)");
    }
    int size = pageSize == 0 ? DEFAULT_PAGE_SIZE : Math.min(pageSize, MAX_PAGE_SIZE);
    String after = pageToken.isEmpty() ? null : cursorOf(pageToken, filter);
    String[] kept = filter.clone();
    return new PageRequest(size, after, cursor -> tokenOf(cursor, kept));
  }

  private String tokenOf(String cursor, String[] filter) {
    byte[] text = cursor.getBytes(StandardCharsets.UTF_8);
    byte[] signature = sign(keys.get(0), text, filter);
    byte[] token =
        ByteBuffer.allocate(1 + SIGNATURE_BYTES + text.length)
            .put(VERSION)
            .put(signature, 0, SIGNATURE_BYTES)
            .put(text)
            .array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
  }

  private String cursorOf(String pageToken, String[] filter) {
    if (pageToken.length() > MAX_TOKEN_CHARACTERS) {
      throw notOurs();
    }
    byte[] token;
    try {
      token = Base64.getUrlDecoder().decode(pageToken);
    } catch (IllegalArgumentException e) {
      throw notOurs();
    }
    if (token.length < 1 + SIGNATURE_BYTES || token[0] != VERSION) {
      throw notOurs();
    }
    byte[] claimed = Arrays.copyOfRange(token, 1, 1 + SIGNATURE_BYTES);
    byte[] text = Arrays.copyOfRange(token, 1 + SIGNATURE_BYTES, token.length);
    for (SecretKeySpec key : keys) {
      byte[] signature = Arrays.copyOf(sign(key, text, filter), SIGNATURE_BYTES);
      if (MessageDigest.isEqual(claimed, signature)) {
        return new String(text, StandardCharsets.UTF_8);
      }
    }
    throw notOurs();
  }

  private static IllegalArgumentException notOurs() {
    return new IllegalArgumentException(
        "page_token: not valid here (expected: empty, or next_page_token of the page before, with"
            + " the same filter)");
  }

  private static byte[] sign(SecretKeySpec key, byte[] cursor, String[] filter) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(VERSION);
      // Each part with its length, or "ab","c" would be as good as "a","bc".
      mac.update(ByteBuffer.allocate(4).putInt(filter.length).flip());
      for (String part : filter) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        mac.update(ByteBuffer.allocate(4).putInt(bytes.length).flip());
        mac.update(bytes);
      }
      return mac.doFinal(cursor);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot sign: every JDK has " + ALGORITHM, e);
    }
  }

  private static SecretKeySpec keyOf(byte[] key) {
    if (key.length < MIN_KEY_BYTES) {
      throw new IllegalArgumentException(
          "key: " + key.length + " bytes (expected: >= " + MIN_KEY_BYTES + ")");
    }
    return new SecretKeySpec(key, ALGORITHM);
  }
}
