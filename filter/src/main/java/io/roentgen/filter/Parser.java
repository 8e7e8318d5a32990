// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import io.roentgen.filter.Expression.CauseKind;
import io.roentgen.filter.Expression.CauseLevel;
import io.roentgen.filter.Expression.GroupKey;
import io.roentgen.filter.Keyword.Kind;
import io.roentgen.store.Comparison;
import io.roentgen.store.ValueTest;
import io.roentgen.store.ValueTest.TextOperator;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Parses filter expressions by recursive descent; every level of recursion is counted, so that no
 * text can exhaust the stack.
 *
 * <pre>
 * expr      := and { OR and }
 * and       := unary { [AND] unary }
 * unary     := '!' unary | '(' expr ')' | primary
 * primary   := service [ '(' [node] ')' ] [ '{' expr '}' ]
 *            | edge [ '(' [node ',' node] ')' ] [ '{' expr '}' ]
 *            | rootcause.KIND.LEVEL [ '{' expr '}' ]
 *            | rootcause.json ('='|'!=') '#' array
 *            | (group.name|group.arn) ('='|'!=') string
 *            | operand [ EXISTS | op value ]
 * operand   := keyword | annotation.KEY | annotation '[' key ']' | attribute '[' key ']'
 * node      := string | id '(' idarg { ',' idarg } ')'
 * idarg     := (name|type|account.id) ':' string
 * </pre>
 *
 * <p>Source: AWS X-Ray developer guide, "Using filter expressions"; what is beyond it is listed in
 * docs/compat.md.
 */
final class Parser {
  private static final int MAX_JSON_DEPTH = 8;
  private static final int MAX_NUMBER_LENGTH = 50;
  private static final int MAX_POWER = 400;
  private static final int MAX_HINTED_LENGTH = 40;
  private static final String FLAG_OPERATORS = "=, != or the keyword alone";
  private static final String NUMBER_OPERATORS = "=, !=, <, <=, >, >= or EXISTS";
  private static final String TEXT_OPERATORS = "=, !=, CONTAINS, BEGINSWITH, ENDSWITH or EXISTS";
  private static final Map<String, Integer> UNIT_POWERS =
      Map.of("", 0, "s", 0, "ms", -3, "us", -6, "ns", -9);
  private static final Map<String, Set<String>> CAUSE_MEMBERS =
      Map.of(
          "", Set.of("Services", "ClientImpacting"),
          "Services", Set.of("Name", "Names", "Type", "AccountId", "EntityPath", "Inferred"),
          "EntityPath", Set.of("Name", "Coverage", "Remote", "Exceptions"),
          "Exceptions", Set.of("Name", "Message"));

  private final Scanner scanner;
  private final int maxDepth;
  private final Consumer<Expectation> expectations;
  private int depth;

  private Parser(String text, int maxDepth) {
    this(text, maxDepth, _ -> {});
  }

  private Parser(String text, int maxDepth, Consumer<Expectation> expectations) {
    scanner = new Scanner(text);
    this.maxDepth = maxDepth;
    this.expectations = expectations;
  }

  /**
   * Returns the tree of {@code text}.
   *
   * @throws FilterException if it is not an expression
   */
  static Expression parse(String text, int maxLength, int maxDepth) {
    Parser parser = new Parser(text, maxDepth);
    parser.checkLength(maxLength);
    if (parser.scanner.atEnd()) {
      return Expression.And.EVERYTHING;
    }
    Expression expression = parser.or(Context.TRACE);
    parser.end("AND, OR or the end of the expression");
    return expression;
  }

  /**
   * Gives to {@code expectations} what could come behind {@code text}, in the order in which it is
   * looked for.
   *
   * @throws FilterException if {@code text} does not begin an expression, or ends before one does
   */
  static void expectations(
      String text, int maxLength, int maxDepth, Consumer<Expectation> expectations) {
    Parser parser = new Parser(text, maxDepth, expectations);
    parser.checkLength(maxLength);
    parser.or(Context.TRACE);
    parser.end("AND, OR or the end of the expression");
  }

