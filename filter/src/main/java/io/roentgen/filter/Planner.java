// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.model.NodeId;
import io.roentgen.model.Value;
import io.roentgen.store.Comparison;
import io.roentgen.store.SpanCondition.Status;
import io.roentgen.store.SpanTest;
import io.roentgen.store.SpanTest.Is;
import io.roentgen.store.SpanTest.Place;
import io.roentgen.store.SpanTest.TextField;
import io.roentgen.store.TraceCondition;
import io.roentgen.store.ValueTest;
import io.roentgen.store.ValueTest.TextOperator;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/*
 * An expression is translated twice, to bounds on both sides: a condition that every match meets (necessary), and
 * one that only matches meet (sufficient). What cannot be told by looking at spans one by one - whether a call was
 * answered, whose span it is where it names no service, root causes - is "any trace" in the one and "no trace" in
 * the other. NOT swaps the two, so the necessary condition of !service("a") is that no segment surely is of "a".
 * Where both come out equal, the translation is exact.
 */
/** Translates expressions to conditions that a store can look for. */
final class Planner {
  private static final int NANO_DIGITS = 9;

  /** Which side of the expression a condition is on. */
  private enum Side {
    NECESSARY,
    SUFFICIENT;

    Side other() {
      return this == NECESSARY ? SUFFICIENT : NECESSARY;
    }

    TraceCondition unknownTrace() {
      return this == NECESSARY ? TraceCondition.any() : TraceCondition.none();
    }

    SpanTest unknownSpan() {
      return this == NECESSARY ? SpanTest.any() : SpanTest.none();
    }
  }

  /** By what a visit or call is known, which says where its name and type are. */
  private enum Known {
    /** A segment that names its service. */
    SEGMENT,
    /** A segment that does not. */
    NAMELESS,
    /** The client of a segment without a parent. */
    CLIENT,
    /** A call to a peer. */
    PEER,
    /** Either side of a call. */
    CALL
  }

  private Planner() {}

  static FilterPlan plan(Expression expression) {
    TraceCondition necessary = trace(expression, Side.NECESSARY);
    boolean exact = necessary.equals(trace(expression, Side.SUFFICIENT));
    return new FilterPlan(
        Contradictions.removed(necessary), exact, exact || isNearlyExact(expression));
  }

  /**
   * Returns whether it takes odd traces for a translation to be too wide: spans that name no
   * service, say.
   */
  private static boolean isNearlyExact(Expression expression) {
    return switch (expression) {
      case Expression.And(List<Expression> parts) -> areNearlyExact(parts);
      case Expression.Or(List<Expression> parts) -> areNearlyExact(parts);
      case Expression.Not(Expression part) -> isNearlyExact(part);
      case Expression.Flag(Keyword keyword, boolean _) ->
          keyword != Keyword.PARTIAL && keyword != Keyword.INFERRED;
      case Expression.Test _, Expression.Truth _ -> true;
      case Expression.Service(NodeSelector _, Expression inner) -> isOfMeasuredSpan(inner);
      case Expression.Edge(NodeSelector _, NodeSelector _, Expression inner) ->
          inner.equals(Expression.And.EVERYTHING);
      case Expression.Cause _, Expression.CauseJson _, Expression.Group _ -> false;
    };
  }

  /**
   * Returns whether the segment of a visit alone answers; as a rule its caller measured about the
   * same.
   */
  private static boolean isOfMeasuredSpan(Expression expression) {
    return switch (expression) {
      case Expression.And(List<Expression> parts) -> areOfMeasuredSpan(parts);
      case Expression.Or(List<Expression> parts) -> areOfMeasuredSpan(parts);
      case Expression.Not(Expression part) -> isOfMeasuredSpan(part);
      case Expression.Flag(Keyword keyword, boolean _) ->
          keyword != Keyword.PARTIAL && keyword != Keyword.INFERRED;
      case Expression.Test(Operand operand, ValueTest _) ->
          operand == Keyword.RESPONSE_TIME || operand == Keyword.DURATION;
      default -> false;
    };
  }

