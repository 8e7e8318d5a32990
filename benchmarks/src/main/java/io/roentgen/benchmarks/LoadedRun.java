// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.benchmarks.HttpAnswers.Dialect;
import io.roentgen.benchmarks.Question.Kind;
import io.roentgen.benchmarks.RequestFile.Framing;
import io.roentgen.model.TimeRange;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Asks a server that holds the reference data over its JSON API, first at rest, then while it takes
 * in more at half of the rate it was measured to take.
 */
final class LoadedRun {
  private static final Duration SETTLE_LIMIT = Duration.ofMinutes(2);

  private LoadedRun() {}

  static List<Row> run(
      Workspace workspace, IngestRun ingested, ReferenceData data, int streams, double seconds)
      throws IOException, InterruptedException {
    double perKind = Math.max(1, seconds / 4);
    double rate = ingested.spansPerSecond() / 2;
    // Warm-up of a question comes on top, and 20 samples may take longer than their time.
    double loadSeconds = Kind.values().length * perKind * 1.3 + 10;
    ReferenceData more =
        data.next(Math.max(100, (long) (rate * loadSeconds / ReferenceData.SPANS_PER_TRACE)));
    Progress.say("making " + more.spanCount() + " more spans");
    Path requests = workspace.path("more.requests");
    List<Row> rows = new ArrayList<>();
    try (RequestFile file =
            RequestFile.write(
                requests, more.requests(OtlpRequestEncoder::new), more.spanCount(), Framing.GRPC);
        ServerProcess server = ServerProcess.start(workspace, ingested.folder());
        Sender sender =
            new Sender(Sender.Protocol.OTLP_GRPC, server.otlpGrpcPort(), Math.min(4, streams))) {
      rows.add(Row.of("cold start to ready, reference data", server.startSeconds(), "s"));
      var _ = server.awaitIdle(SETTLE_LIMIT);
      rows.add(
          Row.of("resident memory, idle, reference data", server.usage().residentMebi(), "MiB"));
      // Newest traces are those that come in.
      TimeRange range = new TimeRange(data.range().startEpochNanos(), more.range().endEpochNanos());
      Questions questions = new Questions(data, data.traceCount(), range);
      HttpAnswers answers = new HttpAnswers(Dialect.ROENTGEN, server.httpPort());
      rows.addAll(questions.askAll(answers, "HTTP, at rest: ", perKind, false));

      double before = server.counter("ingest_spans_total");
      double requestsPerSecond = rate * file.count() / file.spanCount();
      FutureTask<Boolean> load =
          new FutureTask<>(
              () -> {
                sender.send(file, 0, file.count(), streams, requestsPerSecond);
                return true;
              });
      Thread thread = Thread.ofPlatform().name("load").start(load);
      long begin = System.nanoTime();
      List<Row> loaded = questions.askAll(answers, "HTTP, ingest at half: ", perKind, false);
      boolean lasted = !load.isDone();
      double took = (System.nanoTime() - begin) / 1e9;
      double reached = (server.counter("ingest_spans_total") - before) / took;
      thread.interrupt();
      thread.join();
      requireNoFailure(load, lasted);
      rows.add(
          Row.of("HTTP, ingest at half: rate", reached, "spans/s")
              .note(
                  "Half of the rate above is "
                      + Table.number(rate)
                      + " spans/s."
                      + (lasted ? "" : " The spans ran out before the last question.")));
      rows.addAll(loaded);
    }
    Workspace.delete(requests);
    return rows;
  }

  private static void requireNoFailure(FutureTask<Boolean> load, boolean interrupted)
      throws IOException, InterruptedException {
    try {
      var _ = load.get();
    } catch (ExecutionException e) {
      if (!interrupted || !(e.getCause() instanceof InterruptedException)) {
        throw new IOException("the load failed: " + e.getCause(), e.getCause());
      }
    }
  }
}