  /**
   * Returns the conditions that {@code text} joins by AND outside of any parentheses; the whole, if
   * it joins by OR.
   *
   * @throws FilterException if it is not an expression
   */
  static List<FilterTerm> terms(String text, int maxLength, int maxDepth) {
    Parser parser = new Parser(text, maxDepth);
    parser.checkLength(maxLength);
    Scanner scanner = parser.scanner;
    List<FilterTerm> terms = new ArrayList<>();
    if (scanner.atEnd()) {
      return terms;
    }
    int first = scanner.position();
    do {
      scanner.skipSpace();
      int start = scanner.position();
      parser.unary(Context.TRACE);
      terms.add(FilterTerm.of(text, start, scanner.position()));
    } while (scanner.takeWord("and") || parser.startsUnary());
    if (scanner.takeWord("or")) {
      parser.or(Context.TRACE);
      terms.clear();
      terms.add(FilterTerm.of(text, first, scanner.position()));
    }
    parser.end("AND, OR or the end of the expression");
    return terms;
  }

  private void expect(Expectation.Kind kind, String text, String behind) {
    if (scanner.hasOnlySpace()) {
      expectations.accept(new Expectation(kind, text, behind));
    }
  }

  private void expect(Expectation.Kind kind, List<String> texts) {
    for (String text : texts) {
      expect(kind, text, " ");
    }
  }

  private void expectCondition(Context context) {
    if (!scanner.hasOnlySpace()) {
      return;
    }
    for (Keyword keyword : Keyword.of(context)) {
      expect(Expectation.Kind.KEYWORD, keyword.text(), keyword.kind() == Kind.FLAG ? "" : " ");
    }
    if (context == Context.TRACE) {
      expect(Expectation.Kind.KEYWORD, "service", "(");
      expect(Expectation.Kind.KEYWORD, "edge", "(");
    }
    if (isOfSpans(context)) {
      expect(Expectation.Kind.ANNOTATION, "", " ");
      expect(Expectation.Kind.KEYWORD, "annotation", "[");
      expect(Expectation.Kind.KEYWORD, "attribute", "[");
    }
    if (context == Context.TRACE) {
      for (GroupKey key : GroupKey.values()) {
        expect(Expectation.Kind.KEYWORD, key.text(), " ");
      }
      for (CauseKind kind : CauseKind.values()) {
        for (CauseLevel level : CauseLevel.values()) {
          if (isLevelOf(kind, level)) {
            expect(Expectation.Kind.KEYWORD, "rootcause." + kind.text() + "." + level.text(), " ");
          }
        }
      }
      expect(Expectation.Kind.KEYWORD, "rootcause.json", " ");
    }
    expect(Expectation.Kind.SIGN, "!", "");
    expect(Expectation.Kind.SIGN, "(", "");
  }

  private void expectOperator(Operand operand) {
    boolean known = operand instanceof Keyword;
    Kind kind = operand instanceof Keyword keyword ? keyword.kind() : Kind.TEXT;
    if (kind == Kind.FLAG) {
      expect(Expectation.Kind.OPERATOR, List.of("=", "!="));
      return;
    }
    if (kind == Kind.TEXT) {
      expect(Expectation.Kind.OPERATOR, List.of("=", "!=", "CONTAINS", "BEGINSWITH", "ENDSWITH"));
    }
    if (kind != Kind.TEXT || !known) {
      List<String> signs =
          kind == Kind.TEXT
              ? List.of("<", "<=", ">", ">=")
              : List.of("=", "!=", "<", "<=", ">", ">=");
      expect(Expectation.Kind.OPERATOR, signs);
    }
    expect(Expectation.Kind.OPERATOR, List.of("EXISTS"));
  }

  /**
   * Returns the selector that {@code text} is: {@code service(...)}, {@code edge(...)} or {@code
   * id(...)}.
   *
   * @throws FilterException if it is none
   */
  static EntitySelector selector(String text, int maxLength) {
    Parser parser = new Parser(text, 0);
    parser.checkLength(maxLength);
    EntitySelector selector;
    if (parser.scanner.peekWord().equalsIgnoreCase("id")) {
      selector = new EntitySelector.OfService(parser.node());
    } else if (parser.scanner.takeWord("service")) {
      selector = new EntitySelector.OfService(parser.serviceNode());
    } else if (parser.scanner.takeWord("edge")) {
      List<NodeSelector> nodes = parser.edgeNodes();
      selector = new EntitySelector.OfEdge(nodes.getFirst(), nodes.getLast());
    } else {
      throw parser.scanner.unexpected("service(...), edge(...) or id(...)");
    }
    parser.end("the end of the selector");
    return selector;
  }