  private static boolean areOfMeasuredSpan(List<Expression> parts) {
    for (Expression part : parts) {
      if (!isOfMeasuredSpan(part)) {
        return false;
      }
    }
    return true;
  }

  private static boolean areNearlyExact(List<Expression> parts) {
    for (Expression part : parts) {
      if (!isNearlyExact(part)) {
        return false;
      }
    }
    return true;
  }

  private static TraceCondition trace(Expression expression, Side side) {
    return switch (expression) {
      case Expression.And(List<Expression> parts) -> allOf(each(parts, part -> trace(part, side)));
      case Expression.Or(List<Expression> parts) -> anyOf(each(parts, part -> trace(part, side)));
      case Expression.Not(Expression part) -> not(trace(part, side.other()));
      case Expression.Flag(Keyword keyword, boolean wanted) ->
          wanted ? flag(keyword, side) : not(flag(keyword, side.other()));
      case Expression.Test(Operand operand, ValueTest test) -> test(operand, test, side);
      case Expression.Truth(Operand operand) -> some(truth(operand));
      case Expression.Service(NodeSelector node, Expression inner) ->
          side == Side.NECESSARY ? visitNecessary(node, inner) : visitSufficient(node, inner);
      case Expression.Edge(NodeSelector caller, NodeSelector callee, Expression inner) ->
          side == Side.NECESSARY ? callNecessary(caller, callee, inner) : TraceCondition.none();
      case Expression.Cause cause ->
          side == Side.NECESSARY
              ? switch (cause.kind()) {
                case FAULT -> some(new SpanTest.Went(Status.FAULT));
                case ERROR -> some(new SpanTest.Went(Status.ERROR));
                case RESPONSETIME -> TraceCondition.any();
              }
              : TraceCondition.none();
      case Expression.CauseJson _ -> side.unknownTrace();
      case Expression.Group group ->
          throw new IllegalStateException(
              "cannot plan " + group.key().text() + ": its group is not resolved");
    };
  }

  private static TraceCondition flag(Keyword keyword, Side side) {
    return switch (keyword) {
      // Spans whose parent is missing make a trace partial too.
      case PARTIAL -> side == Side.NECESSARY ? TraceCondition.any() : some(Is.IN_PROGRESS);
      case INFERRED ->
          side == Side.NECESSARY
              ? some(new SpanTest.Not(field(TextField.PEER_NAME, "")))
              : TraceCondition.none();
      case THROTTLE ->
          some(both(either(List.of(Is.SEGMENT, Is.ROOT)), new SpanTest.Went(Status.THROTTLE)));
      default -> some(both(Is.ROOT, outcome(keyword)));
    };
  }

  private static SpanTest outcome(Keyword keyword) {
    return new SpanTest.Went(
        switch (keyword) {
          case OK -> Status.OK;
          case ERROR -> Status.ERROR;
          case FAULT -> Status.FAULT;
          case THROTTLE -> Status.THROTTLE;
          default -> throw misplaced(keyword);
        });
  }

  private static TraceCondition test(Operand operand, ValueTest test, Side side) {
    return switch (operand) {
      case Keyword.RESPONSE_TIME -> some(both(Is.ROOT, lasts(test)));
      case Keyword.DURATION -> {
        TraceCondition ended = some(new SpanTest.Not(Is.IN_PROGRESS));
        yield test instanceof ValueTest.Numeric numeric
            ? allOf(List.of(ended, new TraceCondition.Lasts(inNanos(numeric).integers())))
            : ended;
      }
      case Keyword.HTTP_STATUS,
          Keyword.HTTP_METHOD,
          Keyword.HTTP_USER_AGENT,
          Keyword.HTTP_CLIENT_IP,
          Keyword.HTTP_URL ->
          some(both(Is.ROOT, span(operand, test, side)));
      default -> some(span(operand, test, side));
    };
  }

  private static SpanTest lasts(ValueTest test) {
    return test instanceof ValueTest.Numeric numeric
        ? new SpanTest.Lasts(inNanos(numeric).integers())
        : new SpanTest.Not(Is.IN_PROGRESS);
  }

