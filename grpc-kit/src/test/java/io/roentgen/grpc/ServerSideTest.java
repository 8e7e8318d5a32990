// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerSideTest {
  @ParameterizedTest
  @CsvSource({
    "1H,PT1H",
    "2M,PT2M",
    "3S,PT3S",
    "4m,PT0.004S",
    "5u,PT0.000005S",
    "6n,PT0.000000006S",
    "99999999S,PT99999999S",
    "0n,PT0S"
  })
  void timeoutNanos_asTheSpecificationHasIt_isRead(String text, Duration expected) {
    assertThat(ServerSide.timeoutNanos(text)).isEqualTo(expected.toNanos());
  }

  @Test
  void timeoutNanos_moreHoursThanNanosecondsHold_isTheMost() {
    assertThat(ServerSide.timeoutNanos("99999999H")).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void timeoutNanos_noHeader_isUnknown() {
    assertThat(ServerSide.timeoutNanos(null)).isEqualTo(GrpcCall.UNKNOWN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "S", "1", "1s", "-1S", "1.5S", "123456789S", " 1S", "1S "})
  void timeoutNanos_anythingElse_isUnknown(String text) {
    assertThat(ServerSide.timeoutNanos(text)).isEqualTo(GrpcCall.UNKNOWN);
  }
}
