// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  @Test
  void value_isOfTheEnvironment_thenAFlag_thenTheDefault() {
    Settings settings =
        Settings.of(
            Map.of("SERVICE_NAME", "from env"),
            "--service-name",
            "from flag",
            "--greeting=hi",
            "--strict-store");
    assertThat(settings.text("SERVICE_NAME", "x")).isEqualTo("from env");
    assertThat(settings.text("GREETING", "x")).isEqualTo("hi");
    assertThat(settings.text("OTHER", "x")).isEqualTo("x");
    assertThat(settings.flag("STRICT_STORE", false)).isTrue();
    assertThat(settings.with("SERVICE_NAME", "mine").text("SERVICE_NAME", "x")).isEqualTo("mine");
    assertThat(settings.millis("RPC_TIMEOUT_MS", 5000)).isEqualTo(Duration.ofSeconds(5));
    assertThat(Settings.of(Map.of("A", " b, ,c ")).list("A", "")).containsExactly("b", "c");
  }

  @ParameterizedTest
  @CsvSource({":50051, 50051", "50051, 50051", "0.0.0.0:50051, 50051", "127.0.0.1:0, 0"})
  void listen_isAPortWithOrWithoutAnAddress(String text, int port) {
    assertThat(Settings.of(Map.of("PORT", text)).listen("PORT", ":1").getPort()).isEqualTo(port);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", ":", ":99999", "50051x", "-1"})
  void listen_saysWhatItCannotUse(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Settings.of(Map.of("PORT", text)).listen("PORT", ":1"))
        .withMessage(
            "PORT: "
                + text
                + " (expected: a port from 0 to 65535, with or without an address before it);"
                + " from the environment");
  }

  @Test
  void badValue_isNamedWithItsSource() {
    Settings settings = Settings.of(Map.of(), "--n=many", "--ratio=2", "--flag=perhaps", "--t=h");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings.number("N", 1, 0, 9))
        .withMessage("N: many (expected: 0 to 9); from a flag");
    assertThatIllegalArgumentException().isThrownBy(() -> settings.decimal("RATIO", 1, 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> settings.flag("FLAG", true));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings.target("T", "a:1"))
        .withMessageContaining("expected: host:port");
    assertThatIllegalArgumentException().isThrownBy(() -> Settings.of(Map.of(), "n=1"));
  }

  @ParameterizedTest
  @CsvSource({
    "TRACE_MODE, zipkin, 'one of xray, otlp, none'",
    "TRACE_MODE, 'xray,otlp', 'one of xray, otlp, none'",
    "TRACE_PROPAGATION, jaeger, 'some of xray, tracecontext, b3multi, b3'",
    "TRACE_SAMPLE, 2, 0.0 to 1.0",
    "TRACE_SAMPLE, rules:/nowhere, '0 to 1, or rules: and a file that can be read'",
    "AWS_XRAY_DAEMON_ADDRESS, daemon, 'host:port, or tcp:host:port udp:host:port'",
  })
  void tracing_withABadSetting_doesNotStart(String name, String value, String expected) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tracing.start(Settings.of(Map.of(name, value)), "shop"))
        .withMessage(name + ": " + value + " (expected: " + expected + "); from the environment");
  }
}
