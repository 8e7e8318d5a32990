// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.filter.Keyword.Kind;
import io.roentgen.model.NodeId;
import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.Value;
import io.roentgen.store.ValueTest;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Says whether a trace is what an expression says, by looking at all of it. This is the meaning of
 * filter expressions; {@link Planner} is compared with it.
 */
final class Evaluator {
  private static final int NANO_DIGITS = 9;

  private final TraceView view;

  Evaluator(TraceView view) {
    this.view = view;
  }

  boolean matches(Expression expression) {
    return matches(expression, new TraceScope());
  }

  /** Returns what a keyword, annotation or attribute outside of braces is compared with. */
  List<Value> values(Operand operand) {
    return new TraceScope().values(operand);
  }

  /** Returns the names of the nodes that were visited, those of clients left out. */
  List<String> visited() {
    return view.visits().stream()
        .filter(visit -> visit.kind() != Visit.Kind.CLIENT)
        .map(visit -> visit.node().name())
        .distinct()
        .toList();
  }

  /**
   * Returns, of each root cause, the name of its last service, or the message of its last
   * exception.
   */
  List<String> lastOf(Expression.CauseKind kind, Expression.CauseLevel level) {
    return view.rootCauses(kind).stream()
        .map(cause -> parts(cause, level))
        .filter(parts -> !parts.isEmpty())
        .map(List::getLast)
        .map(last -> level == Expression.CauseLevel.EXCEPTION ? last.text() : last.name())
        .toList();
  }

  private boolean matches(Expression expression, Scope scope) {
    return switch (expression) {
      case Expression.And(List<Expression> parts) -> {
        // Without a stream, whose calls would make a deep tree deeper; so below.
        for (Expression part : parts) {
          if (!matches(part, scope)) {
            yield false;
          }
        }
        yield true;
      }
      case Expression.Or(List<Expression> parts) -> {
        for (Expression part : parts) {
          if (matches(part, scope)) {
            yield true;
          }
        }
        yield false;
      }
      case Expression.Not(Expression part) -> !matches(part, scope);
      case Expression.Flag(Keyword keyword, boolean wanted) -> scope.flag(keyword) == wanted;
      case Expression.Test(Operand operand, ValueTest test) ->
          scope.values(operand).stream().anyMatch(inUnit(operand, test)::matches);
      case Expression.Truth(Operand operand) ->
          scope.values(operand).stream().anyMatch(value -> !value.equals(Value.of(false)));
      case Expression.Service(NodeSelector node, Expression inner) ->
          view.visits().stream()
              .anyMatch(
                  visit ->
                      node.matches(visit.node(), visit.accountIds())
                          && matches(inner, new VisitScope(visit)));
      case Expression.Edge(NodeSelector caller, NodeSelector callee, Expression inner) ->
          view.calls().stream()
              .anyMatch(
                  call ->
                      caller.matches(call.caller().node(), call.caller().accountIds())
                          && callee.matches(call.callee().node(), call.callee().accountIds())
                          && matches(inner, new CallScope(call)));
      case Expression.Cause cause ->
          view.rootCauses(cause.kind()).stream()
              .map(each -> parts(each, cause.level()))
              .anyMatch(parts -> parts.stream().anyMatch(part -> matches(cause.inner(), part)));
      case Expression.CauseJson(Json.Array patterns) -> {
        List<Json> causes =
            Stream.of(Expression.CauseKind.values())
                .flatMap(kind -> view.rootCauses(kind).stream())
                .map(CauseJsonWriter::json)
                .toList();
        yield patterns.elements().stream()
            .allMatch(pattern -> causes.stream().anyMatch(cause -> Json.matches(pattern, cause)));
      }
      case Expression.Group group ->
          throw new IllegalStateException(
              "cannot evaluate " + group.key().text() + ": its group is not resolved");
    };
  }

  /** Values are in nanoseconds where expressions have seconds. */
  private static ValueTest inUnit(Operand operand, ValueTest test) {
    return operand instanceof Keyword keyword
            && keyword.kind() == Kind.SECONDS
            && test instanceof ValueTest.Numeric(var comparison, BigDecimal seconds)
        ? new ValueTest.Numeric(comparison, seconds.scaleByPowerOfTen(NANO_DIGITS))
        : test;
  }

  private static List<CauseScope> parts(RootCause cause, Expression.CauseLevel level) {
    List<CauseScope> parts = new ArrayList<>();
    List<RootCause.Entity> entities =
        cause.services().stream().flatMap(service -> service.entityPath().stream()).toList();
    switch (level) {
      case SERVICE -> {
        for (RootCause.CauseService service : cause.services()) {
          NodeId node = service.node();
          parts.add(
              new CauseScope(
                  parts.size(),
                  cause.services().size(),
                  node.name(),
                  node.type(),
                  service.inferred(),
                  null));
        }
      }
      case ENTITY -> {
        for (RootCause.Entity entity : entities) {
          parts.add(
              new CauseScope(
                  parts.size(),
                  entities.size(),
                  entity.name(),
                  "",
                  entity.remote(),
                  entity.coverage()));
        }
      }
      case EXCEPTION -> {
        List<RootCause.Thrown> thrown =
            entities.stream().flatMap(entity -> entity.exceptions().stream()).toList();
        for (RootCause.Thrown each : thrown) {
          parts.add(
              new CauseScope(
                  parts.size(), thrown.size(), each.name(), each.message(), false, null));
        }
      }
    }
    return parts;
  }

