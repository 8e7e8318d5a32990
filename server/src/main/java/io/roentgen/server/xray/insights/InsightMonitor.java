// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.insights;

import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;
import io.roentgen.query.insight.Insight;
import io.roentgen.query.insight.InsightDetector;
import io.roentgen.server.intake.Deadline;
import io.roentgen.server.xray.graph.Graphs;
import io.roentgen.server.xray.groups.Filters;
import io.roentgen.server.xray.groups.Group;
import io.roentgen.server.xray.groups.Groups;
import io.roentgen.store.GraphReader;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the graph of each group that has insights on, minute by minute, to a detector, and keeps
 * what it finds. A minute is looked at {@value #SETTLE_SECONDS} seconds after its end: spans that
 * come later do not change the judgement. After a start, the last hours are shown again.
 */
public final class InsightMonitor implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(InsightMonitor.class);
  private static final int SETTLE_SECONDS = 15;
  private static final int LOOK_SECONDS = 5;
  private static final Duration KEPT = Duration.ofDays(30);

  /** Of which the graph is asked for at a time. */
  private static final int SLICE_MINUTES = 10;

  /** If the clock was set back by more, what was seen of the future is forgotten. */
  private static final int MAX_AHEAD_MINUTES = 5;

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(30);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
  private static final long MINUTE = GraphReader.RESOLUTION_NANOS;
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final ServiceGraph NO_CALLS = new ServiceGraph(List.of(), List.of());

  private final Groups groups;
  private final Filters filters;
  private final Graphs graphs;
  private final InsightDocuments documents;
  private final InsightExamples examples;
  private final InstantSource clock;
  private final Map<String, Watch> watches = new HashMap<>();
  private final Map<String, Failure> failures = new HashMap<>();
  private Set<String> lastWatched = Set.of();
  private boolean looked;
  private long lastCleaned = Long.MIN_VALUE;
  private volatile boolean closed;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("insights").daemon().factory());

  /** What is known of a group with one filter. */
  private static final class Watch {
    private final Instant filterChangedAt;
    private final InsightDetector detector;

    /** What started before may have been found with another id; see {@link InsightDetector}. */
    private final long keptFromMinute;

    private long nextMinute;
    private boolean replayed;

    Watch(Group group, long nextMinute) {
      filterChangedAt = group.filterChangedAt();
      detector = new InsightDetector(group.name());
      keptFromMinute = nextMinute + InsightDetector.WARM_UP_MINUTES;
      this.nextMinute = nextMinute;
    }

    /** Returns whether this goes on with the minute after {@code lastMinute}. */
    boolean isOf(Group group, long lastMinute) {
      return filterChangedAt.equals(group.filterChangedAt())
          && nextMinute <= lastMinute + 1 + MAX_AHEAD_MINUTES
          && nextMinute > lastMinute - InsightDetector.REPLAY_MINUTES;
    }
  }

  /** A group that could not be looked at. */
  private record Failure(Instant nextTry, Duration pause, String problem) {}

  /** Makes one that does not look by itself before {@link #start}. */
  public InsightMonitor(
      Groups groups,
      Filters filters,
      Graphs graphs,
      InsightDocuments documents,
      InsightExamples examples,
      InstantSource clock) {
    this.groups = groups;
    this.filters = filters;
    this.graphs = graphs;
    this.documents = documents;
    this.examples = examples;
    this.clock = clock;
  }

  /** Looks every few seconds whether a minute is over, until it is closed. */
  public void start() {
    var _ = thread.scheduleWithFixedDelay(this::lookSafely, 0, LOOK_SECONDS, TimeUnit.SECONDS);
  }

  private void lookSafely() {
    try {
      look();
    } catch (Throwable e) {
      // A schedule ends with the first failure that gets out, and nobody would know.
      logger.error("cannot look for insights, trying again in {} s", LOOK_SECONDS, e);
    }
  }

  /** Looks at the minutes that are over by now and were not looked at. */
  public synchronized void look() {
    Instant now = clock.instant();
    long lastMinute = (now.getEpochSecond() - SETTLE_SECONDS) / 60 - 1;
    Set<String> watched = new HashSet<>();
    for (Group group : groups.all()) {
      if (closed) {
        return;
      }
      if (group.insights().insightsEnabled()) {
        watched.add(group.name());
        lookOrPause(group, lastMinute, now);
      }
    }
    if (!looked || !watched.equals(lastWatched)) {
      watches.keySet().retainAll(watched);
      failures.keySet().retainAll(watched);
      endUnwatched(watched, now);
      logger.info("groups watched for insights: {}", watched);
      lastWatched = Set.copyOf(watched);
      looked = true;
    }
    if (lastMinute > lastCleaned) {
      lastCleaned = lastMinute;
      documents.deleteOlderThan(now.minus(KEPT).getEpochSecond() * NANOS_PER_SECOND);
    }
  }

  /** Looks at one group. If that fails, the others go on, and it has to wait. */
  private void lookOrPause(Group group, long lastMinute, Instant now) {
    Failure before = failures.get(group.name());
    if (before != null
        && now.isBefore(before.nextTry)
        && Duration.between(now, before.nextTry).compareTo(LONGEST_PAUSE) <= 0) {
      return;
    }
    try {
      look(group, lastMinute, now);
      if (failures.remove(group.name()) != null) {
        logger.info("insights are looked for again in group={}", group.name());
      }
    } catch (RuntimeException e) {
      // The detector may be ahead of what is kept; the last hours are shown to another one.
      watches.remove(group.name());
      Duration pause = before == null ? FIRST_PAUSE : before.pause.multipliedBy(2);
      pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
      String problem = String.valueOf(e.getMessage());
      if (before == null || !before.problem.equals(problem)) {
        logger.warn(
            "cannot look for insights in group={}, trying again in {} s and less often later",
            group.name(),
            pause.toSeconds(),
            e);
      }
      failures.put(group.name(), new Failure(now.plus(pause), pause, problem));
    }
  }

  private void look(Group group, long lastMinute, Instant now) {
    Watch watch = watches.get(group.name());
    if (watch == null || !watch.isOf(group, lastMinute)) {
      watch = new Watch(group, lastMinute + 1 - InsightDetector.REPLAY_MINUTES);
      watches.put(group.name(), watch);
    }
    while (watch.nextMinute <= lastMinute) {
      long last = Math.min(lastMinute, watch.nextMinute + SLICE_MINUTES - 1);
      if (!look(group, watch, last)) {
        return;
      }
    }
    if (!watch.replayed) {
      watch.replayed = true;
      endForgotten(group, watch.detector, now);
    }
  }

  /** Looks at the minutes up to {@code last}; returns false if it was closed before the end. */
  private boolean look(Group group, Watch watch, long last) {
    TimeRange range = new TimeRange(watch.nextMinute * MINUTE, (last + 1) * MINUTE);
    List<GraphReader.Period> minutes;
    try {
      minutes =
          new ArrayList<>(
              graphs.series(range, MINUTE, filters.of(group), Deadline.unless(() -> closed)));
    } catch (Deadline.PassedException stopped) {
      return false;
    }
    if (minutes.isEmpty() || minutes.getLast().startEpochNanos() < last * MINUTE) {
      minutes.add(new GraphReader.Period(last * MINUTE, NO_CALLS));
    }
    for (GraphReader.Period minute : minutes) {
      if (closed) {
        return false;
      }
      for (Insight insight : watch.detector.observe(minute.startEpochNanos(), minute.graph())) {
        if (insight.startEpochNanos() >= watch.keptFromMinute * MINUTE
            || documents.find(insight.id()).isPresent()) {
          keep(group, insight);
        }
      }
      watch.nextMinute = minute.startEpochNanos() / MINUTE + 1;
    }
    return true;
  }

  /** Ends what is active by what is kept, of which the last hours show nothing. */
  private void endForgotten(Group group, InsightDetector detector, Instant now) {
    Set<UUID> active = new HashSet<>();
    detector.active().forEach(insight -> active.add(insight.id()));
    for (GroupInsight kept : documents.active()) {
      if (kept.groupName().equals(group.name()) && !active.contains(kept.insight().id())) {
        end(kept, now, "not seen any more when the last hours were looked at again");
      }
    }
  }

  private void endUnwatched(Set<String> watched, Instant now) {
    for (GroupInsight kept : documents.active()) {
      if (!watched.contains(kept.groupName())) {
        end(kept, now, "group " + kept.groupName() + " is no longer watched");
      }
    }
  }

  private void end(GroupInsight kept, Instant now, String why) {
    Insight insight = kept.insight();
    documents.put(
        new GroupInsight(
            kept.groupName(),
            insight.closed(
                now.getEpochSecond() * NANOS_PER_SECOND,
                insight.rootCause().name() + ": " + why + "."),
            kept.examples()));
  }

  private void keep(Group group, Insight insight) {
    List<InsightExample> known =
        documents
            .find(insight.id())
            .filter(before -> before.insight().rootCause().equals(insight.rootCause()))
            .map(GroupInsight::examples)
            .orElse(List.of());
    documents.put(
        new GroupInsight(
            group.name(), insight, examples.complete(known, insight, filters.of(group))));
  }

  /**
   * Ends the thread, and waits until it has let go of the store: what it does at the moment is
   * finished, up to {@link #CLOSE_TIMEOUT}.
   */
  @Override
  public void close() {
    closed = true;
    thread.shutdown();
    try {
      if (thread.awaitTermination(CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        return;
      }
      logger.warn("insights are still looked for after {}, breaking that off", CLOSE_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    var _ = thread.shutdownNow();
  }
}
