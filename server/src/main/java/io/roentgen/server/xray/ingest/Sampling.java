// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.ingest;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * The default sampling rule and its reservoir, shared among the clients that report. A client
 * counts from its first report until it has missed three. Each gets an equal part of the reservoir;
 * what does not divide goes to the first by id, so that shares stay as they are while the clients
 * do, and add up to the reservoir. Safe for use by several threads.
 */
final class Sampling {
  /** Requests for rules and for targets, by operation. */
  static final String REQUESTS = "xray_sampling_requests_total";

  static final String DEFAULT_RULE = "Default";
  static final double FIXED_RATE = 0.05;
  static final int RESERVOIR_SIZE = 1;

  /** How often a client is to report. */
  static final Duration INTERVAL = Duration.ofSeconds(10);

  static final Duration QUOTA_TTL = Duration.ofMinutes(5);

  private static final Duration FORGET_AFTER = INTERVAL.multipliedBy(3);

  /** Ids are made up by clients; beyond this many the newest get no share. */
  private static final int MAX_CLIENTS = 10_000;

  private final Counter requests;
  private final InstantSource clock;
  private final Instant modifiedAt;

  @GuardedBy("this")
  private final Map<String, Instant> lastReports = new LinkedHashMap<>(16, 0.75f, true);

  Sampling(InstantSource clock, PrometheusRegistry registry) {
    this.clock = clock;
    requests =
        Counter.builder()
            .name(REQUESTS)
            .help("Requests of SDKs for sampling rules and targets.")
            .labelNames("operation")
            .register(registry);
    modifiedAt = clock.instant();
  }

  /** Returns when the rules were last changed. */
  Instant modifiedAt() {
    return modifiedAt;
  }

  /** Counts a request; {@code operation} is {@code rules} or {@code targets}. */
  void requested(String operation) {
    requests.labelValues(operation).inc();
  }

  Instant now() {
    return clock.instant();
  }

  /**
   * Notes that a client has reported, and returns its share of the reservoir, in requests a second.
   */
  synchronized int quota(String clientId) {
    Instant now = clock.instant();
    // In the order of the last report, so those to be forgotten come first.
    Iterator<Instant> reports = lastReports.values().iterator();
    while (reports.hasNext() && reports.next().plus(FORGET_AFTER).isBefore(now)) {
      reports.remove();
    }
    if (!lastReports.containsKey(clientId) && lastReports.size() >= MAX_CLIENTS) {
      return 0;
    }
    lastReports.put(clientId, now);
    int clients = lastReports.size();
    int quota = RESERVOIR_SIZE / clients;
    int rest = RESERVOIR_SIZE % clients;
    int rank = new TreeSet<>(lastReports.keySet()).headSet(clientId).size();
    return rank < rest ? quota + 1 : quota;
  }
}
