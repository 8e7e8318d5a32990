// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.model.Span;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.Trace;
import io.roentgen.store.memory.MemoryStore;
import io.roentgen.store.testkit.TestTraces;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process that writes, and looks for all that it was told is kept. {@code
 * -Dtest.argLine=-Droentgen.kills=1000} kills more often.
 */
final class ITKilledStore {
  private static final int KILLS = Integer.getInteger("roentgen.kills", 8);
  private static final int THREADS = 4;
  private static final String ACKNOWLEDGED = "acknowledged ";

  @TempDir Path folder;

  private static LakeConfig config(Path folder) {
    // So small that most kills meet sealing or merging.
    return TestLake.config(folder)
        .withLive(new LakeConfig.Live(20_000, Duration.ofMillis(200), 1 << 20));
  }

  /** Returns the trace with that number. */
  private static List<Span> trace(long number) {
    return new TestTraces(number, TestTraces.BASE_EPOCH_NANOS).checkout();
  }

  /**
   * Writes until it is killed: batches of parts of two traces, and a line for each trace that is
   * kept as a whole.
   */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) {
      LakeStore store = LakeStore.open(config(Path.of(arguments[0])));
      long first = Long.parseLong(arguments[1]);
      for (int thread = 0; thread < THREADS; thread++) {
        long start = first + thread;
        Thread.ofPlatform().start(() -> write(store, start));
      }
    }

    private static void write(LakeStore store, long start) {
      for (long number = start; ; number += 2 * THREADS) {
        List<Span> one = trace(number);
        List<Span> two = trace(number + THREADS);
        List<Span> mixed = new ArrayList<>(one.subList(3, 7));
        mixed.addAll(two.subList(0, 2));
        store.write(SpanBatch.of(mixed));
        List<Span> rest = new ArrayList<>(two.subList(2, 7));
        rest.addAll(one.subList(0, 3));
        store.write(SpanBatch.of(rest));
        synchronized (System.out) {
          System.out.println(ACKNOWLEDGED + number + ";");
          System.out.println(ACKNOWLEDGED + (number + THREADS) + ";");
          System.out.flush();
        }
      }
    }
  }

  @Test
  void kill_whileWriting_losesNothingThatWasAcknowledged() throws IOException {
    long seed = Long.getLong("roentgen.seed", System.nanoTime());
    Random random = new Random(seed);
    Set<Long> acknowledged = new LinkedHashSet<>();
    for (int kill = 0; kill < KILLS; kill++) {
      long first = 1_000_000L * (kill + 1);
      int before = acknowledged.size();
      int enough = before + 1 + random.nextInt(120);
      Process writer =
          ChildProcess.start(List.of(), Writer.class, folder.toString(), Long.toString(first));
      try (var lines = writer.inputReader()) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (acknowledged.size() >= enough) {
            // Not Process.destroyForcibly, which would close the stream as well.
            writer.toHandle().destroyForcibly();
          }
          // The last line may have been cut.
          if (line.startsWith(ACKNOWLEDGED) && line.endsWith(";")) {
            acknowledged.add(
                Long.parseLong(line.substring(ACKNOWLEDGED.length(), line.length() - 1)));
          }
        }
      } finally {
        writer.destroyForcibly();
      }
      assertThat(acknowledged.size()).as("kill %d: acknowledged", kill).isGreaterThan(before);
      try (LakeStore store = LakeStore.open(config(folder))) {
        assertThat(store.status().corruptedPartCount()).isZero();
        assertHoldsAll(store, acknowledged, "seed " + seed + ", kill " + kill);
      }
    }
  }

  private static void assertHoldsAll(LakeStore store, Set<Long> acknowledged, String description) {
    List<Trace> expected = new ArrayList<>();
    acknowledged.forEach(number -> expected.add(Trace.ofWritten(trace(number))));
    List<TraceId> ids = expected.stream().map(Trace::traceId).toList();
    List<TraceId> found = TestLake.searchAll(store.reader());
    assertThat(found).as(description).containsAll(ids).doesNotHaveDuplicates();
    assertThat(store.reader().findAll(ids)).as(description).isEqualTo(expected);
    assertThat(store.reader().find(ids.getLast())).as(description).contains(expected.getLast());

    // Some may be there that nobody was told of. What is there is counted once.
    try (MemoryStore oracle = new MemoryStore()) {
      for (Trace trace : store.reader().findAll(found)) {
        oracle.writer().write(SpanBatch.of(trace.spans()));
      }
      assertThat(store.graph().graph(TimeRange.ALL))
          .as(description)
          .isEqualTo(oracle.graph().graph(TimeRange.ALL));
    }
  }
}
