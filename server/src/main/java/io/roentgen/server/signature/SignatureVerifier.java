// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.signature;

import io.roentgen.model.Hex;
import io.roentgen.server.signature.SignatureException.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Checks signatures in the {@code Authorization} header, in two steps: what the headers tell before
 * a body is read, and the signature itself when the body is there.
 *
 * <p>Any region is taken, as clients must name one and it means nothing here. Paths are taken as
 * they came, which is right for paths of unreserved characters; those of the X-Ray API are.
 * Signatures in the query and of chunked or unsigned bodies are not taken.
 *
 * <p>Source: AWS Signature Version 4, "Create a signed AWS API request".
 */
public final class SignatureVerifier {
  /** How far the time of a signature may be from ours. */
  public static final Duration MAX_SKEW = Duration.ofMinutes(15);

  private static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final String TERMINATOR = "aws4_request";
  private static final int SCOPE_PARTS = 5;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmssX").withZone(ZoneOffset.UTC);

  private final Function<String, @Nullable String> secrets;
  private final String service;
  private final InstantSource clock;

  /** Makes one for the X-Ray API with these keys. */
  public SignatureVerifier(AccessKeys keys, InstantSource clock) {
    this(keys::secret, "xray", clock);
  }

  SignatureVerifier(
      Function<String, @Nullable String> secrets, String service, InstantSource clock) {
    this.secrets = secrets;
    this.service = service;
    this.clock = clock;
  }

  /** A request whose headers are right, and whose body has to be looked at. */
  public static final class Claim {
    private final SignedRequest request;
    private final String secret;
    private final List<String> scope;
    private final String time;
    private final List<String> signedHeaders;
    private final byte[] signature;

    private Claim(
        SignedRequest request,
        String secret,
        List<String> scope,
        String time,
        List<String> signedHeaders,
        byte[] signature) {
      this.request = request;
      this.secret = secret;
      this.scope = scope;
      this.time = time;
      this.signedHeaders = signedHeaders;
      this.signature = signature;
    }

    /**
     * Checks the signature of the request with this body, as it came over the wire.
     *
     * @throws SignatureException if it is of another request
     */
    public void check(byte[] bytes, int offset, int length) {
      MessageDigest sha = sha256();
      sha.update(bytes, offset, length);
      byte[] canonical = canonicalRequest(request, signedHeaders, hex(sha.digest()));
      String toSign =
          ALGORITHM
              + '\n'
              + time
              + '\n'
              + String.join("/", scope)
              + '\n'
              + hex(sha256().digest(canonical));
      byte[] key = ("AWS4" + secret).getBytes(StandardCharsets.UTF_8);
      for (String part : scope) {
        key = hmac(key, part);
      }
      if (!MessageDigest.isEqual(hmac(key, toSign), signature)) {
        throw new SignatureException(
            Reason.INVALID,
            "the signature is not that of this request (expected: that of the secret access key of"
                + " this access key id)");
      }
    }
  }

