// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.SpanBatch;
import io.roentgen.store.DocumentStore;
import io.roentgen.store.Documents;
import io.roentgen.store.GraphReader;
import io.roentgen.store.StoreClosedException;
import io.roentgen.store.StoreCorruptedException;
import io.roentgen.store.StoreException;
import io.roentgen.store.StoreOverloadedException;
import io.roentgen.store.StoreStatus;
import io.roentgen.store.StoreUnavailableException;
import io.roentgen.store.TraceReader;
import io.roentgen.store.TraceStore;
import io.roentgen.store.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The durable store: a write-ahead log, what is in it in memory, and Parquet parts, in one folder.
 *
 * <p>Threads: the <em>committer</em> alone writes to the log and adds to the active chunk; it groups all batches that wait
 * into one write and one fsync. The <em>keeper</em> alone writes parts and the catalog: it seals frozen chunks, merges
 * small parts, deletes what is too old or too much. Everyone else reads an immutable {@link State}. {@code
 * docs/storage.md} describes the files.
 */
public final class LakeStore implements TraceStore, TraceWriter {
  private static final Logger LOG = LoggerFactory.getLogger(LakeStore.class);
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final int MAX_GROUP_BYTES = 16 << 20;
  private static final int MAX_FROZEN_CHUNKS = 1;
  private static final long POLL_MILLIS = 100;
  private static final long RETRY_AFTER_MILLIS = 1_000;

  /** How long a write waits for room in memory: less than the ten seconds for which most senders wait. */
  private static final long ROOM_WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final long KEEP_EVERY_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long DELETE_WAIT_MILLIS = 20;
  private static final long LOG_FAILURE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long CLOSE_SECONDS = 8;
  private static final int MERGE_FROM = 4;
  private static final long MERGE_TO_SPANS = 65_536;
  private static final long DAY_NANOS = 86_400_000_000_000L;

  private final LakeConfig config;
  private final Path partsFolder;
  private final FolderLock folderLock;
  private final Engine engine;
  private final Wal wal;
  private final PartWriter partWriter;
  private final LakeReader reader;
  private final Documents documents;

  private final LinkedBlockingQueue<PendingWrite> pending = new LinkedBlockingQueue<>();
  private final AtomicLong pendingBytes = new AtomicLong();
  private final Thread committer;
  private final Thread keeper;

  /** Guards changes of {@link #state}; the committer adds chunks, the keeper takes them away. */
  private final ReentrantLock stateLock = new ReentrantLock();

  private final Condition stateChanged = stateLock.newCondition();
  private volatile State state;

  /** Read-held while files are read, write-held while they are deleted. */
  private final ReentrantReadWriteLock filesLock = new ReentrantReadWriteLock();

  private final List<Path> doomedFolders = new ArrayList<>();
  private volatile Catalog catalog;
  private volatile boolean closing;

  /** What ended the committer or the keeper; from then on nothing is written. */
  private volatile @Nullable Error failure;

  private volatile boolean sealNow;
  private final AtomicLong deletedSpans = new AtomicLong();
  private final AtomicInteger corruptedParts = new AtomicInteger();
  private final AtomicLong walBytes = new AtomicLong();
  private long nextSequence;
  private long lastKeptNanos;

  /** Batches that were refused since that was logged last, and when that was; the committer's alone. */
  private long refusedBatches;

  private long refusedLoggedNanos = System.nanoTime() - LOG_FAILURE_EVERY_NANOS;

  private LakeStore(LakeConfig config, FolderLock folderLock, Opened opened) {
    this.config = config;
    this.folderLock = folderLock;
    engine = opened.engine;
    wal = opened.wal;
    documents = opened.documents;
    catalog = opened.catalog;
    state = opened.state;
    nextSequence = opened.nextSequence;
    corruptedParts.set(opened.corruptedParts);
    partsFolder = config.folder().resolve("parts");
    partWriter = new PartWriter(engine, partsFolder, this::requireOpen);
    reader = new LakeReader(engine, this::read);
    lastKeptNanos = System.nanoTime() - KEEP_EVERY_NANOS;
    committer = worker("lake-committer", this::commit);
    keeper = worker("lake-keeper", this::keep);
  }

