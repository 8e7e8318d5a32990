// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.sums;

import io.roentgen.filter.Filter;
import io.roentgen.store.GraphSums;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sums of the traces that one filter matches: a folder with a {@link SumsFile} for each day.
 * Safe for use by several threads.
 */
final class FilterSums {
  private static final Logger logger = LoggerFactory.getLogger(FilterSums.class);
  private static final String SUFFIX = ".sums";

  /** Days whose files are known; others are read again when they are needed. */
  private static final int MAX_OPEN_DAYS = 40;

  private final Filter filter;
  private final Path folder;
  private final SequencedMap<Long, SumsFile> days = new LinkedHashMap<>(16, 0.75f, true);
  private final Set<Long> unforced = new HashSet<>();
  private boolean deleted;

  /** Whether sums were there that are not any more. */
  private boolean lost;

  private final Progress progress = new Progress();

  /** How far the past was worked out; belongs to the thread that works. */
  static final class Progress {
    /** All from {@code low} to before {@code end} was seen to; none if they are equal. */
    long low;

    long end;

    /** How many minutes are looked at next. */
    long window = 60;
  }

  FilterSums(Filter filter, Path folder) {
    this.filter = filter;
    this.folder = folder;
  }

  Filter filter() {
    return filter;
  }

  Progress progress() {
    return progress;
  }

  /** Returns whether sums were lost since this was last asked. */
  synchronized boolean takeLost() {
    boolean was = lost;
    lost = false;
    return was;
  }

  private SumsFile day(long day) throws IOException {
    SumsFile file = days.get(day);
    if (file == null) {
      file = SumsFile.open(folder.resolve(day + SUFFIX));
      days.put(day, file);
      if (days.size() > MAX_OPEN_DAYS) {
        long eldest = days.firstEntry().getKey();
        // What is not forced yet is found again in the file.
        days.remove(eldest);
      }
    }
    return file;
  }

  private static long dayOf(long minute) {
    return Math.floorDiv(minute, (long) SumsFile.MINUTES);
  }

  private static int inDay(long minute) {
    return Math.floorMod(minute, SumsFile.MINUTES);
  }

  /** Removes from {@code minutes} those of which there are sums. */
  synchronized void removeKnown(SortedSet<Long> minutes) throws IOException {
    if (!deleted) {
      for (Long minute : new ArrayList<>(minutes)) {
        if (day(dayOf(minute)).has(inDay(minute))) {
          minutes.remove(minute);
        }
      }
    }
  }

  /** Receives sums. */
  interface Sink {
    /** Returns where the calls of a minute are to be added. */
    GraphSums of(long minute);
  }

  /**
   * Adds the sums of minutes to what {@code sink} says.
   *
   * @throws IOException if they cannot be read: nothing was added, and those of the day in question
   *     are no longer there
   */
  void addTo(Sink sink, SortedSet<Long> minutes) throws IOException {
    for (Map.Entry<Long, byte[]> each : contents(minutes).entrySet()) {
      CallSums.addTo(sink.of(each.getKey()), each.getValue());
    }
  }

  private synchronized Map<Long, byte[]> contents(SortedSet<Long> minutes) throws IOException {
    Map<Long, boolean[]> wanted = new HashMap<>();
    for (long minute : minutes) {
      wanted.computeIfAbsent(dayOf(minute), _ -> new boolean[SumsFile.MINUTES])[inDay(minute)] =
          true;
    }
    Map<Long, byte[]> contents = new HashMap<>();
    for (Map.Entry<Long, boolean[]> each : wanted.entrySet()) {
      long day = each.getKey();
      try {
        day(day)
            .read(
                each.getValue(),
                (minute, bytes) -> contents.put(day * SumsFile.MINUTES + minute, bytes));
      } catch (IOException e) {
        logger.warn("cannot read sums of group filters, working them out again", e);
        delete(day);
        lost = true;
        throw e;
      }
    }
    return contents;
  }

  /** Keeps the sums of each minute of a run, those without any call too. */
  synchronized void put(Minutes run, Map<Long, CallSums> sums) throws IOException {
    for (long minute = run.first(); minute < run.end(); minute++) {
      CallSums some = sums.get(minute);
      if (some != null) {
        put(minute, 1, some.toBytes());
      } else {
        put(minute, 1, new byte[0]);
      }
    }
  }

  /** Keeps that there is no call in a run of minutes. */
  synchronized void putNone(Minutes run) throws IOException {
    long minute = run.first();
    while (minute < run.end()) {
      long dayEnd = (dayOf(minute) + 1) * SumsFile.MINUTES;
      long end = Math.min(run.end(), dayEnd);
      put(minute, (int) (end - minute), new byte[0]);
      minute = end;
    }
  }

  private void put(long minute, int count, byte[] content) throws IOException {
    if (!deleted) {
      if (!Files.exists(folder)) {
        Files.createDirectories(folder);
        SumsFile.syncFolder(folder.toAbsolutePath().getParent());
      }
      day(dayOf(minute)).put(inDay(minute), count, content);
      unforced.add(dayOf(minute));
    }
  }

  /** Makes durable what was kept. */
  synchronized void force() throws IOException {
    if (!unforced.isEmpty() && !deleted) {
      for (long day : unforced) {
        day(day).force();
      }
      SumsFile.syncFolder(folder);
    }
    unforced.clear();
  }

  /** Returns the last minute of which there are sums, or the least number. */
  synchronized long lastMinute() throws IOException {
    long lastDay = Long.MIN_VALUE;
    for (long day : daysThere()) {
      lastDay = Math.max(lastDay, day);
    }
    if (lastDay == Long.MIN_VALUE) {
      return lastDay;
    }
    int last = day(lastDay).last();
    return last < 0 ? lastDay * SumsFile.MINUTES : lastDay * SumsFile.MINUTES + last;
  }

  private List<Long> daysThere() throws IOException {
    List<Long> there = new ArrayList<>();
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          String name = file.getFileName().toString();
          if (name.matches("-?\\d{1,9}\\.sums")) {
            there.add(Long.valueOf(name.substring(0, name.length() - SUFFIX.length())));
          }
        }
      }
    }
    return there;
  }

  /** Deletes days that were over before a minute. */
  synchronized void deleteBefore(long minute) throws IOException {
    for (long day : daysThere()) {
      if (day < dayOf(minute)) {
        delete(day);
      }
    }
  }

  /** Deletes days that begin after a minute, as there are when the clock was set back. */
  synchronized void deleteAfter(long minute) throws IOException {
    for (long day : daysThere()) {
      if (day > dayOf(minute)) {
        delete(day);
      }
    }
  }

  private void delete(long day) throws IOException {
    days.remove(day);
    unforced.remove(day);
    Files.deleteIfExists(folder.resolve(day + SUFFIX));
  }

  /** Deletes all; nothing is kept any more. */
  synchronized void delete() throws IOException {
    deleted = true;
    deleteFolder(folder);
  }

  /** Deletes a folder of such files. */
  static void deleteFolder(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }
}
