// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.sums;

import io.roentgen.model.SpanBatch;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows the minutes of which the sums may not be what the store holds. Safe for use by several
 * threads.
 *
 * <p>A write changes the minutes in which its spans end, and maybe other minutes in which their
 * traces have calls, as a filter matches a trace as a whole: of a changed minute is to be seen
 * which traces reach out of it, and it is said to spread until that was done.
 *
 * <p>A file tells the next start what must be worked out again: all minutes from one on, and those
 * before it that it lists. A write that changes an unlisted minute before that one waits until the
 * minute is listed, which only writes of old spans have to.
 */
final class ChangedMinutes {
  private static final Logger logger = LoggerFactory.getLogger(ChangedMinutes.class);
  private static final int MAGIC = 0x52474d31;

  /** Minutes before the present one that need not be listed: where nearly all spans end. */
  private static final int UNLISTED_MINUTES = 5;

  /** A minute is worked out when it has been over, and without a change, for so long. */
  static final Duration SETTLE = Duration.ofSeconds(10);

  /** A minute that is changed all the time is worked out nevertheless. */
  private static final Duration LONGEST_SETTLE = Duration.ofSeconds(60);

  private final Path file;
  private final long keptMinutes;
  private final InstantSource clock;

  // All that follows is guarded by this.

  private final NavigableMap<Long, Change> changes = new TreeMap<>();

  private final NavigableMap<Long, Integer> inFlight = new TreeMap<>();

  /** Whether the file is there, so that what it says must be true. */
  private boolean durable;

  /** What the file says: all minutes from this one on are to be worked out again. */
  private long unlistedFrom = Long.MAX_VALUE;

  /** What the file lists, and whether that spreads. */
  private Map<Long, Boolean> listed = Map.of();

  private long lastStamp;

  /**
   * What happened to a minute.
   *
   * @param stamp of the last change of any kind
   * @param writeStamp of the last change by a write
   * @param spreads whether it is still to be seen which other minutes that change concerns
   */
  private record Change(
      long stamp, long writeStamp, boolean spreads, Instant first, Instant last) {}

  /** A write that has begun. */
  record Write(Set<Long> minutes, Set<Long> marked) {}

  ChangedMinutes(Path file, Duration kept, InstantSource clock) {
    this.file = file;
    keptMinutes = Math.max(1, kept.toMinutes());
    this.clock = clock;
  }

  /** Returns the minute that is not over. */
  long nowMinute() {
    return Math.floorDiv(clock.instant().getEpochSecond(), 60);
  }

  /** Returns the first minute of which sums are kept. */
  long firstMinute() {
    return nowMinute() - keptMinutes;
  }

  /**
   * Notes a write that is about to be made; {@link #end} must follow.
   *
   * @return what {@link #end} wants
   */
  Write begin(SpanBatch batch) {
    Set<Long> minutes = new HashSet<>();
    long last = Long.MIN_VALUE;
    SpanBatch.Cursor cursor = batch.cursor();
    while (cursor.next()) {
      long minute =
          Minutes.of(cursor.inProgress() ? cursor.startEpochNanos() : cursor.endEpochNanos());
      if (minute != last) {
        minutes.add(minute);
        last = minute;
      }
    }
    synchronized (this) {
      Set<Long> marked = mark(minutes);
      marked.forEach(minute -> inFlight.merge(minute, 1, Integer::sum));
      if (durable && marked.stream().anyMatch(this::mustBeListed)) {
        saveOrDelete();
      }
      return new Write(minutes, marked);
    }
  }

  /** Notes that a write was made, or was refused. */
  synchronized void end(Write write) {
    write.marked.forEach(
        minute -> inFlight.computeIfPresent(minute, (_, count) -> count == 1 ? null : count - 1));
    // Also what was read of them while the write was on its way may be old.
    mark(write.minutes);
  }

