// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceConfigTest {
  private static final HedgingPolicy HEDGING =
      new HedgingPolicy(3, Duration.ofMillis(50), Set.of(Code.UNAVAILABLE));

  @Test
  void toJson_roundRobinWithHealth_isTheDocumentedSample() {
    ServiceConfig config =
        ServiceConfig.builder().loadBalancing(LoadBalancing.roundRobin()).healthCheck("").build();
    assertThat(config.toJson())
        .isEqualTo(
            "{\"loadBalancingConfig\":[{\"round_robin\":{}}],"
                + "\"healthCheckConfig\":{\"serviceName\":\"\"}}");
    accepts(config);
  }

  @Test
  void toJson_defaultRetry_isTheDocumentedSample() {
    ServiceConfig config =
        ServiceConfig.builder()
            .everyMethod(MethodPolicy.builder().retry(RetryPolicy.DEFAULT).build())
            .build();
    assertThat(config.toJson())
        .isEqualTo(
            "{\"methodConfig\":[{\"name\":[{}],\"retryPolicy\":{\"maxAttempts\":5,"
                + "\"initialBackoff\":\"0.1s\",\"maxBackoff\":\"10s\",\"backoffMultiplier\":2,"
                + "\"retryableStatusCodes\":[\"UNAVAILABLE\"]}}]}");
    accepts(config);
  }

  @Test
  void toJson_everyPart_isAcceptedByGrpc() {
    ServiceConfig config =
        ServiceConfig.builder()
            .loadBalancing(
                LoadBalancing.hashOf("User-Id").withOutlierDetection(OutlierDetection.DEFAULT))
            .healthCheck("orders")
            .everyMethod(MethodPolicy.builder().timeout(Duration.ofSeconds(5)).build())
            .service("a.B", MethodPolicy.builder().waitForReady().hedging(HEDGING).build())
            .method(
                "a.B/C",
                MethodPolicy.builder()
                    .retry(RetryPolicy.DEFAULT)
                    .maxRequestBytes(10)
                    .maxResponseBytes(0)
                    .build())
            .retryThrottling(10, 0.1)
            .build();
    assertThat(config.toJson())
        .isEqualTo(
            "{\"loadBalancingConfig\":[{\"outlier_detection_experimental\":{"
                + "\"interval\":\"30s\",\"baseEjectionTime\":\"30s\",\"maxEjectionTime\":\"300s\","
                + "\"maxEjectionPercentage\":50,\"maxEjectionPercent\":50,"
                + "\"failurePercentageEjection\":{\"threshold\":85,\"enforcementPercentage\":100,"
                + "\"minimumHosts\":2,\"requestVolume\":5},"
                + "\"childPolicy\":[{\"roentgen_hash\":{\"header\":\"user-id\"}}]}}],"
                + "\"healthCheckConfig\":{\"serviceName\":\"orders\"},"
                + "\"methodConfig\":[{\"name\":[{}],\"timeout\":\"5s\"},"
                + "{\"name\":[{\"service\":\"a.B\"}],\"waitForReady\":true,\"hedgingPolicy\":{"
                + "\"maxAttempts\":3,\"hedgingDelay\":\"0.05s\","
                + "\"nonFatalStatusCodes\":[\"UNAVAILABLE\"]}},"
                + "{\"name\":[{\"service\":\"a.B\",\"method\":\"C\"}],\"retryPolicy\":{"
                + "\"maxAttempts\":5,\"initialBackoff\":\"0.1s\",\"maxBackoff\":\"10s\","
                + "\"backoffMultiplier\":2,\"retryableStatusCodes\":[\"UNAVAILABLE\"]},"
                + "\"maxRequestMessageBytes\":10,\"maxResponseMessageBytes\":0}],"
                + "\"retryThrottling\":{\"maxTokens\":10,\"tokenRatio\":0.1}}");
    accepts(config);
  }

  @Test
  void toJson_empty_isAnEmptyObject() {
    ServiceConfig config = ServiceConfig.builder().build();
    assertThat(config.toJson()).isEqualTo("{}");
    accepts(config);
  }

  @Test
  void toJson_namesWithQuotesAndControls_areEscaped() {
    ServiceConfig config =
        ServiceConfig.builder()
            .loadBalancing(LoadBalancing.roundRobin())
            .healthCheck("a\"\\\n")
            .build();
    assertThat(config).hasToString(config.toJson());
    assertThat(config.toJson()).endsWith("{\"serviceName\":\"a\\\"\\\\\\u000a\"}}");
  }

  @Test
  void pickFirst_shuffled_saysSo() {
    assertThat(LoadBalancing.pickFirst()).hasToString("{\"pick_first\":{}}");
    assertThat(LoadBalancing.pickFirstShuffled())
        .hasToString("{\"pick_first\":{\"shuffleAddressList\":true}}");
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S, 0s",
    "PT0.1S, 0.1s",
    "PT10S, 10s",
    "PT1M40S, 100s",
    "PT0.000000001S, 0.000000001s",
    "PT2.5S, 2.5s"
  })
  void seconds_areProtobufJson(Duration duration, String text) {
    assertThat(ServiceConfig.seconds(duration)).isEqualTo(text);
  }

  @Test
  void seconds_tooLong_areRefused() {
    assertThatThrownBy(() -> ServiceConfig.seconds(Duration.ofSeconds(Long.MAX_VALUE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("(expected: 10,000 years at most)");
  }

  @Test
  void retryAndHedging_onOneMethod_areRefused() {
    assertThatThrownBy(
            () -> MethodPolicy.builder().retry(RetryPolicy.DEFAULT).hedging(HEDGING).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("hedging: HedgingPolicy[")
        .hasMessageEndingWith("(expected: no retry on the same method)");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1, 6, 100})
  void maxAttempts_outsideTwoToFive_areRefused(int attempts) {
    String message = "maxAttempts: " + attempts + " (expected: 2 to 5)";
    assertThatThrownBy(
            () ->
                new RetryPolicy(
                    attempts,
                    Duration.ofMillis(1),
                    Duration.ofMillis(1),
                    1,
                    Set.of(Code.UNAVAILABLE)))
        .hasMessage(message);
    assertThatThrownBy(() -> new HedgingPolicy(attempts, Duration.ZERO, Set.of()))
        .hasMessage(message);
  }

  @Test
  void retryPolicy_badValues_areRefusedByName() {
    Duration ms = Duration.ofMillis(1);
    Set<Code> codes = Set.of(Code.UNAVAILABLE);
    assertThatThrownBy(() -> new RetryPolicy(2, Duration.ZERO, ms, 1, codes))
        .hasMessage("initialBackoff: PT0S (expected: more than 0)");
    assertThatThrownBy(() -> new RetryPolicy(2, Duration.ofMillis(2), ms, 1, codes))
        .hasMessage("maxBackoff: PT0.001S (expected: initialBackoff PT0.002S or more)");
    assertThatThrownBy(() -> new RetryPolicy(2, ms, ms, 0, codes))
        .hasMessage("multiplier: 0.0 (expected: more than 0)");
    assertThatThrownBy(() -> new RetryPolicy(2, ms, ms, Double.NaN, codes))
        .hasMessage("multiplier: NaN (expected: more than 0)");
    assertThatThrownBy(() -> new RetryPolicy(2, ms, ms, 1, Set.of()))
        .hasMessage("codes: [] (expected: at least one)");
    assertThatThrownBy(() -> new RetryPolicy(2, ms, ms, 1, EnumSet.of(Code.OK)))
        .hasMessage("codes: [OK] (expected: not OK)");
    assertThatThrownBy(() -> new HedgingPolicy(2, ms.negated(), Set.of()))
        .hasMessage("delay: PT-0.001S (expected: 0 or more)");
    assertThatThrownBy(() -> new HedgingPolicy(2, ms, Set.of(Code.OK)))
        .hasMessage("nonFatalCodes: [OK] (expected: not OK)");
  }

  @Test
  void outlierDetection_badValues_areRefusedByName() {
    Duration s = Duration.ofSeconds(1);
    assertThatThrownBy(() -> new OutlierDetection(0, s, s, 1, 1))
        .hasMessage("errors: 0 (expected: 1 or more)");
    assertThatThrownBy(() -> new OutlierDetection(1, Duration.ZERO, s, 1, 1))
        .hasMessage("interval: PT0S (expected: more than 0)");
    assertThatThrownBy(() -> new OutlierDetection(1, s, s.negated(), 1, 1))
        .hasMessage("baseEjection: PT-1S (expected: more than 0)");
    assertThatThrownBy(() -> new OutlierDetection(1, s, s, 101, 1))
        .hasMessage("maxEjectionPercent: 101 (expected: 0 to 100)");
    assertThatThrownBy(() -> new OutlierDetection(1, s, s, 1, -1))
        .hasMessage("failurePercent: -1 (expected: 0 to 100)");
  }

  @Test
  void outlierDetection_defaults_areTheMeshRule() {
    assertThat(OutlierDetection.DEFAULT)
        .isEqualTo(new OutlierDetection(5, Duration.ofSeconds(30), Duration.ofSeconds(30), 50, 85));
  }

  @Test
  void outlierDetection_whereItCannotWork_isRefused() {
    assertThatThrownBy(
            () -> LoadBalancing.pickFirst().withOutlierDetection(OutlierDetection.DEFAULT))
        .hasMessageStartingWith("withOutlierDetection: pick_first (expected: round_robin or hash");
    LoadBalancing once = LoadBalancing.roundRobin().withOutlierDetection(OutlierDetection.DEFAULT);
    assertThat(once.policy()).isEqualTo("outlier_detection_experimental");
    assertThatThrownBy(() -> once.withOutlierDetection(OutlierDetection.DEFAULT))
        .hasMessageEndingWith("(expected: once per policy)");
  }

  @Test
  void healthCheck_withPickFirst_isRefused() {
    assertThatThrownBy(() -> ServiceConfig.builder().healthCheck("").build())
        .hasMessageStartingWith("healthCheck: \"\" (expected: round_robin or hash");
    assertThatThrownBy(
            () ->
                ServiceConfig.builder()
                    .loadBalancing(LoadBalancing.pickFirst())
                    .healthCheck("x")
                    .build())
        .hasMessageStartingWith("healthCheck: \"x\" (expected: ");
  }

  @Test
  void retryThrottling_badOrPointless_isRefused() {
    ServiceConfig.Builder builder = ServiceConfig.builder();
    assertThatThrownBy(() -> builder.retryThrottling(0, 1))
        .hasMessage("maxTokens: 0 (expected: 1 to 1000)");
    assertThatThrownBy(() -> builder.retryThrottling(1001, 1))
        .hasMessage("maxTokens: 1001 (expected: 1 to 1000)");
    assertThatThrownBy(() -> builder.retryThrottling(1, 0))
        .hasMessage("tokenRatio: 0.0 (expected: 0.001 to 1000)");
    assertThatThrownBy(() -> builder.retryThrottling(1, Double.NaN))
        .hasMessage("tokenRatio: NaN (expected: 0.001 to 1000)");
    assertThatThrownBy(() -> builder.retryThrottling(10, 0.1).build())
        .hasMessageStartingWith("retryThrottling: ")
        .hasMessageEndingWith("(expected: a method with retries or hedging to throttle)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "a.B", "a.B/", "/C", "a/b/c"})
  void method_noFullName_isRefused(String name) {
    assertThatThrownBy(() -> ServiceConfig.builder().method(name, MethodPolicy.builder().build()))
        .hasMessageStartingWith("method: " + name + " (expected: SERVICE/METHOD");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a.B/C"})
  void service_noServiceName_isRefused(String name) {
    assertThatThrownBy(() -> ServiceConfig.builder().service(name, MethodPolicy.builder().build()))
        .hasMessageStartingWith("service: " + name + " (expected: a full service name");
  }

  @Test
  void entry_twice_isRefused() {
    MethodPolicy policy = MethodPolicy.builder().build();
    assertThatThrownBy(() -> ServiceConfig.builder().service("a", policy).service("a", policy))
        .hasMessage("method: a (expected: one policy each)");
    assertThatThrownBy(() -> ServiceConfig.builder().everyMethod(policy).everyMethod(policy))
        .hasMessage("method: every (expected: one policy each)");
  }

  @Test
  void methodPolicy_badValues_areRefusedByName() {
    assertThatThrownBy(() -> MethodPolicy.builder().timeout(Duration.ZERO))
        .hasMessage("timeout: PT0S (expected: more than 0)");
    assertThatThrownBy(() -> MethodPolicy.builder().maxRequestBytes(-1))
        .hasMessage("maxRequestBytes: -1 (expected: 0 or more)");
    assertThatThrownBy(() -> MethodPolicy.builder().maxResponseBytes(-1))
        .hasMessage("maxResponseBytes: -1 (expected: 0 or more)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "user id", "käse", "user-id-bin", "a/b"})
  void hashOf_noAsciiKey_isRefused(String header) {
    assertThatThrownBy(() -> LoadBalancing.hashOf(header))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("header: " + header + " (expected: ");
  }

  @Test
  void quoted_longTextWithControls_isCutAndCleaned() {
    assertThat(Arguments.quoted("a\nb")).isEqualTo("a?b");
    assertThat(Arguments.quoted("x".repeat(65))).isEqualTo("x".repeat(64) + "...");
  }

  /** gRPC reads the default service config when the channel is made and throws if it is wrong. */
  private static void accepts(ServiceConfig config) {
    ManagedChannel channel =
        InProcessChannelBuilder.forName("none").defaultServiceConfig(config.toMap()).build();
    channel.shutdownNow();
  }
}
