// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SupervisorTest {
  private final List<String> events = new CopyOnWriteArrayList<>();

  private Service.Killable service(String name) {
    return new Service.Killable() {
      @Override
      public void kill() {
        events.add("killed " + name);
      }

      @Override
      public Map<String, Integer> ports() {
        return Map.of();
      }

      @Override
      public void close() {
        events.add("closed " + name);
      }
    };
  }

  @Test
  void kill_comesBack_alsoIfTheFirstTryFails() {
    AtomicInteger starts = new AtomicInteger();
    try (Supervisor supervisor = new Supervisor(Duration.ZERO)) {
      supervisor.add("a", service("a"), () -> service("a"));
      supervisor.add(
          "b",
          service("b"),
          () -> {
            if (starts.incrementAndGet() == 1) {
              throw new IOException("port taken");
            }
            return service("b again");
          });

      supervisor.kill("b");

      await().untilAsserted(() -> assertThat(supervisor.live()).containsExactly("a", "b"));
      assertThat(starts).hasValue(2);
    }
    assertThat(events).containsExactly("killed b", "closed b again", "closed a");
  }

  @Test
  void kill_untilItIsBack_doesNotLive_andIsNotKilledTwice() {
    try (Supervisor supervisor = new Supervisor(Duration.ofHours(1))) {
      supervisor.add("a", service("a"), () -> service("a"));
      supervisor.add("b", service("b"), () -> service("b"));

      supervisor.kill("a");
      supervisor.kill("a");

      assertThat(supervisor.live()).containsExactly("b");
    }
    assertThat(events).containsExactly("killed a", "closed b");
  }
}
