// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query.insight;

import io.roentgen.model.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of time in which services did worse than they used to, for one common cause.
 *
 * @param id the same for the same problem, however often it is worked out
 * @param categories in what way they did worse; grows while the insight is active
 * @param state whether it goes on
 * @param startEpochNanos start of the first minute that was unusual
 * @param endEpochNanos end of the last minute that was unusual; null while active
 * @param updatedEpochNanos end of the minute in which this changed last
 * @param rootCause the unusual node farthest downstream
 * @param clientImpact requests from outside since the start
 * @param rootCauseImpact requests to the root cause since the start
 * @param anomalous the nodes that are or were unusual, root cause first, then by name; at most 250
 * @param slowNanos requests to the root cause that take longer are slow; null if that is not known
 * @param events what happened, oldest first; the first and the latest, at most 50
 */
public record Insight(
    UUID id,
    SortedSet<Category> categories,
    State state,
    long startEpochNanos,
    @Nullable Long endEpochNanos,
    long updatedEpochNanos,
    NodeId rootCause,
    Impact clientImpact,
    Impact rootCauseImpact,
    List<NodeId> anomalous,
    @Nullable Long slowNanos,
    List<Event> events) {
  public Insight {
    anomalous = List.copyOf(anomalous);
    events = List.copyOf(events);
  }

  /**
   * Returns this as one that has ended with its last change.
   *
   * @param epochNanos when that was found
   * @param summary why, in a sentence
   */
  public Insight closed(long epochNanos, String summary) {
    List<Event> withLast = new ArrayList<>(events);
    withLast.add(
        new Event(
            epochNanos, summary, clientImpact, rootCauseImpact, events.getLast().anomalous()));
    return new Insight(
        id,
        categories,
        State.CLOSED,
        startEpochNanos,
        updatedEpochNanos,
        Math.max(updatedEpochNanos, epochNanos),
        rootCause,
        clientImpact,
        rootCauseImpact,
        anomalous,
        slowNanos,
        withLast);
  }

  /** Returns what a person needs to know, in a sentence. */
  public String summary() {
    return events.getLast().summary();
  }

  /** In what way a service does worse. */
  public enum Category {
    /** More of its requests end in a fault. */
    FAULT,
    /** More of its requests take long. */
    LATENCY
  }

  /** Whether an insight goes on. */
  public enum State {
    ACTIVE,
    CLOSED
  }

  /**
   * How many requests were hit.
   *
   * @param faultCount requests that ended in a fault
   * @param okCount requests that did not
   */
  public record Impact(long faultCount, long okCount) {
    /** No requests. */
    public static final Impact NONE = new Impact(0, 0);

    /** Returns the number of requests. */
    public long totalCount() {
      return faultCount + okCount;
    }

    Impact plus(Impact other) {
      return new Impact(faultCount + other.faultCount, okCount + other.okCount);
    }
  }

  /**
   * A notable change of an insight.
   *
   * @param epochNanos end of the minute in which it was seen
   * @param summary what happened, in a sentence
   * @param clientImpact as the insight's, by then
   * @param rootCauseImpact as the insight's, by then
   * @param anomalous as the insight's, by then; at most 25
   */
  public record Event(
      long epochNanos,
      String summary,
      Impact clientImpact,
      Impact rootCauseImpact,
      List<NodeId> anomalous) {
    public Event {
      anomalous = List.copyOf(anomalous);
    }
  }
}