  /** What a condition is about. */
  private interface Scope {
    boolean flag(Keyword keyword);

    List<Value> values(Operand operand);
  }

  private static boolean outcome(Keyword keyword, Outcome outcome) {
    return switch (keyword) {
      case OK -> outcome.isOk();
      case ERROR -> outcome.error();
      case FAULT -> outcome.fault();
      case THROTTLE -> outcome.throttle();
      default -> throw misplaced(keyword);
    };
  }

  private static IllegalStateException misplaced(Operand operand) {
    return new IllegalStateException("cannot evaluate " + operand + ": not known here");
  }

  private static List<Value> nanos(Span span) {
    return span.inProgress() ? List.of() : List.of(Value.of(span.durationNanos()));
  }

  /** Returns what the span that served the request, or made the call, says. */
  private static List<Value> served(Keyword keyword, Span span) {
    return switch (keyword) {
      case HTTP_STATUS -> Names.values(span, Names.HTTP_STATUS);
      case HTTP_METHOD -> Names.values(span, Names.HTTP_METHOD);
      case HTTP_USER_AGENT -> Names.values(span, Names.HTTP_USER_AGENT);
      case HTTP_CLIENT_IP -> Names.values(span, Names.HTTP_CLIENT_IP);
      case HTTP_URL -> {
        List<Value> whole = Names.values(span, Names.HTTP_URL);
        String pieces = whole.isEmpty() ? urlOrNull(span) : null;
        yield pieces == null ? whole : List.of(Value.of(pieces));
      }
      default -> throw misplaced(keyword);
    };
  }

  /**
   * Returns the URL put together from the pieces that OpenTelemetry's server spans have, or null.
   */
  private static @Nullable String urlOrNull(Span span) {
    String path = Names.firstTextOrNull(span, "url.path", "http.target");
    if (path == null) {
      return null;
    }
    String query = Names.firstTextOrNull(span, "url.query");
    String rest = query == null || query.isEmpty() ? path : path + '?' + query;
    String host = Names.firstTextOrNull(span, "server.address", "http.host");
    if (host == null) {
      return rest;
    }
    String scheme = Names.firstTextOrNull(span, "url.scheme", "http.scheme");
    String port =
        Names.valueOrNull(span, "server.port") instanceof Value.LongValue(long number)
            ? ":" + number
            : "";
    return (scheme == null ? "http" : scheme) + "://" + host + port + rest;
  }

  /** Returns what any of these spans says. */
  private static List<Value> said(Operand operand, List<Span> spans) {
    List<Value> values = new ArrayList<>();
    for (Span span : spans) {
      switch (operand) {
        case Operand.Annotation(String key) -> {
          add(values, span.attributes().get(key));
          if (span.segment() && key.startsWith(Names.RESOURCE_PREFIX)) {
            String shared = key.substring(Names.RESOURCE_PREFIX.length());
            add(values, span.resourceScope().resource().attributes().get(shared));
          }
        }
        case Operand.Attribute(String key) -> add(values, Names.valueOrNull(span, key));
        case Keyword keyword -> values.addAll(said(keyword, span));
      }
    }
    return values;
  }

  private static List<Value> said(Keyword keyword, Span span) {
    return switch (keyword) {
      case USER -> Names.values(span, Names.USER);
      case AVAILABILITY_ZONE -> Names.values(span, Names.AVAILABILITY_ZONE);
      case INSTANCE_ID -> Names.values(span, Names.INSTANCE_ID);
      case RESOURCE_ARN -> Names.values(span, Names.RESOURCE_ARN);
      case GRPC_STATUS, GRPC_SERVICE, GRPC_METHOD -> grpc(keyword, span);
      default -> throw misplaced(keyword);
    };
  }

  private static void add(List<Value> values, @Nullable Value value) {
    if (value != null) {
      values.add(value);
    }
  }

  private static List<Value> grpc(Keyword keyword, Span span) {
    List<Value> values = new ArrayList<>();
    if (keyword == Keyword.GRPC_STATUS) {
      addCode(values, Names.valueOrNull(span, Names.GRPC_STATUS));
      if (speaksGrpc(span)) {
        addCode(values, Names.valueOrNull(span, Names.RPC_STATUS));
      }
      return values;
    }
    if (!speaksGrpc(span)) {
      return values;
    }
    if (keyword == Keyword.GRPC_SERVICE) {
      add(values, Names.valueOrNull(span, Names.RPC_SERVICE));
    }
    if (Names.valueOrNull(span, Names.RPC_METHOD) instanceof Value.StringValue(String method)) {
      // Newer conventions have the service and the method in one.
      int slash = method.lastIndexOf('/');
      if (keyword == Keyword.GRPC_METHOD) {
        values.add(Value.of(method.substring(slash + 1)));
      } else if (slash >= 0) {
        values.add(Value.of(method.substring(method.startsWith("/") ? 1 : 0, Math.max(1, slash))));
      }
    }
    return values;
  }

