// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Runs over its saved inputs as a test; {@code JAZZER_FUZZ=1} lets it look for more. */
class UdpFrameFuzzTest {
  @FuzzTest(maxDuration = "1m")
  void parse(byte[] datagram) {
    if (UdpFrame.parse(datagram, datagram.length) instanceof UdpFrame.Document document) {
      assertThat(document.length()).isPositive();
      assertThat(document.offset() + document.length()).isLessThanOrEqualTo(datagram.length);
      assertThat(datagram[document.offset() - 1]).isEqualTo((byte) '\n');
    }
  }
}
