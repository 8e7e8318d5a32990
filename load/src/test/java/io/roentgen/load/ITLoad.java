// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Load on real servers. */
class ITLoad {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final AtomicInteger served = new AtomicInteger();
  private final Set<String> traces = ConcurrentHashMap.newKeySet();
  private HttpServer http;
  private Server grpc;

  @AfterEach
  void close() throws InterruptedException {
    if (http != null) {
      http.stop(0);
    }
    if (grpc != null) {
      grpc.shutdownNow().awaitTermination();
    }
    threads.shutdownNow();
  }

  @Test
  void http_serverThatHangs_isSeenInEveryRequestThatWasDue() throws Exception {
    // The one slot is taken by the first request until twenty more were due.
    CountDownLatch release = new CountDownLatch(1);
    URI uri =
        serve(
            () -> {
              if (served.incrementAndGet() == 1) {
                release.await();
              }
              return 200;
            });
    Shape shape = new Shape.Open(100);
    HttpCalls calls = new HttpCalls(Duration.ofSeconds(30), List.of(), TraceStart.NONE);
    try (Scenario scenario = HttpCalls.scenario(calls, "test", shape, uri, "GET", new byte[0])) {
      Load load =
          new Load(
              scenario, shape, new Limits(Duration.ofSeconds(60), 21, 1, Duration.ofSeconds(30)));
      long begin = System.nanoTime();
      threads.execute(
          () -> {
            Pace.real().until(begin + 300_000_000, () -> false);
            release.countDown();
          });
      Report report = load.run();
      assertThat(report.requests()).isEqualTo(21);
      assertThat(report.failed()).isZero();
      Report.Row row = report.rows().get(0);
      // The last of them was due after 200 ms, so it waited 100 at least; hurrying cannot hide it.
      assertThat(row.fromIntended().getMinValue()).isGreaterThan(90_000);
      assertThat(row.fromIntended().getMaxValue()).isGreaterThan(290_000);
    }
  }

  @Test
  void http_commandLine_printsTheTable() throws Exception {
    URI uri = serve(() -> served.incrementAndGet() % 5 == 0 ? 503 : 200);
    int code = execute("http", uri.toString(), "--rate", "200", "--count", "50", "--trace", "w3c");
    assertThat(code).as(err.toString()).isEqualTo(1);
    assertThat(out.toString())
        .contains("GET /", "codes: 200 40, 503 10\n")
        .containsPattern(
            "sent: 50 in [0-9.]+ s, [0-9.]+ a second \\(intended: 50, 200.0 a second\\)");
    assertThat(traces).hasSize(50).allMatch(t -> t.matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01"));
    assertThat(
            execute("http", uri.toString(), "--users", "3", "--count", "50", "--max-errors", "20"))
        .as(err.toString())
        .isZero();
    assertThat(served.get()).isEqualTo(100);
  }

  @Test
  void http_nothingThere_isFailedRequests() throws Exception {
    URI uri = serve(() -> 200);
    http.stop(0);
    assertThat(execute("http", uri.toString(), "--count", "3")).isEqualTo(1);
    assertThat(out.toString()).contains("codes: ConnectException 3\n");
  }

  @Test
  void grpc_methodsByReflection_areCalledWithJson() throws Exception {
    String target = serveGrpc();
    assertThat(
            execute(
                "grpc",
                target,
                "grpc.health.v1.Health/Check",
                "{\"service\": \"\"}",
                "--users",
                "4",
                "--count",
                "40"))
        .as(err.toString())
        .isZero();
    assertThat(out.toString()).contains("Check", "codes: OK 40\n");
    // A stream that does not end by itself takes until its deadline.
    assertThat(
            execute(
                "grpc", target, "grpc.health.v1.Health/Watch", "--count", "2", "--timeout", "0.2"))
        .isEqualTo(1);
    assertThat(out.toString()).contains("codes: DEADLINE_EXCEEDED 2\n");
  }

  @Test
  void grpc_wrongNamesAndMessages_sayWhatIsExpected() throws Exception {
    String target = serveGrpc();
    Map<List<String>, String> wrong =
        Map.of(
            List.of("no.Such/Method"),
            "service: no.Such (expected: one that the server describes)",
            List.of("grpc.health.v1.Health/Chek"),
            "method: grpc.health.v1.Health/Chek (expected: one of [Check, ",
            List.of("grpc.health.v1.Health/Check", "{\"nosuch\": 1}"),
            "(expected: JSON of grpc.health.v1.HealthCheckRequest)",
            List.of("grpc.health.v1.Health/Check", "{}", "{}"),
            "JSON: 2 messages (expected: one)");
    wrong.forEach(
        (arguments, message) -> {
          String[] line = new String[arguments.size() + 2];
          line[0] = "grpc";
          line[1] = target;
          for (int i = 0; i < arguments.size(); i++) {
            line[i + 2] = arguments.get(i);
          }
          err.getBuffer().setLength(0);
          assertThat(execute(line)).isEqualTo(2);
          assertThat(err.toString()).contains(message);
        });
  }

  private interface Handler {
    int status() throws InterruptedException;
  }

  private URI serve(Handler handler) throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext(
        "/",
        exchange -> {
          try (exchange) {
            String trace = exchange.getRequestHeaders().getFirst("traceparent");
            if (trace != null) {
              traces.add(trace);
            }
            exchange.sendResponseHeaders(handler.status(), -1);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    http.start();
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort() + "/");
  }

  private String serveGrpc() throws IOException {
    grpc =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(new HealthStatusManager().getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .build()
            .start();
    return "127.0.0.1:" + grpc.getPort();
  }

  private int execute(String... arguments) {
    CommandLine command =
        Main.commandLine(
            new RunCommand.Ending() {
              @Override
              public boolean hasTerminal() {
                return false;
              }

              @Override
              public AutoCloseable onEnd(Runnable stop) {
                return () -> {};
              }
            });
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }
}
