// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.filter.Filter;
import io.roentgen.filter.FilterSearch;
import io.roentgen.model.Hex;
import io.roentgen.model.Span;
import io.roentgen.model.TimeRange;
import io.roentgen.sampling.RateBoost;
import io.roentgen.sampling.RequestMatch;
import io.roentgen.sampling.RuleSet;
import io.roentgen.sampling.SamplingRule;
import io.roentgen.sampling.SamplingSimulation;
import io.roentgen.sampling.StatisticsWindow;
import io.roentgen.server.xray.sampling.RuleTexts;
import io.roentgen.server.xray.sampling.Rules;
import io.roentgen.server.xray.sampling.SamplingOperations;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceStore;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Sampling rules, and what others would have done in the past. */
final class SamplingRoutes {
  static final String PATH = "/api/sampling/rules";
  static final String ONE_PATH = "/api/sampling/rules/{name}";
  static final String SIMULATION_PATH = "/api/sampling/simulation";
  static final List<String> SIMULATION = List.of("start", "end", "limit");

  private static final int DEFAULT_LIMIT = 20_000;
  private static final int MAX_LIMIT = 200_000;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final TraceStore store;
  private final SamplingOperations operations;
  private final Rules rules;

  SamplingRoutes(TraceStore store, SamplingOperations operations) {
    this.store = store;
    this.operations = operations;
    rules = operations.rules();
  }