  /** Returns a thread that does not end by an error without anyone knowing. */
  private Thread worker(String name, Runnable work) {
    return Thread.ofPlatform()
        .name(name)
        .daemon(true)
        .unstarted(
            () -> {
              try {
                work.run();
              } catch (Error e) {
                fail(name, e);
              }
            });
  }

  /** Refuses all writes from now on, as after an error in a thread nothing is sure about what it held. */
  private void fail(String thread, Error cause) {
    failure = cause;
    LOG.error(
        "store has failed, writes are refused until it is started again: thread={}", thread, cause);
    refuseWaiting();
    stateLock.lock();
    try {
      stateChanged.signalAll();
    } finally {
      stateLock.unlock();
    }
  }

  private void refuseWaiting() {
    PendingWrite waiting;
    while ((waiting = pending.poll()) != null) {
      pendingBytes.addAndGet(-waiting.batch().length());
      waiting.fail(closing ? new StoreClosedException() : failed());
    }
  }

  private StoreUnavailableException failed() {
    Error cause = failure;
    String message =
        "store has failed: " + cause + "; start it again, nothing acknowledged is lost";
    return cause == null
        ? new StoreUnavailableException(message)
        : new StoreUnavailableException(message, cause);
  }

  private void requireSound() {
    if (failure != null) {
      throw failed();
    }
  }

  /**
   * Opens the store in the config's folder, which is made if it is not there.
   *
   * @throws StoreUnavailableException if the folder is in use, cannot be written, or the log cannot be read
   * @throws StoreCorruptedException if the catalog or a file of documents is damaged; a damaged part or log frame is reported and left out
   */
  public static LakeStore open(LakeConfig config) {
    return open(config, Wal.Opener.DISK);
  }

  static LakeStore open(LakeConfig config, Wal.Opener opener) {
    FolderLock lock = FolderLock.acquire(config.folder());
    boolean opened = false;
    try {
      LakeStore store = new LakeStore(config, lock, Opened.read(config, opener));
      store.committer.start();
      store.keeper.start();
      opened = true;
      return store;
    } catch (IOException e) {
      throw new StoreUnavailableException(
          "cannot open store "
              + config.folder()
              + ": "
              + e
              + "; check that the folder can be written and the disk has room",
          e);
    } finally {
      if (!opened) {
        lock.close();
      }
    }
  }