  private static ValueTest.Numeric inNanos(ValueTest.Numeric seconds) {
    return new ValueTest.Numeric(
        seconds.comparison(), seconds.wanted().scaleByPowerOfTen(NANO_DIGITS));
  }

  /** Returns what a span is like that says such a value itself. */
  private static SpanTest span(Operand operand, ValueTest test, Side side) {
    return switch (operand) {
      case Operand.Annotation(String key) -> annotation(key, test);
      case Operand.Attribute(String key) -> attribute(key, test);
      case Keyword keyword -> span(keyword, test, side);
    };
  }

  private static SpanTest span(Keyword keyword, ValueTest test, Side side) {
    return switch (keyword) {
      case HTTP_STATUS -> attributes(Names.HTTP_STATUS, test);
      case HTTP_METHOD -> attributes(Names.HTTP_METHOD, test);
      case HTTP_USER_AGENT -> attributes(Names.HTTP_USER_AGENT, test);
      case HTTP_CLIENT_IP -> attributes(Names.HTTP_CLIENT_IP, test);
      case HTTP_URL -> url(test, side);
      case USER -> attributes(Names.USER, test);
      case AVAILABILITY_ZONE -> attributes(Names.AVAILABILITY_ZONE, test);
      case INSTANCE_ID -> attributes(Names.INSTANCE_ID, test);
      case RESOURCE_ARN -> attributes(Names.RESOURCE_ARN, test);
      case GRPC_STATUS -> grpcStatus(test);
      case GRPC_SERVICE -> grpcName(Names.RPC_SERVICE, test, side);
      case GRPC_METHOD -> grpcName(null, test, side);
      default -> throw misplaced(keyword);
    };
  }

  private static IllegalStateException misplaced(Keyword keyword) {
    return new IllegalStateException("cannot plan " + keyword + " here");
  }

  private static SpanTest truth(Operand operand) {
    return switch (operand) {
      case Operand.Annotation(String key) -> {
        SpanTest own = truth(test -> new SpanTest.Attribute(key, Place.SPAN, test));
        yield key.startsWith(Names.RESOURCE_PREFIX)
            ? either(List.of(own, truth(test -> shared(key, test))))
            : own;
      }
      case Operand.Attribute(String key) -> truth(test -> attribute(key, test));
      case Keyword keyword -> throw misplaced(keyword);
    };
  }

  private static SpanTest truth(Function<ValueTest, SpanTest> attribute) {
    return both(
        attribute.apply(new ValueTest.Present()),
        new SpanTest.Not(attribute.apply(new ValueTest.Flag(false))));
  }

  private static SpanTest annotation(String key, ValueTest test) {
    SpanTest own = new SpanTest.Attribute(key, Place.SPAN, test);
    return key.startsWith(Names.RESOURCE_PREFIX) ? either(List.of(own, shared(key, test))) : own;
  }

  private static SpanTest shared(String key, ValueTest test) {
    String plain = key.substring(Names.RESOURCE_PREFIX.length());
    return both(Is.SEGMENT, new SpanTest.Attribute(plain, Place.RESOURCE, test));
  }

  private static SpanTest attribute(String key, ValueTest test) {
    return new SpanTest.Attribute(key, Place.SPAN_THEN_RESOURCE, test);
  }

  private static SpanTest attributes(List<String> keys, ValueTest test) {
    return either(keys.stream().map(key -> attribute(key, test)).toList());
  }

  /** A URL in pieces is put together by the evaluator alone. */
  private static SpanTest url(ValueTest test, Side side) {
    SpanTest whole = attributes(Names.HTTP_URL, test);
    if (side == Side.SUFFICIENT) {
      return whole;
    }
    ValueTest present = new ValueTest.Present();
    return either(
        List.of(
            whole,
            both(
                new SpanTest.Not(attributes(Names.HTTP_URL, present)),
                attributes(Names.URL_PATH, present))));
  }

