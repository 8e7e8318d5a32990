// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ServerSlotsTest {
  private static final String ORDER =
      "SHUTDOWN_GUARD, TRACE, METRICS, LOG, ERROR_MAPPING, AUTH, RATE_LIMIT, DEADLINE, VALIDATION,"
          + " HANDLER";

  private final List<String> seen = new CopyOnWriteArrayList<>();

  @Test
  void installOn_addedInAnyOrder_callsRunThroughSlotsFromTheOutside() {
    for (int seed = 0; seed < 5; seed++) {
      seen.clear();
      List<Slot> shuffled = new ArrayList<>(Arrays.asList(Slot.values()));
      Collections.shuffle(shuffled, new Random(seed));
      ServerSlots.Builder slots = ServerSlots.builder();
      shuffled.forEach(slot -> slots.add(slot, slot.name(), new Named(slot.name())));
      try (TestServer server = TestServer.inProcess(slots.build()::installOn, TestServer.echo())) {
        server.call("x");
      }
      assertThat(String.join(", ", seen)).isEqualTo(ORDER);
    }
  }

  @Test
  void around_service_callsRunThroughSlotsFromTheOutside() {
    ServerSlots.Builder slots = ServerSlots.builder();
    for (Slot slot : Slot.values()) {
      slots.add(slot, new Named(slot.name()));
    }
    try (TestServer server =
        TestServer.inProcess(b -> {}, slots.build().around(TestServer.echo()))) {
      server.call("x");
    }
    assertThat(String.join(", ", seen)).isEqualTo(ORDER);
  }

  @Test
  void add_twoInOneSlot_earlierIsFurtherOut() {
    ServerSlots slots =
        ServerSlots.builder()
            .add(Slot.AUTH, "first", new Named("first"))
            .add(Slot.LOG, "log", new Named("log"))
            .add(Slot.AUTH, "second", new Named("second"))
            .build();
    try (TestServer server = TestServer.inProcess(slots::installOn, TestServer.echo())) {
      server.call("x");
    }
    assertThat(seen).containsExactly("log", "first", "second");
    assertThat(slots).hasToString("LOG log > AUTH first > AUTH second");
  }

  @Test
  void installOn_logsTheOrderOnce() {
    ServerSlots slots = ServerSlots.builder().defaults().build();
    try (LogLines log = LogLines.of(ServerSlots.class);
        TestServer server = TestServer.inProcess(slots::installOn, TestServer.echo())) {
      assertThat(server.call("x")).isEqualTo("x");
      assertThat(log.messages())
          .containsExactly(
              "INFO gRPC server interceptors order=LOG CallLogInterceptor > ERROR_MAPPING ErrorMapping >"
                  + " DEADLINE DeadlineCheck > VALIDATION Validation > HANDLER ResponseLimit");
    }
  }

  @Test
  void toString_lambda_namesWhereItWasWritten() {
    ServerInterceptor lambda =
        new ServerInterceptor() {
          @Override
          public <Q, R> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            return next.startCall(call, headers);
          }
        };
    assertThat(ServerSlots.builder().add(Slot.HANDLER, lambda).build())
        .hasToString("HANDLER ServerSlotsTest$");
  }

  @Test
  void toString_empty_saysNone() {
    assertThat(ServerSlots.builder().build()).hasToString("none");
  }

  private final class Named implements ServerInterceptor {
    private final String name;

    Named(String name) {
      this.name = name;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      seen.add(name);
      return next.startCall(call, headers);
    }
  }
}
