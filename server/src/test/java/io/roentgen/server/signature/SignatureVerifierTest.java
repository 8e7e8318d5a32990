// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.signature;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.server.signature.SignatureException.Reason;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With the requests of AWS's Signature Version 4 test suite, of the names given here. */
class SignatureVerifierTest {
  private static final String KEY = "AKIDEXAMPLE";
  private static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  private static final String SCOPE = "/20150830/us-east-1/service/aws4_request";
  private static final String GET_VANILLA =
      "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

  private Instant now = Instant.parse("2015-08-30T12:36:00Z");
  private final SignatureVerifier verifier =
      new SignatureVerifier(key -> key.equals(KEY) ? SECRET : null, "service", () -> now);

  private static String authorization(String credential, String headers, String signature) {
    return "AWS4-HMAC-SHA256 Credential="
        + credential
        + ", SignedHeaders="
        + headers
        + ", Signature="
        + signature;
  }

  private static SignedRequest request(String method, String query, String authorization) {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    headers.put("host", List.of("example.amazonaws.com"));
    headers.put("x-amz-date", List.of("20150830T123600Z"));
    if (authorization != null) {
      headers.put("authorization", List.of(authorization));
    }
    return new SignedRequest(method, "/", query, headers);
  }

  private static SignedRequest vanilla() {
    return request("GET", "", authorization(KEY + SCOPE, "host;x-amz-date", GET_VANILLA));
  }