  private static SpanTest grpcStatus(ValueTest test) {
    List<SpanTest> old = new ArrayList<>();
    List<SpanTest> current = new ArrayList<>();
    for (int code = 0; code < GrpcCodes.names().size(); code++) {
      if (!test.matches(Value.of(code))) {
        continue;
      }
      List<ValueTest> spellings = new ArrayList<>();
      spellings.add(new ValueTest.Numeric(Comparison.EQUAL, BigDecimal.valueOf(code)));
      for (String text : GrpcCodes.spellings(code)) {
        spellings.add(new ValueTest.Text(TextOperator.EQUAL, text));
      }
      for (ValueTest spelling : spellings) {
        old.add(attribute(Names.GRPC_STATUS, spelling));
        current.add(attribute(Names.RPC_STATUS, spelling));
      }
    }
    return either(List.of(either(old), both(speaksGrpc(), either(current))));
  }

  private static SpanTest speaksGrpc() {
    List<SpanTest> tests = new ArrayList<>();
    tests.add(not(attributes(Names.RPC_SYSTEM, new ValueTest.Present())));
    for (String system : Names.GRPC_SYSTEMS) {
      tests.add(attributes(Names.RPC_SYSTEM, new ValueTest.Text(TextOperator.BEGINS_WITH, system)));
    }
    return either(tests);
  }

  /**
   * A service or method; newer conventions have both in the method, which the evaluator takes
   * apart.
   */
  private static SpanTest grpcName(@Nullable String key, ValueTest test, Side side) {
    SpanTest joined = attribute(Names.RPC_METHOD, new ValueTest.Text(TextOperator.CONTAINS, "/"));
    SpanTest wanted =
        test instanceof ValueTest.Text(TextOperator operator, String text)
                && operator != TextOperator.NOT_EQUAL
            ? attribute(Names.RPC_METHOD, new ValueTest.Text(TextOperator.CONTAINS, text))
            : SpanTest.any();
    SpanTest plain =
        key != null ? attribute(key, test) : both(textOf(Names.RPC_METHOD, test), not(joined));
    return both(
        speaksGrpc(),
        side == Side.NECESSARY ? either(List.of(plain, both(joined, wanted))) : plain);
  }

  /** Methods count only as text. */
  private static SpanTest textOf(String key, ValueTest test) {
    return both(
        attribute(key, test), attribute(key, new ValueTest.Text(TextOperator.CONTAINS, "")));
  }

  /** Returns what holds of the trace if somebody visited the node or called from it. */
  private static TraceCondition touched(NodeSelector node) {
    List<TraceCondition> conditions = new ArrayList<>();
    if (node.name() != null) {
      conditions.add(
          some(
              either(
                  List.of(
                      field(TextField.SERVICE, node.name()),
                      field(TextField.PEER_NAME, node.name())))));
    }
    if (node.type() != null && !node.type().equals(NodeId.CLIENT)) {
      conditions.add(
          some(
              either(
                  List.of(
                      field(TextField.SERVICE_TYPE, node.type()),
                      field(TextField.PEER_TYPE, node.type())))));
    }
    if (node.accountId() != null) {
      conditions.add(some(account(node.accountId())));
    }
    return allOf(conditions);
  }

  /**
   * Follows the rules of {@link io.roentgen.store.CallCounter}, which say what is a call of whom.
   */
  private static TraceCondition callNecessary(
      NodeSelector caller, NodeSelector callee, Expression inner) {
    SpanTest ended = not(Is.IN_PROGRESS);
    SpanTest said = local(inner, Known.CALL, Side.NECESSARY);
    SpanTest served = both(Is.SEGMENT, owned(callee), ended);
    List<TraceCondition> ways = new ArrayList<>();
    // From span to segment; either of the two is measured.
    ways.add(someChild(both(served, said), owned(caller)));
    ways.add(someChild(served, both(owned(caller), said)));
    // To a peer that sends nothing, or a queue, which may be named by those alone who receive.
    ways.add(some(both(owned(caller), peer(callee), ended, said)));
    ways.add(someChild(both(Is.SEGMENT, peer(callee)), both(owned(caller), ended, said)));
    // From a queue that the sender names, or a segment that received from it, this one or another
    // below that sender.
    ways.add(someChild(both(served, said), peer(caller)));
    ways.add(some(both(Is.SEGMENT, peer(caller))));
    if (caller.type() == null || caller.type().equals(NodeId.CLIENT)) {
      SpanTest named = owned(new NodeSelector(caller.name(), null, null));
      ways.add(some(both(served, not(Is.CHILD), named, said)));
    }
    List<TraceCondition> all = new ArrayList<>(List.of(anyOf(ways.stream().distinct().toList())));
    for (NodeSelector node : List.of(caller, callee)) {
      if (node.accountId() != null) {
        all.add(some(account(node.accountId())));
      }
    }
    all.add(said(inner));
    return allOf(all);
  }

