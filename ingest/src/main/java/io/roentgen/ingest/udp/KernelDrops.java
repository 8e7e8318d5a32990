// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest.udp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Datagrams that the kernel dropped because a socket's receive buffer was full: the last column of
 * {@code /proc/net/udp} and {@code udp6}, which Linux keeps for each socket. Elsewhere nothing
 * tells, and the count stays 0.
 */
final class KernelDrops {
  private static final int LOCAL_ADDRESS = 1;
  private static final Pattern BLANKS = Pattern.compile("\\s+");

  private final Path table;
  private final String localAddress;

  @GuardedBy("this")
  private long drops;

  KernelDrops(InetSocketAddress bound) {
    this(
        Path.of(bound.getAddress() instanceof Inet4Address ? "/proc/net/udp" : "/proc/net/udp6"),
        bound);
  }

  KernelDrops(Path table, InetSocketAddress bound) {
    this.table = table;
    localAddress = localAddress(bound);
  }

  /** Returns whether this system tells. */
  boolean known() {
    return Files.isReadable(table);
  }

  /**
   * Returns the drops of all sockets bound to the address since they were bound. Never less than
   * before; after they were closed, what was known last.
   */
  synchronized long count() {
    if (!known()) {
      return drops;
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(table, StandardCharsets.US_ASCII);
    } catch (IOException _) {
      // The table is gone with /proc itself; the last known count stands.
      return drops;
    }
    long sum = 0;
    for (String line : lines) {
      String[] columns = BLANKS.split(line.strip(), -1);
      if (columns.length > LOCAL_ADDRESS && columns[LOCAL_ADDRESS].equals(localAddress)) {
        sum += Long.parseLong(columns[columns.length - 1]);
      }
    }
    drops = Math.max(drops, sum);
    return drops;
  }

  /**
   * Returns the address as the table has it: 32-bit words in the machine's order, then the port.
   */
  static String localAddress(InetSocketAddress bound) {
    ByteBuffer words = ByteBuffer.wrap(bound.getAddress().getAddress());
    var text = new StringBuilder();
    while (words.hasRemaining()) {
      int word = words.getInt();
      text.append(
          HexFormat.of()
              .withUpperCase()
              .toHexDigits(
                  ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                      ? Integer.reverseBytes(word)
                      : word));
    }
    return text + ":" + HexFormat.of().withUpperCase().toHexDigits((short) bound.getPort());
  }
}
