// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.roentgen.e2e.Sender.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a real server with SIGKILL at random moments while several connections send, and looks
 * whether each span that was acknowledged is found afterwards. {@code -Droentgen.kills=1000} does
 * so more often, {@code -Droentgen.seed=N} repeats the moments of a run.
 */
class ITCrash {
  private static final int KILLS = Integer.getInteger("roentgen.kills", 25);
  private static final int SENDERS = 6;
  private static final int READERS = 4;
  private static final int TRACES_PER_REQUEST = 4;
  private static final int SPANS_PER_TRACE = 8;
  private static final int MAX_SENDING_MILLIS = 700;
  private static final int MAX_STARTING_MILLIS = 1500;

  /** Every so many kills the server is not even up. */
  private static final int KILL_WHILE_STARTING = 6;

  /** So little that several parts are written in each round. */
  private static final String[] SMALL_PARTS = {"store.live-bytes=1MiB", "store.live-age=150ms"};

  @TempDir private Path folder;

  private final long seed = Long.getLong("roentgen.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Instant begin = Instant.now().minusSeconds(60);
  private final ExecutorService threads = Executors.newFixedThreadPool(SENDERS);

  /** What was acknowledged, by round. */
  private final List<List<SentTrace>> rounds = new ArrayList<>();

  private long verifiedSpans;

  @AfterEach
  void endThreads() {
    threads.shutdownNow();
  }

  @Test
  void kill_atAnyMoment_losesNothingAcknowledged() throws Exception {
    System.out.println("ITCrash: kills=" + KILLS + " seed=" + seed);
    for (int kill = 1; kill <= KILLS; kill++) {
      if (kill % KILL_WHILE_STARTING == 0) {
        killWhileStarting();
      } else {
        killWhileSending();
      }
    }
    verifiedSpans = 0;
    try (ServerProcess server = start();
        Api api = new Api(server.http())) {
      for (int round = 0; round < rounds.size(); round++) {
        verify(api, round);
      }
      assertThat(server.terminate(Duration.ofSeconds(10))).isIn(0, 143);
    }
    System.out.println("ITCrash: acknowledged spans found after all kills: " + verifiedSpans);
    assertThat(folder.resolve("data").resolve("parts"))
        .as("parts, or no kill could have met the writing of one")
        .isNotEmptyDirectory();
    assertThat(verifiedSpans).isPositive();
  }

  private ServerProcess start() throws Exception {
    return ServerProcess.start(folder, folder.resolve("data"), SMALL_PARTS);
  }

  private void killWhileStarting() throws Exception {
    try (ServerProcess server =
        ServerProcess.launch(folder, folder.resolve("data"), List.of(), SMALL_PARTS)) {
      TimeUnit.MILLISECONDS.sleep(random.nextInt(MAX_STARTING_MILLIS));
      server.kill();
    }
  }

  private void killWhileSending() throws Exception {
    try (ServerProcess server = start()) {
      if (!rounds.isEmpty()) {
        try (Api api = new Api(server.http())) {
          verify(api, rounds.size() - 1);
        }
      }
      var acknowledged = new ConcurrentLinkedQueue<SentTrace>();
      List<Future<?>> sending = new ArrayList<>();
      for (int i = 0; i < SENDERS; i++) {
        int kind = i;
        var own = new Random(random.nextLong());
        long round = rounds.size();
        sending.add(
            threads.submit(
                () -> {
                  sendUntilKilled(server, kind, own, round, acknowledged);
                  return null;
                }));
      }
      // Counted from the first acknowledgement: connecting may take longer than all that follows.
      await().atMost(Duration.ofSeconds(30)).until(() -> !acknowledged.isEmpty());
      TimeUnit.MILLISECONDS.sleep(random.nextInt(MAX_SENDING_MILLIS));
      server.kill();
      for (Future<?> sender : sending) {
        sender.get(1, TimeUnit.MINUTES);
      }
      rounds.add(List.copyOf(acknowledged));
    }
  }

  private static void sendUntilKilled(
      ServerProcess server,
      int kind,
      Random random,
      long round,
      ConcurrentLinkedQueue<SentTrace> acknowledged)
      throws InterruptedException {
    try (Sender sender = Sender.of(server, kind)) {
      Answer answer;
      do {
        List<SentTrace> traces = new ArrayList<>();
        for (int i = 0; i < TRACES_PER_REQUEST; i++) {
          traces.add(SentTrace.random(random, SPANS_PER_TRACE));
        }
        answer = sender.send(sender.encode(traces, round));
        if (answer == Answer.ACCEPTED) {
          acknowledged.addAll(traces);
        }
      } while (answer != Answer.FAILED);
    }
  }

  /**
   * Looks for all that a round had acknowledged: each span by its trace's id, each trace by search.
   */
  private void verify(Api api, int round) throws Exception {
    List<SentTrace> expected = rounds.get(round);
    List<Future<Long>> reading = new ArrayList<>();
    for (int reader = 0; reader < READERS; reader++) {
      int first = reader;
      reading.add(threads.submit(() -> verifyById(api, expected, first, round)));
    }
    for (Future<Long> reader : reading) {
      verifiedSpans += reader.get(5, TimeUnit.MINUTES);
    }
    assertThat(api.search(begin, "service=" + Sender.SERVICE, "attribute=round=" + round))
        .as("traces of round %s, seed %s", round, seed)
        .doesNotHaveDuplicates()
        .containsAll(expected.stream().map(SentTrace::traceId).toList());
  }

  private long verifyById(Api api, List<SentTrace> expected, int first, int round)
      throws Exception {
    long spans = 0;
    for (int i = first; i < expected.size(); i += READERS) {
      SentTrace sent = expected.get(i);
      JsonNode trace =
          api.trace(sent.traceId())
              .orElseThrow(
                  () ->
                      new AssertionError(
                          "trace "
                              + sent.traceId()
                              + " of round "
                              + round
                              + " lost, seed "
                              + seed));
      List<String> ids = new ArrayList<>();
      trace.get("spans").forEach(span -> ids.add(span.get("spanId").textValue()));
      assertThat(ids)
          .as("spans of trace %s of round %s, seed %s", sent.traceId(), round, seed)
          .containsExactlyInAnyOrderElementsOf(sent.spanIds());
      spans += ids.size();
    }
    return spans;
  }
}