  private boolean mustBeListed(long minute) {
    return minute < unlistedFrom && !Boolean.TRUE.equals(listed.get(minute));
  }

  /**
   * Marks minutes. A trace that reaches into what is kept from before, or from the future, is found
   * at the edge.
   */
  private Set<Long> mark(Set<Long> minutes) {
    long first = firstMinute();
    long now = nowMinute();
    Set<Long> marked = HashSet.newHashSet(minutes.size());
    minutes.forEach(minute -> marked.add(Math.clamp(minute, first, now)));
    Instant time = clock.instant();
    lastStamp++;
    for (long minute : marked) {
      Change before = changes.get(minute);
      changes.put(
          minute,
          new Change(lastStamp, lastStamp, true, before == null ? time : before.first, time));
    }
    return marked;
  }

  /** Finds minutes that traces reach into which reach out of a run of minutes. */
  interface Reach {
    /** Returns minutes, maybe some of the run itself. */
    SortedSet<Long> out(Minutes run);
  }

  /**
   * Sees to it that every change is known in all minutes that it concerns: those of writes that
   * ended before.
   */
  void spread(Reach reach) {
    SortedMap<Long, Long> stamps = new TreeMap<>();
    synchronized (this) {
      changes.forEach(
          (minute, change) -> {
            if (change.spreads) {
              stamps.put(minute, change.writeStamp);
            }
          });
    }
    for (Minutes run : Minutes.runs(stamps.keySet(), Long.MAX_VALUE)) {
      SortedSet<Long> reached = reach.out(run);
      synchronized (this) {
        Instant time = clock.instant();
        lastStamp++;
        long first = firstMinute();
        long now = nowMinute();
        for (long minute : reached) {
          if (!run.contains(minute) && minute >= first && minute <= now) {
            changes.merge(
                minute,
                new Change(lastStamp, lastStamp, false, time, time),
                (before, _) ->
                    new Change(lastStamp, before.writeStamp, before.spreads, before.first, time));
          }
        }
        for (long minute = run.first(); minute < run.end(); minute++) {
          long stamp = Objects.requireNonNull(stamps.get(minute));
          changes.computeIfPresent(
              minute,
              (_, now1) ->
                  now1.writeStamp == stamp
                      ? new Change(now1.stamp, stamp, false, now1.first, now1.last)
                      : now1);
        }
      }
    }
  }

  /** Returns which minutes of a run have changed. */
  synchronized SortedSet<Long> in(Minutes run) {
    return new TreeSet<>(changes.subMap(run.first(), run.end()).keySet());
  }

  /** Returns the stamps of changed minutes that are to be worked out by now. */
  synchronized SortedMap<Long, Long> due() {
    Instant now = clock.instant();
    SortedMap<Long, Long> due = new TreeMap<>();
    changes.forEach(
        (minute, change) -> {
          boolean settled =
              !now.isBefore(change.last.plus(SETTLE))
                  || !now.isBefore(change.first.plus(LONGEST_SETTLE))
                  // The clock was set back.
                  || now.isBefore(change.first);
          if (!change.spreads && settled && isOver(minute, now)) {
            due.put(minute, change.stamp);
          }
        });
    return due;
  }

  /** Returns whether a minute has been over for a while. */
  static boolean isOver(long minute, Instant now) {
    return (minute + 1) * 60 + SETTLE.toSeconds() <= now.getEpochSecond();
  }

  /** Notes that minutes were worked out as they were when they had these stamps. */
  synchronized void workedOut(Map<Long, Long> stamps) {
    stamps.forEach(
        (minute, stamp) ->
            changes.computeIfPresent(minute, (_, change) -> change.stamp == stamp ? null : change));
  }

  /** Forgets what is no longer kept. */
  synchronized void forgetOld() {
    changes.headMap(firstMinute()).clear();
  }