  private void checkLength(int maxLength) {
    if (scanner.text().length() > maxLength) {
      throw scanner.failure(
          maxLength,
          "expression of " + scanner.text().length() + " characters",
          "at most " + maxLength);
    }
  }

  private void end(String expected) {
    if (!scanner.atEnd()) {
      throw scanner.unexpected(expected);
    }
  }

  private Expression or(Context context) {
    List<Expression> parts = new ArrayList<>();
    do {
      parts.add(and(context));
    } while (scanner.takeWord("or"));
    return Expression.or(parts);
  }

  private Expression and(Context context) {
    List<Expression> parts = new ArrayList<>();
    do {
      parts.add(unary(context));
      expect(Expectation.Kind.JOIN, List.of("AND", "OR"));
      expectCondition(context);
    } while (scanner.takeWord("and") || startsUnary());
    return Expression.and(parts);
  }

  /** Conditions side by side are joined by AND. */
  private boolean startsUnary() {
    char c = scanner.peek();
    return c == '!'
        || c == '('
        || (Character.isLetter(c) && !scanner.peekWord().equalsIgnoreCase("or"));
  }

  private Expression unary(Context context) {
    expectCondition(context);
    int start = scanner.position();
    if (scanner.take("!")) {
      return nested(start, () -> new Expression.Not(unary(context)));
    }
    if (scanner.take("(")) {
      Expression inner = nested(start, () -> or(context));
      close(")");
      return inner;
    }
    return primary(context);
  }

  private Expression nested(int start, Supplier<Expression> parse) {
    depth++;
    if (depth > maxDepth) {
      throw scanner.failure(
          start, "too many levels", "!, ( and { nested at most " + maxDepth + " deep");
    }
    Expression expression = parse.get();
    depth--;
    return expression;
  }

  private void close(String sign) {
    expect(Expectation.Kind.SIGN, sign, "");
    if (!scanner.take(sign)) {
      throw scanner.unexpected("AND, OR or '" + sign + "'");
    }
  }

  private Expression primary(Context context) {
    String word = scanner.peekWord();
    String lower = Scanner.lower(word);
    if (lower.equals("and") || lower.equals("or") || word.isEmpty()) {
      throw scanner.unexpected("a condition such as responsetime > 5");
    }
    int start = scanner.position();
    boolean bracketed = lower.equals("annotation") || lower.equals("attribute");
    if (bracketed || lower.startsWith("annotation.")) {
      if (!isOfSpans(context)) {
        throw misplaced(context, start, word);
      }
      return operand(bracketed ? bracketed(lower, word) : dotted(word));
    }
    if (lower.equals("service")) {
      traceOnly(context, start, word);
      scanner.takeWord(word);
      NodeSelector node = serviceNode();
      return new Expression.Service(node, inner(Context.SERVICE));
    }
    if (lower.equals("edge")) {
      traceOnly(context, start, word);
      scanner.takeWord(word);
      List<NodeSelector> nodes = edgeNodes();
      return new Expression.Edge(nodes.getFirst(), nodes.getLast(), inner(Context.EDGE));
    }
    if (lower.startsWith("rootcause.")) {
      traceOnly(context, start, word);
      return rootCause(lower, word);
    }
    for (GroupKey key : GroupKey.values()) {
      if (key.text().equals(lower)) {
        traceOnly(context, start, word);
        scanner.takeWord(word);
        boolean equal = equality();
        expect(Expectation.Kind.GROUP, key.text(), "");
        Expression group = new Expression.Group(key, text("a string in double quotes"));
        return equal ? group : new Expression.Not(group);
      }
    }
    Keyword keyword = Keyword.ofOrNull(word);
    if (keyword == null) {
      throw scanner.failure(
          start,
          "unknown keyword '" + Scanner.shown(word) + "'",
          lower.equals("coldstart")
              ? "a keyword; X-Ray documents no coldstart"
              : "a keyword " + context.phrase(),
          nearest(lower, context));
    }
    if (!keyword.isFor(context)) {
      throw misplaced(context, start, word);
    }
    scanner.takeWord(word);
    return operand(keyword);
  }