  /**
   * Checks what the headers of a request tell.
   *
   * @throws SignatureException if the request cannot be right whatever its body is
   */
  public Claim claim(SignedRequest request) {
    String header = first(request, "authorization");
    if (header == null) {
      throw new SignatureException(
          Reason.MISSING, "authorization: missing (expected: a signature with an access key)");
    }
    if (!header.startsWith(ALGORITHM + ' ')) {
      throw incomplete("authorization", "another algorithm", ALGORITHM);
    }
    Map<String, String> parts = new HashMap<>();
    for (String part : header.substring(ALGORITHM.length()).split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals > 0) {
        parts.put(part.substring(0, equals).strip(), part.substring(equals + 1).strip());
      }
    }
    List<String> credential = List.of(part(parts, "Credential").split("/", -1));
    if (credential.size() < SCOPE_PARTS) {
      throw incomplete("Credential", "too short", "KEY/DATE/REGION/SERVICE/" + TERMINATOR);
    }
    List<String> signedHeaders = List.of(part(parts, "SignedHeaders").split(";", -1));
    byte[] signature = signature(part(parts, "Signature"));
    String time = first(request, "x-amz-date");
    if (time == null) {
      throw incomplete("x-amz-date", "missing", "the time of the signature");
    }
    Instant signedAt;
    try {
      signedAt = Instant.from(TIME.parse(time));
    } catch (DateTimeException e) {
      throw incomplete("x-amz-date", Hex.quote(time), "such as 20150830T123600Z");
    }
    if (!signedHeaders.contains("host") || !signedHeaders.contains("x-amz-date")) {
      throw incomplete("SignedHeaders", "too few", "host and x-amz-date among them");
    }
    for (String name : signedHeaders) {
      // A header that is not there is none that is empty: somebody took it away.
      if (first(request, name) == null) {
        throw invalid("SignedHeaders", "'" + Hex.quote(name) + "'", "headers that the request has");
      }
    }
    checkScope(credential, time);
    String secret = secrets.apply(credential.getFirst());
    if (secret == null) {
      throw new SignatureException(
          Reason.UNKNOWN_KEY,
          "Credential: an access key id that is not known (expected: one of the server's file)");
    }
    checkTime(signedAt);
    return new Claim(
        request, secret, credential.subList(1, SCOPE_PARTS), time, signedHeaders, signature);
  }

  private void checkScope(List<String> credential, String time) {
    if (credential.size() != SCOPE_PARTS || !credential.get(SCOPE_PARTS - 1).equals(TERMINATOR)) {
      throw invalid("Credential", "another form", "KEY/DATE/REGION/SERVICE/" + TERMINATOR);
    }
    if (!time.startsWith(credential.get(1)) || credential.get(1).length() != 8) {
      throw invalid("Credential", "another date", "that of x-amz-date");
    }
    if (!credential.get(3).equals(service)) {
      throw invalid("Credential", "service " + Hex.quote(credential.get(3)), service);
    }
  }

  private void checkTime(Instant signedAt) {
    Instant now = clock.instant();
    if (signedAt.isBefore(now.minus(MAX_SKEW))) {
      throw new SignatureException(
          Reason.INVALID,
          "Signature expired: "
              + TIME.format(signedAt)
              + " is now earlier than "
              + TIME.format(now.minus(MAX_SKEW))
              + " ("
              + TIME.format(now)
              + " - 15 min.); check the sender's clock");
    }
    if (signedAt.isAfter(now.plus(MAX_SKEW))) {
      throw new SignatureException(
          Reason.INVALID,
          "Signature not yet current: "
              + TIME.format(signedAt)
              + " is still later than "
              + TIME.format(now.plus(MAX_SKEW))
              + " ("
              + TIME.format(now)
              + " + 15 min.); check the sender's clock");
    }
  }

  private static String part(Map<String, String> parts, String name) {
    String part = parts.get(name);
    if (part == null || part.isEmpty()) {
      throw incomplete(name, "missing", "in the authorization header");
    }
    return part;
  }

  private static byte[] signature(String text) {
    try {
      return HexFormat.of().parseHex(text);
    } catch (IllegalArgumentException e) {
      throw incomplete("Signature", "not hexadecimal", "64 digits");
    }
  }

  private static SignatureException incomplete(String name, String found, String expected) {
    return new SignatureException(
        Reason.INCOMPLETE, name + ": " + found + " (expected: " + expected + ")");
  }

  private static SignatureException invalid(String name, String found, String expected) {
    return new SignatureException(
        Reason.INVALID, name + ": " + found + " (expected: " + expected + ")");
  }

  private static @Nullable String first(SignedRequest request, String name) {
    List<String> values = request.headers().get(name);
    return values == null || values.isEmpty() ? null : values.getFirst();
  }

  private static byte[] canonicalRequest(
      SignedRequest request, List<String> signedHeaders, String bodyHash) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(
        (request.method() + '\n' + request.path() + '\n' + canonicalQuery(request.query()) + '\n')
            .getBytes(StandardCharsets.UTF_8));
    var text = new StringBuilder();
    for (String name : new TreeSet<>(signedHeaders)) {
      List<String> values = request.headers().getOrDefault(name, List.of());
      text.append(name).append(':');
      text.append(
          values.stream()
              .map(value -> value.strip().replaceAll(" +", " "))
              .collect(Collectors.joining(",")));
      text.append('\n');
    }
    text.append('\n');
    text.append(String.join(";", new TreeSet<>(signedHeaders))).append('\n');
    text.append(bodyHash);
    // Signed are the bytes of headers, whatever text they are, and each is a character here.
    bytes.writeBytes(text.toString().getBytes(StandardCharsets.ISO_8859_1));
    return bytes.toByteArray();
  }

  private static String canonicalQuery(String query) {
    if (query.isEmpty()) {
      return "";
    }
    return Arrays.stream(query.split("&", -1))
        .map(each -> each.contains("=") ? each : each + '=')
        .sorted(Comparator.comparing(SignatureVerifier::name).thenComparing(each -> each))
        .collect(Collectors.joining("&"));
  }

  private static String name(String parameter) {
    return parameter.substring(0, parameter.indexOf('='));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256: missing (expected: every Java has it)", e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("HmacSHA256: missing (expected: every Java has it)", e);
    }
  }
}