  /**
   * Returns what is like a span whose owner is that node; one that names no service may have any.
   */
  private static SpanTest owned(NodeSelector node) {
    SpanTest nameless = field(TextField.SERVICE, "");
    return either(
        List.of(
            nameless,
            both(
                node.name() == null ? not(nameless) : field(TextField.SERVICE, node.name()),
                fieldIf(TextField.SERVICE_TYPE, node.type()))));
  }

  private static SpanTest peer(NodeSelector node) {
    return both(
        node.name() == null
            ? not(field(TextField.PEER_NAME, ""))
            : field(TextField.PEER_NAME, node.name()),
        fieldIf(TextField.PEER_TYPE, node.type()));
  }

  private static SpanTest account(String accountId) {
    return attributes(Names.ACCOUNT_ID, new ValueTest.Text(TextOperator.EQUAL, accountId));
  }

  private static TraceCondition visitNecessary(NodeSelector node, Expression inner) {
    SpanTest named = not(field(TextField.SERVICE, ""));
    List<SpanTest> account =
        node.accountId() == null ? List.of() : List.of(account(node.accountId()));
    List<TraceCondition> ways = new ArrayList<>();
    ways.add(
        some(both(segment(node), allOfSpan(account), local(inner, Known.SEGMENT, Side.NECESSARY))));
    // A segment that names no service belongs to that of a span above.
    ways.add(
        allOf(
            List.of(
                touched(new NodeSelector(node.name(), node.type(), null)),
                some(
                    both(
                        Is.SEGMENT,
                        field(TextField.SERVICE, ""),
                        allOfSpan(account),
                        local(inner, Known.NAMELESS, Side.NECESSARY))))));
    if ((node.type() == null || node.type().equals(NodeId.CLIENT)) && node.accountId() == null) {
      ways.add(
          some(
              both(
                  Is.SEGMENT,
                  not(Is.CHILD),
                  named,
                  fieldIf(TextField.SERVICE, node.name()),
                  local(inner, Known.CLIENT, Side.NECESSARY))));
    }
    ways.add(
        some(
            both(
                not(field(TextField.PEER_NAME, "")),
                fieldIf(TextField.PEER_NAME, node.name()),
                fieldIf(TextField.PEER_TYPE, node.type()),
                allOfSpan(account),
                local(inner, Known.PEER, Side.NECESSARY))));
    return allOf(List.of(anyOf(ways), said(inner)));
  }

  private static TraceCondition visitSufficient(NodeSelector node, Expression inner) {
    List<SpanTest> account =
        node.accountId() == null ? List.of() : List.of(account(node.accountId()));
    return some(
        both(segment(node), allOfSpan(account), local(inner, Known.SEGMENT, Side.SUFFICIENT)));
  }

  private static SpanTest segment(NodeSelector node) {
    return both(
        Is.SEGMENT,
        not(field(TextField.SERVICE, "")),
        fieldIf(TextField.SERVICE, node.name()),
        fieldIf(TextField.SERVICE_TYPE, node.type()));
  }

