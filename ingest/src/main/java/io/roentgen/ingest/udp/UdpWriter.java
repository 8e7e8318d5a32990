// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest.udp;

import io.roentgen.ingest.Ingest;
import io.roentgen.ingest.IngestMetrics;
import io.roentgen.ingest.Transport;
import io.roentgen.ingest.WriteResult;
import io.roentgen.ingest.udp.DatagramDecoder.Refused;
import io.roentgen.model.Rejection;
import io.roentgen.model.SpanBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes datagrams from the queue, decodes them into one batch and writes that. Nobody can be told
 * to send again, so a batch that the store refuses for now is tried again as long as the queue
 * takes what arrives meanwhile; then it goes, as the oldest.
 */
final class UdpWriter implements Runnable {
  private static final Logger logger = LoggerFactory.getLogger(UdpWriter.class);
  private static final long MIN_PAUSE_MILLIS = 5;
  private static final long MAX_PAUSE_MILLIS = 500;

  private final UdpConfig config;
  private final DatagramQueue queue;
  private final DatagramDecoder decoder;
  private final Ingest ingest;
  private final IngestMetrics metrics;

  UdpWriter(
      UdpConfig config,
      DatagramQueue queue,
      DatagramDecoder decoder,
      Ingest ingest,
      IngestMetrics metrics) {
    this.config = config;
    this.queue = queue;
    this.decoder = decoder;
    this.ingest = ingest;
    this.metrics = metrics;
  }

  @Override
  public void run() {
    List<byte[]> datagrams = new ArrayList<>(config.batchDocuments());
    try {
      while (true) {
        queue.take(datagrams, config.batchDocuments(), config.lingerNanos());
        if (datagrams.isEmpty()) {
          return;
        }
        write(datagrams);
        datagrams.clear();
      }
    } catch (InterruptedException _) {
      // Out of time while closing: what is left is counted there.
      Thread.currentThread().interrupt();
    }
  }

  private void write(List<byte[]> datagrams) throws InterruptedException {
    SpanBatch.Builder builder = SpanBatch.builder();
    int documents = 0;
    for (byte[] datagram : datagrams) {
      Refused refused = decode(datagram, builder);
      if (refused == null) {
        documents++;
      } else {
        metrics.datagramsRejected(refused.reason(), 1);
        metrics.rejected(Transport.XRAY_UDP, refused.reason(), 1, refused.message());
      }
    }
    if (documents > 0) {
      write(builder.build(), documents);
    }
  }

  private @Nullable Refused decode(byte[] datagram, SpanBatch.Builder builder) {
    SpanBatch.Mark mark = builder.mark();
    try {
      return decoder.decode(datagram, builder);
    } catch (RuntimeException e) {
      // A defect of ours, but one document must not end the thread that all others need.
      logger.error("cannot decode datagram of {} bytes", datagram.length, e);
      builder.rollback(mark);
      return new Refused(Rejection.INVALID_SEGMENT, "decoder failed");
    }
  }

  private void write(SpanBatch batch, int documents) throws InterruptedException {
    long pauseMillis = MIN_PAUSE_MILLIS;
    while (true) {
      Rejection reason;
      String message;
      switch (tryWrite(batch)) {
        case WriteResult.Written _ -> {
          metrics.datagramsStored(documents);
          return;
        }
        case WriteResult.Overloaded overloaded -> {
          reason = Rejection.OVERLOADED;
          message = overloaded.message();
        }
        case WriteResult.Unavailable unavailable -> {
          reason = Rejection.STORE_UNAVAILABLE;
          message = unavailable.message();
        }
      }
      boolean interrupted = false;
      if (!queue.full() && !queue.ended()) {
        try {
          Thread.sleep(pauseMillis + ThreadLocalRandom.current().nextLong(pauseMillis));
          pauseMillis = Math.min(2 * pauseMillis, MAX_PAUSE_MILLIS);
          continue;
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
      metrics.datagramsRejected(reason, documents);
      metrics.rejected(Transport.XRAY_UDP, reason, batch.spanCount(), message);
      if (interrupted) {
        throw new InterruptedException();
      }
      return;
    }
  }

  private WriteResult tryWrite(SpanBatch batch) {
    try {
      return ingest.tryWrite(Transport.XRAY_UDP, batch);
    } catch (RuntimeException e) {
      logger.error("cannot write batch of {} spans", batch.spanCount(), e);
      return new WriteResult.Unavailable("store failed", 0);
    }
  }
}