  private void traceOnly(Context context, int start, String word) {
    if (context != Context.TRACE) {
      throw misplaced(context, start, word);
    }
  }

  private FilterException misplaced(Context context, int start, String word) {
    String keywords =
        Keyword.of(context).stream().map(Keyword::text).collect(Collectors.joining(", "));
    return scanner.failure(
        start,
        "'" + Scanner.shown(word) + "' " + context.phrase(),
        isOfSpans(context) ? keywords + ", annotation or attribute" : keywords);
  }

  private static boolean isOfSpans(Context context) {
    return context == Context.TRACE || context == Context.SERVICE || context == Context.EDGE;
  }

  private static @Nullable String nearest(String word, Context context) {
    if (word.length() > MAX_HINTED_LENGTH) {
      return null;
    }
    Stream<String> others =
        context == Context.TRACE
            ? Stream.of(
                "service()",
                "edge()",
                "annotation.KEY",
                "attribute[\"key\"]",
                "group.name",
                "group.arn",
                "rootcause.fault.service",
                "rootcause.json")
            : isOfSpans(context)
                ? Stream.of("annotation.KEY", "attribute[\"key\"]")
                : Stream.empty();
    String best = null;
    int least = 1 + Math.max(1, word.length() / 3);
    for (String each :
        Stream.concat(Keyword.of(context).stream().map(Keyword::text), others).toList()) {
      String plain = each.replaceAll("\\.KEY$|\\W+key.*$|\\(\\)$", "");
      int distance = distance(word, plain);
      if (distance < least) {
        best = each;
        least = distance;
      }
    }
    return best;
  }