  /**
   * Returns what the measured span of a visit or call is like; other spans of the visit are
   * unknown.
   */
  private static SpanTest local(Expression expression, Known known, Side side) {
    return switch (expression) {
      case Expression.And(List<Expression> parts) ->
          allOfSpan(each(parts, part -> local(part, known, side)));
      case Expression.Or(List<Expression> parts) ->
          either(each(parts, part -> local(part, known, side)));
      case Expression.Not(Expression part) -> not(local(part, known, side.other()));
      case Expression.Flag(Keyword keyword, boolean wanted) ->
          wanted ? local(keyword, known) : not(local(keyword, known));
      case Expression.Test(Operand operand, ValueTest test) -> local(operand, test, known, side);
      case Expression.Truth(Operand operand) ->
          isOwn(known) && side == Side.NECESSARY ? SpanTest.any() : truth(operand);
      case Expression.Service _,
          Expression.Edge _,
          Expression.Cause _,
          Expression.CauseJson _,
          Expression.Group _ ->
          throw new IllegalStateException("cannot plan " + expression + " in braces");
    };
  }

  private static SpanTest local(Keyword keyword, Known known) {
    return switch (keyword) {
      case PARTIAL -> Is.IN_PROGRESS;
      case INFERRED -> known == Known.PEER ? SpanTest.any() : SpanTest.none();
      case ROOT -> known == Known.SEGMENT || known == Known.NAMELESS ? Is.ROOT : SpanTest.none();
      default -> outcome(keyword);
    };
  }

  /** Returns whether other spans than the measured one speak of a visit. */
  private static boolean isOwn(Known known) {
    return known == Known.SEGMENT || known == Known.NAMELESS || known == Known.CLIENT;
  }

  private static SpanTest local(Operand operand, ValueTest test, Known known, Side side) {
    return switch (operand) {
      case Keyword.NAME ->
          switch (known) {
            case SEGMENT, CLIENT -> field(TextField.SERVICE, test);
            case PEER -> field(TextField.PEER_NAME, test);
            case NAMELESS, CALL -> side.unknownSpan();
          };
      case Keyword.TYPE ->
          switch (known) {
            case SEGMENT -> field(TextField.SERVICE_TYPE, test);
            case PEER -> field(TextField.PEER_TYPE, test);
            case CLIENT -> test.matches(Value.of(NodeId.CLIENT)) ? SpanTest.any() : SpanTest.none();
            case NAMELESS, CALL -> side.unknownSpan();
          };
      case Keyword.RESPONSE_TIME, Keyword.DURATION -> lasts(test);
      case Keyword.HTTP_STATUS,
          Keyword.HTTP_METHOD,
          Keyword.HTTP_USER_AGENT,
          Keyword.HTTP_CLIENT_IP,
          Keyword.HTTP_URL,
          Keyword.GRPC_STATUS,
          Keyword.GRPC_SERVICE,
          Keyword.GRPC_METHOD ->
          span(operand, test, side);
      default ->
          isOwn(known) && side == Side.NECESSARY ? SpanTest.any() : span(operand, test, side);
    };
  }

  /**
   * Returns what holds of the trace if some span of a visit says what {@code inner} says of all its
   * spans.
   */
  private static TraceCondition said(Expression inner) {
    return switch (inner) {
      case Expression.And(List<Expression> parts) -> allOf(each(parts, Planner::said));
      case Expression.Or(List<Expression> parts) -> anyOf(each(parts, Planner::said));
      case Expression.Truth(Operand operand) -> some(truth(operand));
      case Expression.Test(Operand operand, ValueTest test) ->
          switch (operand) {
            case Operand.Annotation _, Operand.Attribute _ ->
                some(span(operand, test, Side.NECESSARY));
            case Keyword.USER,
                Keyword.AVAILABILITY_ZONE,
                Keyword.INSTANCE_ID,
                Keyword.RESOURCE_ARN ->
                some(span(operand, test, Side.NECESSARY));
            default -> TraceCondition.any();
          };
      default -> TraceCondition.any();
    };
  }

  private static SpanTest field(TextField field, String text) {
    return new SpanTest.Field(field, new ValueTest.Text(TextOperator.EQUAL, text));
  }

