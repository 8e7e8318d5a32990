// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.filter.Expression.CauseKind;
import io.roentgen.filter.Expression.CauseLevel;
import io.roentgen.store.Comparison;
import io.roentgen.store.ValueTest;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Trees made up from a seed, with names and values that {@link RandomTraces} has too. */
final class RandomExpressions {
  private static final int MAX_DEPTH = 4;

  private final Random random;

  RandomExpressions(long seed) {
    random = new Random(seed);
  }

  Expression next() {
    return expression(Context.TRACE, 0);
  }

  private <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private Expression expression(Context context, int depth) {
    return switch (depth >= MAX_DEPTH ? 9 : random.nextInt(10)) {
      case 0, 1 -> Expression.and(parts(context, depth));
      case 2, 3 -> Expression.or(parts(context, depth));
      case 4, 5 -> new Expression.Not(expression(context, depth + 1));
      default -> context == Context.TRACE && oneIn(2) ? nested(depth) : condition(context);
    };
  }

  private List<Expression> parts(Context context, int depth) {
    List<Expression> parts = new ArrayList<>();
    for (int i = 2 + random.nextInt(2); i > 0; i--) {
      parts.add(expression(context, depth + 1));
    }
    return parts;
  }

  private Expression inner(Context context, int depth) {
    return oneIn(3) ? Expression.And.EVERYTHING : expression(context, depth + 1);
  }

  private Expression nested(int depth) {
    return switch (random.nextInt(7)) {
      case 0, 1, 2 -> new Expression.Service(node(), inner(Context.SERVICE, depth));
      case 3, 4 -> {
        NodeSelector caller = node();
        NodeSelector callee = node();
        boolean any = caller.equals(NodeSelector.ANY) || callee.equals(NodeSelector.ANY);
        yield new Expression.Edge(
            any ? NodeSelector.ANY : caller,
            any ? NodeSelector.ANY : callee,
            inner(Context.EDGE, depth));
      }
      case 5 -> {
        CauseKind kind = pick(List.of(CauseKind.values()));
        CauseLevel level =
            pick(
                kind == CauseKind.RESPONSETIME
                    ? List.of(CauseLevel.SERVICE, CauseLevel.ENTITY)
                    : List.of(CauseLevel.values()));
        Context context =
            switch (level) {
              case SERVICE -> Context.CAUSE_SERVICE;
              case ENTITY ->
                  kind == CauseKind.RESPONSETIME ? Context.SLOW_ENTITY : Context.CAUSE_ENTITY;
              case EXCEPTION -> Context.CAUSE_EXCEPTION;
            };
        yield new Expression.Cause(kind, level, inner(context, depth));
      }
      default -> new Expression.CauseJson(causes());
    };
  }

  private Json.Array causes() {
    List<Json> services = new ArrayList<>();
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      Map<String, Json> service = new LinkedHashMap<>();
      service.put("Name", new Json.Text(pick(RandomTraces.SERVICES)));
      if (oneIn(2)) {
        service.put("Inferred", new Json.Bool(oneIn(3)));
      }
      if (oneIn(3)) {
        Map<String, Json> entity = Map.of("Name", new Json.Text(pick(RandomTraces.SERVICES)));
        service.put("EntityPath", new Json.Array(List.of(new Json.Members(entity))));
      }
      services.add(new Json.Members(service));
    }
    Map<String, Json> cause = new LinkedHashMap<>();
    if (oneIn(2)) {
      cause.put("Services", new Json.Array(services));
    }
    if (oneIn(2)) {
      cause.put("ClientImpacting", new Json.Bool(oneIn(2)));
    }
    return new Json.Array(List.of(new Json.Members(cause)));
  }

  private NodeSelector node() {
    return new NodeSelector(
        oneIn(4) ? null : pick(RandomTraces.SERVICES),
        oneIn(4) ? pick(RandomTraces.TYPES) : null,
        oneIn(8) ? pick(RandomTraces.ACCOUNTS) : null);
  }

  private Expression condition(Context context) {
    boolean ofSpans =
        context == Context.TRACE || context == Context.SERVICE || context == Context.EDGE;
    if (ofSpans && oneIn(3)) {
      Operand operand =
          oneIn(2)
              ? new Operand.Annotation(pick(RandomTraces.KEYS))
              : new Operand.Attribute(pick(RandomTraces.KEYS));
      return oneIn(3)
          ? new Expression.Truth(operand)
          : new Expression.Test(
              operand,
              switch (random.nextInt(4)) {
                case 0 -> text();
                case 1 -> number(pick(RandomTraces.NUMBERS));
                case 2 -> new ValueTest.Flag(oneIn(2));
                default -> new ValueTest.Present();
              });
    }
    Keyword keyword = pick(Keyword.of(context));
    if (keyword.kind() == Keyword.Kind.FLAG) {
      return new Expression.Flag(keyword, !oneIn(4));
    }
    if (oneIn(6)) {
      return new Expression.Test(keyword, new ValueTest.Present());
    }
    return new Expression.Test(
        keyword,
        switch (keyword.kind()) {
          case FLAG -> throw new AssertionError(keyword);
          case SECONDS -> number(pick(RandomTraces.SECONDS));
          case SHARE -> number(pick(List.of("0", "0.1", "0.5", "1")));
          case NUMBER -> number(pick(List.of("0", "1", "200", "404", "500")));
          case GRPC_STATUS -> number(pick(List.of("0", "1", "8", "13", "14", "99")));
          case TEXT -> text();
        });
  }

  private ValueTest text() {
    return new ValueTest.Text(
        pick(List.of(ValueTest.TextOperator.values())), pick(RandomTraces.TEXTS));
  }

  private ValueTest number(String number) {
    BigDecimal wanted = new BigDecimal(number);
    return new ValueTest.Numeric(
        pick(List.of(Comparison.values())),
        wanted.signum() == 0 ? BigDecimal.ZERO : wanted.stripTrailingZeros());
  }
}
