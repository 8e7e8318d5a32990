// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.filter.Expression.CauseKind;
import io.roentgen.filter.Expression.CauseLevel;
import io.roentgen.model.Value;
import io.roentgen.store.ValueTest;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that traces can be told apart by: {@code service}, a keyword such as {@code http.url},
 * {@code annotation.KEY}, {@code attribute["key"]}, or {@code rootcause.KIND.LEVEL}, which is the
 * name of the last service, or the message of the last exception, on the way to a root cause.
 */
public final class TraceField {
  /** What fields may be, for messages. */
  public static final String EXPECTED =
      "service, a keyword with values such as http.url, annotation.KEY, attribute[\"key\"],"
          + " rootcause.KIND.service or rootcause.KIND.exception";

  private static final String SERVICE = "service";

  private final String text;
  private final @Nullable Operand operand;
  private final @Nullable CauseKind kind;
  private final CauseLevel level;

  private TraceField(
      String text, @Nullable Operand operand, @Nullable CauseKind kind, CauseLevel level) {
    this.text = text;
    this.operand = operand;
    this.kind = kind;
    this.level = level;
  }

  /** Returns the field that {@code text} names, or null if it names none. */
  public static @Nullable TraceField ofOrNull(String text) {
    if (text.equalsIgnoreCase(SERVICE)) {
      return new TraceField(SERVICE, null, null, CauseLevel.SERVICE);
    }
    Expression expression;
    try {
      expression = Parser.parse(text, Filter.MAX_LENGTH, Filter.MAX_DEPTH);
    } catch (FilterException none) {
      return null;
    }
    return switch (expression) {
      case Expression.Test(Operand operand, ValueTest.Present _) when !isTime(operand) ->
          new TraceField(ExpressionWriter.write(operand), operand, null, CauseLevel.SERVICE);
      case Expression.Truth(Operand operand) ->
          new TraceField(ExpressionWriter.write(operand), operand, null, CauseLevel.SERVICE);
      case Expression.Cause(CauseKind kind, CauseLevel level, Expression inner)
          when level != CauseLevel.ENTITY && inner.equals(Expression.And.EVERYTHING) ->
          new TraceField(ExpressionWriter.write(expression), null, kind, level);
      default -> null;
    };
  }

  /** Times differ in each trace. */
  private static boolean isTime(Operand operand) {
    return operand instanceof Keyword keyword && keyword.kind() == Keyword.Kind.SECONDS;
  }

  /** Returns its one canonical spelling. */
  public String text() {
    return text;
  }

  /**
   * Returns what a trace has of the field, each value once: what people read, with the filter
   * expression that finds the traces that have it. Values that are lists or bytes are left out.
   */
  public Map<String, String> valuesOf(TraceContent trace) {
    Map<String, String> values = new LinkedHashMap<>();
    if (operand != null) {
      for (Value value : trace.evaluator().values(operand)) {
        addValue(values, operand, value);
      }
    } else if (kind != null) {
      String member = level == CauseLevel.EXCEPTION ? "message" : "name";
      for (String last : trace.evaluator().lastOf(kind, level)) {
        values.put(
            last, text + " { last AND " + member + " = " + ExpressionWriter.quoted(last) + " }");
      }
    } else {
      for (String service : trace.evaluator().visited()) {
        values.put(service, "service(" + ExpressionWriter.quoted(service) + ")");
      }
    }
    return values;
  }

  private void addValue(Map<String, String> values, Operand operand, Value value) {
    if (operand == Keyword.GRPC_STATUS && value instanceof Value.LongValue(long code)) {
      String name = GrpcCodes.names().get(Math.toIntExact(code));
      values.put(name, text + " = " + name);
      return;
    }
    String literal = literalOrNull(value);
    boolean fits =
        switch (operand) {
          case Keyword keyword when keyword.kind() == Keyword.Kind.TEXT ->
              value instanceof Value.StringValue;
          case Keyword _ -> value instanceof Value.LongValue || value instanceof Value.DoubleValue;
          default -> true;
        };
    if (literal != null && fits) {
      values.put(shown(value, literal), text + " = " + literal);
    }
  }

  private static String shown(Value value, String literal) {
    return value instanceof Value.StringValue(String string) ? string : literal;
  }

  private static @Nullable String literalOrNull(Value value) {
    return switch (value) {
      case Value.StringValue(String string) -> ExpressionWriter.quoted(string);
      case Value.LongValue(long number) -> Long.toString(number);
      case Value.DoubleValue(double number) when Double.isFinite(number) -> Double.toString(number);
      case Value.BooleanValue(boolean flag) -> Boolean.toString(flag);
      default -> null;
    };
  }

  @Override
  public String toString() {
    return "TraceField[" + text + "]";
  }
}
