// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.store.TraceStore;
import io.roentgen.store.memory.MemoryStore;
import io.roentgen.store.testkit.DocumentStoreContract;
import io.roentgen.store.testkit.DurabilityContract;
import io.roentgen.store.testkit.GraphReaderContract;
import io.roentgen.store.testkit.StoreComparison;
import io.roentgen.store.testkit.TraceConditionContract;
import io.roentgen.store.testkit.TraceReaderContract;
import io.roentgen.store.testkit.TraceWriterContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contracts of the store API, with spans in memory, in parts, and in both. */
final class ITLakeStoreContract {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  /** The kit's times lie anywhere, so nothing may be too old. */
  private static final Duration FOREVER = Duration.ofDays(100_000);

  /** Opens an empty store in a folder of its own below {@code folder}. */
  private static LakeStore openFresh(Path folder) {
    try {
      return openIn(Files.createTempDirectory(folder, "store"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path folderOf(TraceStore store) {
    return ((LakeStore) store).config().folder();
  }

  private static LakeStore openIn(Path folder) {
    LakeConfig config = LakeConfig.of(folder);
    return LakeStore.open(config.withKeep(new LakeConfig.Keep(FOREVER, Long.MAX_VALUE)));
  }

  /** Leaves the log as a process does that dies while it writes: with the beginning of a frame at its end. */
  private static void tearLog(Path folder) {
    try (Stream<Path> segments = Files.list(folder.resolve("wal"))) {
      Path last =
          segments
              .filter(file -> file.toString().endsWith(".wal"))
              .max(Comparator.naturalOrder())
              .orElseThrow();
      Files.write(last, new byte[] {'R', 'W', 'A', 'L', 9, 0, 0, 0, 1}, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void seal(TraceStore store) {
    ((LakeStore) store).seal(LIMIT);
  }

  @Nested
  final class Writing extends TraceWriterContract {
    @TempDir Path folder;

    @Override
    protected TraceStore openStore() {
      return openFresh(folder);
    }

    @Override
    protected void settle(TraceStore store) {
      seal(store);
    }
  }

  @Nested
  final class Reading extends TraceReaderContract {
    @TempDir Path folder;

    @Override
    protected TraceStore openStore() {
      return openFresh(folder);
    }

    @Override
    protected void settle(TraceStore store) {
      seal(store);
    }
  }

  @Nested
  final class Conditions extends TraceConditionContract {
    @TempDir Path folder;

    @Override
    protected TraceStore openStore() {
      return openFresh(folder);
    }

    @Override
    protected void settle(TraceStore store) {
      seal(store);
    }
  }

  @Nested
  final class Graphs extends GraphReaderContract {
    @TempDir Path folder;

    @Override
    protected TraceStore openStore() {
      return openFresh(folder);
    }

    @Override
    protected void settle(TraceStore store) {
      seal(store);
    }
  }

  @Nested
  final class Documents extends DocumentStoreContract {
    @TempDir Path folder;

    @Override
    protected TraceStore openStore() {
      return openFresh(folder);
    }
  }

  @Nested
  final class Durability extends DurabilityContract {
    @TempDir Path folder;

    @Override
    protected TraceStore openStore() {
      return openFresh(folder);
    }

    @Override
    protected TraceStore reopen(TraceStore store) {
      store.close();
      return openIn(folderOf(store));
    }

    @Override
    protected TraceStore reopenAfterCrash(TraceStore store) {
      store.close();
      tearLog(folderOf(store));
      return openIn(folderOf(store));
    }

    @Override
    protected void settle(TraceStore store) {
      seal(store);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void randomOperations_giveTheSameAnswersAsTheOracle(long seed, @TempDir Path folder) {
    var candidate =
        new StoreComparison.Candidate() {
          private LakeStore store = openIn(folder);

          @Override
          public TraceStore store() {
            return store;
          }

          @Override
          public void settle() {
            store.seal(LIMIT);
          }

          @Override
          public void reopen() {
            store.close();
            store = openIn(folder);
          }

          @Override
          public void crash() {
            store.close();
            tearLog(folder);
            store = openIn(folder);
          }
        };
    try (MemoryStore oracle = new MemoryStore()) {
      StoreComparison.run(seed, 150, oracle, candidate);
    } finally {
      candidate.store().close();
    }
  }
}
