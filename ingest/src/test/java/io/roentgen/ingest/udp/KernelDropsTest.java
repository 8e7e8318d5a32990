// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest.udp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelDropsTest {
  @TempDir private Path folder;

  @Test
  void count_severalSockets_sumsThoseOfTheAddress() throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 2000);
    String local = KernelDrops.localAddress(address);
    Path table = folder.resolve("udp");
    Files.writeString(
        table,
        """
           sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
          411: %s 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 6015 2 0000000000000000 17
          411: %s 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 6016 2 0000000000000000 25
          412: 00000000:07D0 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 6017 2 0000000000000000 1000
        """
            .formatted(local, local));
    KernelDrops drops = new KernelDrops(table, address);

    assertThat(drops.count()).isEqualTo(42);
    Files.writeString(table, "");
    assertThat(drops.count()).as("after the sockets were closed").isEqualTo(42);
    Files.delete(table);
    assertThat(drops.count()).isEqualTo(42);
  }

  @Test
  void localAddress_bothFamilies_isAsLinuxPrintsIt() {
    assertThat(
            KernelDrops.localAddress(
                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 2000)))
        .isEqualTo("0100007F:07D0");
    assertThat(KernelDrops.localAddress(new InetSocketAddress(InetAddress.ofLiteral("::1"), 65535)))
        .isEqualTo("00000000000000000000000001000000:FFFF");
  }
}
