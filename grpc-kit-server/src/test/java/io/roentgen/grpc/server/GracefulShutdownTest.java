// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.roentgen.grpc.server.GracefulShutdown.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The order of what is done, on a server that writes it down; times pass at once. */
class GracefulShutdownTest {
  private final List<String> done = new CopyOnWriteArrayList<>();

  @Test
  void run_callsEnd_waitsForHealthThenForCalls() {
    GracefulShutdown shutdown = GracefulShutdown.of(new WritingServer(true)).build();
    assertThat(shutdown.run()).isEqualTo(Outcome.DRAINED);
    assertThat(done).containsExactly("await 5000", "shutdown", "await 30000");
  }

  @Test
  void run_callsDoNotEnd_areCancelled() {
    GracefulShutdown shutdown =
        GracefulShutdown.of(new WritingServer(false))
            .propagation(Duration.ofSeconds(1))
            .drain(Duration.ofSeconds(2))
            .build();
    assertThat(shutdown.run()).isEqualTo(Outcome.FORCED);
    assertThat(done)
        .containsExactly("await 1000", "shutdown", "await 2000", "shutdownNow", "await 5000");
  }

  @Test
  void run_healthSaysNotServing_whileCallsAreStillTaken() {
    ServerHealth health = new ServerHealth();
    try (TestServer probed = TestServer.inProcess(b -> {}, health.service().bindService())) {
      var stub = HealthGrpc.newBlockingStub(probed.channel());
      WritingServer server =
          new WritingServer(true) {
            @Override
            public Server shutdown() {
              done.add(
                  "health "
                      + stub.check(HealthCheckRequest.getDefaultInstance()).getStatus().name());
              return super.shutdown();
            }
          };
      GracefulShutdown.of(server).health(health).build().run();
      assertThat(done)
          .containsExactly("await 5000", "health NOT_SERVING", "shutdown", "await 30000");
      health.serving("");
      assertThat(stub.check(HealthCheckRequest.getDefaultInstance()).getStatus())
          .isEqualTo(ServingStatus.NOT_SERVING);
    }
  }

  @Test
  void run_again_returnsTheSameAndDoesNothing() {
    GracefulShutdown shutdown = GracefulShutdown.of(new WritingServer(true)).build();
    shutdown.run();
    done.clear();
    assertThat(shutdown.run()).isEqualTo(Outcome.DRAINED);
    assertThat(done).isEmpty();
  }

  @Test
  void run_byTwoThreads_secondWaitsForTheFirst() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    WritingServer server =
        new WritingServer(true) {
          @Override
          public Server shutdown() {
            entered.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return super.shutdown();
          }
        };
    GracefulShutdown shutdown = GracefulShutdown.of(server).build();
    CompletableFuture<Outcome> first =
        CompletableFuture.supplyAsync(shutdown::run, run -> new Thread(run).start());
    entered.await();
    CompletableFuture<Outcome> second = new CompletableFuture<>();
    Thread thread = new Thread(() -> second.complete(shutdown.run()));
    thread.start();
    assertThat(second).isNotDone();
    goOn.countDown();
    assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo(Outcome.DRAINED);
    assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo(Outcome.DRAINED);
    assertThat(done).containsExactly("await 5000", "shutdown", "await 30000");
  }

  @Test
  void run_interrupted_cancelsAtOnceAndStaysInterrupted() {
    Thread.currentThread().interrupt();
    GracefulShutdown shutdown = GracefulShutdown.of(new WritingServer(true)).build();
    Outcome outcome = shutdown.run();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(outcome).isEqualTo(Outcome.FORCED);
    assertThat(done).containsExactly("shutdownNow");
  }

  @Test
  void drain_negative_throws() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> GracefulShutdown.of(new WritingServer(true)).drain(Duration.ofSeconds(-1)))
        .withMessage("drain: PT-1S (expected: >= 0)");
  }

  private class WritingServer extends Server {
    private final boolean drains;
    private boolean shutDown;

    WritingServer(boolean drains) {
      this.drains = drains;
    }

    @Override
    public Server start() {
      return this;
    }

    @Override
    public Server shutdown() {
      done.add("shutdown");
      shutDown = true;
      return this;
    }

    @Override
    public Server shutdownNow() {
      done.add("shutdownNow");
      return this;
    }

    @Override
    public boolean isShutdown() {
      return shutDown;
    }

    @Override
    public boolean isTerminated() {
      return shutDown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      done.add("await " + unit.toMillis(timeout));
      return shutDown && drains;
    }

    @Override
    public void awaitTermination() {
      throw new IllegalStateException("waits for ever");
    }
  }
}
