// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.util.SafeCloseable;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {
  private final ServiceRequestContext ctx =
      ServiceRequestContext.of(HttpRequest.of(HttpMethod.POST, "/ServiceGraph"));

  @Test
  void ofRequest_clientLeaves_passes() {
    Deadline deadline;
    try (SafeCloseable _ = ctx.push()) {
      deadline = Deadline.ofRequest();
    }
    assertThatCode(deadline::check).doesNotThrowAnyException();

    ctx.cancel();

    assertThatThrownBy(deadline::check)
        .isInstanceOf(Deadline.PassedException.class)
        .hasMessage("nobody waits for the answer any more");
    assertThatThrownBy(deadline::checkWanted).isInstanceOf(Deadline.PassedException.class);
  }

  @Test
  void ofRequest_timeout_passesBeforeTheServerGivesUp() {
    ctx.setRequestTimeout(Duration.ofSeconds(30));
    Deadline deadline = Deadline.of(ctx);
    assertThat(deadline.left()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(25));
    assertThat(deadline.left(Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void in_noTime_passesButIsWanted() {
    Deadline deadline = Deadline.in(Duration.ZERO, () -> false);
    assertThatCode(deadline::checkWanted).doesNotThrowAnyException();
    assertThatThrownBy(deadline::check)
        .isInstanceOf(Deadline.PassedException.class)
        .hasMessage(
            "range: too much to look at in the time of one request (expected: a shorter range)");
    assertThat(deadline.left()).isEqualTo(Duration.ZERO);
  }

  @Test
  void ofRequest_noRequest_doesNotPass() {
    assertThatCode(() -> Deadline.ofRequest().check()).doesNotThrowAnyException();
  }
}
