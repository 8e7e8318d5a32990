// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import com.linecorp.armeria.client.BlockingWebClient;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.QueryParamsBuilder;
import io.roentgen.benchmarks.Question.Kind;
import io.roentgen.store.SpanCondition;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;

/** Asks a server over HTTP, one question after another on one connection. */
final class HttpAnswers implements Question.Answerer {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long NANOS_PER_MICRO = 1_000;

  private final Dialect dialect;
  private final BlockingWebClient client;

  /** Whose paths are asked. */
  enum Dialect {
    ROENTGEN,
    ZIPKIN
  }

  HttpAnswers(Dialect dialect, int port) {
    this.dialect = dialect;
    client =
        WebClient.builder("http://127.0.0.1:" + port)
            .maxResponseLength(0)
            .responseTimeout(Duration.ofSeconds(60))
            .build()
            .blocking();
  }

  @Override
  public boolean understands(Kind kind) {
    return dialect == Dialect.ROENTGEN || !kind.isOfXRay();
  }

  @Override
  public void answer(Question question) {
    if (question.filter() != null) {
      answer(question, question.filter());
      return;
    }
    String path = dialect == Dialect.ROENTGEN ? path(question) : zipkinPath(question);
    AggregatedHttpResponse response = client.get(path);
    if (response.status().code() != 200) {
      throw new IllegalStateException(
          path + ": " + response.status() + " " + response.contentUtf8() + " (expected: 200)");
    }
    if (question.kind() == Kind.ID && response.content().length() < 1_000) {
      throw new IllegalStateException(
          path + ": " + response.contentUtf8() + " (expected: a trace)");
    }
  }

  /** Asks as X-Ray's clients do. */
  private void answer(Question question, String filter) {
    String body =
        "{\"StartTime\":"
            + seconds(question.range().startEpochNanos())
            + ",\"EndTime\":"
            + seconds(question.range().endEpochNanos())
            + ",\"FilterExpression\":\""
            + filter.replace("\"", "\\\"")
            + "\"}";
    AggregatedHttpResponse response = client.post("/TraceSummaries", body);
    if (response.status().code() != 200
        || !response.contentUtf8().contains("\"TracesProcessedCount\"")) {
      throw new IllegalStateException(
          body
              + ": "
              + response.status()
              + " "
              + response.contentUtf8()
              + " (expected: trace summaries)");
    }
  }

  private static String seconds(long epochNanos) {
    return BigDecimal.valueOf(epochNanos, 9).toPlainString();
  }

  static String path(Question question) {
    if (question.traceId() != null) {
      return "/api/traces/" + question.traceId().toHex();
    }
    QueryParamsBuilder query =
        QueryParams.builder()
            .add("start", Long.toString(question.range().startEpochNanos()))
            .add("end", Long.toString(question.range().endEpochNanos()));
    if (question.kind() == Kind.GRAPH) {
      return "/api/graph?" + query.build().toQueryString();
    }
    SpanCondition condition = question.condition();
    query.add("limit", Integer.toString(Question.LIMIT));
    if (condition.service() != null) {
      query.add("service", condition.service());
    }
    if (condition.operation() != null) {
      query.add("operation", condition.operation());
    }
    if (condition.minDurationNanos() != null) {
      query.add("minDuration", condition.minDurationNanos() + "ns");
    }
    for (Map.Entry<String, String> each : condition.attributes().entrySet()) {
      query.add("attribute", each.getKey() + "=" + each.getValue());
    }
    return "/api/traces?" + query.build().toQueryString();
  }

  static String zipkinPath(Question question) {
    if (question.traceId() != null) {
      return "/api/v2/trace/" + question.traceId().toHex();
    }
    long end = question.range().endEpochNanos() / NANOS_PER_MILLI;
    long lookback = end - question.range().startEpochNanos() / NANOS_PER_MILLI;
    QueryParamsBuilder query =
        QueryParams.builder()
            .add("endTs", Long.toString(end))
            .add("lookback", Long.toString(lookback));
    if (question.kind() == Kind.GRAPH) {
      return "/api/v2/dependencies?" + query.build().toQueryString();
    }
    SpanCondition condition = question.condition();
    query.add("limit", Integer.toString(Question.LIMIT));
    if (condition.service() != null) {
      query.add("serviceName", condition.service());
    }
    if (condition.operation() != null) {
      query.add("spanName", condition.operation());
    }
    if (condition.minDurationNanos() != null) {
      query.add("minDuration", Long.toString(condition.minDurationNanos() / NANOS_PER_MICRO));
    }
    for (Map.Entry<String, String> each : condition.attributes().entrySet()) {
      query.add("annotationQuery", each.getKey() + "=" + each.getValue());
    }
    return "/api/v2/traces?" + query.build().toQueryString();
  }
}
