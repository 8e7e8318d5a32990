// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query.insight;

import static io.roentgen.query.insight.Traffic.CATALOG;
import static io.roentgen.query.insight.Traffic.DATABASE;
import static io.roentgen.query.insight.Traffic.GATEWAY;
import static io.roentgen.query.insight.Traffic.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.roentgen.model.CallStatistics;
import io.roentgen.model.NodeId;
import io.roentgen.model.Outcome;
import io.roentgen.model.ServiceGraph;
import io.roentgen.query.insight.Insight.Category;
import io.roentgen.query.insight.Insight.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class InsightDetectorTest {
  private static final int TEN_HOURS = 600;
  private static final int ONSET = 60;

  private final InsightDetector detector = new InsightDetector("Default");
  private final List<Insight> told = new ArrayList<>();
  private int minute;

  /** Kinds of traffic in which nothing is wrong. */
  enum Healthy {
    NORMAL {
      @Override
      void change(Traffic traffic, int minute, Random random) {
        // Rises and falls as a day does.
        traffic.requestsPerMinute = 200 + 150 * Math.sin(minute / 95.0);
      }
    },
    BURSTY {
      @Override
      void change(Traffic traffic, int minute, Random random) {
        traffic.requestsPerMinute = random.nextInt(12) == 0 ? 1500 : 60;
        // Bad minutes come and go, as they always did.
        traffic.faultShare = random.nextInt(20) == 0 ? 0.03 : 0.01;
      }
    },
    LOW {
      @Override
      void change(Traffic traffic, int minute, Random random) {
        traffic.requestsPerMinute = minute % 120 < 40 ? 0.3 : 3;
        traffic.faultShare = 0.05;
      }
    },
    FAILING_AS_ALWAYS {
      @Override
      void change(Traffic traffic, int minute, Random random) {
        traffic.requestsPerMinute = 40;
        traffic.faultShare = 0.3;
      }
    };

    abstract void change(Traffic traffic, int minute, Random random);
  }

  @ParameterizedTest
  @EnumSource
  void tenHours_nothingWrong_raiseNothing(Healthy kind) {
    for (int seed = 0; seed < 30; seed++) {
      var quiet = new InsightDetector("Default");
      var traffic = new Traffic(seed);
      var random = new Random(seed);
      for (int i = 0; i < TEN_HOURS; i++) {
        kind.change(traffic, i, random);
        assertThat(quiet.observe(Traffic.minute(i), traffic.nextMinute()))
            .as("seed %d minute %d", seed, i)
            .isEmpty();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"8, 4", "60, 2", "200, 2", "2000, 2"})
  void faultDownstream_isFoundInMinutesWithItsRootCause(double requestsPerMinute, int minutes) {
    var traffic = new Traffic(7);
    traffic.requestsPerMinute = requestsPerMinute;
    run(traffic, ONSET);
    assertThat(told).isEmpty();

    traffic.moreFaults.put(DATABASE, 0.6);
    run(traffic, minutes);

    assertThat(told)
        .extracting(Insight::id)
        .hasSizeGreaterThan(0)
        .containsOnly(told.getFirst().id());
    Insight opened = told.getFirst();
    assertThat(opened.state()).isEqualTo(State.ACTIVE);
    assertThat(opened.categories()).containsExactly(Category.FAULT);
    assertThat(opened.rootCause()).isEqualTo(DATABASE);
    assertThat(opened.startEpochNanos())
        .isBetween(Traffic.minute(ONSET), Traffic.minute(ONSET + minutes - 2));
    assertThat(opened.anomalous()).first().isEqualTo(DATABASE);
    assertThat(opened.summary()).contains("database").contains("% of requests fail");

    run(traffic, 10 - minutes);
    traffic.moreFaults.clear();
    run(traffic, 30);

    assertThat(told).extracting(Insight::id).containsOnly(opened.id());
    Insight closed = told.getLast();
    assertThat(closed.state()).isEqualTo(State.CLOSED);
    assertThat(closed.anomalous()).contains(DATABASE, ORDERS, GATEWAY).doesNotContain(CATALOG);
    assertThat(closed.endEpochNanos())
        .isBetween(Traffic.minute(ONSET + 7), Traffic.minute(ONSET + 14));
    assertThat(closed.summary()).contains("as usual again");
    assertThat(closed.events()).hasSizeGreaterThanOrEqualTo(2);
    assertThat(detector.active()).isEmpty();
  }

  @Test
  void impact_countsRequestsSinceTheOnset() {
    var traffic = new Traffic(3);
    List<ServiceGraph> graphs = new ArrayList<>();
    run(traffic, ONSET);
    traffic.moreFaults.put(CATALOG, 0.8);
    for (int i = 0; i < 5; i++) {
      ServiceGraph graph = traffic.nextMinute();
      graphs.add(graph);
      told.addAll(detector.observe(Traffic.minute(minute++), graph));
    }

    Insight insight = detector.active().getFirst();
    assertThat(insight.rootCauseImpact()).isEqualTo(impact(graphs, CATALOG));
    assertThat(insight.clientImpact()).isEqualTo(impact(graphs, GATEWAY));
  }

  private static Insight.Impact impact(List<ServiceGraph> graphs, NodeId node) {
    long faults = 0;
    long all = 0;
    for (ServiceGraph graph : graphs) {
      for (ServiceGraph.Node each : graph.nodes()) {
        if (each.id().equals(node)) {
          faults += each.statistics().faultCount();
          all += each.statistics().totalCount();
        }
      }
    }
    return new Insight.Impact(faults, all - faults);
  }

  @Test
  void slowDownstream_isFoundAsLatency() {
    var traffic = new Traffic(5);
    run(traffic, ONSET);
    traffic.slower.put(DATABASE, 12.0);
    run(traffic, 3);

    assertThat(detector.active()).hasSize(1);
    Insight insight = detector.active().getFirst();
    assertThat(insight.categories()).containsExactly(Category.LATENCY);
    assertThat(insight.rootCause()).isEqualTo(DATABASE);
    assertThat(insight.summary()).contains("database: requests take long");
  }

  @Test
  void firstMinutes_failing_raiseNothing() {
    var traffic = new Traffic(2);
    traffic.faultShare = 0.5;
    run(traffic, 9);
    traffic.faultShare = 0.9;
    run(traffic, 1);
    assertThat(told).isEmpty();
  }

  @Test
  void causes_twoUnrelated_areTwoInsights() {
    var traffic = new Traffic(4);
    run(traffic, ONSET);
    traffic.moreFaults.put(DATABASE, 0.5);
    traffic.moreFaults.put(CATALOG, 0.5);
    run(traffic, 4);
    assertThat(detector.active())
        .extracting(Insight::rootCause)
        .containsExactlyInAnyOrder(DATABASE, CATALOG);
  }

  @Test
  void lastingFault_becomesTheRuleAfterThreeHours() {
    var traffic = new Traffic(6);
    run(traffic, ONSET);
    traffic.moreFaults.put(DATABASE, 0.4);
    run(traffic, 400);
    assertThat(detector.active()).isEmpty();
    assertThat(told).extracting(Insight::id).containsOnly(told.getFirst().id());
    assertThat(told.getLast().summary()).contains("taken as usual from now on");
  }

  @Test
  void sameMinutes_giveTheSameInsights() {
    var traffic = new Traffic(8);
    List<ServiceGraph> graphs = new ArrayList<>();
    for (int i = 0; i < ONSET + 20; i++) {
      if (i == ONSET) {
        traffic.moreFaults.put(ORDERS, 0.5);
      }
      graphs.add(traffic.nextMinute());
    }
    assertThat(replay(graphs)).isNotEmpty().isEqualTo(replay(graphs));
  }

  private static List<Insight> replay(List<ServiceGraph> graphs) {
    var fresh = new InsightDetector("Default");
    List<Insight> all = new ArrayList<>();
    for (int i = 0; i < graphs.size(); i++) {
      all.addAll(fresh.observe(Traffic.minute(i), graphs.get(i)));
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(doubles = {8, 60, 200})
  void restartAtAnyMinute_replay_findsTheSameInsights(double requestsPerMinute) {
    int onset = InsightDetector.REPLAY_MINUTES + 10;
    int end = onset + 230;
    var traffic = new Traffic(11);
    traffic.requestsPerMinute = requestsPerMinute;
    List<ServiceGraph> graphs = new ArrayList<>();
    for (int i = 0; i < end; i++) {
      if (i == onset) {
        traffic.moreFaults.put(DATABASE, 0.5);
      } else if (i == onset + 40) {
        traffic.moreFaults.clear();
      }
      graphs.add(traffic.nextMinute());
    }
    Map<UUID, State> uninterrupted = states(new InsightDetector("Default"), graphs, 0, end, 0);
    assertThat(uninterrupted).isNotEmpty().doesNotContainValue(State.ACTIVE);

    for (int restart = onset; restart < end; restart += 3) {
      int from = restart - InsightDetector.REPLAY_MINUTES;
      Map<UUID, State> kept = states(new InsightDetector("Default"), graphs, 0, restart, 0);
      Map<UUID, State> later =
          states(
              new InsightDetector("Default"),
              graphs,
              from,
              end,
              from + InsightDetector.WARM_UP_MINUTES);
      kept.putAll(later);
      assertThat(kept).as("restart at minute %d", restart).isEqualTo(uninterrupted);
    }
  }

  /** Returns the last state of each insight that starts at a minute or after it. */
  private static Map<UUID, State> states(
      InsightDetector detector, List<ServiceGraph> graphs, int from, int to, int startsFrom) {
    Map<UUID, State> states = new HashMap<>();
    for (int i = from; i < to; i++) {
      for (Insight insight : detector.observe(Traffic.minute(i), graphs.get(i))) {
        if (insight.startEpochNanos() >= Traffic.minute(startsFrom)) {
          states.put(insight.id(), insight.state());
        }
      }
    }
    return states;
  }

  @Test
  void insightOfManyNodesAndEvents_isBounded() {
    List<NodeId> nodes = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      nodes.add(new NodeId("service-" + i, ""));
    }
    for (int i = 0; i < ONSET; i++) {
      told.addAll(detector.observe(Traffic.minute(i), chain(nodes, 0)));
    }
    // One more service of the chain fails each minute, from the lowest up.
    for (int i = 0; i < 120; i++) {
      told.addAll(detector.observe(Traffic.minute(ONSET + i), chain(nodes, 3 * (i + 1))));
    }
    assertThat(detector.active()).hasSize(1);
    Insight insight = detector.active().getFirst();
    assertThat(insight.anomalous()).hasSize(250).startsWith(nodes.getLast());
    assertThat(insight.events()).hasSize(50);
    assertThat(insight.events().getFirst()).isEqualTo(told.getFirst().events().getFirst());
    assertThat(insight.events())
        .allSatisfy(event -> assertThat(event.anomalous()).hasSizeLessThanOrEqualTo(25));
  }

  /** Returns a hundred requests through all nodes, all of which fail in the lowest ones. */
  private static ServiceGraph chain(List<NodeId> nodes, int failing) {
    List<ServiceGraph.Node> all = new ArrayList<>();
    List<ServiceGraph.Edge> edges = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      var calls = new CallStatistics.Builder();
      boolean fails = i >= nodes.size() - failing;
      for (int request = 0; request < 100; request++) {
        calls.add(fails ? Outcome.FAULT_BIT : 0, 1_000_000, 1);
      }
      all.add(new ServiceGraph.Node(nodes.get(i), calls.build()));
      if (i > 0) {
        edges.add(new ServiceGraph.Edge(nodes.get(i - 1), nodes.get(i), calls.build()));
      }
    }
    return new ServiceGraph(all, edges);
  }

  @Test
  void minutesLeftOut_countAsQuietOnes() {
    var traffic = new Traffic(9);
    run(traffic, ONSET);
    traffic.moreFaults.put(DATABASE, 0.6);
    run(traffic, 5);
    assertThat(detector.active()).hasSize(1);
    minute += 30;
    run(traffic, 1);
    assertThat(told).extracting(Insight::state).contains(State.CLOSED);
  }

  @Test
  void observe_minuteAgainOrCrooked_isRefused() {
    detector.observe(Traffic.minute(1), new ServiceGraph(List.of(), List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> detector.observe(Traffic.minute(1), new ServiceGraph(List.of(), List.of())))
        .withMessageContaining("expected: later");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> detector.observe(Traffic.minute(2) + 1, new ServiceGraph(List.of(), List.of())))
        .withMessageContaining("expected: start of a minute");
  }

  private void run(Traffic traffic, int minutes) {
    for (int i = 0; i < minutes; i++) {
      told.addAll(detector.observe(Traffic.minute(minute++), traffic.nextMinute()));
    }
  }
}
