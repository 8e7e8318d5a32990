// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.Value;
import io.roentgen.store.Trace;
import io.roentgen.store.testkit.RandomSpans;
import io.roentgen.store.testkit.TestTraces;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Traces of the test kit's random spans, odd ones among them, whose names, outcomes and attributes
 * are replaced by such as expressions ask about.
 */
final class RandomTraces {
  static final List<String> SERVICES = List.of("a", "b", "c", "table", "");
  static final List<String> TYPES =
      List.of("Messaging::kafka", "remote", "client", "AWS::ECS::Container", "");
  static final List<String> ACCOUNTS = List.of("1", "2");
  static final List<String> KEYS =
      List.of(
          "k", "order.id", "host.id", "otel.resource.k", "http.response.status_code", "x y\\\"z");
  static final List<String> TEXTS =
      List.of(
          "", "a", "b", "client", "POST", "/v2/", "http://a/v2/", "shop.Cart", "Add", "😀", "z");
  static final List<String> NUMBERS =
      List.of("-1", "0", "0.5", "1", "200", "500", "9007199254740993", "1e300");
  static final List<String> SECONDS = List.of("0", "0.001", "0.01", "0.25", "1", "1.5", "1e9");

  private static final List<Value> VALUES =
      List.of(
          Value.of("a"),
          Value.of(""),
          Value.of("http://a/v2/"),
          Value.of("😀z"),
          Value.of(0),
          Value.of(1),
          Value.of(200),
          Value.of(500),
          Value.of(9_007_199_254_740_993L),
          Value.of(0.5),
          Value.of(-0.0),
          Value.of(Double.NaN),
          Value.of(Double.POSITIVE_INFINITY),
          Value.of(true),
          Value.of(false),
          Value.EmptyValue.INSTANCE,
          new Value.ArrayValue(List.of(Value.of("a"))));

  private static final List<String> KNOWN_KEYS =
      List.of(
          "http.response.status_code",
          "http.status_code",
          "http.request.method",
          "http.method",
          "url.full",
          "http.url",
          "url.path",
          "url.query",
          "server.address",
          "server.port",
          "user_agent.original",
          "client.address",
          "enduser.id",
          "user.id",
          "cloud.availability_zone",
          "host.id",
          "xray.resource_arn",
          "xray.traced");

  private final Random random;
  private final RandomSpans spans;

  RandomTraces(long seed) {
    random = new Random(seed);
    spans = new RandomSpans(seed, TestTraces.BASE_EPOCH_NANOS);
  }

  private <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  /** Returns the spans of a trace in the order in which they were sent. */
  List<Span> written() {
    List<Span> written = new ArrayList<>();
    boolean tidy = oneIn(3);
    for (Span span : spans.trace(5)) {
      Span.Builder builder = span.toBuilder();
      builder.service(pick(SERVICES)).serviceType(pick(TYPES)).document("");
      if (tidy) {
        // Else the odd start and end times leave few traces whose durations mean much.
        long start = TestTraces.BASE_EPOCH_NANOS + random.nextInt(4) * (250 * TestTraces.MILLI);
        builder.startEpochNanos(start);
        builder.endEpochNanos(
            span.inProgress() ? 0 : start + random.nextInt(5) * (250 * TestTraces.MILLI));
      }
      if (!span.peerName().isEmpty()) {
        builder.peerName(pick(SERVICES)).peerType(pick(TYPES));
      }
      builder.outcome(Outcome.ofBits(oneIn(2) ? 0 : random.nextInt(8)));
      for (int i = random.nextInt(3); i > 0; i--) {
        builder.attribute(pick(KEYS), pick(VALUES));
      }
      for (int i = random.nextInt(4); i > 0; i--) {
        builder.attribute(pick(KNOWN_KEYS), pick(VALUES));
      }
      if (oneIn(4)) {
        builder.attribute(pick(Names.ACCOUNT_ID), Value.of(pick(ACCOUNTS)));
      }
      if (oneIn(3)) {
        grpc(builder);
      }
      if (oneIn(3)) {
        Map<String, Value> thrown =
            Map.of("exception.type", Value.of("a"), "exception.message", Value.of(pick(TEXTS)));
        builder.events(List.of(new SpanEvent(1, "exception", thrown, 0)));
      }
      written.add(builder.build());
    }
    return written;
  }

  private void grpc(Span.Builder builder) {
    if (!oneIn(3)) {
      builder.attribute(
          pick(Names.RPC_SYSTEM),
          Value.of(pick(List.of("grpc", "grpc", "connect_rpc", "aws-api"))));
    }
    Value code =
        pick(
            List.of(
                Value.of(0),
                Value.of(14),
                Value.of(14.0),
                Value.of(17),
                Value.of("14"),
                Value.of("UNAVAILABLE"),
                Value.of("canceled"),
                Value.of("no code")));
    builder.attribute(oneIn(2) ? Names.GRPC_STATUS : Names.RPC_STATUS, code);
    if (oneIn(2)) {
      builder.attribute(Names.RPC_SERVICE, Value.of("shop.Cart"));
    }
    builder.attribute(
        Names.RPC_METHOD,
        Value.of(pick(List.of("Add", "shop.Cart/Add", "/shop.Cart/Add", "a/b/Add", "/", "z/"))));
  }

  Trace next() {
    return Trace.ofWritten(written());
  }
}
