// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ParserTest {
  private static Expression parse(String text) {
    return Parser.parse(text, Filter.MAX_LENGTH, Filter.MAX_DEPTH);
  }

  /** Expressions and their canonical spelling. */
  static Stream<Arguments> expressions() {
    return Stream.of(
        Arguments.of("", ""),
        Arguments.of(" \t\n", ""),
        Arguments.of("ok", "ok"),
        Arguments.of("!ok", "!ok"),
        Arguments.of("ok = false", "ok = false"),
        Arguments.of("fault", "fault"),
        Arguments.of("error = true", "error"),
        Arguments.of("error != TRUE", "error = false"),
        Arguments.of("responsetime > 5", "responsetime > 5"),
        Arguments.of("responseTime>=5.50", "responsetime >= 5.5"),
        Arguments.of("duration >= 5 AND duration <= 8", "duration >= 5 AND duration <= 8"),
        Arguments.of("ok !partial duration <3", "ok AND !partial AND duration < 3"),
        Arguments.of("http.status != 200", "http.status != 200"),
        Arguments.of("http.url CONTAINS \"/api/game/\"", "http.url CONTAINS \"/api/game/\""),
        Arguments.of("http.method = \"POST\"", "http.method = \"POST\""),
        Arguments.of(
            "http.url BEGINSWITH \"http://api.example.com/\" AND http.url CONTAINS \"/v2/\" AND"
                + " !service(\"api.example.com\")",
            "http.url BEGINSWITH \"http://api.example.com/\" AND http.url CONTAINS \"/v2/\" AND"
                + " !service(\"api.example.com\")"),
        Arguments.of("user CONTAINS \"\"", "user CONTAINS \"\""),
        Arguments.of("user = \"u-17\"", "user = \"u-17\""),
        Arguments.of("annotation.gameid = \"817DL6VO\"", "annotation.gameid = \"817DL6VO\""),
        Arguments.of("annotation[gameid] = \"817DL6VO\"", "annotation.gameid = \"817DL6VO\""),
        Arguments.of("annotation[ \"gameid\" ] = \"817DL6VO\"", "annotation.gameid = \"817DL6VO\""),
        Arguments.of(
            "annotation[order.id] BEGINSWITH \"A\"", "annotation[\"order.id\"] BEGINSWITH \"A\""),
        Arguments.of("annotation.age > 29", "annotation.age > 29"),
        Arguments.of("annotation.age", "annotation.age"),
        Arguments.of("!annotation.age", "!annotation.age"),
        Arguments.of("annotation.internal = true", "annotation.internal = true"),
        Arguments.of("annotation.internal != true", "annotation.internal = false"),
        Arguments.of("service(\"api.example.com\")", "service(\"api.example.com\")"),
        Arguments.of(
            "service(\"api.example.com\") { fault }", "service(\"api.example.com\") { fault }"),
        Arguments.of("service() { fault }", "service() { fault }"),
        Arguments.of("service { fault }", "service() { fault }"),
        Arguments.of(
            "service(\"a\") { fault = true OR responsetime > 2.5 } AND annotation.account ="
                + " \"12345\"",
            "service(\"a\") { fault OR responsetime > 2.5 } AND annotation.account = \"12345\""),
        Arguments.of(
            "service(\"data-plane\") { root = true AND fault = true }",
            "service(\"data-plane\") { root AND fault }"),
        Arguments.of(
            "edge(\"api\", \"backend\") { error }", "edge(\"api\", \"backend\") { error }"),
        Arguments.of("edge(\"api\",\"backend\")", "edge(\"api\", \"backend\")"),
        Arguments.of("edge { fault }", "edge() { fault }"),
        Arguments.of(
            "service(id(name: \"fn\", type: \"AWS::Lambda::Function\")) { error }",
            "service(id(name: \"fn\", type: \"AWS::Lambda::Function\")) { error }"),
        Arguments.of(
            "service(id(type: \"AWS::DynamoDB::Table\"))",
            "service(id(type: \"AWS::DynamoDB::Table\"))"),
        Arguments.of(
            "service(id(account.id: \"123456789012\"))",
            "service(id(account.id: \"123456789012\"))"),
        Arguments.of("service(ID(Name:\"a\"))", "service(\"a\")"),
        Arguments.of(
            "edge(id(name:\"web\", type:\"client\"), id(name:\"web\", type:\"AWS::EC2::Instance\"))"
                + " { fault }",
            "edge(id(name: \"web\", type: \"client\"), id(name: \"web\", type:"
                + " \"AWS::EC2::Instance\")) { fault }"),
        Arguments.of(
            "(fault OR throttle) AND responsetime >= 1",
            "(fault OR throttle) AND responsetime >= 1"),
        Arguments.of("fault OR error AND throttle", "fault OR error AND throttle"),
        Arguments.of("(fault OR (error AND throttle))", "fault OR error AND throttle"),
        Arguments.of("!(a_ok)".replace("a_ok", "ok and fault"), "!(ok AND fault)"),
        Arguments.of("!!ok", "!!ok"),
        Arguments.of("!ok fault or error", "!ok AND fault OR error"),
        Arguments.of(
            "group.name = \"slow\" AND user = \"alice\"",
            "group.name = \"slow\" AND user = \"alice\""),
        Arguments.of("group.arn != \"arn:x\"", "!group.arn = \"arn:x\""),
        Arguments.of(
            "rootcause.fault.service { name = \"Auth\" }",
            "rootcause.fault.service { name = \"Auth\" }"),
        Arguments.of(
            "rootcause.fault.exception { last AND message = \"Access Denied\" }",
            "rootcause.fault.exception { last AND message = \"Access Denied\" }"),
        Arguments.of(
            "rootcause.responsetime.entity { last and coverage > 0.8 }",
            "rootcause.responsetime.entity { last AND coverage > 0.8 }"),
        Arguments.of(
            "rootcause.responsetime.entity { index != 0 and coverage > 80% }",
            "rootcause.responsetime.entity { index != 0 AND coverage > 0.8 }"),
        Arguments.of(
            "rootcause.responsetime.service { last and type = \"AWS::DynamoDB\" }",
            "rootcause.responsetime.service { last AND type = \"AWS::DynamoDB\" }"),
        Arguments.of("rootcause.error.entity", "rootcause.error.entity"),
        Arguments.of(
            "rootcause.json = #[{\"Services\":[{\"Name\":\"A\",\"EntityPath\":[{\"Name\":\"A\"},"
                + "{\"Name\":\"q\"}]}]}]",
            "rootcause.json = #[{\"Services\":[{\"Name\":\"A\",\"EntityPath\":[{\"Name\":\"A\"},"
                + "{\"Name\":\"q\"}]}]}]"),
        Arguments.of(
            "rootcause.json != # [ { \"ClientImpacting\" : true } ] ok",
            "!rootcause.json = #[{\"ClientImpacting\":true}] AND ok"),
        Arguments.of("availabilityzone = \"us-west-2c\"", "availabilityzone = \"us-west-2c\""),
        Arguments.of("instance.id = \"i-0abc\"", "instance.id = \"i-0abc\""),
        Arguments.of("instance.id = i-0abc", "instance.id = \"i-0abc\""),
        Arguments.of(
            "resource.arn ENDSWITH \"function:f\"", "resource.arn ENDSWITH \"function:f\""),
        Arguments.of("service() { name = traces }", "service() { name = \"traces\" }"),
        Arguments.of("http.url", "http.url EXISTS"),
        Arguments.of("Http.Url exists AND ok", "http.url EXISTS AND ok"),
        Arguments.of("annotation.a EXISTS", "annotation.a EXISTS"),
        Arguments.of(
            "attribute[\"db.system\"] = \"mysql\"", "attribute[\"db.system\"] = \"mysql\""),
        Arguments.of("attribute[plain]", "attribute[\"plain\"]"),
        Arguments.of("user = \"a \\\"b\\\" \\\\ c\"", "user = \"a \\\"b\\\" \\\\ c\""),
        Arguments.of("user = \"naïve 😀\"", "user = \"naïve 😀\""),
        Arguments.of("responsetime > 250ms", "responsetime > 0.25"),
        Arguments.of("duration < 1.5h", "duration < 5400"),
        Arguments.of("duration > 2m", "duration > 120"),
        Arguments.of(
            "duration > 7us duration<9ns", "duration > 0.000007 AND duration < 0.000000009"),
        Arguments.of("responsetime > 1e-3", "responsetime > 0.001"),
        Arguments.of("annotation.n = -1.50E2", "annotation.n = -150"),
        Arguments.of("annotation.n = 1e300", "annotation.n = 1E+300"),
        Arguments.of("grpc.status = UNAVAILABLE", "grpc.status = 14"),
        Arguments.of("grpc.status != \"ok\"", "grpc.status != 0"),
        Arguments.of("grpc.status >= 10", "grpc.status >= 10"),
        Arguments.of("grpc.service = \"shop.Cart\"", "grpc.service = \"shop.Cart\""),
        Arguments.of("grpc.method ENDSWITH \"Add\"", "grpc.method ENDSWITH \"Add\""));
  }

  @ParameterizedTest
  @MethodSource("expressions")
  void parse_expression_hasOneCanonicalSpelling(String text, String canonical) {
    Expression expression = parse(text);

    assertThat(ExpressionWriter.write(expression)).isEqualTo(canonical);
    assertThat(parse(canonical)).isEqualTo(expression);
  }

  static Stream<Arguments> mistakes() {
    String condition = " (expected: a condition such as responsetime > 5)";
    return Stream.of(
        Arguments.of(
            "foo = 1",
            "line 1, column 1: unknown keyword 'foo' (expected: a keyword outside of braces)"),
        Arguments.of(
            "respontime > 5",
            "line 1, column 1: unknown keyword 'respontime' (expected: a keyword outside of"
                + " braces; did you mean responsetime?)"),
        Arguments.of(
            "ok AND\n  falt",
            "line 2, column 3: unknown keyword 'falt' (expected: a keyword outside of braces; did"
                + " you mean fault?)"),
        Arguments.of(
            "coldstart",
            "line 1, column 1: unknown keyword 'coldstart' (expected: a keyword; X-Ray documents no"
                + " coldstart)"),
        Arguments.of(
            "servce(\"a\")",
            "line 1, column 1: unknown keyword 'servce' (expected: a keyword outside of braces;"
                + " did you mean service()?)"),
        Arguments.of(
            "http.statuscode = 200",
            "line 1, column 1: unknown keyword 'http.statuscode' (expected: a keyword outside of"
                + " braces; did you mean http.status?)"),
        Arguments.of(
            "ok >", "line 1, column 4: > behind ok (expected: =, != or the keyword alone)"),
        Arguments.of("ok = 1", "line 1, column 6: '1' (expected: true or false)"),
        Arguments.of("service(\"a\"", "line 1, column 12: end of the expression (expected: ')')"),
        Arguments.of("annotation[]", "line 1, column 12: ']' (expected: a key)"),
        Arguments.of(
            "annotation[a",
            "line 1, column 13: end of the expression (expected: ']' behind the key)"),
        Arguments.of(
            "annotation.",
            "line 1, column 1: 'annotation.' without a key (expected: annotation.KEY)"),
        Arguments.of(
            "annotation.order.id = 1",
            "line 1, column 1: annotation key 'order.id' with a dot (expected:"
                + " annotation[\"order.id\"])"),
        Arguments.of(
            "annotation.a = gold",
            "line 1, column 16: 'gold' (expected: a string in double quotes, a number, true or"
                + " false)"),
        Arguments.of(
            "annotation.a CONTAINS 5",
            "line 1, column 23: '5' (expected: a string in double quotes behind CONTAINS)"),
        Arguments.of(
            "annotation.a < \"x\"",
            "line 1, column 14: < behind an annotation before a string (expected: =, !=, CONTAINS,"
                + " BEGINSWITH, ENDSWITH or EXISTS)"),
        Arguments.of(
            "http.status CONTAINS 5",
            "line 1, column 13: CONTAINS behind http.status (expected: =, !=, <, <=, >, >= or"
                + " EXISTS)"),
        Arguments.of(
            "http.status = \"200\"", "line 1, column 15: string \"200\" (expected: a number)"),
        Arguments.of(
            "user > \"a\"",
            "line 1, column 6: > behind user (expected: =, !=, CONTAINS, BEGINSWITH, ENDSWITH or"
                + " EXISTS)"),
        Arguments.of("user = 'a'", "line 1, column 8: ''' (expected: a string in double quotes)"),
        Arguments.of(
            "user = AND ok", "line 1, column 8: 'AND' (expected: a string in double quotes)"),
        Arguments.of(
            "user = \"a",
            "line 1, column 8: string without an end (expected: a double quote at its end)"),
        Arguments.of(
            "user = \"C:\\temp\"",
            "line 1, column 11: backslash in a string (expected: \\\" or \\\\)"),
        Arguments.of(
            "user = \"\uD83D\"",
            "line 1, column 9: half of a surrogate pair (expected: whole characters)"),
        Arguments.of(
            "ok == true",
            "line 1, column 4: '==' (expected: =, !=, <, <=, >, >=, CONTAINS, BEGINSWITH or ENDSWITH)"),
        Arguments.of(
            "ok EXISTS",
            "line 1, column 4: EXISTS behind ok (expected: =, != or the keyword alone)"),
        Arguments.of("ok AND", "line 1, column 7: end of the expression" + condition),
        Arguments.of("OR ok", "line 1, column 1: 'OR'" + condition),
        Arguments.of("()", "line 1, column 2: ')'" + condition),
        Arguments.of("(ok", "line 1, column 4: end of the expression (expected: AND, OR or ')')"),
        Arguments.of(
            "ok)", "line 1, column 3: ')' (expected: AND, OR or the end of the expression)"),
        Arguments.of(
            "ok \"x\"",
            "line 1, column 4: string \"x\" (expected: AND, OR or the end of the expression)"),
        Arguments.of("service() {}", "line 1, column 12: '}'" + condition),
        Arguments.of(
            "service(api)",
            "line 1, column 9: 'api' (expected: a service name in double quotes or id(...))"),
        Arguments.of(
            "service(id(arn: \"a\"))",
            "line 1, column 12: 'arn' (expected: name:, type: or account.id:)"),
        Arguments.of(
            "service(id(name: \"a\", NAME: \"b\"))",
            "line 1, column 23: name twice (expected: each once)"),
        Arguments.of(
            "edge(\"a\")", "line 1, column 9: ')' (expected: ',' and the service that is called)"),
        Arguments.of(
            "service() { service(\"b\") }",
            "line 1, column 13: 'service' in service() { } (expected: ok, error, fault, throttle,"
                + " partial, inferred, root, responsetime, duration, http.status, http.url,"
                + " http.method, http.useragent, http.clientip, user, name, type, availabilityzone,"
                + " instance.id, resource.arn, grpc.status, grpc.service, grpc.method, annotation"
                + " or attribute)"),
        Arguments.of(
            "edge() { annotatoin.a }",
            "line 1, column 10: unknown keyword 'annotatoin.a' (expected: a keyword in edge() { };"
                + " did you mean annotation.KEY?)"),
        Arguments.of(
            "rootcause.fault.exception { fault }",
            "line 1, column 29: 'fault' in rootcause.*.exception { } (expected: first, last, index,"
                + " name, message)"),
        Arguments.of(
            "rootcause.fault.exception { annotation.a }",
            "line 1, column 29: 'annotation.a' in rootcause.*.exception { } (expected: first, last,"
                + " index, name, message)"),
        Arguments.of(
            "rootcause.responsetime.exception",
            "line 1, column 1: unknown keyword 'rootcause.responsetime.e...' (expected:"
                + " rootcause.fault, .error or .responsetime with .service, .entity or, but for"
                + " slow ones, .exception; or rootcause.json)"),
        Arguments.of(
            "rootcause.json = [1]", "line 1, column 18: '[' (expected: '#' and a JSON array)"),
        Arguments.of(
            "rootcause.json = #[]",
            "line 1, column 19: JSON (expected: an array of at least one root cause behind #)"),
        Arguments.of(
            "rootcause.json = #[{\"Services\":[{\"Nam\":\"a\"}]}]",
            "line 1, column 19: member 'Nam' in an element of Services (expected: AccountId,"
                + " EntityPath, Inferred, Name, Names, Type)"),
        Arguments.of(
            "rootcause.json = #[{\"Services\":5}]",
            "line 1, column 19: member 'Services' of the wrong type (expected: the type that"
                + " X-Ray's root causes have)"),
        Arguments.of("rootcause.json = #[{\"Services\"]", "line 1, column 31: ']' (expected: :)"),
        Arguments.of(
            "name = \"a\"",
            "line 1, column 1: 'name' outside of braces (expected: ok, error, fault, throttle, partial, inferred, responsetime, duration, http.status, http.url, http.method, http.useragent, http.clientip, user, availabilityzone, instance.id, resource.arn, grpc.status, grpc.service, grpc.method, annotation or attribute)"),
        Arguments.of(
            "group.name = slow", "line 1, column 14: 'slow' (expected: a string in double quotes)"),
        Arguments.of(
            "duration > 5 seconds",
            "line 1, column 14: unknown keyword 'seconds' (expected: a keyword outside of braces)"),
        Arguments.of(
            "duration > 5sec",
            "line 1, column 12: '5sec' (expected: a number of seconds, or one with ns, us, ms, s, m"
                + " or h)"),
        Arguments.of("http.status = 5ms", "line 1, column 15: '5ms' (expected: a number)"),
        Arguments.of(
            "duration > -",
            "line 1, column 12: '-' (expected: a number of seconds, or one with ns, us, ms, s, m or h)"),
        Arguments.of(
            "duration > 1e999",
            "line 1, column 12: '1e999' (expected: a number between 1e-400 and 1e400)"),
        Arguments.of(
            "annotation.a = 1e99999999999",
            "line 1, column 16: '1e99999999999' (expected: a number)"),
        Arguments.of(
            "annotation.a = " + "9".repeat(51),
            "line 1, column 16: number of 51 characters (expected: at most 50)"),
        Arguments.of(
            "grpc.status = UNAVAILBLE",
            "line 1, column 15: 'UNAVAILBLE' (expected: a gRPC status such as UNAVAILABLE or 14;"
                + " did you mean UNAVAILABLE?)"),
        Arguments.of("\u0000", "line 1, column 1: '\uFFFD'" + condition),
        Arguments.of("😀😀", "line 1, column 1: '\uFFFD\uFFFD'" + condition),
        Arguments.of(
            "user = \"😀\" @",
            "line 1, column 12: '@' (expected: AND, OR or the end of the expression)"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void parse_mistake_saysWhereWhatAndWhatInstead(String text, String message) {
    assertThatThrownBy(() -> parse(text)).isInstanceOf(FilterException.class).hasMessage(message);
  }

  @Test
  void parse_tooLong_isRefused() {
    String longest = "ok" + " ".repeat(Filter.MAX_LENGTH - 2);
    assertThat(parse(longest)).isEqualTo(parse("ok"));
    assertThatThrownBy(() -> parse(longest + " "))
        .hasMessage(
            "line 1, column 10001: expression of 10001 characters (expected: at most 10000)");
  }

  @Test
  void parse_tooDeep_isRefused() {
    for (String open : List.of("(", "!", "(!")) {
      String deepest = open.repeat(Filter.MAX_DEPTH / open.length());
      String shut = ")".repeat((int) deepest.chars().filter(c -> c == '(').count());
      assertThat(parse(deepest + "ok" + shut)).isNotNull();
      assertThatThrownBy(() -> parse(open.repeat(5_000 / open.length()) + "ok"))
          .hasMessage(
              "line 1, column 129: too many levels (expected: !, ( and { nested at most 128 deep)");
    }
    assertThatThrownBy(() -> parse("rootcause.json = #" + "[".repeat(9_000)))
        .hasMessage("line 1, column 27: '[' (expected: JSON nested at most 8 deep)");
  }

  @Test
  void exception_hasItsPartsApart() {
    assertThatThrownBy(() -> parse("ok\nfalt"))
        .isInstanceOfSatisfying(
            FilterException.class,
            e -> {
              assertThat(e.line()).isEqualTo(2);
              assertThat(e.column()).isEqualTo(1);
              assertThat(e.found()).isEqualTo("unknown keyword 'falt'");
              assertThat(e.expected()).isEqualTo("a keyword outside of braces");
              assertThat(e.hint()).isEqualTo("fault");
            });
  }

  @Test
  void selector_serviceEdgeOrId_isRead() {
    assertThat(EntitySelector.parse("service(\"a\")"))
        .isEqualTo(new EntitySelector.OfService(new NodeSelector("a", null, null)));
    assertThat(EntitySelector.parse("id(name: \"a\", type: \"t\", account.id: \"1\")"))
        .isEqualTo(new EntitySelector.OfService(new NodeSelector("a", "t", "1")));
    assertThat(EntitySelector.parse("edge(id(name:\"a\"), \"b\")"))
        .isEqualTo(
            new EntitySelector.OfEdge(
                new NodeSelector("a", null, null), new NodeSelector("b", null, null)));
    assertThatThrownBy(() -> EntitySelector.parse("fault"))
        .hasMessage("line 1, column 1: 'fault' (expected: service(...), edge(...) or id(...))");
    assertThatThrownBy(() -> EntitySelector.parse("service(\"a\") { fault }"))
        .hasMessage("line 1, column 14: '{' (expected: the end of the selector)");
  }
}
