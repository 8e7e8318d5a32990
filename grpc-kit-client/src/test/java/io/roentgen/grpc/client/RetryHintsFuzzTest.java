// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Duration;

class RetryHintsFuzzTest {
  @FuzzTest
  void retryDelay_anyBytes_isADurationOrNothing(FuzzedDataProvider data) {
    Duration delay = RetryHints.retryDelay(data.consumeRemainingAsBytes());
    if (delay != null) {
      assertThat(delay.isNegative()).isFalse();
      assertThat(delay.toNanos()).isNotNegative();
    }
  }
}
