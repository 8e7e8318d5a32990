// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code roentgen demo orders archive} as the launcher starts it, on free ports: what the order
 * service and the archive do under load is seen in the server that it starts.
 */
class ITDemo {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern CONSOLE = Pattern.compile("console: +(http://\\S+)");
  private static final int CALLS = 300;
  private static final Duration EXIT_TIMEOUT = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @Test
  void demo_ordersAndArchive_areSeenInTheServer() throws Exception {
    Instant begin = Instant.now().minusSeconds(1);
    try (ChildProcess demo = start()) {
      URI console = URI.create(demo.awaitOutput(CONSOLE).group(1));
      try (Api api = new Api(console)) {
        verifySkew(api, begin);
        verifyOrders(api, begin);
        verifyArchive(api, begin);
      }
      assertThat(demo.terminate(EXIT_TIMEOUT)).as(demo.output()).isEqualTo(143);
      assertThat(demo.output()).contains("ending ...");
    }
  }

  /** One backend has all calls of pick_first; of round_robin each has a third, give or take 5 %. */
  private static void verifySkew(Api api, Instant begin) {
    soon()
        .untilAsserted(
            () -> {
              assertThat(byInstance(api, begin, "orders-pick-first"))
                  .containsExactlyInAnyOrder(CALLS, 0, 0);
              assertThat(byInstance(api, begin, "orders-round-robin"))
                  .allMatch(calls -> Math.abs(calls - CALLS / 3) <= CALLS * 5 / 100)
                  .satisfies(calls -> assertThat(sum(calls)).isEqualTo(CALLS));
            });
  }

  private static int sum(List<? extends Integer> numbers) {
    return numbers.stream().mapToInt(Integer::intValue).sum();
  }

  private static List<Integer> byInstance(Api api, Instant begin, String client) throws Exception {
    List<Integer> counts = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      counts.add(
          api.search(
                  begin,
                  "filter=edge(\""
                      + client
                      + "\", \"order-service\") AND annotation[instance] = \"order-backend-"
                      + i
                      + "\"")
              .size());
    }
    return counts;
  }

  /** Every kind of call, with the statuses that the load provokes; a watch while it goes on. */
  private static void verifyOrders(Api api, Instant begin) {
    soon()
        .untilAsserted(
            () -> {
              for (String method :
                  List.of(
                      "CreateOrder",
                      "GetOrder",
                      "WatchOrder",
                      "ListOrders",
                      "BatchCreateOrders",
                      "ProcessOrders")) {
                assertThat(search(api, begin, "annotation[rpc.method] = \"" + method + "\""))
                    .as(method)
                    .isNotEmpty();
              }
              assertThat(search(api, begin, "edge(\"order-desk\", \"order-service\")"))
                  .isNotEmpty();
              assertThat(search(api, begin, "annotation[order_id] = \"o-000001\"")).isNotEmpty();
              assertThat(search(api, begin, "annotation[grpc.deadline_ms] > 0")).isNotEmpty();
            });
    soon()
        .untilAsserted(
            () -> {
              JsonNode watch = null;
              for (String id : search(api, begin, "annotation[rpc.method] = \"WatchOrder\"")) {
                JsonNode trace = api.trace(id).orElseThrow();
                watch = trace.path("inProgress").asBoolean() ? trace : watch;
              }
              assertThat(watch).as("a watch that goes on").isNotNull();
            });
  }

  /** One trace from the fetcher to the archiver; what was fetched is searched for by annotation. */
  private static void verifyArchive(Api api, Instant begin) {
    soon()
        .untilAsserted(
            () -> {
              String fetched =
                  "edge(\"fetcher\", \"archiver\") AND annotation[remote-status] = 200";
              assertThat(search(api, begin, fetched)).isNotEmpty();
              assertThat(search(api, begin, "annotation[remote-status] = 404")).isNotEmpty();
            });
  }

  private static List<String> search(Api api, Instant begin, String filter) throws Exception {
    return api.search(begin, "filter=" + filter);
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(500));
  }

  private ChildProcess start() throws Exception {
    String libraries = ROOT.resolve("demo/target/lib") + File.separator + "*";
    return ChildProcess.command(
        folder,
        folder,
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-Droentgen.root=" + ROOT,
            "-cp",
            libraries,
            "io.roentgen.demo.Main",
            "orders",
            "archive",
            "--free-ports",
            "--data",
            folder.resolve("data").toString()),
        Map.of("CALLS", String.valueOf(CALLS)));
  }
}
