// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.xray.XRayClient;
import software.amazon.awssdk.services.xray.model.XRayException;

/** The server with access keys, asked by the AWS SDK for Java v2. */
class ITSignedRequests {
  private static final String TOKEN = "0123456789abcdef0123456789abcdef";
  private static final String SECRET = "secret-of-one-0123";
  private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;
  private Path keys;
  private TestServer server;

  @BeforeEach
  void start() throws Exception {
    keys = Files.writeString(folder.resolve("keys"), "AKIAONE " + SECRET + "\n");
    Path token = Files.writeString(folder.resolve("token"), TOKEN);
    server =
        new TestServer(
            new ServerSettings()
                .set(Setting.ACCESS_KEYS_FILE, keys.toString(), "test")
                .set(Setting.TOKEN_FILE, token.toString(), "test"));
  }

  @AfterEach
  void close() {
    server.close();
  }

  private XRayClient client(ListenerName listener, String key, String secret) {
    return XRayClient.builder()
        .endpointOverride(server.uri(listener, ""))
        .region(Region.EU_CENTRAL_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(key, secret)))
        .httpClient(UrlConnectionHttpClient.create())
        .overrideConfiguration(
            configuration -> configuration.retryStrategy(DefaultRetryStrategy.doNotRetry()))
        .build();
  }

  @Test
  void request_signedWithAKey_isTakenWithoutAToken() {
    try (XRayClient client = client(ListenerName.HTTP, "AKIAONE", SECRET)) {
      assertThat(client.getGroups().groups()).hasSize(1);
      assertThat(client.batchGetTraces(request -> request.traceIds("a")).unprocessedTraceIds())
          .containsExactly("a");
      assertThat(
              client
                  .putTraceSegments(request -> request.traceSegmentDocuments("{"))
                  .unprocessedTraceSegments())
          .hasSize(1);
    }
  }

  private void assertRefused(String key, String secret, String code) {
    try (XRayClient client = client(ListenerName.HTTP, key, secret)) {
      XRayException e = catchThrowableOfType(XRayException.class, client::getGroups);
      assertThat(e.statusCode()).isEqualTo(403);
      assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code);
    }
  }

  @Test
  void request_wrongSecretOrKey_isRefusedAsAwsDoes() {
    assertRefused("AKIAONE", SECRET + "x", "InvalidSignatureException");
    assertRefused("AKIATWO", SECRET, "UnrecognizedClientException");
  }

  @Test
  void request_unsignedOrWithTheToken_isRefused() throws Exception {
    HttpResponse<byte[]> unsigned = server.post("/Groups", EMPTY);
    assertThat(unsigned.statusCode()).isEqualTo(403);
    assertThat(unsigned.headers().firstValue("x-amzn-ErrorType"))
        .hasValue("MissingAuthenticationTokenException");
    HttpResponse<byte[]> token = server.post("/Groups", EMPTY, "Authorization", "Bearer " + TOKEN);
    assertThat(token.statusCode()).isEqualTo(403);
    assertThat(token.headers().firstValue("x-amzn-ErrorType"))
        .hasValue("IncompleteSignatureException");
    assertThat(server.post(ListenerName.OTLP_HTTP, "/Groups", EMPTY).statusCode()).isEqualTo(403);
  }

  private HttpResponse<byte[]> send(Duration skew, String body, String signedBody)
      throws Exception {
    AwsV4HttpSigner signer = AwsV4HttpSigner.create();
    SdkHttpRequest request =
        SdkHttpRequest.builder()
            .method(SdkHttpMethod.POST)
            .uri(server.uri(ListenerName.HTTP, "/Groups"))
            .build();
    SignedRequest signed =
        signer.sign(
            sign ->
                sign.identity(AwsBasicCredentials.create("AKIAONE", SECRET))
                    .request(request)
                    .payload(ContentStreamProvider.fromUtf8String(signedBody))
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "xray")
                    .putProperty(AwsV4HttpSigner.REGION_NAME, "us-east-1")
                    .putProperty(HttpSigner.SIGNING_CLOCK, Clock.offset(Clock.systemUTC(), skew)));
    return server.post(
        "/Groups",
        body.getBytes(StandardCharsets.UTF_8),
        "Authorization",
        signed.request().firstMatchingHeader("Authorization").orElseThrow(),
        "X-Amz-Date",
        signed.request().firstMatchingHeader("X-Amz-Date").orElseThrow(),
        "x-amz-content-sha256",
        signed.request().firstMatchingHeader("x-amz-content-sha256").orElse("none"));
  }

  @Test
  void request_skewedClockOrOtherBody_isRefused() throws Exception {
    assertThat(send(Duration.ZERO, "{}", "{}").statusCode()).isEqualTo(200);
    assertThat(send(Duration.ofMinutes(-14), "{}", "{}").statusCode()).isEqualTo(200);
    for (Duration skew : new Duration[] {Duration.ofMinutes(16), Duration.ofMinutes(-16)}) {
      HttpResponse<byte[]> refused = send(skew, "{}", "{}");
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.headers().firstValue("x-amzn-ErrorType"))
          .hasValue("InvalidSignatureException");
      assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("Signature ");
    }
    HttpResponse<byte[]> other = send(Duration.ZERO, "{ }", "{}");
    assertThat(other.statusCode()).isEqualTo(403);
    assertThat(other.headers().firstValue("x-amzn-ErrorType"))
        .hasValue("InvalidSignatureException");
  }

  @Test
  void daemonPortAndOtherApis_keepTheirRules() throws Exception {
    assertThat(
            server
                .post(
                    ListenerName.XRAY_TCP,
                    "/GetSamplingRules",
                    EMPTY,
                    "Authorization",
                    "Bearer " + TOKEN)
                .statusCode())
        .isEqualTo(200);
    assertThat(server.post(ListenerName.XRAY_TCP, "/GetSamplingRules", EMPTY).statusCode())
        .isEqualTo(403);
    assertThat(server.get("/api/status").statusCode()).isEqualTo(401);
    assertThat(server.get("/api/status", "Authorization", "Bearer " + TOKEN).statusCode())
        .isEqualTo(200);
  }

  @Test
  void keysFile_changed_isReadAgain() throws Exception {
    Files.writeString(keys, "AKIATWO another-secret-0123\n");
    try (XRayClient client = client(ListenerName.HTTP, "AKIATWO", "another-secret-0123")) {
      await()
          .ignoreExceptionsInstanceOf(XRayException.class)
          .untilAsserted(() -> assertThat(client.getGroups().groups()).hasSize(1));
    }
    assertRefused("AKIAONE", SECRET, "UnrecognizedClientException");
  }

  @Test
  void keysFile_unusable_isToldAtStart() {
    ServerSettings settings =
        new ServerSettings()
            .set(Setting.ACCESS_KEYS_FILE, folder.resolve("none").toString(), "test");
    assertThatThrownBy(() -> new TestServer(settings))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("server.access-keys-file: cannot read " + folder.resolve("none"));
  }
}