  private static SpanTest fieldIf(TextField field, @Nullable String text) {
    return text == null ? SpanTest.any() : field(field, text);
  }

  private static SpanTest field(TextField field, ValueTest test) {
    // Names and types are always there, if only as empty texts.
    return test instanceof ValueTest.Text text ? new SpanTest.Field(field, text) : SpanTest.any();
  }

  /** Without a stream, whose calls would make a deep tree deeper. */
  private static <T, R> List<R> each(List<T> parts, Function<T, R> translation) {
    List<R> translated = new ArrayList<>();
    for (T part : parts) {
      translated.add(translation.apply(part));
    }
    return translated;
  }

  private static TraceCondition some(SpanTest test) {
    // A trace has spans, so that some are like anything.
    if (test.equals(SpanTest.any())) {
      return TraceCondition.any();
    }
    return test.equals(SpanTest.none()) ? TraceCondition.none() : new TraceCondition.SomeSpan(test);
  }

  private static TraceCondition someChild(SpanTest child, SpanTest parent) {
    return child.equals(SpanTest.none()) || parent.equals(SpanTest.none())
        ? TraceCondition.none()
        : new TraceCondition.SomeChild(child, parent);
  }

  static TraceCondition allOf(List<TraceCondition> conditions) {
    List<TraceCondition> flat = new ArrayList<>();
    for (TraceCondition condition : conditions) {
      if (condition.equals(TraceCondition.none())) {
        return condition;
      }
      if (condition instanceof TraceCondition.AllOf(List<TraceCondition> inner)) {
        flat.addAll(inner);
      } else {
        flat.add(condition);
      }
    }
    return flat.size() == 1 ? flat.getFirst() : new TraceCondition.AllOf(flat);
  }

  static TraceCondition anyOf(List<TraceCondition> conditions) {
    List<TraceCondition> flat = new ArrayList<>();
    for (TraceCondition condition : conditions) {
      if (condition.isAny()) {
        return condition;
      }
      if (condition instanceof TraceCondition.AnyOf(List<TraceCondition> inner)) {
        flat.addAll(inner);
      } else {
        flat.add(condition);
      }
    }
    return flat.size() == 1 ? flat.getFirst() : new TraceCondition.AnyOf(flat);
  }

  private static TraceCondition not(TraceCondition condition) {
    if (condition.isAny()) {
      return TraceCondition.none();
    }
    if (condition.equals(TraceCondition.none())) {
      return TraceCondition.any();
    }
    return condition instanceof TraceCondition.Not(TraceCondition inner)
        ? inner
        : new TraceCondition.Not(condition);
  }

  private static SpanTest both(SpanTest... tests) {
    return allOfSpan(List.of(tests));
  }

  private static SpanTest allOfSpan(List<SpanTest> tests) {
    List<SpanTest> flat = new ArrayList<>();
    for (SpanTest test : tests) {
      if (test.equals(SpanTest.none())) {
        return test;
      }
      if (test instanceof SpanTest.AllOf(List<SpanTest> inner)) {
        flat.addAll(inner);
      } else {
        flat.add(test);
      }
    }
    return flat.size() == 1 ? flat.getFirst() : new SpanTest.AllOf(flat);
  }

  private static SpanTest either(List<SpanTest> tests) {
    List<SpanTest> flat = new ArrayList<>();
    for (SpanTest test : tests) {
      if (test.equals(SpanTest.any())) {
        return test;
      }
      if (test instanceof SpanTest.AnyOf(List<SpanTest> inner)) {
        flat.addAll(inner);
      } else {
        flat.add(test);
      }
    }
    return flat.size() == 1 ? flat.getFirst() : new SpanTest.AnyOf(flat);
  }

  private static SpanTest not(SpanTest test) {
    if (test.equals(SpanTest.any())) {
      return SpanTest.none();
    }
    if (test.equals(SpanTest.none())) {
      return SpanTest.any();
    }
    return test instanceof SpanTest.Not(SpanTest inner) ? inner : new SpanTest.Not(test);
  }
}
