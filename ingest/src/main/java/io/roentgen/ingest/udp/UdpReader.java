// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest.udp;

import io.roentgen.ingest.IngestMetrics;
import io.roentgen.ingest.Transport;
import io.roentgen.model.Rejection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties one socket into the queue and does nothing else, so that the kernel's buffer is free for
 * a burst. The socket does not block: {@link #stop} can then have the reader take what the kernel
 * still holds.
 */
final class UdpReader implements Runnable {
  private static final Logger logger = LoggerFactory.getLogger(UdpReader.class);

  /** How long a reader that was stopped goes on with senders that do not. */
  private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long ERROR_PAUSE_MILLIS = 100;

  private final DatagramChannel channel;
  private final Selector selector;
  private final DatagramQueue queue;
  private final IngestMetrics metrics;
  private final ByteBuffer buffer;
  private volatile boolean stopped;

  UdpReader(
      DatagramChannel channel, int maxDatagramBytes, DatagramQueue queue, IngestMetrics metrics)
      throws IOException {
    this.channel = channel;
    this.queue = queue;
    this.metrics = metrics;
    // One byte more than allowed tells a datagram that is too long.
    buffer = ByteBuffer.allocateDirect(maxDatagramBytes + 1);
    selector = Selector.open();
    channel.register(selector, SelectionKey.OP_READ);
  }

  @Override
  public void run() {
    try (selector) {
      while (!stopped) {
        try {
          selector.select(_ -> {});
          while (!stopped && receive()) {}
        } catch (IOException e) {
          logger.error("cannot read datagrams, trying again", e);
          Thread.sleep(ERROR_PAUSE_MILLIS);
        }
      }
      long end = System.nanoTime() + DRAIN_NANOS;
      while (receive() && System.nanoTime() < end) {}
    } catch (IOException e) {
      logger.error("cannot read the last datagrams of socket", e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean receive() throws IOException {
    buffer.clear();
    if (channel.receive(buffer) == null) {
      return false;
    }
    buffer.flip();
    int length = buffer.remaining();
    metrics.datagramReceived(length);
    if (length == buffer.capacity()) {
      reject(Rejection.TOO_LARGE, "datagram longer than " + (length - 1) + " bytes");
      return true;
    }
    byte[] datagram = new byte[length];
    buffer.get(datagram);
    if (!queue.offer(datagram)) {
      reject(Rejection.OVERLOADED, "queue of received datagrams is full");
    }
    return true;
  }

  private void reject(Rejection reason, String example) {
    metrics.datagramsRejected(reason, 1);
    metrics.rejected(Transport.XRAY_UDP, reason, 1, example);
  }

  /** Has the reader take what the kernel holds and end. */
  void stop() {
    stopped = true;
    selector.wakeup();
  }
}
