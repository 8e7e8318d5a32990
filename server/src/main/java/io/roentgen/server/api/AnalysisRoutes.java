// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.filter.Filter;
import io.roentgen.filter.FilterSearch;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.query.TraceTree;
import io.roentgen.query.analytics.Cause;
import io.roentgen.query.analytics.Field;
import io.roentgen.query.analytics.SetComparison;
import io.roentgen.query.compare.TraceComparison;
import io.roentgen.server.intake.Deadline;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceStore;
import io.roentgen.store.TraceSummary;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Traces compared with traces: path by path, and set with set. */
final class AnalysisRoutes {
  static final List<String> COMPARE =
      List.of("a", "aFilter", "aLike", "b", "bFilter", "bLike", "start", "end");
  static final List<String> ANALYTICS = List.of("start", "end", "filter", "a", "b");

  /** Of how many traces a median is taken; more would hardly change it. */
  private static final int MAX_SET_TRACES = 200;

  /** Traces that are looked at for each set. */
  private static final int MAX_CANDIDATES = 10_000;

  private static final Duration MAX_SET_TIME = Duration.ofSeconds(8);

  private static final Map<Cause.Kind, String> KINDS =
      Map.of(
          Cause.Kind.FAULT, "fault",
          Cause.Kind.ERROR, "error",
          Cause.Kind.RESPONSE_TIME, "responseTime");

  private final TraceStore store;
  private final BiFunction<String, String, Filter> filters;

  /**
   * Answers from {@code store}.
   *
   * @param filters parses the expression of a parameter, by its name and text, or refuses it
   */
  AnalysisRoutes(TraceStore store, BiFunction<String, String, Filter> filters) {
    this.store = store;
    this.filters = filters;
  }

  /** How far a search for a set got. */
  private record Reached(int lookedAtCount, boolean limitReached, long startEpochNanos) {
    /** One trace that was asked for by its id. */
    static final Reached ALL = new Reached(1, false, 0);
  }

  /** Whether a set takes further traces. */
  private enum Next {
    MORE,
    /** This one was the last. */
    ENOUGH,
    /** This one was too much. */
    REFUSED
  }

  /** Takes in the traces of a set. */
  private interface Intake {
    Next take(Trace trace);
  }

  /** Takes the tree of a trace with the place of the span that stands for the request. */
  private interface TreeIntake {
    boolean add(TraceTree tree, int root);
  }

