// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.filter.Expression.CauseKind;
import io.roentgen.model.Format;
import io.roentgen.model.NodeId;
import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.Value;
import io.roentgen.store.CallCounter;
import io.roentgen.store.CallSpan;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceSummary;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A trace as X-Ray looks at it: visits to services, calls among them, and root causes. */
final class TraceView {
  /** Traces may have any number of faults; nobody reads more causes than these. */
  private static final int MAX_CAUSES = 50;

  private static final int MAX_DOCUMENT_DEPTH = 100;

  /** An entity that took a smaller share of the root's time is not where the time went. */
  private static final double LEAST_COVERAGE = 0.1;

  private final Trace trace;
  private final TraceSummary summary;
  private final Span root;
  private final Map<SpanId, Span> byId = new HashMap<>();
  private final Map<SpanId, List<Span>> children = new HashMap<>();
  private final Set<SpanId> answered = new HashSet<>();
  private final Map<SpanId, Optional<NodeId>> owners = new HashMap<>();
  private final Map<SpanId, Optional<Span>> segments = new HashMap<>();
  private @Nullable List<Visit> visits;
  private @Nullable List<Call> calls;
  private @Nullable Map<String, RootCause.Thrown> exceptionsById;

  // Kept, as an expression may ask for them hundreds of times, and ways to many causes share spans
  // whose documents are long.
  private final Map<CauseKind, List<RootCause>> rootCauses = new EnumMap<>(CauseKind.class);
  private final Map<SpanId, List<RootCause.Thrown>> exceptions = new HashMap<>();

  TraceView(Trace trace) {
    this.trace = trace;
    summary = trace.summary();
    for (Span span : trace.spans()) {
      byId.put(span.spanId(), span);
      SpanId parent = span.parentSpanId();
      if (parent != null) {
        children.computeIfAbsent(parent, _ -> new ArrayList<>()).add(span);
        if (span.segment()) {
          answered.add(parent);
        }
      }
    }
    root = Objects.requireNonNull(byId.get(summary.root().spanId()), "root");
    for (Span span : trace.spans()) {
      inherit(
          span,
          owners,
          at ->
              at.service().isEmpty()
                  ? Optional.empty()
                  : Optional.of(new NodeId(at.service(), at.serviceType())));
      inherit(span, segments, at -> at.segment() ? Optional.of(at) : Optional.empty());
    }
  }

  private interface Own<T> {
    Optional<T> of(Span span);
  }

  /** Finds what a span has of its own or else its nearest ancestor, each span looked at once. */
  private <T> void inherit(Span span, Map<SpanId, Optional<T>> known, Own<T> own) {
    Set<SpanId> way = new LinkedHashSet<>();
    @Nullable Span at = span;
    Optional<T> found = Optional.empty();
    // Parents may form a circle in what a sender made up.
    while (at != null && way.add(at.spanId())) {
      Optional<T> before = known.get(at.spanId());
      found = before == null ? own.of(at) : before;
      if (found.isPresent() || before != null) {
        break;
      }
      at = parentOrNull(at);
    }
    for (SpanId each : way) {
      known.put(each, found);
    }
  }

  private @Nullable Span parentOrNull(Span span) {
    SpanId parent = span.parentSpanId();
    return parent == null ? null : byId.get(parent);
  }

  List<Span> spans() {
    return trace.spans();
  }

  TraceSummary summary() {
    return summary;
  }

  /** Returns the span that stands for the request. */
  Span root() {
    return root;
  }

  private @Nullable NodeId ownerOrNull(Span span) {
    return owners.getOrDefault(span.spanId(), Optional.empty()).orElse(null);
  }

  /** Returns whether its peer is a node that sends nothing: one without a segment, or any queue. */
  private boolean isInferred(Span span) {
    return !span.peerName().isEmpty()
        && (!answered.contains(span.spanId())
            || new NodeId(span.peerName(), span.peerType()).hasQueueType());
  }