  /** What is found in a folder. */
  private record Opened(
      Engine engine,
      Wal wal,
      Documents documents,
      Catalog catalog,
      State state,
      long nextSequence,
      int corruptedParts) {
    private static Opened read(LakeConfig config, Wal.Opener opener) throws IOException {
      Path folder = config.folder();
      Path partsFolder = Files.createDirectories(folder.resolve("parts"));
      Path temporary = folder.resolve("tmp");
      Durable.deleteFolder(temporary);
      Catalog catalog = catalog(folder, partsFolder);
      deleteUnlisted(partsFolder, catalog);
      List<Part> parts = new ArrayList<>();
      int corrupted = 0;
      for (PartInfo info : catalog.parts()) {
        try {
          parts.add(Part.open(info, partsFolder));
        } catch (StoreCorruptedException e) {
          corrupted++;
          LOG.error("part cannot be read, its spans are left out: part={}", info.number(), e);
        }
      }
      Documents documents = DocumentFiles.open(folder);
      Wal wal = Wal.open(folder.resolve("wal"), opener);
      List<LiveChunk> chunks = new ArrayList<>();
      long sequence = catalog.sealedSequence() + 1;
      long lastSegment = 0;
      for (long segment : wal.segments()) {
        lastSegment = segment;
        LiveChunk chunk = new LiveChunk(segment);
        long sealed = catalog.sealedSequence();
        wal.replay(
            segment,
            (_, batch, first) -> {
              if (first > sealed) {
                chunk.add(batch, first);
              }
            });
        if (chunk.isEmpty()) {
          wal.delete(segment);
        } else {
          chunks.add(chunk);
          sequence = Math.max(sequence, chunk.lastSequence() + 1);
        }
      }
      wal.roll(lastSegment + 1);
      chunks.add(new LiveChunk(lastSegment + 1));
      Engine engine = Engine.open(temporary, config.engineMemoryBytes());
      return new Opened(engine, wal, documents, catalog, new State(chunks, parts), sequence, corrupted);
    }

    private static Catalog catalog(Path folder, Path partsFolder) throws IOException {
      Path file = folder.resolve(Catalog.FILE);
      Files.deleteIfExists(folder.resolve(Catalog.FILE + Durable.FRESH_SUFFIX));
      if (Files.exists(file)) {
        return Catalog.read(folder);
      }
      // A store has a catalog from its first start on. Without it no part would be listed, and unlisted ones go.
      try (Stream<Path> folders = Files.list(partsFolder)) {
        if (folders.findAny().isPresent()) {
          throw new StoreCorruptedException(
              "cannot read "
                  + file
                  + ": there is none, but there are parts; put back a copy of it, or move the folder"
                  + " away to start empty");
        }
      }
      Catalog.EMPTY.write(folder);
      return Catalog.EMPTY;
    }

    private static void deleteUnlisted(Path partsFolder, Catalog catalog) throws IOException {
      Set<String> listed = new HashSet<>();
      catalog.parts().forEach(part -> listed.add(part.folder()));
      List<Path> unlisted;
      try (Stream<Path> folders = Files.list(partsFolder)) {
        unlisted =
            folders.filter(each -> !listed.contains(each.getFileName().toString())).toList();
      }
      for (Path each : unlisted) {
        LOG.info("unfinished part deleted: folder={}", each);
        Durable.deleteFolder(each);
      }
    }
  }

  /** Returns what this store was opened with. */
  public LakeConfig config() {
    return config;
  }

  @Override
  public TraceWriter writer() {
    requireOpen();
    return this;
  }

  @Override
  public TraceReader reader() {
    requireOpen();
    return reader;
  }

  @Override
  public GraphReader graph() {
    requireOpen();
    return reader;
  }

  @Override
  public DocumentStore documents() {
    requireOpen();
    return documents;
  }

  private void requireOpen() {
    if (closing) {
      throw new StoreClosedException();
    }
  }

  @Override
  public void write(SpanBatch batch) {
    requireOpen();
    requireSound();
    if (batch.spanCount() == 0) {
      return;
    }
    awaitRoom();
    long waiting = pendingBytes.addAndGet(batch.length());
    // A batch larger than the limit is let in when nothing else waits, or it could never be written.
    if (waiting > config.live().pendingBytes() && waiting > batch.length()) {
      pendingBytes.addAndGet(-batch.length());
      throw new StoreOverloadedException(
          "store: "
              + (waiting - batch.length())
              + " bytes are waiting to be written (expected: at most "
              + config.live().pendingBytes()
              + "); send again later",
          RETRY_AFTER_MILLIS);
    }
    PendingWrite write = new PendingWrite(batch);
    pending.add(write);
    if ((closing || failure != null) && pending.remove(write)) {
      pendingBytes.addAndGet(-batch.length());
      requireOpen();
      throw failed();
    }
    write.await();
  }