  void compare(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    Wanted a = wanted(parameters, "a", "aFilter", "aLike");
    Wanted b = wanted(parameters, "b", "bFilter", "bLike");
    TimeRange range = parameters.range();
    Deadline deadline = Deadline.of(context);
    var comparison = new TraceComparison.Builder();
    Reached aReached = take(a, b, range, deadline, comparison::addA);
    Reached bReached = take(b, a, range, deadline, comparison::addB);
    TraceComparison done = comparison.build();
    ModelJson model = new ModelJson(json);
    json.writeStartObject();
    side("a", done.a(), a, aReached, model, json);
    side("b", done.b(), b, bReached, model, json);
    json.writeArrayFieldStart("nodes");
    for (TraceComparison.Node node : done.nodes()) {
      json.writeStartObject();
      if (node.parentIndex() >= 0) {
        json.writeNumberField("parentIndex", node.parentIndex());
      }
      json.writeStringField("service", node.service());
      json.writeStringField("name", node.name());
      json.writeStringField("kind", ModelJson.lower(node.kind()));
      part("a", node.a(), model, json);
      part("b", node.b(), model, json);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeNumberField("pathCount", done.pathCount());
    json.writeNumberField("leftOutSpanCount", done.leftOutSpanCount());
    ApiRoutes.range(model, range);
    json.writeEndObject();
  }

  /**
   * What a side is.
   *
   * @param trace the trace, or null for a set
   * @param like the trace whose entry those of the set have, or null
   * @param filter the expression that those of the set match, or null
   */
  private record Wanted(@Nullable Trace trace, @Nullable Trace like, @Nullable Filter filter) {}

  private Wanted wanted(Parameters parameters, String id, String filter, String like) {
    String idText = parameters.text(id);
    String filterText = parameters.text(filter);
    String likeText = parameters.text(like);
    if (idText == null && filterText == null && likeText == null) {
      throw ApiException.invalid(
          id, "", "the id of a trace, or " + filter + " or " + like + " for a set of them");
    }
    if (idText != null && (filterText != null || likeText != null)) {
      throw ApiException.invalid(id, idText, "a trace, or a set of them, not both");
    }
    return new Wanted(
        idText == null ? null : load(id, idText),
        likeText == null ? null : load(like, likeText),
        filterText == null ? null : filters.apply(filter, filterText));
  }

  private Trace load(String parameter, String text) {
    TraceId traceId = TraceId.parseOrNull(text);
    if (traceId == null) {
      throw ApiException.invalid(
          parameter, text, "1-8hex-24hex, or 32 or 16 hex digits, not all zero");
    }
    return store
        .reader()
        .find(traceId)
        .orElseThrow(
            () ->
                new ApiException(
                    HttpStatus.NOT_FOUND,
                    "trace_not_found",
                    parameter,
                    "trace "
                        + traceId.toXRay()
                        + ": not found; it may be still on its way, past retention, or was"
                        + " never sampled"));
  }

  /** Gives a side its traces; a set leaves out the trace that it is compared with. */
  private Reached take(
      Wanted wanted, Wanted other, TimeRange range, Deadline deadline, TreeIntake intake) {
    Trace trace = wanted.trace();
    if (trace != null) {
      add(trace, intake);
      return Reached.ALL;
    }
    TraceId excluded = other.trace() == null ? null : other.trace().traceId();
    TraceSummary.Root entry = wanted.like() == null ? null : wanted.like().summary().root();
    SpanCondition span =
        entry == null
            ? SpanCondition.ANY
            : new SpanCondition(entry.service(), entry.name(), null, null, null, Map.of());
    AtomicInteger taken = new AtomicInteger();
    return search(
        TraceQuery.of(range, span, MAX_SET_TRACES),
        wanted.filter() == null ? Filter.EVERYTHING : wanted.filter(),
        deadline,
        each -> {
          TraceSummary.Root root = each.summary().root();
          boolean like =
              entry == null
                  || (root.service().equals(entry.service()) && root.name().equals(entry.name()));
          if (!like || each.traceId().equals(excluded)) {
            return Next.MORE;
          }
          if (!add(each, intake)) {
            return Next.REFUSED;
          }
          return taken.incrementAndGet() == MAX_SET_TRACES ? Next.ENOUGH : Next.MORE;
        });
  }

  private static boolean add(Trace trace, TreeIntake intake) {
    TraceTree tree = TraceTree.assemble(trace);
    return intake.add(tree, SkeletonJson.rootOf(tree.nodes(), trace.summary().root().spanId()));
  }

  /** Gives the newest traces first to {@code intake}, until it has enough or it takes too long. */
  private Reached search(TraceQuery first, Filter filter, Deadline deadline, Intake intake) {
    long begin = System.nanoTime();
    Gate gate = new Gate(intake);
    TraceQuery query = first;
    int lookedAt = 0;
    FilterSearch.Progress progress;
    Duration left;
    do {
      deadline.checkWanted();
      left = deadline.left(MAX_SET_TIME.minusNanos(System.nanoTime() - begin));
      progress =
          FilterSearch.run(
              store.reader(), query, filter, MAX_CANDIDATES - lookedAt, left, gate::take);
      lookedAt += progress.lookedAtCount();
      query = query.from(progress.next());
    } while (progress.next() != null
        && !gate.closed
        && lookedAt < MAX_CANDIDATES
        && left.isPositive());
    return new Reached(
        lookedAt,
        gate.missed || progress.next() != null,
        gate.closed ? gate.lastEpochNanos : progress.reachedEpochNanos());
  }

  /** Lets no trace through any more once there are enough. */
  private static final class Gate {
    private final Intake intake;
    boolean closed;
    boolean missed;
    long lastEpochNanos;

    Gate(Intake intake) {
      this.intake = intake;
    }

    void take(Trace trace) {
      if (closed) {
        missed = true;
        return;
      }
      switch (intake.take(trace)) {
        case MORE -> {}
        case ENOUGH -> closed = true;
        case REFUSED -> {
          closed = true;
          missed = true;
          return;
        }
      }
      lastEpochNanos = trace.summary().startEpochNanos();
    }
  }

  private static void side(
      String name,
      TraceComparison.Side side,
      Wanted wanted,
      Reached reached,
      ModelJson model,
      JsonGenerator json)
      throws IOException {
    json.writeObjectFieldStart(name);
    if (wanted.trace() != null) {
      json.writeFieldName("trace");
      model.summary(wanted.trace().summary(), null, null);
    } else {
      json.writeNumberField("lookedAtCount", reached.lookedAtCount());
      json.writeBooleanField("limitReached", reached.limitReached());
      model.nanos("startEpochNanos", reached.startEpochNanos());
      if (wanted.like() != null) {
        TraceSummary.Root entry = wanted.like().summary().root();
        json.writeObjectFieldStart("entry");
        json.writeStringField("service", entry.service());
        json.writeStringField("name", entry.name());
        json.writeEndObject();
      }
    }
    json.writeNumberField("traceCount", side.traceCount());
    json.writeNumberField("spanCount", side.spanCount());
    model.nanos("durationNanos", side.durationNanos());
    model.nanos("criticalNanos", side.criticalNanos());
    json.writeEndObject();
  }

  private static void part(
      String name, TraceComparison.@Nullable Part part, ModelJson model, JsonGenerator json)
      throws IOException {
    if (part == null) {
      return;
    }
    json.writeObjectFieldStart(name);
    json.writeNumberField("traceCount", part.traceCount());
    json.writeNumberField("count", part.count());
    model.nanos("totalNanos", part.totalNanos());
    model.nanos("selfNanos", part.selfNanos());
    model.nanos("criticalNanos", part.criticalNanos());
    json.writeNumberField("failedCount", part.failedCount());
    json.writeEndObject();
  }

  void analytics(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    TimeRange range = parameters.range();
    String base = checked(parameters, "filter");
    String a = checked(parameters, "a");
    String b = checked(parameters, "b");
    if (a == null) {
      throw ApiException.invalid("a", "", "the filter expression of the traces to look at");
    }
    String aWhole = both(base, a);
    String bWhole = both(base, b == null ? "!(" + a + ")" : b);
    Deadline deadline = Deadline.of(context);
    var sets = new SetComparison();
    Reached aReached = fill(sets, SetComparison.Side.A, "a", aWhole, range, deadline);
    Reached bReached =
        fill(sets, SetComparison.Side.B, b == null ? "a" : "b", bWhole, range, deadline);
    ModelJson model = new ModelJson(json);
    json.writeStartObject();
    set(sets, SetComparison.Side.A, aWhole, aReached, model, json);
    set(sets, SetComparison.Side.B, bWhole, bReached, model, json);
    json.writeArrayFieldStart("buckets");
    for (SetComparison.Bucket bucket : sets.buckets()) {
      json.writeStartObject();
      model.nanos("fromNanos", bucket.fromNanos());
      model.nanos("toNanos", bucket.toNanos());
      json.writeNumberField("aCount", bucket.aCount());
      json.writeNumberField("bCount", bucket.bCount());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("fields");
    for (Field field : sets.fields()) {
      field(field, a, b, json);
    }
    json.writeEndArray();
    json.writeNumberField("fieldCount", sets.fieldCount());
    json.writeBooleanField("fieldsLeftOut", sets.areFieldsLeftOut());
    json.writeArrayFieldStart("causes");
    for (Cause cause : sets.causes()) {
      cause(cause, json);
    }
    json.writeEndArray();
    ApiRoutes.range(model, range);
    json.writeEndObject();
  }

  /** Returns the expression of a parameter; null if it is not there or matches all. */
  private @Nullable String checked(Parameters parameters, String name) {
    String text = parameters.text(name);
    return text == null || filters.apply(name, text).equals(Filter.EVERYTHING) ? null : text;
  }

  private static String both(@Nullable String base, String text) {
    return base == null ? text : "(" + base + ") AND (" + text + ")";
  }

  private Reached fill(
      SetComparison sets,
      SetComparison.Side side,
      String parameter,
      String expression,
      TimeRange range,
      Deadline deadline) {
    // Half a page at a time, as the last one may be for nothing.
    return search(
        TraceQuery.of(range, SpanCondition.ANY, TraceQuery.MAX_LIMIT / 2),
        filters.apply(parameter, expression),
        deadline,
        trace -> {
          if (!sets.add(side, trace)) {
            return Next.REFUSED;
          }
          return sets.isFull(side) ? Next.ENOUGH : Next.MORE;
        });
  }

  private static void set(
      SetComparison sets,
      SetComparison.Side side,
      String expression,
      Reached reached,
      ModelJson model,
      JsonGenerator json)
      throws IOException {
    json.writeObjectFieldStart(ModelJson.lower(side));
    json.writeStringField("filter", expression);
    json.writeNumberField("traceCount", sets.traceCount(side));
    json.writeNumberField("lookedAtCount", reached.lookedAtCount());
    json.writeBooleanField("limitReached", reached.limitReached());
    model.nanos("startEpochNanos", reached.startEpochNanos());
    model.quantiles("durations", sets.durations(side));
    json.writeEndObject();
  }

  private static void field(Field field, String a, @Nullable String b, JsonGenerator json)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", field.name());
    json.writeBooleanField("attribute", field.attribute());
    json.writeBooleanField("numeric", field.numeric());
    json.writeNumberField("score", field.score());
    json.writeBooleanField(
        "inExpression", a.contains(field.name()) || (b != null && b.contains(field.name())));
    json.writeNumberField("valueCount", field.valueCount());
    json.writeNumberField("aCount", field.aCount());
    json.writeNumberField("bCount", field.bCount());
    json.writeArrayFieldStart("values");
    for (Field.FieldValue value : field.values()) {
      json.writeStartObject();
      json.writeStringField("text", value.text());
      json.writeNumberField("aCount", value.aCount());
      json.writeNumberField("bCount", value.bCount());
      if (value.filter() != null) {
        json.writeStringField("filter", value.filter());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void cause(Cause cause, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("kind", KINDS.get(cause.key().kind()));
    json.writeArrayFieldStart("steps");
    for (Cause.Step step : cause.key().steps()) {
      json.writeStartObject();
      json.writeStringField("service", step.service());
      json.writeStringField("operation", step.operation());
      json.writeEndObject();
    }
    json.writeEndArray();
    if (!cause.key().exception().isEmpty()) {
      json.writeStringField("exception", cause.key().exception());
    }
    json.writeNumberField("aCount", cause.aCount());
    json.writeNumberField("bCount", cause.bCount());
    String filter = cause.filterOrNull();
    if (filter != null) {
      json.writeStringField("filter", filter);
    }
    json.writeEndObject();
  }
}
