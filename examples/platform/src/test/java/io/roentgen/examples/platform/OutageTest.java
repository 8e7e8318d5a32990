// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OutageTest {
  private final AtomicLong now = new AtomicLong();
  private final Outage outage = new Outage("MongoDB", now::get);

  @Test
  void outage_letsOneTryThroughASecond_untilItIsOver() {
    assertThat(outage.check()).isFalse();
    outage.seen();
    assertThatIllegalStateException()
        .isThrownBy(outage::check)
        .withMessage("MongoDB is away; it is tried again each second");
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    assertThat(outage.check()).isTrue();
    assertThatIllegalStateException().isThrownBy(outage::check);
    outage.over();
    assertThat(outage.check()).isFalse();
  }
}
