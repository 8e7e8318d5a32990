// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Groups and sampling rules changed over the JSON API, which are those of the X-Ray API. */
class ITAdminRoutes {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String RULE =
      """
      {"name":"checkout","priority":10,"reservoirSize":5,"fixedRate":0.1,"serviceName":"front",
       "serviceType":"*","host":"*","httpMethod":"*","urlPath":"/shop.*","resourceArn":"*",
       "attributes":{"tenant":"a*"}}
      """;

  private TestServer server;

  @BeforeEach
  void start() {
    server = new TestServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HttpResponse<String> send(String method, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.uri(ListenerName.HTTP, path))
            .method(method, BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return server.client.send(request.build(), BodyHandlers.ofString());
  }

  private JsonNode ok(String method, String path, String body) throws Exception {
    HttpResponse<String> answer = send(method, path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private List<String> names(String path, String member) throws Exception {
    List<String> names = new ArrayList<>();
    for (JsonNode each : JSON.readTree(server.get(path).body()).get(member)) {
      names.add(each.get("name").asText());
    }
    return names;
  }

  private JsonNode xray(String path, String body) throws Exception {
    HttpResponse<byte[]> answer = server.post(path, body.getBytes(UTF_8));
    assertThat(answer.statusCode()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  @Test
  void group_madeAndChanged_isTheSameOverTheXRayApi() throws Exception {
    JsonNode made =
        ok(
            "POST",
            "/api/groups",
            "{\"name\":\"checkout\",\"filter\":\"fault\",\"insights\":{\"enabled\":true}}");

    assertThat(made.get("arn").asText()).contains("group/checkout/");
    assertThat(made.at("/insights/enabled").asBoolean()).isTrue();
    assertThat(names("/api/groups", "groups")).containsExactly("Default", "checkout");
    JsonNode changed = ok("PUT", "/api/groups/checkout", "{\"filter\":\"error\"}");
    assertThat(changed.at("/insights/enabled").asBoolean()).isTrue();
    JsonNode group = xray("/GetGroup", "{\"GroupName\":\"checkout\"}").get("Group");
    assertThat(group.get("FilterExpression").asText()).isEqualTo("error");
    assertThat(group.get("GroupARN")).isEqualTo(made.get("arn"));

    assertThat(ok("DELETE", "/api/groups/checkout", "").get("name").asText()).isEqualTo("checkout");
    assertThat(xray("/Groups", "{}").get("Groups")).hasSize(1);
  }

  @Test
  void defaultGroup_insights_canBeSwitchedOn() throws Exception {
    JsonNode changed =
        ok(
            "PUT",
            "/api/groups/Default",
            "{\"insights\":{\"enabled\":true,\"notifications\":true}}");

    assertThat(changed.get("insights"))
        .isEqualTo(JSON.readTree("{\"enabled\":true,\"notifications\":true}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "POST | /api/groups | {\"filter\":\"fault\"} | 400 | name | name: missing",
        "POST | /api/groups | {\"name\":\"a b\"} | 400 | name | name: 'a b' (expected: letters, digits and -)",
        "POST | /api/groups | {\"name\":\"Default\"} | 400 | name | name: 'Default' (expected: another name",
        "POST | /api/groups | {\"name\":\"taken\"} | 400 | name | name: 'taken' (expected: a name that no group has yet)",
        "POST | /api/groups | {\"name\":\"a\",\"filter\":1} | 400 | filter | filter: 1 (expected: a string)",
        "POST | /api/groups | {\"name\":\"a\",\"fliter\":\"ok\"} | 400 | fliter | fliter: unknown (expected: one of ",
        "POST | /api/groups | {\"name\":\"a\",\"insights\":{\"on\":true}} | 400 | insights.on | insights.on: unknown",
        "POST | /api/groups | {\"name\":\"a\",\"insights\":{\"notifications\":true}} | 400 | insights.notifications | insights.notifications: true (expected: false, as enabled is not true)",
        "POST | /api/groups | {\"name\":\"a\",\"filter\":\"group.name = \\\"a\\\"\"} | 400 | filter | filter: line 1, column 1: ",
        "PUT | /api/groups/taken | {\"name\":\"other\"} | 400 | name | name: 'other' (expected: 'taken', as in the path, or none)",
        "PUT | /api/groups/taken | {\"filter\":\"group.name = \\\"taken\\\"\"} | 400 | filter | filter: line 1, column 1: ",
        "PUT | /api/groups/Default | {\"filter\":\"fault\"} | 400 | filter | filter: given (expected: none, as",
        "PUT | /api/groups/gone | {} | 404 | name | name: 'gone' (expected: the name of a group that is there)",
        "DELETE | /api/groups/gone | `` | 404 | name | name: 'gone' (expected",
        "DELETE | /api/groups/Default | `` | 400 | name | name: 'Default' (expected: another group",
        "POST | /api/groups | [] | 400 | `` | body: ARRAY (expected: a JSON object)",
        "POST | /api/groups | `` | 400 | `` | body: ",
        "POST | /api/groups | {\"name\": | 400 | `` | body: Unexpected end-of-input",
        "POST | /api/groups?x=1 | {} | 400 | x | unknown parameter 'x' (expected: none)",
        "GET | /api/groups/taken | `` | 405 | `` | method: GET (expected: PUT or DELETE)",
        "POST | /api/sampling/rules | {\"name\":\"a\"} | 400 | serviceName | serviceName: missing (expected: a pattern, such as *)",
        "POST | /api/sampling/rules | {\"name\":\"a/b\"} | 400 | name | name: 'a/b' (expected: a name without /",
        "POST | /api/sampling/rules | {\"name\":\"a\",\"Priority\":1} | 400 | Priority | Priority: unknown (expected: one of ",
        "PUT | /api/sampling/rules/Default | {\"host\":\"a\"} | 400 | host | host: given (expected: only fixedRate and reservoirSize of the rule Default)",
        "PUT | /api/sampling/rules/Default | {\"fixedRate\":2} | 400 | fixedRate | fixedRate: 2 (expected: a number, 0 to 1)",
        "PUT | /api/sampling/rules/gone | {} | 404 | name | name: 'gone' (expected: the name of a sampling rule that is there)",
        "DELETE | /api/sampling/rules/Default | `` | 400 | name | name: 'Default' (expected: another rule, as this is always there)",
        "DELETE | /api/sampling/rules | `` | 405 | `` | method: DELETE (expected: GET or POST)"
      })
  void refused_saysWhatAndWhere_andChangesNothing(
      String method, String path, String body, int status, String parameter, String message)
      throws Exception {
    ok("POST", "/api/groups", "{\"name\":\"taken\",\"filter\":\"ok\"}");
    String groups = server.get("/api/groups").body();
    String rules = server.get("/api/sampling/rules").body();

    HttpResponse<String> answer = send(method, path, body);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    JsonNode error = JSON.readTree(answer.body()).get("error");
    assertThat(error.get("message").asText()).startsWith(message);
    assertThat(error.path("parameter").asText()).isEqualTo(parameter);
    assertThat(server.get("/api/groups").body()).isEqualTo(groups);
    assertThat(server.get("/api/sampling/rules").body()).isEqualTo(rules);
  }

  @Test
  void group_badFilter_tellsWhereAndWhatWasMeant() throws Exception {
    HttpResponse<String> answer =
        send("POST", "/api/groups", "{\"name\":\"a\",\"filter\":\"ok AND respontime > 1\"}");

    JsonNode error = JSON.readTree(answer.body()).get("error");
    assertThat(error.get("message").asText()).startsWith("filter: line 1, column 8: ");
    assertThat(error.get("position"))
        .isEqualTo(JSON.readTree("{\"line\":1,\"column\":8,\"hint\":\"responsetime\"}"));
  }

  @Test
  void groups_asManyAsThereMayBe_noMoreAreMade() throws Exception {
    for (int i = 0; i < 25; i++) {
      ok("POST", "/api/groups", "{\"name\":\"g" + i + "\"}");
    }

    HttpResponse<String> answer = send("POST", "/api/groups", "{\"name\":\"one-more\"}");

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("groups: 25 are there (expected: at most 25); delete one");
    assertThat(names("/api/groups", "groups")).hasSize(26);
  }

  @Test
  void rule_madeAndChanged_isTheSameOverTheXRayApi() throws Exception {
    JsonNode made = ok("POST", "/api/sampling/rules", RULE);

    assertThat(made.get("source").asText()).isEqualTo("api");
    assertThat(made.get("attributes")).isEqualTo(JSON.readTree("{\"tenant\":\"a*\"}"));
    assertThat(names("/api/sampling/rules", "rules")).containsExactly("checkout", "Default");
    JsonNode changed =
        ok(
            "PUT",
            "/api/sampling/rules/checkout",
            "{\"fixedRate\":0.5,\"rateBoost\":{\"maxRate\":0.9,\"cooldownWindowMinutes\":3}}");
    assertThat(changed.at("/rateBoost/maxRate").asDouble()).isEqualTo(0.9);
    JsonNode rule =
        xray("/GetSamplingRules", "{}").get("SamplingRuleRecords").get(0).get("SamplingRule");
    assertThat(rule.get("RuleName").asText()).isEqualTo("checkout");
    assertThat(rule.get("FixedRate").asDouble()).isEqualTo(0.5);
    assertThat(rule.get("URLPath").asText()).isEqualTo("/shop.*");
    assertThat(rule.get("Version").asInt()).isEqualTo(1);

    HttpResponse<String> again = send("POST", "/api/sampling/rules", RULE);
    assertThat(again.statusCode()).isEqualTo(400);
    assertThat(again.body()).contains("name: 'checkout' (expected: a name that no rule has yet)");
    assertThat(ok("DELETE", "/api/sampling/rules/checkout", "").get("priority").asInt())
        .isEqualTo(10);
    assertThat(names("/api/sampling/rules", "rules")).containsExactly("Default");
  }

  @Test
  void samplingStatistics_areWhatClientsReported() throws Exception {
    ok("PUT", "/api/sampling/rules/Default", "{\"fixedRate\":0.25}");
    long now = System.currentTimeMillis() / 1000;
    xray(
        "/SamplingTargets",
        "{\"SamplingStatisticsDocuments\":[{\"RuleName\":\"Default\",\"ClientID\":\""
            + "a".repeat(24)
            + "\",\"Timestamp\":"
            + now
            + ",\"RequestCount\":20,\"SampledCount\":6,\"BorrowCount\":1}]}");

    assertThat(JSON.readTree(server.get("/api/sampling/statistics").body()).get("rules"))
        .isEqualTo(
            JSON.readTree(
                "[{\"name\":\"Default\",\"requestCount\":20,\"sampledCount\":6,\"borrowCount\":1}]"));
  }

  @ParameterizedTest
  @CsvSource({
    "Sec-Fetch-Site, same-origin, 200",
    "Sec-Fetch-Site, same-site, 403",
    "Sec-Fetch-Site, cross-site, 403",
    "Sec-Fetch-Site, none, 403",
    "Origin, http://evil.example, 403",
    "Origin, null, 403"
  })
  void change_fromAPageOfAnotherServer_isRefusedAlsoWithoutAToken(
      String header, String value, int status) throws Exception {
    HttpResponse<String> answer =
        send("POST", "/api/groups", "{\"name\":\"planted\"}", header, value);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(names("/api/groups", "groups").contains("planted")).isEqualTo(status == 200);
  }
}
