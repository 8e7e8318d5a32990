// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest.udp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.roentgen.ingest.Ingest;
import io.roentgen.ingest.IngestMetrics;
import io.roentgen.ingest.Transport;
import io.roentgen.model.Rejection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes X-Ray segment documents over UDP, as the X-Ray daemon does.
 *
 * <p>A sender gets no answer, so the promise is that nothing is lost in silence: each datagram that
 * reached this machine is stored, or counted with a reason, also those that the kernel dropped (on
 * Linux). Memory is bounded by the queue, one batch for each decoder and the kernel's buffers.
 *
 * <p>Threads: {@code udp-reader-N} one for each socket, {@code udp-writer-N} one for each decoder,
 * {@code udp-drops} looks at the kernel's counters. All are platform threads, since both sides of
 * the queue must go on when virtual threads are busy. {@link #start} and {@link #close} may be
 * called from different threads.
 */
public final class UdpCollector implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(UdpCollector.class);
  private static final long DROPS_PERIOD_SECONDS = 5;

  private final UdpConfig config;
  private final UdpSockets sockets;
  private final DatagramQueue queue;
  private final KernelDrops kernelDrops;
  private final List<UdpReader> readers = new ArrayList<>();
  private final List<Thread> readerThreads = new ArrayList<>();
  private final List<Thread> writerThreads = new ArrayList<>();
  private final ScheduledExecutorService dropsWatch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("udp-drops").factory());
  private final Object lock = new Object();

  @GuardedBy("lock")
  private State state = State.BOUND;

  @GuardedBy("lock")
  private @Nullable IngestMetrics metrics;

  @GuardedBy("lock")
  private long toldDrops;

  private enum State {
    BOUND,
    STARTED,
    CLOSED
  }

  private UdpCollector(UdpConfig config, UdpSockets sockets) {
    this.config = config;
    this.sockets = sockets;
    queue = new DatagramQueue(config.queueBytes());
    kernelDrops = new KernelDrops(sockets.address());
  }

  /**
   * Binds the sockets; the kernel keeps what arrives until {@link #start}.
   *
   * @throws IOException if the address cannot be bound, for example because it is in use
   */
  public static UdpCollector bind(UdpConfig config) throws IOException {
    return new UdpCollector(config, UdpSockets.bind(config));
  }

  /** Returns where it listens. */
  public InetSocketAddress address() {
    return sockets.address();
  }

  /**
   * Returns how many bytes the kernel keeps for each socket; Linux doubles it for its own overhead.
   */
  public int receiveBufferBytes() {
    return sockets.receiveBufferBytes();
  }

  /** Returns how many sockets share the port. */
  public int socketCount() {
    return sockets.channels().size();
  }

  /**
   * Returns how many datagrams the kernel dropped since the sockets were bound; 0 where it does not
   * tell.
   */
  public long kernelDrops() {
    return kernelDrops.count();
  }

  /**
   * Starts to read, decode and write.
   *
   * @throws IOException if the system has no more descriptors
   * @throws IllegalStateException if it was started or closed before
   */
  public void start(Ingest ingest, IngestMetrics metrics) throws IOException {
    start(ingest, metrics, SegmentDatagramDecoder::new);
  }

  void start(Ingest ingest, IngestMetrics metrics, Supplier<DatagramDecoder> decoders)
      throws IOException {
    synchronized (lock) {
      if (state != State.BOUND) {
        throw new IllegalStateException("cannot start UDP collector: it is " + state);
      }
      for (var channel : sockets.channels()) {
        readers.add(new UdpReader(channel, config.maxDatagramBytes(), queue, metrics));
      }
      state = State.STARTED;
      this.metrics = metrics;
      metrics.udpQueue(queue::bytes, this::kernelDrops);
      for (int i = 0; i < config.decoderCount(); i++) {
        var writer = new UdpWriter(config, queue, decoders.get(), ingest, metrics);
        writerThreads.add(start("udp-writer-" + i, writer));
      }
      for (int i = 0; i < readers.size(); i++) {
        readerThreads.add(start("udp-reader-" + i, readers.get(i)));
      }
      var _ =
          dropsWatch.scheduleWithFixedDelay(
              this::tellDrops, DROPS_PERIOD_SECONDS, DROPS_PERIOD_SECONDS, TimeUnit.SECONDS);
    }
  }

  private static Thread start(String name, Runnable task) {
    return Thread.ofPlatform()
        .name(name)
        .uncaughtExceptionHandler(
            (thread, e) -> logger.error("thread ended early name={}", thread.getName(), e))
        .start(task);
  }

  private void tellDrops() {
    long drops = kernelDrops.count();
    long more;
    synchronized (lock) {
      more = drops - toldDrops;
      toldDrops = drops;
    }
    if (more > 0) {
      logger.warn(
          "datagrams dropped by the kernel, its receive buffer was full count={} total={}"
              + " receiveBufferBytes={}; raise net.core.rmem_max and ingest.udp.receive-buffer",
          more,
          drops,
          receiveBufferBytes());
    }
  }

  /**
   * Stops reading, writes what was received, and ends. What cannot be written within {@code
   * timeout} is counted as rejected. A second call does nothing.
   */
  public void close(Duration timeout) {
    State before;
    synchronized (lock) {
      before = state;
      state = State.CLOSED;
    }
    if (before == State.CLOSED) {
      return;
    }
    long deadline = System.nanoTime() + timeout.toNanos();
    dropsWatch.shutdownNow();
    for (UdpReader reader : readers) {
      reader.stop();
    }
    join(readerThreads, deadline);
    tellDrops();
    sockets.close();
    queue.end();
    join(writerThreads, deadline);
    countRest();
  }

  /** Closes with a limit of five seconds. */
  @Override
  public void close() {
    close(Duration.ofSeconds(5));
  }

  private static void join(List<Thread> threads, long deadline) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      try {
        long nanos = deadline - System.nanoTime();
        if (nanos <= 0 || !thread.join(Duration.ofNanos(nanos))) {
          thread.interrupt();
          thread.join(Duration.ofMillis(500));
        }
      } catch (InterruptedException _) {
        interrupted = true;
        thread.interrupt();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void countRest() {
    IngestMetrics counted;
    synchronized (lock) {
      counted = metrics;
    }
    List<byte[]> rest = queue.takeNow();
    if (counted != null && !rest.isEmpty()) {
      counted.datagramsRejected(Rejection.STORE_UNAVAILABLE, rest.size());
      counted.rejected(
          Transport.XRAY_UDP,
          Rejection.STORE_UNAVAILABLE,
          rest.size(),
          "server stopped before they could be written");
    }
  }
}