  private static boolean receives(Span span) {
    return CallSpan.of(span).receives();
  }

  /** Returns whether something of the trace is still to come, as far as can be told. */
  boolean isPartial() {
    Set<SpanId> complete = new HashSet<>();
    for (Span span : trace.spans()) {
      boolean unanswered =
          !answered.contains(span.spanId())
              && Value.of(true).equals(span.attributes().get(Names.TRACED));
      if (span.inProgress() || unanswered || !leadsToRoot(span, complete)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns whether parents lead to a span without one: to none that is missing, and in no circle.
   */
  private boolean leadsToRoot(Span span, Set<SpanId> known) {
    Set<SpanId> way = new HashSet<>();
    Span at = span;
    while (!known.contains(at.spanId()) && at.parentSpanId() != null) {
      Span parent = parentOrNull(at);
      if (parent == null || !way.add(at.spanId())) {
        return false;
      }
      at = parent;
    }
    known.addAll(way);
    return true;
  }

  boolean hasInferred() {
    return trace.spans().stream().anyMatch(this::isInferred);
  }

  /**
   * Returns whether the span has an outcome that X-Ray counts for the trace: segments and the root
   * do.
   */
  boolean isThrottled() {
    return trace.spans().stream()
        .anyMatch(span -> (span.segment() || span.equals(root)) && span.outcome().throttle());
  }

  /**
   * Returns each visit to a node: by a segment, by a call without one, and by a client from
   * outside.
   */
  List<Visit> visits() {
    List<Visit> known = visits;
    if (known != null) {
      return known;
    }
    Map<SpanId, List<Span>> own = new HashMap<>();
    for (Span span : trace.spans()) {
      segments
          .getOrDefault(span.spanId(), Optional.empty())
          .ifPresent(
              segment -> own.computeIfAbsent(segment.spanId(), _ -> new ArrayList<>()).add(span));
    }
    List<Visit> found = new ArrayList<>();
    for (Span span : trace.spans()) {
      List<String> accounts = Names.texts(span, Names.ACCOUNT_ID);
      NodeId owner = ownerOrNull(span);
      if (span.segment() && owner != null) {
        List<Span> below = own.getOrDefault(span.spanId(), List.of());
        found.add(new Visit(owner, accounts, Visit.Kind.SEGMENT, span, below));
        if (span.parentSpanId() == null && !receives(span)) {
          NodeId client = new NodeId(owner.name(), NodeId.CLIENT);
          found.add(new Visit(client, List.of(), Visit.Kind.CLIENT, span, below));
        }
      }
      if (isInferred(span)) {
        NodeId peer = new NodeId(span.peerName(), span.peerType());
        found.add(new Visit(peer, accounts, Visit.Kind.INFERRED, span, List.of(span)));
      }
    }
    visits = found;
    return found;
  }

  /** Returns the calls that the service map counts. */
  List<Call> calls() {
    List<Call> known = calls;
    if (known != null) {
      return known;
    }
    Map<NodeId, Set<String>> accounts = new HashMap<>();
    for (Visit visit : visits()) {
      accounts.computeIfAbsent(visit.node(), _ -> new HashSet<>()).addAll(visit.accountIds());
    }
    List<Call> found = new ArrayList<>();
    CallCounter.count(
        trace.spans().stream().map(CallSpan::of).toList(),
        new CallCounter.Sink() {
          @Override
          public void request(NodeId node, CallSpan measured, long workNanos) {
            // Nodes are known by their visits, which include those that go on.
          }

          @Override
          public void call(
              NodeId caller, NodeId callee, @Nullable NodeId alias, CallSpan measured) {
            add(caller, callee, measured);
          }

          @Override
          public void receipt(NodeId queue, NodeId consumer, CallSpan measured, long ageNanos) {
            add(queue, consumer, measured);
          }

          private void add(NodeId caller, NodeId callee, CallSpan measured) {
            Span span = Objects.requireNonNull(byId.get(new SpanId(measured.spanId())), "measured");
            found.add(
                new Call(
                    new Call.Party(caller, accounts.getOrDefault(caller, Set.of())),
                    new Call.Party(callee, accounts.getOrDefault(callee, Set.of())),
                    span));
          }
        });
    calls = found;
    return found;
  }

  List<RootCause> rootCauses(CauseKind kind) {
    return rootCauses.computeIfAbsent(
        kind,
        _ ->
            switch (kind) {
              case FAULT -> failures(Outcome::fault);
              case ERROR -> failures(Outcome::error);
              case RESPONSETIME -> slowness();
            });
  }

  /** Returns a cause for each span that failed and below which, among its children, none did. */
  private List<RootCause> failures(Predicate<Outcome> failed) {
    boolean clientImpacting = failed.test(root.outcome());
    Set<RootCause> causes = new LinkedHashSet<>();
    for (Span span : trace.spans()) {
      boolean deepest =
          failed.test(span.outcome())
              && children.getOrDefault(span.spanId(), List.of()).stream()
                  .noneMatch(child -> failed.test(child.outcome()));
      if (deepest) {
        causes.add(new RootCause(services(wayTo(span), false), clientImpacting));
        if (causes.size() == MAX_CAUSES) {
          break;
        }
      }
    }
    return List.copyOf(causes);
  }

  private List<Span> wayTo(Span span) {
    List<Span> way = new ArrayList<>();
    Set<SpanId> seen = new HashSet<>();
    @Nullable Span at = span;
    while (at != null && seen.add(at.spanId())) {
      way.add(at);
      at = parentOrNull(at);
    }
    return way.reversed();
  }

  /**
   * Returns the way along the child that took longest, as long as that is much of the root's time.
   */
  private List<RootCause> slowness() {
    if (root.inProgress() || root.durationNanos() == 0) {
      return List.of();
    }
    List<Span> way = new ArrayList<>();
    Set<SpanId> seen = new HashSet<>();
    @Nullable Span at = root;
    while (at != null && seen.add(at.spanId()) && coverage(at) >= LEAST_COVERAGE) {
      way.add(at);
      @Nullable Span longest = null;
      for (Span child : children.getOrDefault(at.spanId(), List.of())) {
        if (!child.inProgress()
            && (longest == null || child.durationNanos() > longest.durationNanos())) {
          longest = child;
        }
      }
      at = longest;
    }
    return List.of(new RootCause(services(way, true), true));
  }

  private double coverage(Span span) {
    return (double) span.durationNanos() / root.durationNanos();
  }

  private List<RootCause.CauseService> services(List<Span> way, boolean slow) {
    List<RootCause.CauseService> services = new ArrayList<>();
    List<RootCause.Entity> entities = new ArrayList<>();
    @Nullable Span first = null;
    for (Span span : way) {
      boolean other =
          first != null
              && (span.segment() || !Objects.equals(ownerOrNull(span), ownerOrNull(first)));
      if (first == null || other) {
        if (first != null) {
          services.add(service(first, entities));
        }
        entities = new ArrayList<>();
        first = span;
      }
      entities.add(entity(span, slow));
    }
    if (first != null) {
      services.add(service(first, entities));
    }
    Span last = way.getLast();
    if (isInferred(last) && !receives(last)) {
      List<RootCause.Entity> called =
          List.of(
              new RootCause.Entity(
                  last.peerName(), slow ? coverage(last) : null, false, List.of()));
      services.add(
          new RootCause.CauseService(
              new NodeId(last.peerName(), last.peerType()), accountOrNull(last), true, called));
    }
    return services;
  }

  private RootCause.CauseService service(Span first, List<RootCause.Entity> entities) {
    NodeId owner = ownerOrNull(first);
    return new RootCause.CauseService(
        owner == null ? new NodeId("", "") : owner, accountOrNull(first), false, entities);
  }

  private static @Nullable String accountOrNull(Span span) {
    List<String> accounts = Names.texts(span, Names.ACCOUNT_ID);
    return accounts.isEmpty() ? null : accounts.getFirst();
  }

  private RootCause.Entity entity(Span span, boolean slow) {
    boolean remote =
        !span.segment()
            && (span.format() == Format.XRAY
                ? Value.of("remote").equals(span.attributes().get(Names.NAMESPACE))
                : span.kind() == SpanKind.CLIENT || span.kind() == SpanKind.PRODUCER);
    NodeId owner = ownerOrNull(span);
    String name = span.segment() && owner != null ? owner.name() : span.name();
    return new RootCause.Entity(
        name, slow ? coverage(span) : null, remote, slow ? List.of() : exceptionsOf(span));
  }

  private List<RootCause.Thrown> exceptionsOf(Span span) {
    return exceptions.computeIfAbsent(span.spanId(), _ -> thrownIn(span));
  }

  private List<RootCause.Thrown> thrownIn(Span span) {
    List<RootCause.Thrown> thrown = new ArrayList<>();
    for (SpanEvent event : span.events()) {
      if (event.name().equals("exception")) {
        thrown.add(
            new RootCause.Thrown(
                text(event.attributes().get("exception.type")),
                text(event.attributes().get("exception.message"))));
      }
    }
    if (span.format() == Format.XRAY) {
      Json cause = causeOrNull(span);
      if (cause instanceof Json.Text(String id)) {
        RootCause.Thrown elsewhere = exceptionsById().get(id);
        if (elsewhere != null) {
          thrown.add(elsewhere);
        }
      }
      thrown.addAll(exceptionsOf(cause).values());
    } else if (thrown.isEmpty() && !span.statusMessage().isEmpty()) {
      thrown.add(new RootCause.Thrown("", span.statusMessage()));
    }
    return thrown;
  }

  private Map<String, RootCause.Thrown> exceptionsById() {
    Map<String, RootCause.Thrown> known = exceptionsById;
    if (known != null) {
      return known;
    }
    Map<String, RootCause.Thrown> found = new HashMap<>();
    for (Span span : trace.spans()) {
      if (span.format() == Format.XRAY) {
        found.putAll(exceptionsOf(causeOrNull(span)));
      }
    }
    exceptionsById = found;
    return found;
  }

  private static @Nullable Json causeOrNull(Span span) {
    if (!span.document().contains("\"cause\"")) {
      return null;
    }
    try {
      Json document = new Json.Reader(span.document(), 0, MAX_DOCUMENT_DEPTH).read();
      return document instanceof Json.Members members ? members.get("cause") : null;
    } catch (Json.Malformed e) {
      throw new IllegalStateException(
          "span " + span.spanId() + " document: no JSON (expected: a JSON object)", e);
    }
  }

  /**
   * Returns the exceptions in their order, by their ids or, as some SDKs send none, by their
   * places.
   */
  private static Map<String, RootCause.Thrown> exceptionsOf(@Nullable Json cause) {
    Map<String, RootCause.Thrown> thrown = new LinkedHashMap<>();
    if (cause instanceof Json.Members members
        && members.get("exceptions") instanceof Json.Array array) {
      for (Json element : array.elements()) {
        if (element instanceof Json.Members exception) {
          String id = text(exception.get("id"));
          thrown.put(
              id.isEmpty() || thrown.containsKey(id) ? "#" + thrown.size() : id,
              new RootCause.Thrown(text(exception.get("type")), text(exception.get("message"))));
        }
      }
    }
    return thrown;
  }

  private static String text(@Nullable Json json) {
    return json instanceof Json.Text(String text) ? text : "";
  }

  private static String text(@Nullable Value value) {
    return value instanceof Value.StringValue(String text) ? text : "";
  }
}
