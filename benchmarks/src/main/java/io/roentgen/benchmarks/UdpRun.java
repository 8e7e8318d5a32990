// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Sends segment documents over UDP at rising rates, counted by the sender and by the server. */
final class UdpRun {
  private static final int[] RATES = {5_000, 10_000, 20_000, 30_000, 40_000, 60_000, 80_000};
  private static final int BUDGET_RATE = 20_000;
  private static final Duration SETTLE_LIMIT = Duration.ofSeconds(20);
  private static final long STILL_MILLIS = 500;
  private static final int STILL_TIMES = 4;

  private UdpRun() {}

  private record Outcome(
      long sent, long received, long stored, double wallRate, double cpuSeconds) {
    boolean isLossless() {
      return stored == sent;
    }
  }

  static List<Row> run(Workspace workspace, double seconds)
      throws IOException, InterruptedException {
    List<Row> rows = new ArrayList<>();
    XRayDocuments documents = new XRayDocuments();
    try (ServerProcess server =
            ServerProcess.start(workspace, Files.createTempDirectory(workspace.folder(), "udp-"));
        DatagramChannel channel = DatagramChannel.open()) {
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.udpPort()));
      Progress.say("UDP, warm-up");
      var _ = send(server, channel, documents, RATES[0], Math.max(2, seconds / 2));
      double best = 0;
      double bestCore = 0;
      for (int rate : RATES) {
        Progress.say("UDP at " + rate + " documents/s");
        Outcome outcome = send(server, channel, documents, rate, Math.max(1, seconds / 2));
        if (rate == BUDGET_RATE) {
          rows.add(Row.of("UDP X-Ray at 20,000/s, sent", (double) outcome.sent, "documents"));
          rows.add(
              Row.of("UDP X-Ray at 20,000/s, received", (double) outcome.received, "documents"));
          rows.add(Row.of("UDP X-Ray at 20,000/s, stored", (double) outcome.stored, "documents"));
          rows.add(
              Row.of(
                      "UDP X-Ray at 20,000/s, lost",
                      (double) (outcome.sent - outcome.stored),
                      "documents")
                  .atMost(0));
        }
        if (!outcome.isLossless()) {
          Progress.say("lost " + (outcome.sent - outcome.stored) + " of " + outcome.sent);
          if (rate > BUDGET_RATE) {
            break;
          }
        } else if (outcome.wallRate > best) {
          best = outcome.wallRate;
          bestCore = (double) outcome.sent / outcome.cpuSeconds;
        }
      }
      rows.add(
          Row.of("UDP X-Ray, highest rate without loss", best, "documents/s")
              .note(
                  "Of the rates tried, as the sender reached them; documents of "
                      + documents.documentBytes()
                      + " B with 2 subsegments, so 3 spans each; sender and server share the cores."));
      rows.add(
          Row.of("UDP X-Ray, a core, at that rate", bestCore, "documents/CPU-s")
              .atLeast(BUDGET_RATE));
    }
    return rows;
  }

  private static Outcome send(
      ServerProcess server,
      DatagramChannel channel,
      XRayDocuments documents,
      int rate,
      double seconds)
      throws IOException, InterruptedException {
    double receivedBefore = server.counter("ingest_udp_datagrams_total");
    double storedBefore = server.counter("ingest_udp_datagrams_stored_total");
    double cpuBefore = server.usage().cpuSeconds();
    long count = (long) (rate * seconds);
    long sent = 0;
    ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
    long begin = System.nanoTime();
    while (sent < count) {
      long due = Math.min(count, (long) ((System.nanoTime() - begin) / 1e9 * rate) + 1);
      while (sent < due) {
        buffer.clear().put(documents.next()).flip();
        channel.write(buffer);
        sent++;
      }
      // Short bursts, as the timer of the system allows.
      Thread.sleep(1);
    }
    double took = (System.nanoTime() - begin) / 1e9;
    long deadline = System.nanoTime() + SETTLE_LIMIT.toNanos();
    double stored = -1;
    for (int still = 0; still < STILL_TIMES && System.nanoTime() < deadline; ) {
      double now = server.counter("ingest_udp_datagrams_stored_total") - storedBefore;
      if (now >= sent) {
        stored = now;
        break;
      }
      still = now == stored ? still + 1 : 0;
      stored = now;
      Thread.sleep(STILL_MILLIS);
    }
    double received = server.counter("ingest_udp_datagrams_total") - receivedBefore;
    double cpu = server.usage().cpuSeconds() - cpuBefore;
    return new Outcome(sent, (long) received, (long) stored, sent / took, cpu);
  }
}
