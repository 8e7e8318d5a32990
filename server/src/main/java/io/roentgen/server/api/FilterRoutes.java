// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.filter.Expectation;
import io.roentgen.filter.Filter;
import io.roentgen.filter.FilterException;
import io.roentgen.filter.FilterPoint;
import io.roentgen.filter.FilterTerm;
import io.roentgen.filter.TraceContent;
import io.roentgen.filter.TraceField;
import io.roentgen.model.GrpcStatus;
import io.roentgen.model.NodeId;
import io.roentgen.model.ServiceGraph;
import io.roentgen.model.TimeRange;
import io.roentgen.server.intake.Deadline;
import io.roentgen.server.xray.graph.Graphs;
import io.roentgen.store.TraceStore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Help for who writes filter expressions: what may come next, what is wrong, what is frequent. */
final class FilterRoutes {
  static final List<String> COMPLETIONS = List.of("expression", "position", "start", "end");
  static final List<String> PARSE = List.of("expression");
  static final List<String> FIELD_VALUES = List.of("field", "start", "end", "filter", "limit");
  static final List<String> FIELDS = List.of("start", "end");

  private static final int MAX_COMPLETIONS = 60;
  private static final int MAX_FIELD_TRACES = 5_000;
  private static final Duration MAX_FIELD_TIME = Duration.ofSeconds(5);
  private static final int MAX_KEYS = 500;
  private static final Pattern PLAIN_KEY = Pattern.compile("[A-Za-z0-9_]+");

  private static final Map<String, String> HELP = new HashMap<>();

  static {
    HELP.put("ok", "neither error nor fault nor throttle");
    HELP.put("error", "client error, 4xx");
    HELP.put("fault", "server fault, 5xx");
    HELP.put("throttle", "throttled, 429");
    HELP.put("partial", "something is still to come");
    HELP.put("inferred", "has services known by their callers alone");
    HELP.put("root", "where the trace came in");
    HELP.put("responsetime", "seconds of the root");
    HELP.put("duration", "seconds of the whole");
    HELP.put("http.status", "status of the root");
    HELP.put("http.url", "URL of the root");
    HELP.put("http.method", "method of the root");
    HELP.put("http.useragent", "who asked");
    HELP.put("http.clientip", "from where");
    HELP.put("user", "on any span");
    HELP.put("service", "one that took part");
    HELP.put("edge", "one called another");
    HELP.put("annotation", "value of a span");
    HELP.put("attribute", "value of a span or its resource");
    HELP.put("group.name", "as a group has it");
    HELP.put("grpc.status", "such as UNAVAILABLE");
    HELP.put("EXISTS", "has any value");
    HELP.put("CONTAINS", "part of the text");
    HELP.put("BEGINSWITH", "start of the text");
    HELP.put("ENDSWITH", "end of the text");
  }

  private final TraceStore store;
  private final Graphs graphs;
  private final Filter.Groups groups;
  private final Function<String, Filter> filters;
  private final RangeSample samples;

  /**
   * Answers from {@code store} and {@code graphs}; {@code filters} parses an expression or refuses
   * it.
   */
  FilterRoutes(
      TraceStore store, Graphs graphs, Filter.Groups groups, Function<String, Filter> filters) {
    this.store = store;
    this.groups = groups;
    this.graphs = graphs;
    this.filters = filters;
    samples = new RangeSample(store);
  }

  /** Something that can be written, with how often it is there if that is known. */
  private record Completion(
      String text, String label, String kind, @Nullable String help, @Nullable Long count) {}

