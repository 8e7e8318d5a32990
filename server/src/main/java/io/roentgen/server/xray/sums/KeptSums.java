// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.sums;

import io.roentgen.filter.Filter;
import io.roentgen.filter.FilterSearch;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.TimeRange;
import io.roentgen.server.intake.Deadline;
import io.roentgen.store.GraphSums;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.StoreUnavailableException;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceStore;
import io.roentgen.store.TraceSummary;
import io.roentgen.store.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the calls of the traces that the filters of groups match, added up by minutes, in files
 * beside the store, and answers from them: what it returns is what counting all traces would give.
 * Only minutes that have changed, or were not worked out yet, are counted when they are asked for.
 * Safe for use by several threads. docs/adr/0006-sums-of-groups.md says why it works so.
 */
public final class KeptSums implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(KeptSums.class);
  private static final String STATE_FILE = "changed-minutes";
  private static final long LOOK_MILLIS = 2_000;

  /** How long the past is worked out at a time, so that what is new waits no longer. */
  private static final Duration PAST_TIME = Duration.ofSeconds(1);

  /** Minutes counted at a time. */
  private static final long RUN_MINUTES = 60;

  /** Minutes at a time where there is nothing. */
  private static final long MAX_EMPTY_MINUTES = 7 * 1_440;

  /** Changed minutes with fewer unchanged ones between them are counted together. */
  private static final long MAX_GAP_MINUTES = 3;

  private static final Duration FAILURE_PAUSE = Duration.ofSeconds(30);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
  private static final int MINUTES_PER_HOUR = 60;

  private final Path folder;
  private final TraceStore store;
  private final InstantSource clock;
  private final ChangedMinutes changes;
  private final ReentrantLock spreading = new ReentrantLock();
  private volatile Supplier<Map<String, Filter>> filters = Map::of;

  /** By filter; replaced as a whole. */
  private volatile Map<Filter, FilterSums> kept = Map.of();

  /** By the name of their folder. Belongs to who works. */
  private final Map<String, FilterSums> byName = new HashMap<>();

  private boolean enabled;
  private long cleanedMinute = Long.MIN_VALUE;
  private volatile boolean closed;
  private long pausedUntilNanos = System.nanoTime();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("group-sums").daemon().factory());

  private KeptSums(Path folder, TraceStore store, Duration retention, InstantSource clock) {
    this.folder = folder;
    this.store = store;
    this.clock = clock;
    changes = new ChangedMinutes(folder.resolve(STATE_FILE), retention, clock);
  }

  /**
   * Goes on with what is in a folder, which is made when there is something to keep. All that is
   * written to the store from now on must go through {@link #writer}.
   *
   * @param retention for how long sums are kept
   * @throws StoreUnavailableException if the folder cannot be read or changed
   */
  public static KeptSums open(
      Path folder, TraceStore store, Duration retention, InstantSource clock) {
    KeptSums sums = new KeptSums(folder, store, retention, clock);
    try {
      sums.load();
    } catch (IOException e) {
      throw new StoreUnavailableException("cannot read " + folder + ": " + e.getMessage(), e);
    }
    return sums;
  }

  private void load() throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    long last = Long.MIN_VALUE;
    for (Path each : filterFolders()) {
      FilterSums sums = new FilterSums(Filter.EVERYTHING, each);
      sums.deleteAfter(changes.nowMinute());
      last = Math.max(last, sums.lastMinute());
    }
    enabled = changes.load(last);
    if (!enabled) {
      deleteFoldersExcept(Set.of());
    }
  }

  private List<Path> filterFolders() throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> found = Files.list(folder)) {
      return found.filter(each -> each.getFileName().toString().matches("[0-9a-f]{64}")).toList();
    }
  }

  private void deleteFoldersExcept(Set<String> names) throws IOException {
    for (Path each : filterFolders()) {
      if (!names.contains(each.getFileName().toString())) {
        FilterSums.deleteFolder(each);
      }
    }
  }

  /** Returns the way into the store, by which this learns what changes. */
  public TraceWriter writer() {
    TraceWriter writer = store.writer();
    return batch -> around(batch, () -> writer.write(batch));
  }

  /** Runs what makes the spans of a batch appear in the store, or vanish from it. */
  public void around(SpanBatch batch, Runnable change) {
    ChangedMinutes.Write write = changes.begin(batch);
    try {
      change.run();
    } finally {
      changes.end(write);
    }
  }

  /**
   * Works by itself from now on.
   *
   * @param filters returns the filters of which sums are to be kept, by names of 64 hexadecimal
   *     digits that are others for every filter that ever was
   */
  public void start(Supplier<Map<String, Filter>> filters) {
    keepFor(filters);
    var _ = thread.scheduleWithFixedDelay(this::workSafely, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Says what is to be kept; {@link #work} does it. */
  synchronized void keepFor(Supplier<Map<String, Filter>> filters) {
    this.filters = filters;
    try {
      refresh();
    } catch (IOException e) {
      logger.warn("cannot keep sums of groups in {}, trying again", folder, e);
    }
  }

  private void workSafely() {
    if (System.nanoTime() - pausedUntilNanos < 0) {
      return;
    }
    try {
      var _ = work(Deadline.in(PAST_TIME, () -> closed));
    } catch (Deadline.PassedException e) {
      logger.debug("stopped while working out sums of groups", e);
    } catch (Throwable e) {
      pausedUntilNanos = System.nanoTime() + FAILURE_PAUSE.toNanos();
      if (!closed) {
        logger.warn(
            "cannot work out sums of groups, trying again in {} s; questions count all traces",
            FAILURE_PAUSE.toSeconds(),
            e);
      }
    }
  }

  /**
   * Works out what has changed and is over, then of the past as much as there is time for.
   *
   * @return whether all is worked out
   */
  synchronized boolean work(Deadline past) throws IOException {
    refresh();
    changes.forgetOld();
    Deadline open = Deadline.unless(() -> closed);
    boolean done = true;
    if (!kept.isEmpty()) {
      done = workOutChanges(past, open);
      for (FilterSums sums : kept.values()) {
        done &= workOutPast(sums, past, open);
      }
      changes.save();
      clean();
    }
    return done;
  }

  private void refresh() throws IOException {
    Map<String, Filter> wanted = new TreeMap<>(filters.get());
    if (wanted.isEmpty() && !enabled) {
      return;
    }
    if (!enabled) {
      Files.createDirectories(folder);
      SumsFile.syncFolder(folder.toAbsolutePath().getParent());
      // From here on what is written is noted for the next start, before anything is kept.
      changes.save();
      enabled = true;
    }
    if (!wanted.keySet().equals(byName.keySet()) || wanted.isEmpty()) {
      Map<Filter, FilterSums> now = new HashMap<>();
      Set<String> names = new HashSet<>();
      wanted.forEach(
          (name, filter) -> {
            if (!now.containsKey(filter)) {
              names.add(name);
              FilterSums sums =
                  byName.computeIfAbsent(name, _ -> new FilterSums(filter, folder.resolve(name)));
              now.put(filter, sums);
            }
          });
      kept = Map.copyOf(now);
      for (String name : List.copyOf(byName.keySet())) {
        if (!names.contains(name)) {
          FilterSums old = byName.remove(name);
          if (old != null) {
            old.delete();
          }
        }
      }
      deleteFoldersExcept(names);
    }
    if (wanted.isEmpty()) {
      changes.delete();
      enabled = false;
    }
  }

  /** Works out what has changed, the newest first; returns whether it is done with it. */
  private boolean workOutChanges(Deadline past, Deadline open) throws IOException {
    spread();
    SortedMap<Long, Long> due = changes.due();
    for (Minutes run : Minutes.runs(due.keySet(), RUN_MINUTES).reversed()) {
      for (FilterSums sums : kept.values()) {
        workOut(sums, run, open);
      }
      changes.workedOut(due.subMap(run.first(), run.end()));
      if (past.left().isZero()) {
        // What is newer by then comes first.
        return false;
      }
    }
    return true;
  }

  private void workOut(FilterSums sums, Minutes run, Deadline open) throws IOException {
    PeriodCounter counter = new PeriodCounter(run, minute -> minute);
    count(run, sums.filter(), counter, open);
    sums.put(run, counter.periods());
    sums.force();
  }

  /** Works out what is not there, the newest first; returns whether it is done with it. */
  private boolean workOutPast(FilterSums sums, Deadline past, Deadline open) throws IOException {
    FilterSums.Progress progress = sums.progress();
    Instant now = clock.instant();
    long end = changes.nowMinute();
    while (!ChangedMinutes.isOver(end - 1, now)) {
      end--;
    }
    long first = changes.firstMinute();
    if (sums.takeLost()
        || progress.low == progress.end
        || progress.end > end
        || progress.end < first) {
      progress.low = end;
      progress.end = end;
      progress.window = RUN_MINUTES;
    }
    while (progress.end < end) {
      Minutes run = new Minutes(progress.end, Math.min(end, progress.end + RUN_MINUTES));
      workOutUnknown(sums, run, open);
      progress.end = run.end();
    }
    while (progress.low > first) {
      if (past.left().isZero() || closed) {
        return false;
      }
      Minutes run = new Minutes(Math.max(first, progress.low - progress.window), progress.low);
      boolean small = run.count() <= RUN_MINUTES;
      if (isEmpty(run.toRange())) {
        if (isEmpty(new TimeRange(Long.MIN_VALUE, run.toRange().endEpochNanos()))) {
          // Nothing to be kept: to see that again is quicker than a file for each day.
          progress.low = first;
          return true;
        }
        sums.putNone(run);
        sums.force();
        progress.window = Math.min(MAX_EMPTY_MINUTES, progress.window * 2);
      } else if (small) {
        workOutUnknown(sums, run, open);
      } else {
        progress.window = RUN_MINUTES;
        continue;
      }
      progress.low = run.first();
    }
    return true;
  }

  /** Works out the minutes of a run of which nothing is known; changed ones come by themselves. */
  private void workOutUnknown(FilterSums sums, Minutes run, Deadline open) throws IOException {
    SortedSet<Long> unknown = minutes(run);
    unknown.removeAll(changes.in(run));
    sums.removeKnown(unknown);
    for (Minutes each : Minutes.runs(unknown, RUN_MINUTES)) {
      workOut(sums, each, open);
    }
  }

  private boolean isEmpty(TimeRange range) {
    return store.reader().search(active(range, 1)).traces().isEmpty();
  }

  private void clean() throws IOException {
    long now = changes.nowMinute();
    if (cleanedMinute > now || now - cleanedMinute >= MINUTES_PER_HOUR) {
      for (FilterSums sums : kept.values()) {
        sums.deleteBefore(changes.firstMinute());
      }
      cleanedMinute = now;
    }
  }

  private static SortedSet<Long> minutes(Minutes run) {
    SortedSet<Long> minutes = new TreeSet<>();
    for (long minute = run.first(); minute < run.end(); minute++) {
      minutes.add(minute);
    }
    return minutes;
  }

  private static TraceQuery active(TimeRange range, int limit) {
    return new TraceQuery(range, TraceQuery.TimeField.ACTIVE, SpanCondition.ANY, limit, null);
  }

  private void count(Minutes run, Filter filter, PeriodCounter counter, Deadline deadline) {
    TraceQuery query = active(run.toRange(), TraceQuery.MAX_LIMIT);
    while (true) {
      deadline.check();
      FilterSearch.Progress progress =
          FilterSearch.run(
              store.reader(), query, filter, TraceQuery.MAX_LIMIT, deadline.left(), counter::add);
      String next = progress.next();
      if (next == null) {
        return;
      }
      query = query.from(next);
    }
  }

  /** Has all changes by writes that were acknowledged known in the minutes that they concern. */
  private void spread() {
    spreading.lock();
    try {
      changes.spread(this::reached);
    } finally {
      spreading.unlock();
    }
  }

  /** Returns the minutes beside a run that traces reach into which are active in the run. */
  private SortedSet<Long> reached(Minutes run) {
    long first = changes.firstMinute();
    long now = changes.nowMinute();
    SortedSet<Long> reached = new TreeSet<>();
    // Who is active on both sides of an edge is active at the edge.
    if (run.first() > first) {
      addReached(Minutes.startNanos(run.first()), run, first, now, reached);
    }
    if (run.end() <= now) {
      addReached(Minutes.startNanos(run.end()), run, first, now, reached);
    }
    return reached;
  }

  private void addReached(
      long edgeNanos, Minutes run, long first, long last, SortedSet<Long> reached) {
    TraceQuery query = active(new TimeRange(edgeNanos - 1, edgeNanos), TraceQuery.MAX_LIMIT);
    long lowest = Long.MAX_VALUE;
    long highest = Long.MIN_VALUE;
    while (true) {
      TracePage page = store.reader().search(query);
      for (TraceSummary trace : page.traces()) {
        if (trace.endEpochNanos() >= edgeNanos) {
          lowest = Math.min(lowest, Minutes.of(trace.startEpochNanos()));
          highest = Math.max(highest, Minutes.of(trace.endEpochNanos()));
        }
      }
      if (page.next() == null) {
        break;
      }
      query = query.from(page.next());
    }
    // All of these traces are active at the edge, so that together they reach everything between.
    for (long minute = Math.max(first, lowest); minute <= Math.min(last, highest); minute++) {
      if (!run.contains(minute)) {
        reached.add(minute);
      }
    }
  }

  /**
   * Returns the sums of the calls that ended in a range by periods, by the number of each period
   * since the epoch.
   *
   * @param periodMinutes the length of the periods; the range is rounded outwards to whole ones
   * @param together whether all periods are to be added up, as number 0
   * @return null if nothing is kept of that filter
   * @throws Deadline.PassedException if that takes too long
   */
  public @Nullable SortedMap<Long, GraphSums> sums(
      TimeRange range, long periodMinutes, Filter filter, Deadline deadline, boolean together) {
    FilterSums sums = kept.get(filter);
    if (sums == null) {
      return null;
    }
    LongUnaryOperator period = together ? _ -> 0 : minute -> Math.floorDiv(minute, periodMinutes);
    Minutes asked = Minutes.of(range, periodMinutes);
    SortedMap<Long, GraphSums> periods = new TreeMap<>();
    FilterSums.Sink sink =
        minute -> periods.computeIfAbsent(period.applyAsLong(minute), _ -> new GraphSums());
    SortedSet<Long> known = known(asked, sums);
    List<Minutes> unknown = withoutKnown(asked, known);
    try {
      sums.addTo(sink, known);
    } catch (IOException e) {
      logger.warn("cannot read sums of a group in {}, counting its traces", folder, e);
      periods.clear();
      unknown = List.of(asked);
    }
    for (Minutes run : unknown) {
      PeriodCounter counter = new PeriodCounter(run, period);
      count(run, filter, counter, deadline);
      counter
          .periods()
          .forEach(
              (number, calls) ->
                  calls.addTo(periods.computeIfAbsent(number, _ -> new GraphSums())));
    }
    return periods;
  }

  /** Returns the minutes of which the sums are what the store holds. */
  private SortedSet<Long> known(Minutes asked, FilterSums sums) {
    long first = Math.max(asked.first(), changes.firstMinute());
    long end = Math.min(asked.end(), changes.nowMinute());
    SortedSet<Long> known = new TreeSet<>();
    if (first < end) {
      Minutes run = new Minutes(first, end);
      spread();
      known.addAll(minutes(run));
      known.removeAll(changes.in(run));
      try {
        SortedSet<Long> unknown = new TreeSet<>(known);
        sums.removeKnown(unknown);
        known.removeAll(unknown);
      } catch (IOException e) {
        logger.warn("cannot read sums of a group in {}, counting its traces", folder, e);
        known.clear();
      }
    }
    return known;
  }

  /**
   * Returns runs that have all that is not known. What is known between two of them, and not worth
   * a search more, is in them as well and no longer in {@code known}.
   */
  private static List<Minutes> withoutKnown(Minutes asked, SortedSet<Long> known) {
    List<Minutes> runs = new ArrayList<>();
    long from = asked.first();
    for (long minute : List.copyOf(known)) {
      if (minute > from) {
        add(runs, new Minutes(from, minute), known);
      }
      from = minute + 1;
    }
    if (from < asked.end()) {
      add(runs, new Minutes(from, asked.end()), known);
    }
    return runs;
  }

  private static void add(List<Minutes> runs, Minutes run, SortedSet<Long> known) {
    if (!runs.isEmpty() && run.first() - runs.getLast().end() <= MAX_GAP_MINUTES) {
      Minutes before = runs.removeLast();
      known.subSet(before.end(), run.first()).clear();
      runs.add(new Minutes(before.first(), run.end()));
    } else {
      runs.add(run);
    }
  }

  /** Ends the work, and notes for the next start what is left to be done. */
  @Override
  public void close() {
    closed = true;
    thread.shutdown();
    try {
      if (!thread.awaitTermination(CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        logger.warn("sums of groups are still worked out after {}, breaking off", CLOSE_TIMEOUT);
        var _ = thread.shutdownNow();
        return;
      }
      synchronized (this) {
        if (enabled) {
          changes.saveLast();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      var _ = thread.shutdownNow();
    } catch (IOException e) {
      logger.warn("cannot note in {} what has changed; the next start works more out", folder, e);
    }
  }
}
