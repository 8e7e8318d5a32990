// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DaemonAddressTest {
  @Test
  void address_inEitherForm_isRead() {
    assertThat(DaemonAddress.parse("xray-daemon:2000"))
        .isEqualTo(new DaemonAddress("xray-daemon", 2000, "xray-daemon", 2000));
    DaemonAddress two = new DaemonAddress("a", 1, "b", 2);
    assertThat(DaemonAddress.parse("udp:a:1 tcp:b:2")).isEqualTo(two);
    assertThat(DaemonAddress.parse(" TCP:b:2  UDP:a:1 ")).isEqualTo(two);
    assertThat(DaemonAddress.parse("[::1]:2000").udpHost()).isEqualTo("::1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "host",
        ":2000",
        "host:",
        "host:0",
        "host:65536",
        "host:x",
        "::1:2000",
        "udp:a:1",
        "udp:a:1 udp:b:2",
        "a:1 b:2",
        "[]:1"
      })
  void address_other_isRefusedWithWhatIsExpected(String text) {
    assertThatThrownBy(() -> DaemonAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("daemon address: '" + text + "' (expected: host:port");
  }
}
