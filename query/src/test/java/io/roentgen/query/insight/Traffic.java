// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query.insight;

import io.roentgen.model.CallStatistics;
import io.roentgen.model.NodeId;
import io.roentgen.model.Outcome;
import io.roentgen.model.ServiceGraph;
import io.roentgen.store.GraphReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Made-up traffic: clients call {@code gateway}, which calls {@code orders} and {@code catalog};
 * {@code orders} calls {@code database}. A fault or a long wait downstream is felt upstream.
 */
final class Traffic {
  static final NodeId CLIENT = new NodeId("gateway", NodeId.CLIENT);
  static final NodeId GATEWAY = new NodeId("gateway", "");
  static final NodeId ORDERS = new NodeId("orders", "");
  static final NodeId CATALOG = new NodeId("catalog", "");
  static final NodeId DATABASE = new NodeId("database", "remote");

  private static final long MILLI = 1_000_000;

  private final Random random;

  /** What is added to the usual share of faults, by node. */
  final Map<NodeId, Double> moreFaults = new HashMap<>();

  /** By what the usual time is multiplied, by node. */
  final Map<NodeId, Double> slower = new HashMap<>();

  double requestsPerMinute = 200;
  double faultShare = 0.005;

  Traffic(long seed) {
    random = new Random(seed);
  }

  static long minute(int minute) {
    return (28_000_000L + minute) * GraphReader.RESOLUTION_NANOS;
  }

  ServiceGraph nextMinute() {
    var calls = new TreeMap<NodeId, CallStatistics.Builder>();
    var edges = new HashMap<List<NodeId>, CallStatistics.Builder>();
    int count = poisson(requestsPerMinute);
    for (int i = 0; i < count; i++) {
      NodeId called = random.nextInt(3) == 0 ? CATALOG : ORDERS;
      Call below = new Call(false, 0);
      if (called.equals(ORDERS)) {
        Call database = call(DATABASE, new Call(false, 0), calls);
        add(edges, ORDERS, DATABASE, database);
        below = database;
      }
      Call middle = call(called, below, calls);
      add(edges, GATEWAY, called, middle);
      add(edges, CLIENT, GATEWAY, call(GATEWAY, middle, calls));
    }
    calls.put(CLIENT, new CallStatistics.Builder());
    return new ServiceGraph(
        calls.entrySet().stream()
            .map(each -> new ServiceGraph.Node(each.getKey(), each.getValue().build()))
            .toList(),
        edges.entrySet().stream()
            .map(
                each ->
                    new ServiceGraph.Edge(
                        each.getKey().get(0), each.getKey().get(1), each.getValue().build()))
            .toList());
  }

  private record Call(boolean fault, long nanos) {}

  private Call call(NodeId node, Call below, Map<NodeId, CallStatistics.Builder> calls) {
    boolean fault =
        below.fault || random.nextDouble() < faultShare + moreFaults.getOrDefault(node, 0.0);
    // Log-normal, as times of services are: 20 ms in the middle, 60 ms for one in twenty.
    double own = 20 * Math.exp(0.67 * random.nextGaussian()) * slower.getOrDefault(node, 1.0);
    Call call = new Call(fault, below.nanos + (long) (own * MILLI));
    add(calls.computeIfAbsent(node, _ -> new CallStatistics.Builder()), call);
    return call;
  }

  private static void add(
      Map<List<NodeId>, CallStatistics.Builder> edges, NodeId caller, NodeId callee, Call call) {
    add(edges.computeIfAbsent(List.of(caller, callee), _ -> new CallStatistics.Builder()), call);
  }

  private static void add(CallStatistics.Builder calls, Call call) {
    calls.add(call.fault ? Outcome.FAULT_BIT : 0, call.nanos, 1);
  }

  private int poisson(double mean) {
    if (mean > 50) {
      return (int) Math.max(0, Math.round(mean + Math.sqrt(mean) * random.nextGaussian()));
    }
    double limit = Math.exp(-mean);
    int count = 0;
    for (double product = random.nextDouble(); product > limit; product *= random.nextDouble()) {
      count++;
    }
    return count;
  }
}