  /** Waits while the active chunk is full and the one before it is still being sealed. */
  private void awaitRoom() {
    if (hasRoom(state)) {
      return;
    }
    stateLock.lock();
    try {
      long left = ROOM_WAIT_NANOS;
      while (!hasRoom(state)) {
        requireOpen();
        requireSound();
        if (left <= 0) {
          throw new StoreOverloadedException(
              "store: what is in memory is written to files more slowly than spans come in;"
                  + " send again later",
              RETRY_AFTER_MILLIS);
        }
        left = stateChanged.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted while waiting for room in memory", e);
    } finally {
      stateLock.unlock();
    }
  }

  private boolean hasRoom(State now) {
    return now.chunks().size() <= MAX_FROZEN_CHUNKS
        || now.active().bytes() < config.live().sealBytes();
  }

  // ---- committer

  private void commit() {
    long rollAgainNanos = System.nanoTime();
    while (failure == null) {
      try {
        PendingWrite first = pending.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (first != null) {
          commitWith(first);
        } else if (closing) {
          return;
        }
        if ((sealNow || isChunkFull()) && System.nanoTime() - rollAgainNanos >= 0) {
          rollChunk();
        }
      } catch (InterruptedException e) {
        LOG.warn("committer interrupted; goes on until the store is closed");
      } catch (RuntimeException | IOException e) {
        // The writes before it stand: they are in the segment that goes on.
        rollAgainNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(RETRY_AFTER_MILLIS);
        LOG.error("no new log segment, tried again in {} ms", RETRY_AFTER_MILLIS, e);
      }
    }
  }

  /** Writes all that waits, up to a limit, as one group. */
  private void commitWith(PendingWrite first) {
    List<PendingWrite> group = new ArrayList<>();
    long bytes = 0;
    for (PendingWrite next = first; next != null; next = pending.poll()) {
      group.add(next);
      bytes += next.batch().length();
      if (bytes >= MAX_GROUP_BYTES) {
        break;
      }
    }
    @Nullable StoreException refusal = null;
    try {
      writeGroup(group);
    } catch (StoreException e) {
      refusal = e;
    } catch (RuntimeException e) {
      refusal = new StoreUnavailableException("cannot write to the store: " + e, e);
    } catch (Error e) {
      pendingBytes.addAndGet(-bytes);
      group.forEach(
          write ->
              write.fail(new StoreUnavailableException("cannot write to the store: " + e, e)));
      throw e;
    }
    logRefusals(group.size(), refusal);
    // First, so that a writer who goes on at once does not find its own bytes in the way.
    pendingBytes.addAndGet(-bytes);
    for (PendingWrite write : group) {
      if (refusal == null) {
        write.succeed();
      } else {
        write.fail(refusal);
      }
    }
  }

  /** Logs that writes are refused, and how many, at once and then now and again: under load there are thousands. */
  private void logRefusals(int batches, @Nullable StoreException refusal) {
    if (refusal == null) {
      if (refusedBatches > 0) {
        LOG.warn("log is written again; {} batches were refused before", refusedBatches);
        refusedBatches = 0;
        refusedLoggedNanos = System.nanoTime() - LOG_FAILURE_EVERY_NANOS;
      }
      return;
    }
    refusedBatches += batches;
    if (System.nanoTime() - refusedLoggedNanos >= LOG_FAILURE_EVERY_NANOS) {
      refusedLoggedNanos = System.nanoTime();
      LOG.error("log write failed, {} batches refused so far", refusedBatches, refusal);
    }
  }

  private void writeGroup(List<PendingWrite> group) {
    LiveChunk chunk = state.active();
    // Sequences are given before the write, as the log keeps them: a span id that comes twice takes one more.
    long sequence = nextSequence;
    for (PendingWrite write : group) {
      write.sequence(sequence);
      sequence += write.batch().spanCount();
    }
    wal.append(group);
    nextSequence = sequence;
    walBytes.addAndGet(group.stream().mapToLong(write -> write.batch().length()).sum());
    for (PendingWrite write : group) {
      chunk.add(write.batch(), write.sequence());
    }
  }

  private boolean isChunkFull() {
    LiveChunk chunk = state.active();
    if (chunk.bytes() == 0) {
      return false;
    }
    Duration age = Duration.ofNanos(System.nanoTime() - chunk.firstWriteNanos());
    return chunk.bytes() >= config.live().sealBytes()
        || age.compareTo(config.live().sealAge()) >= 0;
  }

  /** Freezes the active chunk unless one is being sealed already; the committer asks again soon. */
  private void rollChunk() throws IOException {
    stateLock.lock();
    try {
      if (state.chunks().size() > MAX_FROZEN_CHUNKS || closing || failure != null) {
        return;
      }
      if (!state.active().isEmpty()) {
        long segment = state.active().segment() + 1;
        wal.roll(segment);
        state = state.with(new LiveChunk(segment));
      }
      sealNow = false;
      stateChanged.signalAll();
    } finally {
      stateLock.unlock();
    }
  }

  // ---- keeper

  private void keep() {
    int failures = 0;
    while (!closing && failure == null) {
      try {
        boolean worked = sealOldest() || mergeSmall() || checkNext();
        if (System.nanoTime() - lastKeptNanos >= KEEP_EVERY_NANOS || worked) {
          deleteOld();
          lastKeptNanos = System.nanoTime();
        }
        deleteDoomed();
        failures = 0;
        if (!worked) {
          awaitChange(POLL_MILLIS);
        }
      } catch (IOException | SQLException | RuntimeException e) {
        failures++;
        if (closing) {
          return;
        }
        long pause = Math.min(30_000, 500L << Math.min(failures, 6));
        LOG.error("work on parts failed, tried again in {} ms; spans stay in the log", pause, e);
        discardUnfinished();
        awaitChange(pause);
      }
    }
  }

  /** Compares one part with its checksums, the newest first; returns false when all have been. */
  private boolean checkNext() {
    List<Part> parts = new ArrayList<>(state.parts());
    parts.sort(Comparator.comparingLong((Part part) -> part.info().maxStart()).reversed());
    for (Part part : parts) {
      if (!part.checks().areAllSound()) {
        try {
          part.checks().all();
        } catch (StoreCorruptedException e) {
          setAside(part, e);
        }
        return true;
      }
    }
    return false;
  }

  /** Deletes files of a part that could not be finished, and makes sure that its number is not used again. */
  private void discardUnfinished() {
    long first = catalog.nextPart();
    try {
      Catalog onDisk = Catalog.read(config.folder());
      for (long number = first; number < first + PartWriter.MAX_PARTS; number++) {
        long each = number;
        if (onDisk.parts().stream().noneMatch(part -> part.number() == each)) {
          Durable.deleteFolder(partsFolder.resolve(PartInfo.folder(each)));
        }
      }
    } catch (IOException | StoreCorruptedException e) {
      LOG.error("unfinished part not deleted, that is done at the next start: part={}", first, e);
    }
    catalog = catalog.takeNumbers(PartWriter.MAX_PARTS);
  }

  private void awaitChange(long millis) {
    stateLock.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(millis);
      while (left > 0 && !closing && state.chunks().size() < 2) {
        left = stateChanged.awaitNanos(left);
      }
      while (left > 0 && !closing && millis > POLL_MILLIS) {
        left = stateChanged.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      LOG.warn("keeper interrupted; goes on until the store is closed");
    } finally {
      stateLock.unlock();
    }
  }

  private boolean sealOldest() throws IOException, SQLException {
    State before = state;
    if (before.chunks().size() < 2) {
      return false;
    }
    LiveChunk chunk = before.chunks().getFirst();
    PartWriter.Written written =
        partWriter.write(chunk, catalog, reader.earlier(before, chunk));
    List<Part> fresh = new ArrayList<>();
    for (PartInfo info : written.parts()) {
      fresh.add(Part.open(info, partsFolder));
    }
    Catalog next = written.catalog().replace(List.of(), written.parts(), chunk.lastSequence());
    next.write(config.folder());
    catalog = next;
    change(each -> each.sealed(chunk, fresh));
    wal.delete(chunk.segment());
    return true;
  }

  private void change(Function<State, State> edit) {
    stateLock.lock();
    try {
      state = edit.apply(state);
      stateChanged.signalAll();
    } finally {
      stateLock.unlock();
    }
  }

  /** Merges small parts of one day, so that a store with little traffic has few files. */
  private boolean mergeSmall() throws IOException, SQLException {
    Map<Long, List<Part>> byDay = new TreeMap<>();
    for (Part part : state.parts()) {
      PartInfo info = part.info();
      long day = Math.floorDiv(info.minStart(), DAY_NANOS);
      if (info.spanCount() < MERGE_TO_SPANS / 2
          && day == Math.floorDiv(info.maxStart(), DAY_NANOS)) {
        byDay.computeIfAbsent(day, _ -> new ArrayList<>()).add(part);
      }
    }
    for (List<Part> parts : byDay.values()) {
      parts.sort(Comparator.comparingLong(part -> part.info().spanCount()));
      List<Part> chosen = new ArrayList<>();
      long spans = 0;
      for (Part part : parts) {
        if (spans + part.info().spanCount() <= MERGE_TO_SPANS) {
          chosen.add(part);
          spans += part.info().spanCount();
        }
      }
      if (chosen.size() >= MERGE_FROM) {
        merge(chosen);
        return true;
      }
    }
    return false;
  }

  private void merge(List<Part> sources) throws IOException, SQLException {
    for (Part part : sources) {
      try {
        part.checks().all();
      } catch (StoreCorruptedException e) {
        setAside(part, e);
        return;
      }
    }
    PartWriter.Written written = partWriter.merge(sources, catalog);
    List<PartInfo> removed = sources.stream().map(Part::info).toList();
    Part merged = Part.open(written.parts().getFirst(), partsFolder);
    Catalog next = written.catalog().replace(removed, written.parts(), 0);
    next.write(config.folder());
    catalog = next;
    change(each -> each.replaced(sources, List.of(merged)));
    sources.forEach(part -> doomedFolders.add(part.folder()));
  }

  /** Deletes parts that are older than retention, and the oldest while all together take too much. */
  private void deleteOld() throws IOException {
    long now = config.clock().millis() * NANOS_PER_MILLI;
    long oldest = LakeReader.before(now, nanos(config.keep().retention()));
    // From the catalog, so that damaged parts, which no question sees, go in time as well.
    List<PartInfo> parts = new ArrayList<>(catalog.parts());
    parts.sort(Comparator.comparingLong(PartInfo::maxEnd));
    walBytes.set(wal.bytes());
    long bytes =
        wal.bytes()
            + parts.stream().mapToLong(PartInfo::bytes).sum()
            + deleteDamagedCopies(oldest);
    List<PartInfo> removed = new ArrayList<>();
    for (PartInfo part : parts) {
      boolean tooOld = part.maxEnd() < oldest;
      boolean tooMuch = bytes > config.keep().diskLimitBytes();
      if (tooOld || tooMuch) {
        removed.add(part);
        bytes -= part.bytes();
        LOG.info(
            "part deleted: part={} spans={} reason={}",
            part.number(),
            part.spanCount(),
            tooOld ? "retention" : "disk_limit");
      }
    }
    if (removed.isEmpty()) {
      return;
    }
    Catalog next = catalog.replace(removed, List.of(), 0);
    next.write(config.folder());
    catalog = next;
    List<Part> open =
        state.parts().stream().filter(part -> removed.contains(part.info())).toList();
    change(each -> each.replaced(open, List.of()));
    removed.forEach(part -> doomedFolders.add(partsFolder.resolve(part.folder())));
    removed.forEach(part -> deletedSpans.addAndGet(part.spanCount()));
  }

  /** Deletes copies of damaged stretches of the log that were made before {@code oldest}; returns how large the rest is. */
  private long deleteDamagedCopies(long oldest) throws IOException {
    long left = 0;
    for (Path copy : wal.damagedCopies()) {
      if (Files.getLastModifiedTime(copy).toMillis() < oldest / NANOS_PER_MILLI) {
        LOG.info("copy of a damaged log deleted: file={} reason=retention", copy);
        Files.delete(copy);
      } else {
        left += Files.size(copy);
      }
    }
    return left;
  }

  /** Returns the nanoseconds of a duration, or the greatest number if it is longer. */
  private static long nanos(Duration duration) {
    Duration longest = Duration.ofNanos(Long.MAX_VALUE);
    return duration.compareTo(longest) < 0 ? duration.toNanos() : Long.MAX_VALUE;
  }

  /** Deletes folders that no state names any more, once no question reads them. */
  private void deleteDoomed() throws IOException {
    if (doomedFolders.isEmpty() || !noneReads()) {
      return;
    }
    try {
      for (Path folder : doomedFolders) {
        Durable.deleteFolder(folder);
      }
      doomedFolders.clear();
    } finally {
      filesLock.writeLock().unlock();
    }
  }

  /** Takes the lock for deleting; waits a little, as under steady questions there is always one. */
  private boolean noneReads() {
    try {
      return filesLock.writeLock().tryLock(DELETE_WAIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      LOG.warn("keeper interrupted; goes on until the store is closed");
      return false;
    }
  }

  // ---- readers

  private <T> T read(Function<State, T> question) {
    requireOpen();
    filesLock.readLock().lock();
    try {
      while (true) {
        State now = state;
        try {
          return question.apply(now);
        } catch (StoreCorruptedException e) {
          if (!setAsideCorrupted(now, e)) {
            throw e;
          }
        }
      }
    } finally {
      filesLock.readLock().unlock();
    }
  }

  /** Takes parts whose files are not what was written out of the state; returns whether there were any. */
  private boolean setAsideCorrupted(State seen, StoreCorruptedException cause) {
    boolean any = false;
    for (Part part : seen.parts()) {
      try {
        part.checks().all();
      } catch (StoreCorruptedException e) {
        setAside(part, e);
        any = true;
      }
    }
    if (!any) {
      LOG.error("stored data cannot be read", cause);
    }
    return any;
  }

  private void setAside(Part part, StoreCorruptedException cause) {
    stateLock.lock();
    try {
      if (state.parts().contains(part)) {
        state = state.replaced(List.of(part), List.of());
        corruptedParts.incrementAndGet();
        LOG.error(
            "part is damaged, its spans are left out until it is put right: part={} spans={}",
            part.info().number(),
            part.info().spanCount(),
            cause);
      }
    } finally {
      stateLock.unlock();
    }
  }

  @Override
  public StoreStatus status() {
    requireOpen();
    State now = state;
    long spans = 0;
    long bytes = 0;
    for (LiveChunk chunk : now.chunks()) {
      spans += chunk.spanCount();
      bytes += chunk.bytes();
    }
    return new StoreStatus(
        spans,
        bytes,
        walBytes.get(),
        now.parts().size(),
        now.parts().stream().mapToLong(part -> part.info().spanCount()).sum(),
        now.parts().stream().mapToLong(part -> part.info().bytes()).sum(),
        config.keep().diskLimitBytes(),
        deletedSpans.get(),
        corruptedParts.get());
  }

  /**
   * Freezes what is in memory and waits until it is in parts; small parts are merged afterwards. Queries give the same
   * answers before and after.
   *
   * @throws StoreUnavailableException if that takes longer than {@code limit}
   */
  public void seal(Duration limit) {
    requireOpen();
    stateLock.lock();
    try {
      sealNow = true;
      long left = limit.toNanos();
      while (sealNow || state.chunks().size() > 1) {
        if (left <= 0) {
          throw new StoreUnavailableException("store: not sealed within " + limit);
        }
        requireOpen();
        requireSound();
        left = stateChanged.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted while sealing", e);
    } finally {
      stateLock.unlock();
    }
  }

  @Override
  public void close() {
    stateLock.lock();
    try {
      if (closing) {
        return;
      }
      closing = true;
      stateChanged.signalAll();
    } finally {
      stateLock.unlock();
    }
    documents.close();
    join(committer);
    join(keeper);
    refuseWaiting();
    try {
      wal.close();
    } catch (IOException e) {
      LOG.warn("log not closed", e);
    }
    engine.close();
    folderLock.close();
  }

  private static void join(Thread thread) {
    try {
      thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
