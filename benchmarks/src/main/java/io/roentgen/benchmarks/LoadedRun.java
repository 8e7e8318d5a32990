// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.benchmarks.HttpAnswers.Dialect;
import io.roentgen.benchmarks.RequestFile.Framing;
import io.roentgen.model.TimeRange;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Asks a server that holds the reference data over its JSON API, first at rest, then while it takes
 * in more at half of the rate it was measured to take.
 */
final class LoadedRun {
  private static final Duration SETTLE_LIMIT = Duration.ofMinutes(2);

  /** More than the questions should ever take. */
  private static final double MAX_LOAD_SECONDS = 1_800;

  private LoadedRun() {}

  static List<Row> run(
      Workspace workspace, IngestRun ingested, ReferenceData data, int streams, double seconds)
      throws IOException, InterruptedException {
    double perKind = Math.max(1, seconds / 4);
    double rate = ingested.spansPerSecond() / 2;
    double traceRate = rate / ReferenceData.SPANS_PER_TRACE;
    ReferenceData more = data.next(Math.max(1, (long) (traceRate * MAX_LOAD_SECONDS)), traceRate);
    List<Row> rows = new ArrayList<>();
    try (ServerProcess server = ServerProcess.start(workspace, ingested.folder());
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
      ReferenceData.Requests requests = more.requests(OtlpRequestEncoder::new);
      FutureTask<Boolean> load =
          new FutureTask<>(
              () -> {
                sender.send(
                    _ -> nextRequest(requests),
                    0,
                    Integer.MAX_VALUE,
                    streams,
                    rate / ReferenceData.SPANS_PER_REQUEST);
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
                      + (lasted ? "" : " The load ended before the last question.")));
      rows.addAll(loaded);
    }
    return rows;
  }

  /** Makes requests as they are sent, which at this rate takes a small part of a core. */
  private static byte @Nullable [] nextRequest(ReferenceData.Requests requests) {
    ReferenceData.Request request;
    synchronized (requests) {
      request = requests.next();
    }
    return request == null ? null : Framing.GRPC.frame(request.body());
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
