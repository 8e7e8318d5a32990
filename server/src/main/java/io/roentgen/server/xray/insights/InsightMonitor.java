// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.insights;

import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;
import io.roentgen.query.insight.Insight;
import io.roentgen.query.insight.InsightDetector;
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
  private long lastCleaned = Long.MIN_VALUE;
  private volatile boolean closed;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("insights").daemon().factory());

  /** What is known of a group with one filter. */
  private static final class Watch {
    private final Instant filterChangedAt;
    private final InsightDetector detector;
    private long nextMinute;

    Watch(Group group, long nextMinute) {
      filterChangedAt = group.filterChangedAt();
      detector = new InsightDetector(group.name());
      this.nextMinute = nextMinute;
    }
  }

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
    } catch (RuntimeException e) {
      // The minute is looked at again the next time.
      logger.warn("cannot look for insights, trying again in {} s", LOOK_SECONDS, e);
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
        lookOrForget(group, lastMinute);
      }
    }
    if (watches.keySet().retainAll(watched)) {
      logger.info("groups are no longer watched for insights, watched={}", watched);
    }
    if (lastMinute > lastCleaned) {
      lastCleaned = lastMinute;
      documents.deleteOlderThan(now.minus(KEPT).getEpochSecond() * NANOS_PER_SECOND);
    }
  }

  private void lookOrForget(Group group, long lastMinute) {
    boolean done = false;
    try {
      look(group, lastMinute);
      done = true;
    } finally {
      if (!done) {
        // The detector may be ahead of what is kept; the last hours are shown to another one.
        var _ = watches.remove(group.name());
      }
    }
  }

  private void look(Group group, long lastMinute) {
    Watch watch = watches.get(group.name());
    if (watch == null || !watch.filterChangedAt.equals(group.filterChangedAt())) {
      watch = new Watch(group, lastMinute + 1 - InsightDetector.REPLAY_MINUTES);
      watches.put(group.name(), watch);
    }
    if (watch.nextMinute > lastMinute) {
      return;
    }
    TimeRange range = new TimeRange(watch.nextMinute * MINUTE, (lastMinute + 1) * MINUTE);
    List<GraphReader.Period> minutes =
        new ArrayList<>(graphs.series(range, MINUTE, filters.of(group)));
    if (minutes.isEmpty() || minutes.getLast().startEpochNanos() < lastMinute * MINUTE) {
      minutes.add(new GraphReader.Period(lastMinute * MINUTE, NO_CALLS));
    }
    for (GraphReader.Period minute : minutes) {
      if (closed) {
        return;
      }
      for (Insight insight : watch.detector.observe(minute.startEpochNanos(), minute.graph())) {
        keep(group, insight);
      }
      watch.nextMinute = minute.startEpochNanos() / MINUTE + 1;
    }
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
