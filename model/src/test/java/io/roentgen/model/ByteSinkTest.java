// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class ByteSinkTest {
  @Test
  void put_beyondCapacity_growsAndKeepsEveryByte() {
    for (int capacity = 1; capacity < 32; capacity++) {
      ByteSink sink = new ByteSink(capacity);
      sink.putByte(7);
      sink.putInt(0x01020304);
      sink.putLong(0x1112131415161718L);
      sink.putVarint(300);
      sink.putBlock(new byte[] {9, 10, 11}, 1, 2);
      sink.putText("é");

      assertThat(Arrays.copyOf(sink.bytes, sink.size))
          .as("capacity %s", capacity)
          .containsExactly(
              7, 4, 3, 2, 1, 0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11, 0xac, 0x02, 2, 10, 11,
              2, 0xc3, 0xa9);
    }
  }

  @Test
  void putVarint_everyLength_isReadBack() {
    ByteSink sink = new ByteSink(1);
    int[] numbers = {0, 1, 127, 128, 16_383, 16_384, 1 << 21, 1 << 28, Integer.MAX_VALUE, -1, Integer.MIN_VALUE};
    for (int number : numbers) {
      sink.putVarint(number);
    }

    ValueEncoding.Source source = new ValueEncoding.Source(sink.bytes, 0);
    for (int number : numbers) {
      assertThat(source.getVarint()).isEqualTo(number);
    }
    assertThat(source.at).isEqualTo(sink.size);
  }
}
