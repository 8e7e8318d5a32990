// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest.udp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;

/** The sockets of one collector, all bound to one address. */
final class UdpSockets implements AutoCloseable {
  private final List<DatagramChannel> channels;
  private final InetSocketAddress address;
  private final int receiveBufferBytes;

  private UdpSockets(List<DatagramChannel> channels) throws IOException {
    this.channels = channels;
    DatagramChannel first = channels.getFirst();
    address = (InetSocketAddress) first.getLocalAddress();
    receiveBufferBytes = first.getOption(StandardSocketOptions.SO_RCVBUF);
  }

  static UdpSockets bind(UdpConfig config) throws IOException {
    InetSocketAddress at = config.address();
    if (at.getPort() != 0) {
      // Sockets that share a port share it with any other process of this user too, and the kernel
      // would give it
      // half of the datagrams. So make sure first that nobody is there.
      try (DatagramChannel alone = open(at)) {
        alone.bind(at);
      }
    }
    List<DatagramChannel> channels = new ArrayList<>();
    try {
      do {
        DatagramChannel channel = open(at);
        channels.add(channel);
        boolean shared =
            config.socketCount() > 1
                && channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT);
        if (shared) {
          channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        }
        channel.setOption(StandardSocketOptions.SO_RCVBUF, config.receiveBufferBytes());
        channel.bind(at);
        channel.configureBlocking(false);
        at = (InetSocketAddress) channel.getLocalAddress();
        if (!shared) {
          break;
        }
      } while (channels.size() < config.socketCount());
      return new UdpSockets(List.copyOf(channels));
    } catch (IOException e) {
      for (DatagramChannel channel : channels) {
        channel.close();
      }
      throw e;
    }
  }

  private static DatagramChannel open(InetSocketAddress at) throws IOException {
    return DatagramChannel.open(
        at.getAddress() instanceof Inet4Address
            ? StandardProtocolFamily.INET
            : StandardProtocolFamily.INET6);
  }

  List<DatagramChannel> channels() {
    return channels;
  }

  InetSocketAddress address() {
    return address;
  }

  /**
   * Returns what the kernel gave each socket; Linux counts its own overhead in and so tells the
   * double.
   */
  int receiveBufferBytes() {
    return receiveBufferBytes;
  }

  @Override
  public void close() {
    for (DatagramChannel channel : channels) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot close UDP socket " + address, e);
      }
    }
  }
}
