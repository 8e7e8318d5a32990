// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query.insight;

import io.roentgen.model.CallStatistics;
import io.roentgen.model.NodeId;
import io.roentgen.model.ServiceGraph;
import io.roentgen.query.insight.Insight.Category;
import io.roentgen.query.insight.Insight.Event;
import io.roentgen.query.insight.Insight.Impact;
import io.roentgen.query.insight.Insight.State;
import io.roentgen.store.GraphReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Watches the service graph of one group, minute by minute, and tells when nodes and edges leave
 * what was usual for them ({@link Baseline}).
 *
 * <p>Unusual nodes that call each other have one cause: the one farthest downstream. A node is also
 * unusual if the calls to it are, as its callers see them. An insight is open while its nodes are
 * unusual, and is closed after {@value #CLOSE_MINUTES} quiet minutes; after {@value
 * #ACCEPT_MINUTES} minutes what is the case is taken for the new rule. The same minutes always give
 * the same insights, ids included, so that state is rebuilt by replaying the last hours.
 *
 * <p>Not safe for use by several threads.
 */
public final class InsightDetector {
  private static final int CLOSE_MINUTES = 10;
  private static final int ACCEPT_MINUTES = 180;

  /**
   * After so many minutes a detector that starts anew judges as one that never stopped; what seems
   * to start before may have been seen otherwise at the time.
   */
  public static final int WARM_UP_MINUTES = 140;

  /** How many minutes must be replayed to know of all that is active. */
  public static final int REPLAY_MINUTES = WARM_UP_MINUTES + ACCEPT_MINUTES + CLOSE_MINUTES;

  /** Of a large insight, the first event and the latest ones are kept. */
  private static final int MAX_EVENTS = 50;

  private static final int MAX_NODES = 250;
  private static final int MAX_EVENT_NODES = 25;
  private static final int FORGET_MINUTES = 24 * 60;
  private static final int KEPT_GRAPHS = 6;
  private static final CallStatistics NO_CALLS = new CallStatistics.Builder().build();
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final String scope;
  private final Map<NodeId, Entity> nodes = new HashMap<>();
  private final Map<EdgeId, Entity> edges = new HashMap<>();
  private final ArrayDeque<ServiceGraph> lastGraphs = new ArrayDeque<>();
  private final List<Open> open = new ArrayList<>();
  private @Nullable Long nextMinute;

  private record EdgeId(NodeId caller, NodeId callee) {}

  /** Makes one that knows nothing yet; {@code scope} tells its ids from those of other groups. */
  public InsightDetector(String scope) {
    this.scope = scope;
  }

  /**
   * Takes the graph of the next minute and returns the insights that were opened, changed or closed
   * by it. Minutes that are left out count as minutes without a request.
   *
   * @param minuteEpochNanos start of the minute
   * @throws IllegalArgumentException if it is not a whole minute after the last one
   */
  public List<Insight> observe(long minuteEpochNanos, ServiceGraph graph) {
    if (minuteEpochNanos % GraphReader.RESOLUTION_NANOS != 0) {
      throw new IllegalArgumentException(
          "minuteEpochNanos: " + minuteEpochNanos + " (expected: start of a minute)");
    }
    long minute = minuteEpochNanos / GraphReader.RESOLUTION_NANOS;
    List<Insight> changed = new ArrayList<>();
    if (nextMinute != null) {
      if (minute < nextMinute) {
        throw new IllegalArgumentException(
            "minuteEpochNanos: " + minuteEpochNanos + " (expected: later than those before)");
      }
      long quietFrom = Math.max(nextMinute, minute - FORGET_MINUTES);
      for (long quiet = quietFrom; quiet < minute; quiet++) {
        changed.addAll(step(quiet, new ServiceGraph(List.of(), List.of())));
      }
    }
    nextMinute = minute + 1;
    changed.addAll(step(minute, graph));
    return changed;
  }

  /** Returns the insights that are active. */
  public List<Insight> active() {
    return open.stream().map(Open::insight).toList();
  }

  private List<Insight> step(long minute, ServiceGraph graph) {
    lastGraphs.addLast(graph);
    if (lastGraphs.size() > KEPT_GRAPHS) {
      lastGraphs.removeFirst();
    }
    SortedMap<NodeId, Set<Category>> unusual = judge(minute, graph);
    Set<Open> changed = new LinkedHashSet<>();
    for (Open each : open) {
      each.count(graph);
    }
    for (Cause cause : causes(unusual, graph)) {
      changed.add(attribute(minute, cause, unusual, graph));
    }
    List<Insight> told = new ArrayList<>();
    for (Open each : List.copyOf(open)) {
      boolean ended = end(minute, each);
      if (ended) {
        open.remove(each);
      }
      if (ended || changed.contains(each)) {
        told.add(each.insight());
      }
    }
    return told;
  }

  /** Shows the minute to each entity and returns the nodes that are unusual by now. */
  private SortedMap<NodeId, Set<Category>> judge(long minute, ServiceGraph graph) {
    Map<NodeId, CallStatistics> nodeCalls = new HashMap<>();
    for (ServiceGraph.Node node : graph.nodes()) {
      if (!node.id().type().equals(NodeId.CLIENT)) {
        nodeCalls.put(node.id(), node.statistics());
      }
    }
    Map<EdgeId, CallStatistics> edgeCalls = new HashMap<>();
    for (ServiceGraph.Edge edge : graph.edges()) {
      if (!edge.caller().type().equals(NodeId.CLIENT)) {
        edgeCalls.put(new EdgeId(edge.caller(), edge.callee()), edge.statistics());
      }
    }
    SortedMap<NodeId, Set<Category>> unusual = new TreeMap<>();
    judge(minute, nodeCalls, nodes).forEach((id, categories) -> mark(unusual, id, categories));
    judge(minute, edgeCalls, edges)
        .forEach((id, categories) -> mark(unusual, id.callee(), categories));
    return unusual;
  }

  private static void mark(
      Map<NodeId, Set<Category>> unusual, NodeId id, Set<Category> categories) {
    unusual.computeIfAbsent(id, _ -> EnumSet.noneOf(Category.class)).addAll(categories);
  }

  private static <K> Map<K, Set<Category>> judge(
      long minute, Map<K, CallStatistics> calls, Map<K, Entity> entities) {
    for (K key : calls.keySet()) {
      entities.computeIfAbsent(key, _ -> new Entity());
    }
    Map<K, Set<Category>> unusual = new HashMap<>();
    var all = entities.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<K, Entity> each = all.next();
      Entity entity = each.getValue();
      Set<Category> categories =
          entity.observe(minute, calls.getOrDefault(each.getKey(), NO_CALLS));
      if (!categories.isEmpty()) {
        unusual.put(each.getKey(), categories);
      }
      if (minute - entity.lastSeenMinute() > FORGET_MINUTES) {
        all.remove();
      }
    }
    return unusual;
  }

  /**
   * A node that is unusual by its own doing.
   *
   * @param root the node
   * @param group it and the unusual nodes that reach it through unusual ones
   */
  private record Cause(NodeId root, SortedSet<NodeId> group) {}

  private static List<Cause> causes(SortedMap<NodeId, Set<Category>> unusual, ServiceGraph graph) {
    Map<NodeId, Set<NodeId>> callers = new HashMap<>();
    Set<NodeId> calling = new HashSet<>();
    for (ServiceGraph.Edge edge : graph.edges()) {
      if (unusual.containsKey(edge.caller())
          && unusual.containsKey(edge.callee())
          && !edge.caller().equals(edge.callee())) {
        callers.computeIfAbsent(edge.callee(), _ -> new TreeSet<>()).add(edge.caller());
        calling.add(edge.caller());
      }
    }
    List<Cause> causes = new ArrayList<>();
    Set<NodeId> explained = new HashSet<>();
    for (NodeId node : unusual.keySet()) {
      if (!calling.contains(node)) {
        Cause cause = new Cause(node, upstream(node, callers));
        causes.add(cause);
        explained.addAll(cause.group);
      }
    }
    // Services that only call each other in a circle: the one with the most faults stands for all.
    List<NodeId> circular =
        unusual.keySet().stream().filter(node -> !explained.contains(node)).toList();
    while (!circular.isEmpty()) {
      NodeId worst =
          circular.stream()
              .max(Comparator.comparingLong(node -> calls(graph, node).faultCount()))
              .orElseThrow();
      Cause cause = new Cause(worst, upstream(worst, callers));
      causes.add(cause);
      circular = circular.stream().filter(node -> !cause.group.contains(node)).toList();
    }
    return causes;
  }

  private static SortedSet<NodeId> upstream(NodeId node, Map<NodeId, Set<NodeId>> callers) {
    SortedSet<NodeId> reached = new TreeSet<>(Set.of(node));
    ArrayDeque<NodeId> next = new ArrayDeque<>(reached);
    while (!next.isEmpty()) {
      for (NodeId caller : callers.getOrDefault(next.remove(), Set.of())) {
        if (reached.add(caller)) {
          next.add(caller);
        }
      }
    }
    return reached;
  }

  private static CallStatistics calls(ServiceGraph graph, NodeId id) {
    for (ServiceGraph.Node node : graph.nodes()) {
      if (node.id().equals(id)) {
        return node.statistics();
      }
    }
    return NO_CALLS;
  }

  /** Adds the cause to the insight that it belongs to, or opens one. */
  private Open attribute(
      long minute, Cause cause, SortedMap<NodeId, Set<Category>> unusual, ServiceGraph graph) {
    Set<Category> categories = EnumSet.noneOf(Category.class);
    cause.group.forEach(node -> categories.addAll(unusual.get(node)));
    for (Open each : open) {
      if (each.anomalous.contains(cause.root) || cause.group.contains(each.rootCause)) {
        each.lastUnusualMinute = minute;
        boolean grown = each.anomalous.addAll(cause.group);
        grown |= each.categories.addAll(categories);
        // The problem was seen upstream first.
        boolean moved = !each.rootCause.equals(cause.root) && cause.group.contains(each.rootCause);
        if (moved) {
          each.moveTo(cause.root);
        }
        if (grown || moved) {
          each.tell(minute, describe(each, graph));
        }
        return each;
      }
    }
    int onset = 0;
    for (NodeId node : cause.group) {
      Entity entity = nodes.get(node);
      onset = entity == null ? onset : Math.max(onset, entity.minutesSinceOnset());
    }
    Open opened = new Open(minute, minute - onset, cause, categories);
    List<ServiceGraph> graphs = List.copyOf(lastGraphs);
    for (ServiceGraph past :
        graphs.subList(Math.max(0, graphs.size() - onset - 1), graphs.size())) {
      opened.count(past);
    }
    opened.tell(minute, describe(opened, graph));
    open.add(opened);
    return opened;
  }

  private String describe(Open insight, ServiceGraph graph) {
    NodeId root = insight.rootCause;
    Entity entity = nodes.get(root);
    CallStatistics now = calls(graph, root);
    StringBuilder text = new StringBuilder();
    if (insight.categories.contains(Category.FAULT)) {
      text.append(root.name()).append(": ");
      text.append(percent(now.faultCount(), now.totalCount())).append(" of requests fail");
      if (entity != null) {
        text.append(
            String.format(Locale.ROOT, ", usually %.1f %%", 100 * entity.usualFaultShare()));
      }
    } else {
      text.append(root.name()).append(": requests take long");
      if (entity != null && Double.isFinite(entity.slowNanos())) {
        text.append(
            String.format(
                Locale.ROOT,
                ", %s of them over %.0f ms",
                percent(entity.slowCalls(now.latency()), now.totalCount()),
                entity.slowNanos() / 1e6));
      }
    }
    text.append("; since ").append(TIME.format(instant(insight.startMinute))).append(" UTC");
    List<String> others =
        insight.anomalous.stream()
            .filter(node -> !node.equals(root))
            .map(NodeId::name)
            .distinct()
            .toList();
    if (!others.isEmpty()) {
      text.append("; felt by ").append(String.join(", ", others));
    }
    return text.append('.').toString();
  }

  private static String percent(long part, long whole) {
    return String.format(Locale.ROOT, "%.1f %%", whole == 0 ? 0.0 : 100.0 * part / whole);
  }

  private static Instant instant(long minute) {
    return Instant.ofEpochSecond(minute * 60);
  }

  /** Closes an insight that is over or has become the rule; returns whether it did. */
  private boolean end(long minute, Open insight) {
    if (minute - insight.startMinute >= ACCEPT_MINUTES) {
      for (NodeId node : insight.anomalous) {
        Entity entity = nodes.get(node);
        if (entity != null) {
          entity.relearn();
        }
        edges.forEach(
            (id, edge) -> {
              if (id.callee().equals(node)) {
                edge.relearn();
              }
            });
      }
      insight.lastUnusualMinute = minute;
      insight.state = State.CLOSED;
      insight.tell(
          minute,
          insight.rootCause.name()
              + ": has been so for "
              + ACCEPT_MINUTES / 60
              + " hours, which is taken as usual from now on.");
      return true;
    }
    if (minute - insight.lastUnusualMinute >= CLOSE_MINUTES) {
      insight.state = State.CLOSED;
      insight.tell(
          minute,
          insight.rootCause.name()
              + ": as usual again since "
              + TIME.format(instant(insight.lastUnusualMinute + 1))
              + " UTC.");
      return true;
    }
    return false;
  }

  /** An insight that is being watched. */
  private final class Open {
    private final UUID id;
    private final long startMinute;
    private final SortedSet<Category> categories;
    private final SortedSet<NodeId> anomalous;
    private final List<Event> events = new ArrayList<>();
    private NodeId rootCause;
    private State state = State.ACTIVE;
    private long lastUnusualMinute;
    private long updatedMinute;
    private @Nullable Long slowNanos;
    private Impact clientImpact = Impact.NONE;
    private Impact rootCauseImpact = Impact.NONE;

    Open(long minute, long startMinute, Cause cause, Set<Category> categories) {
      id =
          UUID.nameUUIDFromBytes(
              (scope + '\n' + startMinute + '\n' + cause.root.name() + '\n' + cause.root.type())
                  .getBytes(StandardCharsets.UTF_8));
      this.startMinute = startMinute;
      this.categories = new TreeSet<>(categories);
      anomalous = new TreeSet<>(cause.group);
      rootCause = cause.root;
      lastUnusualMinute = minute;
    }

    /** Adds the requests of a minute. */
    void count(ServiceGraph graph) {
      rootCauseImpact = rootCauseImpact.plus(impact(calls(graph, rootCause)));
      for (ServiceGraph.Edge edge : graph.edges()) {
        if (edge.caller().type().equals(NodeId.CLIENT)) {
          clientImpact = clientImpact.plus(impact(edge.statistics()));
        }
      }
    }

    /** Takes another node for the root cause, and counts its requests as far as they are known. */
    void moveTo(NodeId root) {
      rootCause = root;
      slowNanos = null;
      rootCauseImpact = Impact.NONE;
      long minutes = updatedSinceStart();
      List<ServiceGraph> graphs = List.copyOf(lastGraphs);
      for (ServiceGraph past :
          graphs.subList((int) Math.max(0, graphs.size() - minutes), graphs.size())) {
        rootCauseImpact = rootCauseImpact.plus(impact(calls(past, root)));
      }
    }

    private long updatedSinceStart() {
      return lastUnusualMinute - startMinute + 1;
    }

    private static Impact impact(CallStatistics calls) {
      return new Impact(calls.faultCount(), calls.totalCount() - calls.faultCount());
    }

    void tell(long minute, String summary) {
      updatedMinute = minute;
      Entity entity = nodes.get(rootCause);
      if (entity != null && Double.isFinite(entity.slowNanos())) {
        slowNanos = Math.round(entity.slowNanos());
      }
      if (events.size() == MAX_EVENTS) {
        events.remove(1);
      }
      events.add(
          new Event(
              end(minute),
              summary,
              clientImpact,
              rootCauseImpact,
              rootCauseFirst(MAX_EVENT_NODES)));
    }

    private List<NodeId> rootCauseFirst(int most) {
      List<NodeId> sorted = new ArrayList<>(anomalous);
      sorted.remove(rootCause);
      sorted.addFirst(rootCause);
      return sorted.subList(0, Math.min(sorted.size(), most));
    }

    private static long end(long minute) {
      return (minute + 1) * GraphReader.RESOLUTION_NANOS;
    }

    Insight insight() {
      return new Insight(
          id,
          new TreeSet<>(categories),
          state,
          startMinute * GraphReader.RESOLUTION_NANOS,
          state == State.CLOSED ? Long.valueOf(end(lastUnusualMinute)) : null,
          end(updatedMinute),
          rootCause,
          clientImpact,
          rootCauseImpact,
          rootCauseFirst(MAX_NODES),
          slowNanos,
          events);
    }
  }
}
