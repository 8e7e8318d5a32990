// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest.udp;

import java.net.InetSocketAddress;

/**
 * How a {@link UdpCollector} listens.
 *
 * @param address where; port 0 takes a free one
 * @param socketCount sockets that share the port, each with its reader; the kernel spreads senders
 *     over them. Only one where the system cannot share a port
 * @param receiveBufferBytes kernel buffer asked for, for each socket; the system may give less
 * @param maxDatagramBytes longest datagram that is taken
 * @param queueBytes datagrams that may wait to be decoded, in bytes with their overhead
 * @param decoderCount threads that decode and write
 * @param batchDocuments documents that are written at once, at most
 * @param lingerNanos how long the first document of a batch waits for more
 */
public record UdpConfig(
    InetSocketAddress address,
    int socketCount,
    int receiveBufferBytes,
    int maxDatagramBytes,
    long queueBytes,
    int decoderCount,
    int batchDocuments,
    long lingerNanos) {
  /** The most that IPv4 and IPv6 carry, so nothing is cut. */
  public static final int MAX_DATAGRAM_BYTES = 65_535;

  private static final int MIN_QUEUE_BYTES = 3 << 20;

  public UdpConfig {
    requireRange("socketCount", socketCount, 1, 64);
    requireRange("receiveBufferBytes", receiveBufferBytes, 64 * 1024, 1 << 30);
    requireRange("maxDatagramBytes", maxDatagramBytes, 1024, MAX_DATAGRAM_BYTES);
    requireRange("queueBytes", queueBytes, MIN_QUEUE_BYTES, Long.MAX_VALUE);
    requireRange("decoderCount", decoderCount, 1, 64);
    requireRange("batchDocuments", batchDocuments, 1, 100_000);
    requireRange("lingerNanos", lingerNanos, 0, 1_000_000_000);
  }

  /** Returns the defaults, at that address. */
  public static UdpConfig at(InetSocketAddress address) {
    return new UdpConfig(address, 2, 16 << 20, MAX_DATAGRAM_BYTES, 24L << 20, 2, 1_000, 2_000_000);
  }

  private static void requireRange(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + min + " to " + max + ")");
    }
  }
}