  /**
   * Goes on with what the file says; {@code lastKept} is the last minute that may have sums.
   *
   * @return false if there is no file that can be understood: then no sum may be believed
   */
  synchronized boolean load(long lastKept) {
    Saved saved;
    try {
      saved = Files.exists(file) ? read(Files.readAllBytes(file)) : null;
    } catch (IOException e) {
      logger.warn("cannot read {}, working the sums of groups out again", file, e);
      saved = null;
    }
    if (saved == null) {
      return false;
    }
    durable = true;
    unlistedFrom = saved.unlistedFrom;
    listed = saved.listed;
    Instant time = clock.instant();
    lastStamp++;
    saved.listed.forEach(
        (minute, spreads) ->
            changes.put(minute, new Change(lastStamp, lastStamp, spreads, time, time)));
    long from = Math.max(unlistedFrom, firstMinute());
    for (long minute = from; minute <= Math.max(lastKept, nowMinute()); minute++) {
      changes.put(minute, new Change(lastStamp, lastStamp, true, time, time));
    }
    return true;
  }

  private record Saved(long unlistedFrom, Map<Long, Boolean> listed) {}

  /** Writes what the next start must know. From then on sums may be kept. */
  synchronized void save() throws IOException {
    long now = nowMinute();
    long from = now - UNLISTED_MINUTES;
    if (!inFlight.isEmpty()) {
      from = Math.min(from, inFlight.firstKey());
    }
    save(from);
  }

  /** Does what {@link #save} does when no write can come any more. */
  synchronized void saveLast() throws IOException {
    save(nowMinute());
  }

  private void save(long from) throws IOException {
    SortedMap<Long, Boolean> list = new TreeMap<>();
    changes.headMap(from).forEach((minute, change) -> list.put(minute, change.spreads));
    inFlight.headMap(from).forEach((minute, _) -> list.put(minute, true));
    if (durable && from == unlistedFrom && list.equals(listed)) {
      return;
    }
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeInt(MAGIC);
      out.writeLong(from);
      out.writeInt(list.size());
      for (Map.Entry<Long, Boolean> each : list.entrySet()) {
        out.writeLong(each.getKey());
        out.writeBoolean(each.getValue());
      }
      var crc = new CRC32C();
      crc.update(bytes.toByteArray());
      out.writeInt((int) crc.getValue());
    }
    Path fresh = file.resolveSibling(file.getFileName() + ".fresh");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes.toByteArray());
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    SumsFile.syncFolder(file.toAbsolutePath().getParent());
    durable = true;
    unlistedFrom = from;
    listed = Map.copyOf(list);
  }

  private static Saved read(byte[] bytes) throws IOException {
    if (bytes.length < Integer.BYTES) {
      throw new IOException("too short");
    }
    int end = bytes.length - Integer.BYTES;
    var crc = new CRC32C();
    crc.update(bytes, 0, end);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.getInt(end) != (int) crc.getValue() || in.getInt() != MAGIC) {
      throw new IOException("checksum differs");
    }
    long from = in.getLong();
    Map<Long, Boolean> listed = new HashMap<>();
    for (int left = in.getInt(); left > 0; left--) {
      listed.put(in.getLong(), in.get() != 0);
    }
    return new Saved(from, listed);
  }

  /**
   * Makes the file true before a write, which must not be refused for it: without the file the next
   * start believes no sum.
   */
  private void saveOrDelete() {
    try {
      // What is listed grows only: the worker says when less is to be worked out again.
      save(unlistedFrom);
    } catch (IOException e) {
      logger.warn("cannot write {}; the next start works the sums of groups out again", file, e);
      try {
        delete();
      } catch (IOException again) {
        logger.error(
            "cannot delete {}: after a restart sums of groups may be too low", file, again);
      }
    }
  }

  /** Deletes the file: no sum may be kept until the next {@link #save}. */
  synchronized void delete() throws IOException {
    Files.deleteIfExists(file);
    durable = false;
    unlistedFrom = Long.MAX_VALUE;
    listed = Map.of();
  }
}
