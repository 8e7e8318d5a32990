// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.roentgen.examples.common.Settings;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisTest {
  private static String endpoint(String value) {
    return Redis.endpoint(Settings.of(Map.of("REDIS_ENDPOINT", value))).toString();
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:7000, 127.0.0.1:7000",
    "redis://redis:6379/0, redis:6379",
    "redis://redis:7000/, redis:7000",
    "redis://redis:7000, redis:7000",
    "redis://redis, redis:6379"
  })
  void endpoint_isHostAndPort_orAnAddressOfRedis(String value, String expected) {
    assertThat(endpoint(value)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis",
        "http://redis:6379",
        "redis://redis:6379/1",
        "redis://user:secret@redis:6379",
        "redis://:6379",
        "redis://redis:65536"
      })
  void endpoint_ofAnotherForm_isRefused(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> endpoint(value))
        .withMessageStartingWith("REDIS_ENDPOINT: " + value + " (expected: host:port");
  }
}
