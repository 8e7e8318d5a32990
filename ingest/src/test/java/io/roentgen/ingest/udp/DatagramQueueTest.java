// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest.udp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DatagramQueueTest {
  private final DatagramQueue queue = new DatagramQueue(1_000);
  private final List<byte[]> taken = new ArrayList<>();

  @Test
  void offer_beyondCapacity_refusesUntilTaken() throws InterruptedException {
    assertThat(queue.offer(new byte[600])).isTrue();
    assertThat(queue.offer(new byte[600])).isFalse();
    assertThat(queue.full()).isTrue();
    assertThat(queue.bytes()).isEqualTo(624);

    queue.take(taken, 1, 0);

    assertThat(taken).hasSize(1);
    assertThat(queue.full()).isFalse();
    assertThat(queue.bytes()).isZero();
    assertThat(queue.offer(new byte[600])).isTrue();
  }

  @Test
  void take_more_givesAtMostMaxInOrder() throws InterruptedException {
    for (byte i = 0; i < 5; i++) {
      queue.offer(new byte[] {i});
    }
    queue.take(taken, 3, 1_000_000_000);
    assertThat(taken).containsExactly(new byte[] {0}, new byte[] {1}, new byte[] {2});
  }

  @Test
  void take_ended_givesTheRestThenNothing() throws InterruptedException {
    queue.offer(new byte[1]);
    queue.end();
    queue.take(taken, 10, 1_000_000_000);
    assertThat(taken).hasSize(1);
    taken.clear();
    queue.take(taken, 10, 1_000_000_000);
    assertThat(taken).isEmpty();
  }

  @Test
  void take_empty_waitsForAnOffer() throws InterruptedException {
    Thread taker =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    queue.take(taken, 1, 0);
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                });
    queue.offer(new byte[7]);
    taker.join();
    assertThat(taken).hasSize(1);
  }
}
