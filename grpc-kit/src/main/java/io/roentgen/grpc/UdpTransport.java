// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.roentgen.codec.xray.UdpFrame;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends documents to the daemon, each in a datagram. The daemon's address is looked up again every
 * minute, as it may have moved; whether it is there, UDP does not tell, and nothing waits for it.
 */
final class UdpTransport implements SegmentTransport {
  /** How long a document may be. */
  private static final byte[] HEADER = UdpFrame.header();

  /** How long a document may be. */
  static final int MAX_DOCUMENT_BYTES = UdpFrame.MAX_DATAGRAM_BYTES - HEADER.length;

  private static final System.Logger LOG = System.getLogger(UdpTransport.class.getName());
  private static final long LOOK_UP_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Finds the address of a host. */
  interface Resolver {
    InetAddress resolve(String host) throws IOException;
  }

  private final String host;
  private final int port;
  private final Resolver resolver;
  private final LongSupplier nanoTime;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(UdpFrame.MAX_DATAGRAM_BYTES);
  private final DatagramChannel channel;
  private @Nullable InetSocketAddress address;
  private long lookUpNanos;
  private boolean warned;

  UdpTransport(String host, int port, Resolver resolver, LongSupplier nanoTime) throws IOException {
    this.host = host;
    this.port = port;
    this.resolver = resolver;
    this.nanoTime = nanoTime;
    channel = DatagramChannel.open();
    lookUpNanos = nanoTime.getAsLong();
  }

  @Override
  public void send(byte[] document, int length) throws IOException {
    InetSocketAddress target = address();
    buffer.clear();
    buffer.put(HEADER).put(document, 0, length).flip();
    channel.send(buffer, target);
  }

  private InetSocketAddress address() throws IOException {
    InetSocketAddress known = address;
    long now = nanoTime.getAsLong();
    if (now - lookUpNanos < 0) {
      if (known == null) {
        throw new IOException("cannot look up daemon " + host);
      }
      return known;
    }
    try {
      known = new InetSocketAddress(resolver.resolve(host), port);
      address = known;
      lookUpNanos = now + LOOK_UP_NANOS;
      warned = false;
      return known;
    } catch (IOException e) {
      lookUpNanos = now + RETRY_NANOS;
      if (!warned) {
        warned = true;
        LOG.log(
            Level.WARNING,
            "cannot look up X-Ray daemon host="
                + host
                + "; "
                + (known == null
                    ? "segments are dropped until it can be"
                    : "its last address is used"),
            e);
      }
      if (known == null) {
        throw e;
      }
      return known;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "closing the channel to the daemon", e);
    }
  }
}
