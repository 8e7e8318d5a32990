// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleFileTest {
  private static final String DEFAULT = "\"default\": {\"fixed_target\": 1, \"rate\": 0.05}";

  private static RequestMatch match(String host, String method, String path) {
    return new RequestMatch("*", "*", host, method, path, "*", Map.of());
  }

  private static SamplingRule ofDefault(int reservoirSize, double rate) {
    return new SamplingRule(
        SamplingRule.DEFAULT_NAME,
        SamplingRule.DEFAULT_PRIORITY,
        reservoirSize,
        rate,
        RequestMatch.ANY,
        null);
  }

  @Test
  void parse_version2_isRulesInTheOrderOfTheFile() throws Exception {
    RuleSet rules =
        RuleFile.parse(
            """
            {
              "version": 2,
              "rules": [
                {
                  "description": "Player moves.",
                  "host": "*.example.com",
                  "http_method": "*",
                  "url_path": "/api/move/*",
                  "fixed_target": 0,
                  "rate": 0.05
                },
                {"host":"*","http_method":"PUT","url_path":"\\u002fp\\/t","fixed_target":7,"rate":1}
              ],
              "default": { "fixed_target": 3, "rate": 1e-1 }
            }
            """);
    assertThat(rules.rules())
        .containsExactly(
            new SamplingRule(
                "file-001", 9000, 0, 0.05, match("*.example.com", "*", "/api/move/*"), null),
            new SamplingRule("file-002", 9001, 7, 1, match("*", "PUT", "/p/t"), null),
            ofDefault(3, 0.1));
  }

  @Test
  void parse_version1_comparesTheServiceNameWithTheHost() throws Exception {
    RuleSet rules =
        RuleFile.parse(
            """
            {"default":{"fixed_target":1,"rate":0},"version":1,"rules":[
            {"service_name":"shop","http_method":"GET","url_path":"*","fixed_target":1,"rate":0.5}]}
            """);
    assertThat(rules.rules())
        .containsExactly(
            new SamplingRule("file-001", 9000, 1, 0.5, match("shop", "GET", "*"), null),
            ofDefault(1, 0));
  }

  @Test
  void parse_comments_areSkipped() throws Exception {
    // As the file that comes with the SDK for Java.
    assertThat(
            RuleFile.parse(
                    "\uFEFF// first\n{ /* a\n b */ \"version\" : 2, \"rules\": [\n// {\n//},\r]\n,"
                        + DEFAULT
                        + "}\n// last")
                .rules())
        .containsExactly(ofDefault(1, 0.05));
    assertThat(RuleFile.parse("{\"version\":2," + DEFAULT + "}").rules()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | file: end of text (expected: an object), line 1, column 1",
        "[] | file: an array (expected: an object), line 1, column 1",
        "{} | version: missing (expected: 1 or 2), line 1, column 1",
        "{D} | version: missing (expected: 1 or 2), line 1, column 1",
        "{'version':3,D} | version: 3 (expected: 1 or 2), line 1, column 12",
        "{'version':'2',D} | version: '2' (expected: 1 or 2), line 1, column 12",
        "{'version':1.5,D} | version: 1.5 (expected: 1 or 2), line 1, column 12",
        "{'version':2} | default: missing (expected: an object with fixed_target and rate), line 1, column 1",
        "{'version':2,'version':2,D} | file: member 'version' again (expected: each once), line 1, column 14",
        "{'versoin':2,D} | file: member 'versoin' (expected: default, rules, version), line 1, column 2",
        "{'version':2,D}x | file: 'x' (expected: its end after the object), line 1, column 59",
        "{'version':2,D | file: end of text (expected: , or }), line 1, column 58",
        "{'version' 2,D} | file: '2' (expected: : after the name of a member), line 1, column 12",
        "{'version':2 D} | file: a string (expected: , or }), line 1, column 14",
        "{version:2} | file: 'v' (expected: the name of a member), line 1, column 2",
        "{'version':02} | version: '02' (expected: a number), line 1, column 12",
        "{'version':2.} | version: '2.' (expected: a number), line 1, column 12",
        "{'version':[2]} | version: an array (expected: a string or a number), line 1, column 12",
        "{'version':nul} | version: 'n' (expected: a string or a number), line 1, column 12",
        "{'version':2,'rules':{}} | rules: an object (expected: an array), line 1, column 22",
        "{'version':2,'rules':[7]} | rules[0]: '7' (expected: an object), line 1, column 23",
        "{'version':2,'rules':[R;R]} | rules: ';' (expected: , or ]), line 1, column 99",
        "{'version':2,'default':1} | default: '1' (expected: an object), line 1, column 24",
        "{'version':2,'default':{'rate':1}} | default.fixed_target: missing (expected: a whole number, 0 or more), line 1, column 24",
        "{'version':2,'default':{'fixed_target':1}} | default.rate: missing (expected: 0 to 1), line 1, column 24",
        "{'version':2,'default':{'host':'*'}} | default: member 'host' (expected: fixed_target, rate), line 1, column 25",
        "{'version':2,'default':{'fixed_target':-1,'rate':1}} | default.fixed_target: -1 (expected: a whole number, 0 or more), line 1, column 40",
        "{'version':2,'default':{'fixed_target':1.5,'rate':1}} | default.fixed_target: 1.5 (expected: a whole number, 0 or more), line 1, column 40",
        "{'version':2,'default':{'fixed_target':1e99,'rate':1}} | default.fixed_target: 1E+99 (expected: a whole number, 0 or more), line 1, column 40",
        "{'version':2,'default':{'fixed_target':1,'rate':1.01}} | default.rate: 1.01 (expected: 0 to 1), line 1, column 49",
        "{'version':2,'default':{'fixed_target':1,'rate':true}} | default.rate: true (expected: 0 to 1), line 1, column 49",
        "{'version':2,'default':{'fixed_target':1,'rate':null}} | default.rate: null (expected: 0 to 1), line 1, column 49",
        "{'version':1,D,'rules':[R]} | rules[0].host: given (expected: service_name in version 1), line 1, column 76",
        "{'version':2,D,'rules':[R,{'service_name':'*'}]} | rules[1].service_name: given (expected: host in version 2), line 1, column 161",
        "{'version':2,D,'rules':[{}]} | rules[0].host: missing (expected: a pattern of 1 to 64 characters, such as *), line 1, column 68",
        "{'version':2,D,'rules':[{'host':''}]} | rules[0].host: '' (expected: a pattern of 1 to 64 characters, such as *), line 1, column 76",
        "{'version':2,D,'rules':[{'host':'*','http_method':'longerthanis'}]} | rules[0].http_method: 'longerthanis' (expected: a pattern of 1 to 10 characters, such as *), line 1, column 94",
        "{'version':2,D,'rules':[{'description':1}]} | rules[0].description: 1 (expected: a string), line 1, column 83",
        "{'version':2,D,'rules':[{'host':'\\x'}]} | rules[0].host: an unknown escape in a string (expected: one that JSON has), line 1, column 77",
        "{'version':2,D,'rules':[{'host':'\\u12g4'}]} | rules[0].host: an unknown escape in a string (expected: one that JSON has), line 1, column 77",
        "{'version':2,D,'rules':[{'host':'\\ | rules[0].host: an unknown escape in a string (expected: one that JSON has), line 1, column 77",
        "{'version':2,D,'rules':[{'host':'a | rules[0].host: a string without end (expected: \"), line 1, column 76",
        "{'version':2,/* | comment: without end (expected: */), line 1, column 14",
      })
  void parse_wrong_saysWhatWhereAndWhatWasExpected(String text, String message) {
    String rule = "{'host':'*','http_method':'*','url_path':'*','fixed_target':1,'rate':0.5000}";
    String json = text.replace("D", DEFAULT).replace("R", rule).replace('\'', '"');
    RuleFileException thrown =
        catchThrowableOfType(RuleFileException.class, () -> RuleFile.parse(json));
    assertThat(thrown).isNotNull().hasMessage(message);
  }

  @Test
  void parse_wrongOnALaterLine_saysWhichOne() {
    RuleFileException thrown =
        catchThrowableOfType(
            RuleFileException.class,
            () -> RuleFile.parse("{\r\n// x\r\"version\":2,\n  \"default\":7}"));
    assertThat(thrown).isNotNull();
    assertThat(thrown.line()).isEqualTo(4);
    assertThat(thrown.column()).isEqualTo(13);
  }

  @Test
  void parse_tooManyRulesOrDigits_isRefused() {
    String rule =
        "{\"host\":\"*\",\"http_method\":\"*\",\"url_path\":\"*\",\"fixed_target\":1,\"rate\":1},";
    assertThat(
            catchThrowableOfType(
                RuleFileException.class,
                () -> RuleFile.parse("{\"rules\":[" + rule.repeat(901) + "]}")))
        .hasMessageStartingWith("rules: more (expected: at most 900), line 1, column ");
    assertThat(
            catchThrowableOfType(
                RuleFileException.class,
                () -> RuleFile.parse("{\"version\":" + "1".repeat(1_000_000))))
        .hasMessageEndingWith("...' (expected: a number), line 1, column 12");
  }

  @Property
  void parse_anyNumbers_areTaken(
      @ForAll @IntRange int target, @ForAll @DoubleRange(max = 1) double rate) throws Exception {
    assertThat(
            RuleFile.parse(
                    "{\"version\":2,\"default\":{\"fixed_target\":"
                        + target
                        + ",\"rate\":"
                        + rate
                        + "}}")
                .rules())
        .containsExactly(ofDefault(target, rate));
  }
}
