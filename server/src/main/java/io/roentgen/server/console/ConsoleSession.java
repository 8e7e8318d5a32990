// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.console;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Objects;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Knows browsers that gave the server's token by a cookie. The cookie holds the time when it ends,
 * signed with the token, so that nothing is kept here: it outlives a restart, and ends with the
 * token. Safe for use by several threads.
 */
public final class ConsoleSession {
  static final String COOKIE = "roentgen-session";
  static final Duration LENGTH = Duration.ofDays(7);

  private static final String ALGORITHM = "HmacSHA256";
  private static final String PURPOSE = "roentgen console session ";
  private static final String END_SECONDS = "[0-9]{1,12}";
  private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD);

  private final byte[] token;
  private final boolean tls;
  private final InstantSource clock;

  /**
   * Makes sessions for {@code token}.
   *
   * @param tls whether browsers may send the cookie over TLS only
   */
  public ConsoleSession(String token, boolean tls, InstantSource clock) {
    this.token = token.getBytes(StandardCharsets.UTF_8);
    this.tls = tls;
    this.clock = Objects.requireNonNull(clock, "clock");
  }

  /** Returns whether this is the token; takes as long whatever it is. */
  boolean isToken(String candidate) {
    return MessageDigest.isEqual(sign("token"), sign("token", candidate));
  }

  /** Returns the value of {@code Set-Cookie} that begins a session. */
  String begin() {
    String end = Long.toString(clock.instant().plus(LENGTH).getEpochSecond());
    return cookie(end + "." + encode(sign(end)), LENGTH);
  }

  /** Returns the value of {@code Set-Cookie} that ends one. */
  String end() {
    return cookie("", Duration.ZERO);
  }

  private String cookie(String value, Duration age) {
    return COOKIE
        + "="
        + value
        + "; Path=/; Max-Age="
        + age.toSeconds()
        + "; HttpOnly; SameSite=Strict"
        + (tls ? "; Secure" : "");
  }

  /**
   * Returns whether a request carries the cookie of a session that has not ended, and comes from a
   * page of this server: the browser says so, or for a request that changes nothing, says nothing
   * else.
   */
  public boolean covers(RequestHeaders headers) {
    return isSameOrigin(headers) && hasSession(headers);
  }

  /** Returns whether a request carries the cookie of a session that has not ended. */
  boolean hasSession(RequestHeaders headers) {
    for (String header : headers.getAll(HttpHeaderNames.COOKIE)) {
      for (String pair : header.split(";")) {
        String text = pair.strip();
        if (text.startsWith(COOKIE + "=") && isValid(text.substring(COOKIE.length() + 1))) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean isValid(String value) {
    int dot = value.indexOf('.');
    if (dot < 0 || !value.substring(0, dot).matches(END_SECONDS)) {
      return false;
    }
    String end = value.substring(0, dot);
    return MessageDigest.isEqual(
            encode(sign(end)).getBytes(StandardCharsets.UTF_8),
            value.substring(dot + 1).getBytes(StandardCharsets.UTF_8))
        && Long.parseLong(end) > clock.instant().getEpochSecond();
  }

  /**
   * Returns whether the browser tells that a page of this very server made the request. For one
   * that changes something it must tell; reading is also allowed where it tells nothing, or that a
   * person did.
   */
  static boolean isSameOrigin(RequestHeaders headers) {
    boolean reading = READING.contains(headers.method());
    String site = headers.get("sec-fetch-site");
    if (site != null) {
      return site.equals("same-origin") || (reading && site.equals("none"));
    }
    String origin = headers.get(HttpHeaderNames.ORIGIN);
    if (origin == null) {
      return reading;
    }
    return isOf(origin, headers.authority());
  }

  /**
   * Returns whether the browser tells that a page of another site, or of another server on this
   * machine, made the request; a program that is no browser tells nothing.
   */
  public static boolean isCrossSite(RequestHeaders headers) {
    return (headers.get("sec-fetch-site") != null || headers.get(HttpHeaderNames.ORIGIN) != null)
        && !isSameOrigin(headers);
  }

  private static boolean isOf(String origin, @Nullable String authority) {
    try {
      return authority != null && authority.equalsIgnoreCase(URI.create(origin).getAuthority());
    } catch (IllegalArgumentException notAnAddress) {
      return false;
    }
  }

  private byte[] sign(String text) {
    return mac(token, text);
  }

  /** Signs with another token. */
  private static byte[] sign(String text, String key) {
    // A key of no bytes is refused by the algorithm, and is the token of nobody.
    return mac((key.isEmpty() ? " " : key).getBytes(StandardCharsets.UTF_8), text);
  }

  private static byte[] mac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return mac.doFinal((PURPOSE + text).getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException(ALGORITHM + ": missing (expected: every Java has it)", e);
    }
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