  void rules(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart("rules");
    for (Rules.InForce each : rules.inForce()) {
      write(each, json);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(Rules.InForce each, JsonGenerator json) throws IOException {
    json.writeStartObject();
    rule(each.rule(), json);
    json.writeStringField(
        "source",
        switch (each.source()) {
          case API -> "api";
          case FILE -> "file";
          case BUILT_IN -> "builtIn";
        });
    json.writeEndObject();
  }

  void create(ServiceRequestContext context, Parameters parameters, String body, JsonGenerator json)
      throws IOException {
    SamplingRule made = operations.create(RuleTexts.read(body));
    write(new Rules.InForce(made, Rules.Source.API), json);
  }

  void update(ServiceRequestContext context, Parameters parameters, String body, JsonGenerator json)
      throws IOException {
    String name = named(context).rule().name();
    SamplingRule changed = operations.update(RuleTexts.read(body).with("RuleName", name));
    write(new Rules.InForce(changed, Rules.Source.API), json);
  }

  void delete(ServiceRequestContext context, Parameters parameters, String body, JsonGenerator json)
      throws IOException {
    Rules.InForce rule = named(context);
    var _ = operations.delete(RuleTexts.read("{}").with("RuleName", rule.rule().name()));
    write(rule, json);
  }

  private Rules.InForce named(ServiceRequestContext context) {
    String name = Objects.requireNonNull(context.pathParam("name"), "name");
    return rules.inForce().stream()
        .filter(each -> each.rule().name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ApiException(
                    HttpStatus.NOT_FOUND,
                    "rule_not_found",
                    "name",
                    "name: '"
                        + Hex.quote(name)
                        + "' (expected: the name of a sampling rule that is there)"));
  }

  /** Answers with what clients reported, by rule. */
  void statistics(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    TimeRange range = parameters.range();
    Map<String, long[]> sums = new TreeMap<>();
    for (StatisticsWindow window : operations.statistics()) {
      long nanos = window.start().getEpochSecond() * NANOS_PER_SECOND;
      if (nanos >= range.startEpochNanos() && nanos < range.endEpochNanos()) {
        long[] sum = sums.computeIfAbsent(window.ruleName(), _ -> new long[3]);
        sum[0] += window.requestCount();
        sum[1] += window.sampledCount();
        sum[2] += window.borrowCount();
      }
    }
    json.writeStartObject();
    json.writeArrayFieldStart("rules");
    for (Map.Entry<String, long[]> each : sums.entrySet()) {
      long[] sum = each.getValue();
      json.writeStartObject();
      json.writeStringField("name", each.getKey());
      json.writeNumberField("requestCount", sum[0]);
      json.writeNumberField("sampledCount", sum[1]);
      json.writeNumberField("borrowCount", sum[2]);
      json.writeEndObject();
    }
    json.writeEndArray();
    ApiRoutes.range(new ModelJson(json), range);
    json.writeEndObject();
  }

  private static void rule(SamplingRule rule, JsonGenerator json) throws IOException {
    RequestMatch match = rule.match();
    json.writeStringField("name", rule.name());
    json.writeNumberField("priority", rule.priority());
    json.writeNumberField("reservoirSize", rule.reservoirSize());
    json.writeNumberField("fixedRate", rule.fixedRate());
    json.writeStringField("serviceName", match.serviceName());
    json.writeStringField("serviceType", match.serviceType());
    json.writeStringField("host", match.host());
    json.writeStringField("httpMethod", match.httpMethod());
    json.writeStringField("urlPath", match.urlPath());
    json.writeStringField("resourceArn", match.resourceArn());
    json.writeObjectFieldStart("attributes");
    for (Map.Entry<String, String> attribute : match.attributes().entrySet()) {
      json.writeStringField(attribute.getKey(), attribute.getValue());
    }
    json.writeEndObject();
    RateBoost boost = rule.rateBoost();
    if (boost != null) {
      json.writeObjectFieldStart("rateBoost");
      json.writeNumberField("maxRate", boost.maxRate());
      json.writeNumberField("cooldownWindowMinutes", boost.cooldownWindowMinutes());
      json.writeEndObject();
    }
  }

  void simulate(
      ServiceRequestContext context, Parameters parameters, String body, JsonGenerator json)
      throws IOException {
    TimeRange range = parameters.range();
    int limit = parameters.number("limit", 1, MAX_LIMIT, DEFAULT_LIMIT);
    Simulated simulated = new Simulated(new SamplingSimulation(rules(body)), limit);
    TraceQuery query =
        new TraceQuery(
            range,
            TraceQuery.TimeField.START,
            SpanCondition.ANY,
            Math.min(limit, TraceQuery.MAX_LIMIT),
            null);
    FilterSearch.Progress progress;
    do {
      progress =
          FilterSearch.run(
              store.reader(), query, Filter.EVERYTHING, TraceQuery.MAX_LIMIT, simulated::add);
      query = query.from(progress.next());
    } while (progress.next() != null && simulated.count < limit);
    boolean limited = simulated.leftOut || progress.next() != null;
    write(
        simulated,
        limited ? new TimeRange(simulated.reachedEpochNanos, range.endEpochNanos()) : range,
        limited,
        json);
  }

  private RuleSet rules(String body) {
    List<SamplingRule> inForce = rules.inForce().stream().map(Rules.InForce::rule).toList();
    if (body.isBlank()) {
      return new RuleSet(inForce);
    }
    try {
      return RuleTexts.parse(body, inForce.getLast());
    } catch (IllegalArgumentException e) {
      throw new ApiException(
          HttpStatus.BAD_REQUEST, "invalid_rules", "rules", "rules: " + e.getMessage());
    }
  }

  /** Shows traces to a simulation, the newest first. */
  private static final class Simulated {
    private final SamplingSimulation simulation;
    private final int limit;
    private int count;
    private boolean leftOut;
    private long sampledCount;
    private long reachedEpochNanos;

    Simulated(SamplingSimulation simulation, int limit) {
      this.simulation = simulation;
      this.limit = limit;
    }

    void add(Trace trace) {
      if (count == limit) {
        leftOut = true;
        return;
      }
      count++;
      reachedEpochNanos = trace.summary().startEpochNanos();
      Span root = RequestAttributes.root(trace);
      simulation.add(
          RequestAttributes.of(root), Math.floorDiv(root.startEpochNanos(), NANOS_PER_SECOND));
      sampledCount += RequestAttributes.isSampledByRule(root) ? 1 : 0;
    }
  }

  private static void write(
      Simulated simulated, TimeRange range, boolean limited, JsonGenerator json)
      throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart("rules");
    double expected = 0;
    for (SamplingSimulation.Outcome outcome : simulated.simulation.outcomes()) {
      expected += outcome.expectedCount();
      json.writeStartObject();
      rule(outcome.rule(), json);
      json.writeNumberField("matchedCount", outcome.matchedCount());
      json.writeNumberField("reservoirCount", outcome.reservoirCount());
      kept(outcome.expectedCount(), outcome.matchedCount(), json);
      json.writeEndObject();
    }
    json.writeEndArray();
    long traceCount = simulated.simulation.requestCount();
    json.writeNumberField("traceCount", traceCount);
    kept(expected, traceCount, json);
    json.writeNumberField("sampledByRuleCount", simulated.sampledCount);
    json.writeBooleanField("limitReached", limited);
    ApiRoutes.range(new ModelJson(json), range);
    json.writeEndObject();
  }

  private static void kept(double expected, long of, JsonGenerator json) throws IOException {
    // Thousandths of a trace say nothing, and hide the rounding of the arithmetic.
    json.writeNumberField("expectedCount", Math.round(expected * 1_000) / 1_000.0);
    if (of > 0) {
      json.writeNumberField("share", Math.round(expected / of * 1_000_000) / 1_000_000.0);
    }
  }
}