  void completions(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    String expression = expression(parameters);
    TimeRange range = parameters.range();
    int position = parameters.number("position", 0, expression.length(), expression.length());
    FilterPoint point;
    try {
      point = FilterPoint.at(expression, position);
    } catch (FilterException e) {
      throw refused(e);
    }
    Search search =
        new Search(point, expression.substring(point.end()).strip(), range, Deadline.of(context));
    List<Completion> found = search.run();
    json.writeStartObject();
    json.writeNumberField("from", point.start());
    json.writeNumberField("to", point.end());
    json.writeArrayFieldStart("completions");
    for (Completion each : found.stream().limit(MAX_COMPLETIONS).toList()) {
      json.writeStartObject();
      json.writeStringField("text", each.text());
      json.writeStringField("label", each.label());
      json.writeStringField("kind", each.kind());
      if (each.help() != null) {
        json.writeStringField("help", each.help());
      }
      if (each.count() != null) {
        json.writeNumberField("count", each.count());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeBooleanField("completionsLeftOut", found.size() > MAX_COMPLETIONS);
    TraceScan scan = search.scan;
    if (scan != null) {
      json.writeNumberField("lookedAtCount", scan.lookedAtCount());
      json.writeBooleanField("limitReached", scan.limitReached());
    }
    problem(point.problem(), json);
    json.writeEndObject();
  }

  void parse(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    String expression = expression(parameters);
    FilterException problem = null;
    List<FilterTerm> terms = List.of();
    try {
      // With its groups, which may be what is wrong.
      var _ = Filter.parse(expression, groups);
      terms = FilterTerm.of(expression);
    } catch (FilterException e) {
      problem = e;
    }
    json.writeStartObject();
    json.writeArrayFieldStart("terms");
    for (FilterTerm term : terms) {
      json.writeStartObject();
      json.writeNumberField("from", term.start());
      json.writeNumberField("to", term.end());
      json.writeStringField("text", term.text());
      json.writeEndObject();
    }
    json.writeEndArray();
    problem(problem, json);
    json.writeEndObject();
  }

  private static void problem(@Nullable FilterException problem, JsonGenerator json)
      throws IOException {
    if (problem == null) {
      return;
    }
    json.writeObjectFieldStart("problem");
    json.writeStringField("message", Objects.requireNonNull(problem.getMessage()));
    json.writeNumberField("position", problem.position());
    json.writeStringField("found", problem.found());
    json.writeStringField("expected", problem.expected());
    if (problem.hint() != null) {
      json.writeStringField("hint", problem.hint());
    }
    json.writeEndObject();
  }

  private static ApiException refused(FilterException e) {
    return new ApiException(
        HttpStatus.BAD_REQUEST,
        "invalid_parameter",
        "expression",
        "expression: " + e.getMessage(),
        new ApiException.Position(e.line(), e.column(), e.hint()));
  }

  /** Empty is an expression too. */
  private static String expression(Parameters parameters) {
    return parameters.textOrEmpty("expression");
  }

  void fields(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    TimeRange range = parameters.range();
    RangeSample.Kept sample = samples.of(range, Deadline.of(context));
    json.writeStartObject();
    json.writeArrayFieldStart("annotationKeys");
    for (Map.Entry<String, Long> key : most(sample.keys(TraceContent::annotationKeys))) {
      json.writeStartObject();
      json.writeStringField("key", key.getKey());
      json.writeStringField("field", annotation(key.getKey()));
      json.writeNumberField("traceCount", key.getValue());
      json.writeEndObject();
    }
    json.writeEndArray();
    sample.scan().write(new ModelJson(json), json, range);
    json.writeEndObject();
  }

  private static List<Map.Entry<String, Long>> most(Map<String, Long> counts) {
    return counts.entrySet().stream()
        .sorted(
            Comparator.<Map.Entry<String, Long>>comparingLong(each -> -each.getValue())
                .thenComparing(Map.Entry::getKey))
        .limit(MAX_KEYS)
        .toList();
  }

  void fieldValues(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    TraceField field = field(parameters.textOrEmpty("field"));
    TimeRange range = parameters.range();
    String expression = parameters.text("filter");
    int limit = parameters.number("limit", 1, 1_000, 50);
    Filter filter = expression == null ? Filter.EVERYTHING : filters.apply(expression);
    FieldValueCounts counts = new FieldValueCounts(field);
    TraceScan scan =
        TraceScan.run(
            store.reader(),
            range,
            filter,
            MAX_FIELD_TRACES,
            MAX_FIELD_TIME,
            Deadline.of(context),
            trace -> counts.add(new TraceContent(trace)));
    ModelJson model = new ModelJson(json);
    json.writeStartObject();
    counts.write(model, json, limit);
    scan.write(model, json, range);
    json.writeEndObject();
  }

  static TraceField field(String text) {
    TraceField field = TraceField.ofOrNull(text);
    if (field == null) {
      throw ApiException.invalid("field", text, TraceField.EXPECTED);
    }
    return field;
  }

  private static String annotation(String key) {
    return PLAIN_KEY.matcher(key).matches()
        ? "annotation." + key
        : "annotation[" + quoted(key) + "]";
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** Looks for what fits at one place. */
  private final class Search {
    private final FilterPoint point;
    private final String rest;
    private final TimeRange range;
    private final Deadline deadline;
    private final Map<String, Completion> found = new LinkedHashMap<>();
    private @Nullable TraceScan scan;
    private @Nullable ServiceGraph graph;

    Search(FilterPoint point, String rest, TimeRange range, Deadline deadline) {
      this.point = point;
      this.rest = rest;
      this.range = range;
      this.deadline = deadline;
    }

    List<Completion> run() throws IOException {
      for (Expectation each : point.expected()) {
        add(each);
      }
      String typed = lower(point.typed());
      List<Completion> fitting = new ArrayList<>();
      for (Completion each : found.values()) {
        if (rank(each, typed) < Integer.MAX_VALUE) {
          fitting.add(each);
        }
      }
      // Within a rank in the order in which the parser looks for them, the most frequent first.
      fitting.sort(Comparator.comparingInt(each -> rank(each, typed)));
      return fitting;
    }

    private int rank(Completion completion, String typed) {
      String label = lower(completion.label());
      int at = label.indexOf(typed);
      if (at < 0) {
        return Integer.MAX_VALUE;
      }
      return at == 0 ? 0 : Character.isLetterOrDigit(label.charAt(at - 1)) ? 2 : 1;
    }

    private void add(Expectation expected) {
      switch (expected.kind()) {
        case KEYWORD, OPERATOR, SIGN, JOIN -> {
          if (!point.quoted()) {
            String text = expected.text();
            String kind = lower(expected.kind().name());
            put(text, text + behind(expected), kind, HELP.get(text), null);
          }
        }
        case SERVICE -> names(nodes(NodeId::name), "service", expected);
        case TYPE -> names(nodes(NodeId::type), "type", expected);
        case CALLER -> names(callers(), "service", expected);
        case CALLEE -> names(callees(expected.text()), "service", expected);
        case ANNOTATION -> {
          if (!point.quoted() && !point.typed().isEmpty()) {
            for (Map.Entry<String, Long> key : keys(TraceContent::annotationKeys)) {
              String text = annotation(key.getKey());
              put(text, text + behind(expected), "key", null, key.getValue());
            }
          }
        }
        case KEY ->
            names(
                keys(
                    expected.text().equals("annotation")
                        ? TraceContent::annotationKeys
                        : TraceContent::attributeKeys),
                "key",
                expected);
        case VALUE -> values(expected);
        case GROUP -> {
          // Groups are few, and picked from the list of groups.
        }
      }
    }

    private void put(
        String label, String text, String kind, @Nullable String help, @Nullable Long count) {
      found.putIfAbsent(label, new Completion(text, label, kind, help, count));
    }

    /** What stands there already is not written twice. */
    private String behind(Expectation expected) {
      String behind = expected.behind();
      return !behind.isBlank() && rest.startsWith(behind.strip()) ? "" : behind;
    }

    private void names(List<Map.Entry<String, Long>> names, String kind, Expectation expected) {
      for (Map.Entry<String, Long> name : names) {
        put(name.getKey(), quoted(name.getKey()) + behind(expected), kind, null, name.getValue());
      }
    }

    private void values(Expectation expected) {
      String of = expected.text();
      if (of.equals("name") || of.equals("type")) {
        names(nodes(of.equals("name") ? NodeId::name : NodeId::type), "service", expected);
        return;
      }
      TraceField field = TraceField.ofOrNull(of);
      if (field == null) {
        return;
      }
      for (FieldValueCounts.Counted each : sample().values(field)) {
        String literal = each.clause().substring((field.text() + " = ").length());
        put(each.value(), literal, "value", null, each.traceCount());
      }
      if (of.equals("grpc.status")) {
        for (String name : GrpcStatus.names()) {
          put(name, name, "value", null, 0L);
        }
      }
    }

    private List<Map.Entry<String, Long>> keys(Function<TraceContent, SortedSet<String>> of) {
      return most(sample().keys(of));
    }

    private RangeSample.Kept sample() {
      RangeSample.Kept sample = samples.of(range, deadline);
      scan = sample.scan();
      return sample;
    }

    private ServiceGraph graph() {
      ServiceGraph known = graph;
      if (known == null) {
        known = graphs.graph(range, Filter.EVERYTHING, deadline);
        graph = known;
      }
      return known;
    }

    private List<Map.Entry<String, Long>> nodes(Function<NodeId, String> of) {
      Map<String, Long> counts = new HashMap<>();
      for (ServiceGraph.Node node : graph().nodes()) {
        String text = of.apply(node.id());
        if (!text.isEmpty()) {
          counts.merge(text, node.statistics().totalCount(), Long::sum);
        }
      }
      return most(counts);
    }

    private List<Map.Entry<String, Long>> callers() {
      Map<String, Long> counts = new HashMap<>();
      for (ServiceGraph.Edge edge : graph().edges()) {
        counts.merge(edge.caller().name(), edge.statistics().totalCount(), Long::sum);
      }
      return most(counts);
    }

    private List<Map.Entry<String, Long>> callees(String caller) {
      Map<String, Long> counts = new HashMap<>();
      for (ServiceGraph.Edge edge : graph().edges()) {
        if (caller.isEmpty() || edge.caller().name().equals(caller)) {
          counts.merge(edge.callee().name(), edge.statistics().totalCount(), Long::sum);
        }
      }
      return most(counts);
    }
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
