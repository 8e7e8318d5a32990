// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ShutdownGuardTest {
  private final ShutdownGuard guard = ShutdownGuard.create();
  private final ServerSlots slots = ServerSlots.builder().add(Slot.SHUTDOWN_GUARD, guard).build();

  @Test
  void call_whileDraining_isUnavailable_healthIsStillAnswered() {
    ServerHealth health = new ServerHealth();
    try (TestServer server =
        TestServer.inProcess(slots::installOn, TestServer.echo(), health.service().bindService())) {
      assertThat(server.call("x")).isEqualTo("x");
      health.stop();
      guard.drain();
      assertThat(
              catchThrowableOfType(StatusRuntimeException.class, () -> server.call("x"))
                  .getStatus()
                  .getCode())
          .isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(
              HealthGrpc.newBlockingStub(server.channel())
                  .check(HealthCheckRequest.getDefaultInstance())
                  .getStatus())
          .isEqualTo(ServingStatus.NOT_SERVING);
      await().untilAsserted(() -> assertThat(guard.openCalls()).isZero());
    }
  }

  @Test
  void openCalls_handlersThrow_areNotCounted() {
    ServerServiceDefinition throwing =
        TestServer.service(
            TestServer.UNARY,
            (call, headers) -> {
              throw new IllegalStateException("start");
            });
    try (LogLines grpc = LogLines.warningsOfGrpc();
        TestServer server = TestServer.inProcess(slots::installOn, throwing)) {
      assertThat(catchThrowableOfType(StatusRuntimeException.class, () -> server.call("x")))
          .isNotNull();
      await().untilAsserted(() -> assertThat(guard.openCalls()).isZero());
      assertThat(grpc.thrown()).isNotNull();
    }
  }

  @Test
  void signal_actionAddedLate_runsAtOnce_removedOneDoesNot() {
    List<String> ran = new CopyOnWriteArrayList<>();
    Runnable removed = () -> ran.add("removed");
    ShutdownSignal signal = new ShutdownSignal();
    signal.onShutdown(() -> ran.add("early"));
    signal.onShutdown(
        () -> {
          throw new IllegalStateException("action");
        });
    signal.onShutdown(removed);
    signal.onShutdown(() -> ran.add("second"));
    signal.remove(removed);
    try (LogLines log = LogLines.of(ShutdownGuard.class)) {
      signal.give(System.getLogger(ShutdownGuard.class.getName()));
      signal.give(System.getLogger(ShutdownGuard.class.getName()));
      assertThat(log.messages()).containsExactly("WARNING stream's shutdown action failed");
    }
    signal.onShutdown(() -> ran.add("late"));
    assertThat(ran).containsExactly("early", "second", "late");
    assertThat(signal.isGiven()).isTrue();
  }

  @Test
  void signal_withoutAGuard_isNeverGiven() {
    assertThat(ShutdownSignal.current().isGiven()).isFalse();
  }
}
