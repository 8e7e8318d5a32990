// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ServiceMapTest {
  private static final String NO_CALLS =
      "{\"totalCount\":0,\"faultCount\":0,\"errorCount\":0,\"throttleCount\":0}";
  private static final String CALLS =
      "{\"totalCount\":8,\"faultCount\":1,\"errorCount\":0,\"throttleCount\":2,"
          + "\"latency\":{\"p50Nanos\":\"1500000\",\"p99Nanos\":\"2000000000\"}}";

  private final List<String> nodes = new ArrayList<>();
  private final List<String> edges = new ArrayList<>();

  @Test
  void print_calleeOfTwo_isDrawnBelowTheFirst() {
    node("a", "client", NO_CALLS);
    node("a", "", CALLS);
    node("b", "", CALLS);
    node("c", "", CALLS);
    node("db", "remote", CALLS);
    edge("a", "client", "a", "");
    edge("a", "", "b", "");
    edge("a", "", "c", "");
    edge("b", "", "c", "");
    edge("c", "", "db", "remote");
    assertThat(print())
        .containsExactly(
            "SERVICE        TYPE    CALLS  FAULT  ERROR  THROTTLE    P50  P99",
            "a              client",
            "`-a                        8  12.5%      -     25.0%  1.5ms   2s",
            "  |-b                      8  12.5%      -     25.0%  1.5ms   2s",
            "  | `-c                    8  12.5%      -     25.0%  1.5ms   2s",
            "  |   `-db     remote      8  12.5%      -     25.0%  1.5ms   2s",
            "  `-c (above)              8  12.5%      -     25.0%  1.5ms   2s");
  }

  @Test
  void print_circleWithoutAClient_showsEachOnce() {
    node("a", "", CALLS);
    node("b", "", CALLS);
    edge("a", "", "b", "");
    edge("b", "", "a", "");
    edge("b", "", "b", "");
    assertThat(print())
        .extracting(line -> line.substring(0, 15).stripTrailing())
        .containsExactly("SERVICE", "a", "`-b", "  |-a (above)", "  `-b (above)");
  }

  @Test
  void print_queue_hasItsConsumersBelowWithTheAgeOfMessages() {
    node("a", "", CALLS);
    node("b", "", CALLS);
    node("q", "Messaging::kafka", CALLS);
    edge("a", "", "q", "Messaging::kafka");
    edge(
        "q", "Messaging::kafka", "b", "", ",\"link\":true,\"ages\":{\"p50Nanos\":\"90000000000\"}");
    assertThat(print())
        .containsExactly(
            "SERVICE  TYPE              CALLS  FAULT  ERROR  THROTTLE    P50  P99  AGE P50",
            "a                              8  12.5%      -     25.0%  1.5ms   2s",
            "`-q      Messaging::kafka      8  12.5%      -     25.0%  1.5ms   2s",
            "  `-b                          8  12.5%      -     25.0%  1.5ms   2s    1m30s");
  }

  @Test
  void print_namesThatSteerATerminal_areCleaned() {
    node("a\\u001b[31m", "", CALLS);
    assertThat(print().get(1)).startsWith("a?[31m ");
  }

  private void node(String name, String type, String statistics) {
    nodes.add("{" + id(name, type) + ",\"statistics\":" + statistics + "}");
  }

  private void edge(String caller, String callerType, String callee, String calleeType) {
    edge(caller, callerType, callee, calleeType, "");
  }

  private void edge(
      String caller, String callerType, String callee, String calleeType, String more) {
    edges.add(
        "{\"caller\":{"
            + id(caller, callerType)
            + "},\"callee\":{"
            + id(callee, calleeType)
            + "},\"statistics\":"
            + CALLS
            + more
            + "}");
  }

  private static String id(String name, String type) {
    return "\"name\":\"" + name + "\",\"type\":\"" + type + "\"";
  }

  private List<String> print() {
    String json =
        "{\"nodes\":[" + String.join(",", nodes) + "],\"edges\":[" + String.join(",", edges) + "]}";
    JsonObject graph =
        Objects.requireNonNull(JsonObject.parseOrNull(json.getBytes(StandardCharsets.UTF_8)));
    StringWriter out = new StringWriter();
    PrintWriter writer = new PrintWriter(out);
    new ServiceMap(graph, new Terminal(100, false, false, ZoneOffset.UTC)).print(writer);
    return out.toString().lines().toList();
  }
}
