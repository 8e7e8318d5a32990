// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.grpc.server.User;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final Tokens tokens = at(NOW);

  @Test
  void token_valid_isItsUsers() {
    assertThat(tokens.validate(tokens.issue("ada", Duration.ofMinutes(1)), "a/B"))
        .isEqualTo(User.of("ada"));
  }

  @Test
  void token_expired_isNobodys() {
    String token = tokens.issue("ada", Duration.ofMinutes(1));
    assertThat(at(NOW.plusSeconds(60)).validate(token, "a/B")).isNull();
  }

  @Test
  void token_ofAnotherSecret_isNobodys() {
    String token = Tokens.signedWith("another-secret").issue("ada", Duration.ofDays(1));
    assertThat(tokens.validate(token, "a/B")).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", ".", "a.b", "%.%", "YWRhOjk5OTk5OTk5OTk.AAAA"})
  void token_malformed_isNobodys(String token) {
    assertThat(tokens.validate(token, "a/B")).isNull();
  }

  @Test
  void secret_tooShort_isRefused() {
    assertThatThrownBy(() -> Tokens.signedWith("short"))
        .hasMessage("secret: too short (expected: 8 characters at least)");
  }

  private static Tokens at(Instant instant) {
    return new Tokens("a-good-secret", Clock.fixed(instant, ZoneOffset.UTC));
  }
}
