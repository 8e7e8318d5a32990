// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.orders;

import io.roentgen.grpc.server.TokenValidator;
import io.roentgen.grpc.server.User;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Tokens for developers: {@code user:expiry} and its HMAC-SHA256, both in base64url, with a dot
 * between; the expiry in epoch seconds. Real services take those of an identity provider.
 */
public final class Tokens implements TokenValidator {
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;
  private final Clock clock;

  Tokens(String secret, Clock clock) {
    if (secret.length() < 8) {
      throw new IllegalArgumentException("secret: too short (expected: 8 characters at least)");
    }
    key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
    this.clock = clock;
  }

  /** Returns tokens signed with a secret, which is at least 8 characters long. */
  public static Tokens signedWith(String secret) {
    return new Tokens(secret, Clock.systemUTC());
  }

  /** Returns a token for a user, who has no colon in the name. */
  public String issue(String user, Duration valid) {
    String claim = user + ':' + clock.instant().plus(valid).getEpochSecond();
    return encode(claim.getBytes(StandardCharsets.UTF_8)) + '.' + encode(sign(claim));
  }

  @Override
  public @Nullable User validate(String token, String fullMethodName) {
    int dot = token.indexOf('.');
    if (dot < 0) {
      return null;
    }
    try {
      String claim =
          new String(
              Base64.getUrlDecoder().decode(token.substring(0, dot)), StandardCharsets.UTF_8);
      byte[] signature = Base64.getUrlDecoder().decode(token.substring(dot + 1));
      int colon = claim.lastIndexOf(':');
      if (colon < 1 || !MessageDigest.isEqual(signature, sign(claim))) {
        return null;
      }
      long expiry = Long.parseLong(claim.substring(colon + 1));
      return expiry > clock.instant().getEpochSecond() ? User.of(claim.substring(0, colon)) : null;
    } catch (IllegalArgumentException e) {
      // Not base64, or no number: not one of ours.
      return null;
    }
  }

  private byte[] sign(String claim) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(claim.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot sign: every JDK has " + ALGORITHM, e);
    }
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
