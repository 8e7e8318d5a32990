// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What {@code ./roentgen bench kit soak} looks at, for as many calls as a build has time for. */
class ITSoak {
  private static final long CALLS = 20_000;

  @Test
  void calls_aFifthFailing_leaveNoSpanOpen() throws Exception {
    Soak.Result result = Soak.run(CALLS, Duration.ofMinutes(10));

    assertThat(result.calls()).isEqualTo(CALLS);
    assertThat(result.failed()).isEqualTo(CALLS / 5);
    assertThat(result.unexpected()).isZero();
    assertThat(result.openSpans()).isZero();
    assertThat(result.openCalls()).isZero();
    // A document of each side of each call.
    assertThat(result.sent() + result.dropped()).isGreaterThanOrEqualTo(CALLS);
  }
}
