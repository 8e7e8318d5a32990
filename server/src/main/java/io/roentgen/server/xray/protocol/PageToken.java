// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.protocol;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * A {@code NextToken}: a position, bound to the request that it goes on with. The binding catches
 * mistakes, not attackers: whoever may ask for one page may ask for any.
 */
public final class PageToken {
  private static final int DIGEST_BYTES = 12;

  private PageToken() {}

  /** Returns the token that goes on at {@code position}, which {@link #decode} gives back. */
  public static String encode(String operation, Members request, String position) {
    byte[] digest = digest(operation, request);
    byte[] text = position.getBytes(StandardCharsets.UTF_8);
    byte[] token = Arrays.copyOf(digest, DIGEST_BYTES + text.length);
    System.arraycopy(text, 0, token, DIGEST_BYTES, text.length);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
  }

  /** Returns the position of a token that {@link #encode} made for an equal request. */
  public static String decode(String operation, Members request, String token) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(token);
    } catch (IllegalArgumentException notOurs) {
      throw refused();
    }
    if (bytes.length < DIGEST_BYTES
        || !Arrays.equals(Arrays.copyOf(bytes, DIGEST_BYTES), digest(operation, request))) {
      throw refused();
    }
    return new String(bytes, DIGEST_BYTES, bytes.length - DIGEST_BYTES, StandardCharsets.UTF_8);
  }

  /** Returns the answer to a token that is not ours or belongs to another request. */
  public static XRayException refused() {
    return XRayException.invalid(
        "NextToken: not valid for this request"
            + " (expected: the token of its page before, all other parameters unchanged)");
  }

  /** Refuses a token for a request whose answer is never more than one page. */
  public static void refuseAny(Members request) {
    if (request.text("NextToken") != null) {
      throw refused();
    }
  }

  private static byte[] digest(String operation, Members request) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      String text = operation + '\n' + request.canonical("NextToken");
      return Arrays.copyOf(sha.digest(text.getBytes(StandardCharsets.UTF_8)), DIGEST_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