  private void check(SignedRequest request, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    verifier.claim(request).check(bytes, 0, bytes.length);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "get-vanilla|GET|''|" + GET_VANILLA,
        "post-vanilla|POST|''|5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        "get-vanilla-query-order-key-case|GET|Param2=value2&Param1=value1"
            + "|b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
      })
  void check_testSuite_isRight(String name, String method, String query, String signature) {
    String header = authorization(KEY + SCOPE, "host;x-amz-date", signature);
    assertThatCode(() -> check(request(method, query, header), ""))
        .as(name)
        .doesNotThrowAnyException();
  }

  @Test
  void check_getHeaderValueTrim_isRight() {
    SignedRequest request =
        request(
            "GET",
            "",
            authorization(
                KEY + SCOPE,
                "host;my-header1;my-header2;x-amz-date",
                "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"));
    request.headers().put("my-header1", List.of(" value1"));
    request.headers().put("my-header2", List.of(" \"a   b   c\""));
    assertThatCode(() -> check(request, "")).doesNotThrowAnyException();
  }

  private void assertRefused(SignedRequest request, String body, Reason reason, String message) {
    assertThatThrownBy(() -> check(request, body))
        .isInstanceOfSatisfying(
            SignatureException.class,
            e -> org.assertj.core.api.Assertions.assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }

  @Test
  void check_anythingElseThanSigned_isRefused() {
    assertRefused(vanilla(), "x", Reason.INVALID, "not that of this request");
    SignedRequest other = vanilla();
    other.headers().put("host", List.of("other.amazonaws.com"));
    assertRefused(other, "", Reason.INVALID, "not that of this request");
    String header = authorization(KEY + SCOPE, "host;x-amz-date", GET_VANILLA);
    assertRefused(request("POST", "", header), "", Reason.INVALID, "not that of this request");
    assertRefused(request("GET", "a=b", header), "", Reason.INVALID, "not that of this request");
    String wrong = authorization(KEY + SCOPE, "host;x-amz-date", "00" + GET_VANILLA.substring(2));
    assertRefused(request("GET", "", wrong), "", Reason.INVALID, "not that of this request");
    assertRefused(
        request("GET", "", authorization(KEY + SCOPE, "host;x-amz-date", "ab")),
        "",
        Reason.INVALID,
        "not that of this request");
  }

  @Test
  void claim_noOrIncompleteSignature_isTold() {
    assertRefused(request("GET", "", null), "", Reason.MISSING, "authorization: missing");
    assertRefused(request("GET", "", "Bearer x"), "", Reason.INCOMPLETE, "another algorithm");
    assertRefused(
        request("GET", "", "AWS4-HMAC-SHA256 Signature=ab"),
        "",
        Reason.INCOMPLETE,
        "Credential: missing");
    for (String credential : new String[] {KEY, KEY + "/20150830/us-east-1/service"}) {
      assertRefused(
          request("GET", "", authorization(credential, "host;x-amz-date", "ab")),
          "",
          Reason.INCOMPLETE,
          "Credential: too short");
    }
    assertRefused(
        request("GET", "", authorization(KEY + SCOPE, "host", GET_VANILLA)),
        "",
        Reason.INCOMPLETE,
        "SignedHeaders: too few");
    assertRefused(
        request("GET", "", authorization(KEY + SCOPE, "host;x-amz-date", "xy")),
        "",
        Reason.INCOMPLETE,
        "Signature: not hexadecimal");
    SignedRequest noDate = vanilla();
    noDate.headers().remove("x-amz-date");
    assertRefused(noDate, "", Reason.INCOMPLETE, "x-amz-date: missing");
    noDate.headers().put("x-amz-date", List.of("yesterday"));
    assertRefused(noDate, "", Reason.INCOMPLETE, "x-amz-date: yesterday");
  }

  @Test
  void claim_otherKeyScopeOrDate_isTold() {
    assertRefused(
        request("GET", "", authorization("AKIDOTHER" + SCOPE, "host;x-amz-date", GET_VANILLA)),
        "",
        Reason.UNKNOWN_KEY,
        "an access key id that is not known");
    String otherService = KEY + "/20150830/us-east-1/s3/aws4_request";
    assertRefused(
        request("GET", "", authorization(otherService, "host;x-amz-date", GET_VANILLA)),
        "",
        Reason.INVALID,
        "service s3 (expected: service)");
    String otherDate = KEY + "/20150829/us-east-1/service/aws4_request";
    assertRefused(
        request("GET", "", authorization(otherDate, "host;x-amz-date", GET_VANILLA)),
        "",
        Reason.INVALID,
        "another date");
  }

  @Test
  void claim_signedHeaderThatIsNotThere_isRefused() {
    SignedRequest request =
        request("GET", "", authorization(KEY + SCOPE, "host;my-header1;x-amz-date", GET_VANILLA));
    assertRefused(
        request, "", Reason.INVALID, "SignedHeaders: 'my-header1' (expected: headers that the");
  }

  @Test
  void check_headerThatIsNotAscii_isRight() throws Exception {
    String value = "caf\u00e9 \u4e16";
    String canonical =
        "GET\n/\n\nhost:example.amazonaws.com\nmy-header1:"
            + value
            + "\nx-amz-date:20150830T123600Z\n\nhost;my-header1;x-amz-date\n"
            + hash("");
    String toSign =
        "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n"
            + hash(canonical);
    byte[] key = ("AWS4" + SECRET).getBytes(StandardCharsets.UTF_8);
    for (String part : List.of("20150830", "us-east-1", "service", "aws4_request", toSign)) {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      key = mac.doFinal(part.getBytes(StandardCharsets.UTF_8));
    }
    SignedRequest request =
        request(
            "GET",
            "",
            authorization(
                KEY + SCOPE, "host;my-header1;x-amz-date", HexFormat.of().formatHex(key)));
    // As servers read headers: a character for each byte.
    request
        .headers()
        .put(
            "my-header1",
            List.of(
                new String(value.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)));
    assertThatCode(() -> check(request, "")).doesNotThrowAnyException();
  }

  private static String hash(String text) throws NoSuchAlgorithmException {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void claim_clockSkew_isTakenUpToFifteenMinutes() {
    Instant signed = now;
    for (Duration skew : List.of(Duration.ofMinutes(15), Duration.ofMinutes(-15))) {
      now = signed.plus(skew);
      assertThatCode(() -> check(vanilla(), "")).doesNotThrowAnyException();
    }
    now = signed.plus(Duration.ofMinutes(15)).plusSeconds(1);
    assertRefused(
        vanilla(),
        "",
        Reason.INVALID,
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z"
            + " (20150830T125101Z - 15 min.)");
    now = signed.minus(Duration.ofMinutes(15)).minusSeconds(1);
    assertRefused(vanilla(), "", Reason.INVALID, "Signature not yet current: 20150830T123600Z");
  }
}
