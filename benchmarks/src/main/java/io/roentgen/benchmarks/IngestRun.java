// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.benchmarks.RequestFile.Framing;
import io.roentgen.store.StoreStatus;
import io.roentgen.store.lake.LakeConfig;
import io.roentgen.store.lake.LakeStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends the whole reference data to a server over OTLP/gRPC, each request acknowledged after its
 * fsync, then stops it and has everything put into parts.
 *
 * @param folder the data folder, closed
 * @param spansPerSecond how fast it went
 * @param rows of the table
 */
record IngestRun(Path folder, double spansPerSecond, List<Row> rows) {
  private static final Duration RETENTION = Duration.ofDays(36_500);
  private static final double WARM_UP_SHARE = 0.2;
  private static final long WARM_UP_SPANS = 500_000;
  private static final Duration IDLE_LIMIT = Duration.ofMinutes(5);
  private static final Duration SEAL_LIMIT = Duration.ofMinutes(10);
  private static final double BUDGET_PER_CORE = 60_000;
  private static final double BUDGET_MEBI = 1024;
  private static final double BUDGET_BYTES = 50;

  static IngestRun run(Workspace workspace, ReferenceData data, int streams)
      throws IOException, InterruptedException {
    Progress.say(
        "making " + data.spanCount() + " spans in " + data.traceCount() + " traces (OTLP)");
    Path folder = workspace.path("data");
    List<Row> rows = new ArrayList<>();
    double wall;
    Path requests = workspace.path("otlp.requests");
    try (RequestFile file =
            RequestFile.write(
                requests, data.requests(OtlpRequestEncoder::new), data.spanCount(), Framing.GRPC);
        ServerProcess server = ServerProcess.start(workspace, folder);
        Sender sender =
            new Sender(Sender.Protocol.OTLP_GRPC, server.otlpGrpcPort(), Math.min(4, streams))) {
      long warmUp = Math.min((long) (data.spanCount() * WARM_UP_SHARE), WARM_UP_SPANS);
      int first = file.requestAtSpan(warmUp);
      Progress.say("ingest, warm-up with " + file.spanCount(0, first) + " spans");
      sender.send(file, 0, first, streams);

      // So that what is measured is the work of the spans that follow and of no others.
      server.seal();
      boolean quiet = server.awaitIdle(IDLE_LIMIT);
      long spans = file.spanCount(first, file.count());
      Progress.say("ingest of " + spans + " spans");
      ProcessUsage own = new ProcessUsage(ProcessHandle.current().pid());
      double ownBefore = own.cpuSeconds();
      double before = server.usage().cpuSeconds();
      long begin = System.nanoTime();
      sender.send(file, first, file.count(), streams);
      double seconds = (System.nanoTime() - begin) / 1e9;
      double acknowledged = server.usage().cpuSeconds() - before;
      double ownCpu = own.cpuSeconds() - ownBefore;
      Progress.say("waiting until parts are written");
      server.seal();
      boolean idle = server.awaitIdle(IDLE_LIMIT) && quiet;
      double all = server.usage().cpuSeconds() - before;
      double stored = server.counter("ingest_spans_total");
      if (stored != file.spanCount()) {
        throw new IllegalStateException(
            "spans stored: " + stored + " (expected: " + file.spanCount() + ")");
      }

      wall = spans / seconds;
      rows.add(
          Row.of("ingest OTLP/gRPC, wall", wall, "spans/s")
              .note(
                  "Sender and server share the machine's cores; "
                      + streams
                      + " requests of 500 spans under way at a time, each acknowledged after fsync."));
      rows.add(
          Row.of("ingest OTLP/gRPC, a core", spans / all, "spans/CPU-s")
              .atLeast(BUDGET_PER_CORE)
              .note(
                  "All processor time of the server process from the first request until "
                      + (idle
                          ? "it was idle again: with"
                          : IDLE_LIMIT.toMinutes() + " minutes had passed: with")
                      + " all spans put into parts, and the JIT and garbage collector at work."));
      rows.add(
          Row.of(
              "ingest OTLP/gRPC, a core, until acknowledged", spans / acknowledged, "spans/CPU-s"));
      rows.add(Row.of("ingest OTLP/gRPC, server CPU", all / spans * 1e6, "us/span"));
      rows.add(Row.of("ingest OTLP/gRPC, sender CPU", ownCpu / spans * 1e6, "us/span"));
      rows.add(
          Row.of("ingest OTLP/gRPC, told to come later", (double) sender.refusals(), "requests"));
      rows.add(
          Row.of("resident memory, peak in ingest", server.usage().peakResidentMebi(), "MiB")
              .atMost(BUDGET_MEBI));
    }
    Workspace.delete(requests);
    rows.addAll(seal(folder, data));
    return new IngestRun(folder, wall, rows);
  }

  /** Returns how the measured store is opened in this process: nothing is deleted for its age. */
  static LakeConfig config(Path folder) {
    return LakeConfig.of(folder).withKeep(new LakeConfig.Keep(RETENTION, Long.MAX_VALUE));
  }

  private static List<Row> seal(Path folder, ReferenceData data)
      throws IOException, InterruptedException {
    Progress.say("putting everything into parts");
    StoreStatus status;
    try (LakeStore store = LakeStore.open(config(folder))) {
      store.seal(SEAL_LIMIT);
      // Merging goes on for a while; it is over when nothing has changed for some time.
      StoreStatus last;
      status = store.status();
      do {
        last = status;
        Thread.sleep(3_000);
        status = store.status();
      } while (!status.equals(last));
    }
    if (status.partSpanCount() != data.spanCount()) {
      throw new IllegalStateException(
          "spans in parts: " + status.partSpanCount() + " (expected: " + data.spanCount() + ")");
    }
    return List.of(
        Row.of(
                "data folder, everything in parts",
                (double) Workspace.size(folder) / data.spanCount(),
                "B/span")
            .atMost(BUDGET_BYTES)
            .note("All files of the data folder, indexes and catalog too."),
        Row.of("parts", status.partCount(), "parts"));
  }
}