  /** Returns how many characters must be put in, left out or changed (Levenshtein). */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int change = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }

  private Operand dotted(String word) {
    int start = scanner.position();
    String key = word.substring("annotation.".length());
    if (key.isEmpty()) {
      throw scanner.failure(start, "'annotation.' without a key", "annotation.KEY");
    }
    if (key.indexOf('.') >= 0) {
      throw scanner.failure(
          start,
          "annotation key '" + Scanner.shown(key) + "' with a dot",
          "annotation[\"" + Scanner.shown(key) + "\"]");
    }
    scanner.takeWord(word);
    return new Operand.Annotation(key);
  }

  private Operand bracketed(String lower, String word) {
    scanner.takeWord(word);
    if (!scanner.take("[")) {
      throw scanner.unexpected(
          lower.equals("annotation") ? "[key] or .key behind annotation" : "[\"key\"]");
    }
    expect(Expectation.Kind.KEY, lower, "]");
    String quoted = scanner.string();
    String key = quoted == null ? scanner.bareKey() : quoted;
    if (key.isEmpty()) {
      throw scanner.unexpected("a key");
    }
    expect(Expectation.Kind.SIGN, "]", "");
    if (!scanner.take("]")) {
      throw scanner.unexpected("']' behind the key");
    }
    return lower.equals("annotation") ? new Operand.Annotation(key) : new Operand.Attribute(key);
  }

  private Expression operand(Operand operand) {
    expectOperator(operand);
    if (scanner.takeWord("exists")) {
      if (operand instanceof Keyword keyword && keyword.kind() == Kind.FLAG) {
        throw scanner.failure(
            scanner.position() - "exists".length(),
            "EXISTS behind " + keyword.text(),
            FLAG_OPERATORS);
      }
      return new Expression.Test(operand, new ValueTest.Present());
    }
    return switch (operand) {
      case Keyword keyword -> keyword(keyword);
      case Operand.Annotation _, Operand.Attribute _ -> free(operand);
    };
  }

  private Expression keyword(Keyword keyword) {
    int start = scanner.position();
    scanner.skipSpace();
    int operatorAt = scanner.position();
    String operator = operator();
    if (operator.isEmpty()) {
      scanner.moveTo(start);
      return keyword.kind() == Kind.FLAG
          ? new Expression.Flag(keyword, true)
          : new Expression.Test(keyword, new ValueTest.Present());
    }
    if (keyword.kind() == Kind.FLAG) {
      expect(Expectation.Kind.KEYWORD, "true", "");
      expect(Expectation.Kind.KEYWORD, "false", "");
    } else {
      expect(Expectation.Kind.VALUE, keyword.text(), "");
    }
    return switch (keyword.kind()) {
      case FLAG -> {
        Comparison comparison = comparison(operator);
        if (comparison != Comparison.EQUAL && comparison != Comparison.NOT_EQUAL) {
          throw misfit(operatorAt, operator, keyword.text(), FLAG_OPERATORS);
        }
        Boolean value = flagOrNull();
        if (value == null) {
          throw scanner.unexpected("true or false");
        }
        yield new Expression.Flag(keyword, value == (comparison == Comparison.EQUAL));
      }
      case SECONDS, NUMBER, SHARE -> {
        Comparison comparison = comparison(operator);
        if (comparison == null) {
          throw misfit(operatorAt, operator, keyword.text(), NUMBER_OPERATORS);
        }
        yield new Expression.Test(
            keyword, new ValueTest.Numeric(comparison, number(keyword.kind())));
      }
      case GRPC_STATUS -> {
        Comparison comparison = comparison(operator);
        if (comparison == null) {
          throw misfit(operatorAt, operator, keyword.text(), NUMBER_OPERATORS);
        }
        yield new Expression.Test(keyword, new ValueTest.Numeric(comparison, grpcCode()));
      }
      case TEXT -> {
        TextOperator text = textOperator(operator);
        if (text == null) {
          throw misfit(operatorAt, operator, keyword.text(), TEXT_OPERATORS);
        }
        String value = scanner.string();
        if (value == null) {
          value = scanner.bareText();
        }
        if (value == null) {
          throw scanner.unexpected("a string in double quotes");
        }
        yield new Expression.Test(keyword, new ValueTest.Text(text, value));
      }
    };
  }

  private FilterException misfit(int at, String operator, String keyword, String expected) {
    return scanner.failure(at, operator + " behind " + keyword, expected);
  }

  /** An annotation or attribute, which is compared by the type of the value. */
  private Expression free(Operand operand) {
    int start = scanner.position();
    scanner.skipSpace();
    int operatorAt = scanner.position();
    String operator = operator();
    if (operator.isEmpty()) {
      scanner.moveTo(start);
      return new Expression.Truth(operand);
    }
    Comparison comparison = comparison(operator);
    TextOperator textOperator = textOperator(operator);
    expect(Expectation.Kind.VALUE, ExpressionWriter.write(operand), "");
    String value = scanner.string();
    if (value != null) {
      if (textOperator == null) {
        throw misfit(operatorAt, operator, "an annotation before a string", TEXT_OPERATORS);
      }
      return new Expression.Test(operand, new ValueTest.Text(textOperator, value));
    }
    Boolean flag = flagOrNull();
    if (flag != null) {
      if (comparison == Comparison.EQUAL) {
        return new Expression.Test(operand, new ValueTest.Flag(flag));
      }
      if (comparison == Comparison.NOT_EQUAL) {
        return new Expression.Test(operand, new ValueTest.Flag(!flag));
      }
      throw misfit(operatorAt, operator, "an annotation before true or false", "= or !=");
    }
    if (!startsNumber()) {
      throw scanner.unexpected("a string in double quotes, a number, true or false");
    }
    if (comparison == null) {
      throw scanner.unexpected("a string in double quotes behind " + operator);
    }
    return new Expression.Test(operand, new ValueTest.Numeric(comparison, number(Kind.NUMBER)));
  }

  /** Takes an operator; returns empty if none comes next. */
  private String operator() {
    for (String sign : List.of("!=", "<=", ">=", "==", "<>", "=", "<", ">")) {
      int start = scanner.position();
      if (scanner.take(sign)) {
        if (sign.equals("==") || sign.equals("<>")) {
          throw scanner.failure(
              start, "'" + sign + "'", "=, !=, <, <=, >, >=, CONTAINS, BEGINSWITH or ENDSWITH");
        }
        return sign;
      }
    }
    for (String word : List.of("CONTAINS", "BEGINSWITH", "ENDSWITH")) {
      if (scanner.takeWord(word)) {
        return word;
      }
    }
    return "";
  }

  private static @Nullable Comparison comparison(String operator) {
    for (Comparison comparison : Comparison.values()) {
      if (comparison.sign().equals(operator)) {
        return comparison;
      }
    }
    return null;
  }

  private static @Nullable TextOperator textOperator(String operator) {
    return switch (operator) {
      case "=" -> TextOperator.EQUAL;
      case "!=" -> TextOperator.NOT_EQUAL;
      case "CONTAINS" -> TextOperator.CONTAINS;
      case "BEGINSWITH" -> TextOperator.BEGINS_WITH;
      case "ENDSWITH" -> TextOperator.ENDS_WITH;
      default -> null;
    };
  }

  private boolean equality() {
    expect(Expectation.Kind.OPERATOR, List.of("=", "!="));
    if (scanner.take("!=")) {
      return false;
    }
    if (scanner.take("=")) {
      return true;
    }
    throw scanner.unexpected("= or !=");
  }

  private String text(String expected) {
    String value = scanner.string();
    if (value == null) {
      throw scanner.unexpected(expected);
    }
    return value;
  }

  private @Nullable Boolean flagOrNull() {
    if (scanner.takeWord("true")) {
      return true;
    }
    return scanner.takeWord("false") ? Boolean.FALSE : null;
  }

  private boolean startsNumber() {
    char c = scanner.peek();
    return c == '-' || c == '.' || (c >= '0' && c <= '9');
  }

  private BigDecimal number(Kind kind) {
    String expected =
        switch (kind) {
          case SECONDS -> "a number of seconds, or one with ns, us, ms, s, m or h";
          case SHARE -> "a number such as 0.8 or 80%";
          default -> "a number";
        };
    if (!startsNumber()) {
      throw scanner.unexpected(expected);
    }
    int start = scanner.position();
    String text = scanner.text();
    int end = start + (text.charAt(start) == '-' ? 1 : 0);
    end = digits(text, end);
    if (end < text.length() && text.charAt(end) == '.') {
      end = digits(text, end + 1);
    }
    if (end < text.length() && (text.charAt(end) == 'e' || text.charAt(end) == 'E')) {
      int exponent = end + 1;
      if (exponent < text.length()
          && (text.charAt(exponent) == '+' || text.charAt(exponent) == '-')) {
        exponent++;
      }
      if (digits(text, exponent) > exponent) {
        end = digits(text, exponent);
      }
    }
    BigDecimal number = number(text, start, end, expected);
    int unitEnd = end;
    while (unitEnd < text.length() && isUnitPart(text.charAt(unitEnd))) {
      unitEnd++;
    }
    String unit = text.substring(end, unitEnd);
    scanner.moveTo(unitEnd);
    BigDecimal scaled = scaled(number, unit, kind);
    if (scaled == null) {
      throw scanner.failure(
          start, "'" + Scanner.shown(text.substring(start, unitEnd)) + "'", expected);
    }
    return scaled.signum() == 0 ? BigDecimal.ZERO : scaled.stripTrailingZeros();
  }

  private BigDecimal number(String text, int start, int end, String expected) {
    String digits = text.substring(start, end);
    if (digits.length() > MAX_NUMBER_LENGTH) {
      throw scanner.failure(
          start, "number of " + digits.length() + " characters", "at most " + MAX_NUMBER_LENGTH);
    }
    BigDecimal number;
    try {
      number = new BigDecimal(digits);
    } catch (NumberFormatException none) {
      throw scanner.failure(start, "'" + Scanner.shown(digits) + "'", expected);
    }
    long power = (long) number.precision() - number.scale();
    if (number.signum() != 0 && Math.abs(power) > MAX_POWER) {
      throw scanner.failure(
          start,
          "'" + Scanner.shown(digits) + "'",
          "a number between 1e-" + MAX_POWER + " and 1e" + MAX_POWER);
    }
    return number;
  }

  private static @Nullable BigDecimal scaled(BigDecimal number, String unit, Kind kind) {
    if (kind == Kind.SECONDS) {
      if (unit.equals("m")) {
        return number.multiply(BigDecimal.valueOf(60));
      }
      if (unit.equals("h")) {
        return number.multiply(BigDecimal.valueOf(3_600));
      }
      Integer power = UNIT_POWERS.get(unit);
      return power == null ? null : number.scaleByPowerOfTen(power);
    }
    if (kind == Kind.SHARE && unit.equals("%")) {
      return number.scaleByPowerOfTen(-2);
    }
    return unit.isEmpty() ? number : null;
  }

  private static int digits(String text, int from) {
    int end = from;
    while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
      end++;
    }
    return end;
  }

  private static boolean isUnitPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '%';
  }

  private BigDecimal grpcCode() {
    String expected = "a gRPC status such as UNAVAILABLE or 14";
    if (startsNumber()) {
      return number(Kind.NUMBER);
    }
    scanner.skipSpace();
    int start = scanner.position();
    String name = scanner.string();
    if (name == null) {
      name = scanner.bareText();
    }
    Integer code = name == null ? null : GrpcCodes.ofNameOrNull(name);
    if (code == null) {
      scanner.moveTo(start);
      String lower = name == null || name.length() > MAX_HINTED_LENGTH ? "" : Scanner.lower(name);
      String hint =
          GrpcCodes.names().stream()
              .filter(each -> distance(lower, Scanner.lower(each)) <= 2)
              .findFirst()
              .orElse(null);
      throw scanner.unexpected(expected, hint);
    }
    return code == 0 ? BigDecimal.ZERO : BigDecimal.valueOf(code).stripTrailingZeros();
  }

  private Expression inner(Context context) {
    int start = scanner.position();
    expect(Expectation.Kind.SIGN, "{", " ");
    if (!scanner.take("{")) {
      return Expression.And.EVERYTHING;
    }
    Expression expression = nested(start, () -> or(context));
    close("}");
    return expression;
  }

  private NodeSelector serviceNode() {
    expect(Expectation.Kind.SIGN, "(", "");
    if (!scanner.take("(")) {
      return NodeSelector.ANY;
    }
    expect(Expectation.Kind.SERVICE, "", ")");
    if (scanner.take(")")) {
      return NodeSelector.ANY;
    }
    NodeSelector node = node();
    expect(Expectation.Kind.SIGN, ")", "");
    if (!scanner.take(")")) {
      throw scanner.unexpected("')'");
    }
    return node;
  }

  private List<NodeSelector> edgeNodes() {
    expect(Expectation.Kind.SIGN, "(", "");
    if (!scanner.take("(")) {
      return List.of(NodeSelector.ANY, NodeSelector.ANY);
    }
    expect(Expectation.Kind.CALLER, "", ", ");
    if (scanner.take(")")) {
      return List.of(NodeSelector.ANY, NodeSelector.ANY);
    }
    NodeSelector caller = node();
    expect(Expectation.Kind.SIGN, ",", " ");
    if (!scanner.take(",")) {
      throw scanner.unexpected("',' and the service that is called");
    }
    expect(Expectation.Kind.CALLEE, caller.name() == null ? "" : caller.name(), ")");
    NodeSelector callee = node();
    expect(Expectation.Kind.SIGN, ")", "");
    if (!scanner.take(")")) {
      throw scanner.unexpected("')'");
    }
    return List.of(caller, callee);
  }

  private NodeSelector node() {
    expect(Expectation.Kind.KEYWORD, "id", "(");
    String name = scanner.string();
    if (name != null) {
      return new NodeSelector(name, null, null);
    }
    if (!scanner.takeWord("id")) {
      throw scanner.unexpected("a service name in double quotes or id(...)");
    }
    if (!scanner.take("(")) {
      throw scanner.unexpected("'(' behind id");
    }
    String type = null;
    String accountId = null;
    do {
      expect(Expectation.Kind.KEYWORD, "name", ": ");
      expect(Expectation.Kind.KEYWORD, "type", ": ");
      expect(Expectation.Kind.KEYWORD, "account.id", ": ");
      scanner.skipSpace();
      int start = scanner.position();
      String member = Scanner.lower(scanner.peekWord());
      boolean known = member.equals("name") || member.equals("type") || member.equals("account.id");
      if (!known) {
        throw scanner.unexpected("name:, type: or account.id:");
      }
      scanner.takeWord(member);
      if (!scanner.take(":")) {
        throw scanner.unexpected("':' behind " + member);
      }
      if (!member.equals("account.id")) {
        boolean ofName = member.equals("name");
        expect(ofName ? Expectation.Kind.SERVICE : Expectation.Kind.TYPE, "", "");
      }
      String value = text("a string in double quotes");
      String before;
      switch (member) {
        case "name" -> {
          before = name;
          name = value;
        }
        case "type" -> {
          before = type;
          type = value;
        }
        default -> {
          before = accountId;
          accountId = value;
        }
      }
      if (before != null) {
        throw scanner.failure(start, member + " twice", "each once");
      }
      expect(Expectation.Kind.SIGN, ",", " ");
      expect(Expectation.Kind.SIGN, ")", "");
    } while (scanner.take(","));
    if (!scanner.take(")")) {
      throw scanner.unexpected("',' or ')'");
    }
    return new NodeSelector(name, type, accountId);
  }

  private Expression rootCause(String lower, String word) {
    scanner.skipSpace();
    int start = scanner.position();
    scanner.takeWord(word);
    if (lower.equals("rootcause.json")) {
      boolean equal = equality();
      if (!scanner.take("#")) {
        throw scanner.unexpected("'#' and a JSON array");
      }
      Expression causes = new Expression.CauseJson(causes());
      return equal ? causes : new Expression.Not(causes);
    }
    for (CauseKind kind : CauseKind.values()) {
      for (CauseLevel level : CauseLevel.values()) {
        if (lower.equals("rootcause." + kind.text() + "." + level.text())
            && isLevelOf(kind, level)) {
          return new Expression.Cause(kind, level, inner(context(kind, level)));
        }
      }
    }
    throw scanner.failure(
        start,
        "unknown keyword '" + Scanner.shown(word) + "'",
        "rootcause.fault, .error or .responsetime with .service, .entity or, but for slow ones,"
            + " .exception; or rootcause.json");
  }

  private static boolean isLevelOf(CauseKind kind, CauseLevel level) {
    return kind != CauseKind.RESPONSETIME || level != CauseLevel.EXCEPTION;
  }

  private static Context context(CauseKind kind, CauseLevel level) {
    return switch (level) {
      case SERVICE -> Context.CAUSE_SERVICE;
      case ENTITY -> kind == CauseKind.RESPONSETIME ? Context.SLOW_ENTITY : Context.CAUSE_ENTITY;
      case EXCEPTION -> Context.CAUSE_EXCEPTION;
    };
  }

  private Json.Array causes() {
    scanner.skipSpace();
    int start = scanner.position();
    Json.Reader reader = new Json.Reader(scanner.text(), start, MAX_JSON_DEPTH);
    Json json;
    try {
      json = reader.read();
    } catch (Json.Malformed malformed) {
      scanner.moveTo(malformed.position());
      throw scanner.unexpected(String.valueOf(malformed.getMessage()));
    }
    if (!(json instanceof Json.Array array) || array.elements().isEmpty()) {
      throw scanner.failure(start, "JSON", "an array of at least one root cause behind #");
    }
    for (Json element : array.elements()) {
      checkMembers(start, "", element);
    }
    scanner.moveTo(reader.position());
    return array;
  }

  private void checkMembers(int start, String list, Json element) {
    Set<String> names = CAUSE_MEMBERS.getOrDefault(list, Set.of());
    String where = list.isEmpty() ? "a root cause" : "an element of " + list;
    if (!(element instanceof Json.Members object)) {
      throw scanner.failure(start, where + " that is no object", "a JSON object");
    }
    object
        .members()
        .forEach(
            (name, value) -> {
              if (!names.contains(name)) {
                throw scanner.failure(
                    start,
                    "member '" + Scanner.shown(name) + "' in " + where,
                    names.stream().sorted().collect(Collectors.joining(", ")));
              }
              checkMember(start, name, value);
            });
  }

  private void checkMember(int start, String name, Json value) {
    boolean fits =
        switch (name) {
          case "Services", "EntityPath", "Exceptions", "Names" -> value instanceof Json.Array;
          case "ClientImpacting", "Inferred", "Remote" -> value instanceof Json.Bool;
          case "Coverage" -> value instanceof Json.Numeric;
          default -> value instanceof Json.Text;
        };
    if (!fits) {
      throw scanner.failure(
          start,
          "member '" + name + "' of the wrong type",
          "the type that X-Ray's root causes have");
    }
    if (value instanceof Json.Array array) {
      for (Json element : array.elements()) {
        if (!name.equals("Names")) {
          checkMembers(start, name, element);
        } else if (!(element instanceof Json.Text)) {
          throw scanner.failure(start, "element of Names that is no string", "a string");
        }
      }
    }
  }
}