  private static boolean speaksGrpc(Span span) {
    List<Value> systems = Names.values(span, Names.RPC_SYSTEM);
    return systems.isEmpty()
        || systems.stream()
            .anyMatch(
                system ->
                    system instanceof Value.StringValue(String text)
                        && Names.GRPC_SYSTEMS.stream().anyMatch(text::startsWith));
  }

  private static void addCode(List<Value> values, @Nullable Value value) {
    for (int code = 0; code < GrpcCodes.names().size(); code++) {
      boolean isCode =
          switch (value) {
            case null -> false;
            case Value.LongValue(long number) -> number == code;
            case Value.DoubleValue(double number) -> number == code;
            case Value.StringValue(String text) -> GrpcCodes.spellings(code).contains(text);
            default -> false;
          };
      if (isCode) {
        values.add(Value.of(code));
      }
    }
  }

  private final class TraceScope implements Scope {
    @Override
    public boolean flag(Keyword keyword) {
      return switch (keyword) {
        case PARTIAL -> view.isPartial();
        case INFERRED -> view.hasInferred();
        case THROTTLE -> view.isThrottled();
        default -> outcome(keyword, view.root().outcome());
      };
    }

    @Override
    public List<Value> values(Operand operand) {
      return switch (operand) {
        case Keyword.RESPONSE_TIME -> nanos(view.root());
        case Keyword.DURATION ->
            view.spans().stream().allMatch(Span::inProgress)
                ? List.of()
                : List.of(
                    Value.of(view.summary().endEpochNanos() - view.summary().startEpochNanos()));
        case Keyword.HTTP_STATUS,
            Keyword.HTTP_METHOD,
            Keyword.HTTP_USER_AGENT,
            Keyword.HTTP_CLIENT_IP,
            Keyword.HTTP_URL ->
            served((Keyword) operand, view.root());
        default -> said(operand, view.spans());
      };
    }
  }

  private final class VisitScope implements Scope {
    private final Visit visit;

    VisitScope(Visit visit) {
      this.visit = visit;
    }

    @Override
    public boolean flag(Keyword keyword) {
      return switch (keyword) {
        case PARTIAL -> visit.measured().inProgress();
        case INFERRED -> visit.kind() == Visit.Kind.INFERRED;
        case ROOT -> visit.kind() == Visit.Kind.SEGMENT && visit.measured().equals(view.root());
        default -> outcome(keyword, visit.measured().outcome());
      };
    }

    @Override
    public List<Value> values(Operand operand) {
      return switch (operand) {
        case Keyword.NAME -> List.of(Value.of(visit.node().name()));
        case Keyword.TYPE -> List.of(Value.of(visit.node().type()));
        default -> local(operand, visit.measured(), visit.own());
      };
    }
  }

  private record CallScope(Call call) implements Scope {
    @Override
    public boolean flag(Keyword keyword) {
      return outcome(keyword, call.measured().outcome());
    }

    @Override
    public List<Value> values(Operand operand) {
      return local(operand, call.measured(), List.of(call.measured()));
    }
  }

  private static List<Value> local(Operand operand, Span measured, List<Span> own) {
    return switch (operand) {
      case Keyword.RESPONSE_TIME, Keyword.DURATION -> nanos(measured);
      case Keyword.HTTP_STATUS,
          Keyword.HTTP_METHOD,
          Keyword.HTTP_USER_AGENT,
          Keyword.HTTP_CLIENT_IP,
          Keyword.HTTP_URL ->
          served((Keyword) operand, measured);
      case Keyword.GRPC_STATUS, Keyword.GRPC_SERVICE, Keyword.GRPC_METHOD ->
          said(operand, List.of(measured));
      default -> said(operand, own);
    };
  }

  /**
   * A service, entity or exception of a root cause.
   *
   * @param index its place, from 0
   * @param count how many there are
   * @param name its name
   * @param text type of a service, message of an exception
   * @param flag whether a service is inferred, an entity remote
   * @param coverage share of the root's time, or null
   */
  private record CauseScope(
      int index, int count, String name, String text, boolean flag, @Nullable Double coverage)
      implements Scope {
    @Override
    public boolean flag(Keyword keyword) {
      return switch (keyword) {
        case FIRST -> index == 0;
        case LAST -> index == count - 1;
        case INFERRED, REMOTE -> flag;
        default -> throw misplaced(keyword);
      };
    }

    @Override
    public List<Value> values(Operand operand) {
      return switch (operand) {
        case Keyword.NAME -> List.of(Value.of(name));
        case Keyword.TYPE, Keyword.MESSAGE -> List.of(Value.of(text));
        case Keyword.INDEX -> List.of(Value.of(index));
        case Keyword.COVERAGE -> coverage == null ? List.of() : List.of(Value.of(coverage));
        default -> throw misplaced(operand);
      };
    }
  }
}
