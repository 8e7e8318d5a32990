// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.StringValue;
import io.grpc.CallOptions;
import io.grpc.ForwardingServerBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class ServerTransportTest {
  private static final MethodDescriptor<StringValue, StringValue> GROW =
      MethodDescriptor.newBuilder(
              ProtoUtils.marshaller(StringValue.getDefaultInstance()),
              ProtoUtils.marshaller(StringValue.getDefaultInstance()))
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("test.Service/Grow")
          .build();

  @Test
  void applyTo_unset_setsTheDefaults() {
    Settings settings = new Settings();
    ServerTransport.builder().maxConnectionAge(Duration.ofMinutes(5), 0).build().applyTo(settings);
    assertThat(settings.set)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "maxInboundMessageSize", 10L << 20,
                "maxInboundMetadataSize", 8192L,
                "handshakeTimeout", 120_000L,
                "keepAliveTime", 60_000L,
                "keepAliveTimeout", 20_000L,
                "permitKeepAliveTime", 5_000L,
                "permitKeepAliveWithoutCalls", 1L,
                "maxConnectionAge", 300_000L));
  }

  @Test
  void applyTo_everythingSet_setsIt() {
    Settings settings = new Settings();
    ServerTransport.builder()
        .maxMessageBytes(1)
        .maxMetadataBytes(2)
        .handshakeTimeout(Duration.ofMillis(3))
        .keepAliveTime(Duration.ofMillis(4))
        .keepAliveTimeout(Duration.ofMillis(5))
        .permitKeepAlive(Duration.ofMillis(6))
        .permitKeepAliveWithCallsOnly()
        .maxConnectionAge(Duration.ofMillis(7), 0)
        .maxConnectionAgeGrace(Duration.ofMillis(8))
        .maxConnectionIdle(Duration.ofMillis(9))
        .build()
        .applyTo(settings);
    assertThat(settings.set.values())
        .containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L, 6L, 0L, 7L, 8L, 9L);
  }

  @Test
  void applyTo_inProcess_leavesOutWhatItHasNot() {
    try (LogLines log = LogLines.of(ServerTransport.class);
        TestServer server =
            TestServer.inProcess(ServerTransport.builder().build()::applyTo, TestServer.echo())) {
      assertThat(server.call("x")).isEqualTo("x");
      assertThat(log.messages())
          .contains("FINE transport does not have setting name=keepAliveTime");
    }
  }

  @Test
  void maxConnectionAge_jitter_staysInRangeAndDiffers() {
    Set<Long> ages = new HashSet<>();
    RandomGenerator random = RandomGenerator.of("SplittableRandom");
    for (int i = 0; i < 200; i++) {
      long age =
          ServerTransport.builder()
              .maxConnectionAge(Duration.ofMillis(1), 0.2)
              .random(random)
              .build()
              .jitteredAgeNanos();
      assertThat(age).isBetween(800_000L, 1_200_000L);
      ages.add(age);
    }
    assertThat(ages).hasSizeGreaterThan(150);
  }

  @Test
  void keepAlive_serverPermitsLess_isAProblem() {
    ServerTransport transport =
        ServerTransport.builder().permitKeepAlive(Duration.ofMinutes(5)).build();
    assertThat(transport.keepAliveProblems(ClientKeepAlive.every(Duration.ofSeconds(10))))
        .containsExactly(
            "permitKeepAliveTime: 300 s (expected: less than the client's keepAliveTime of 10 s;"
                + " the server cuts off clients that ping more often)");
  }

  @Test
  void keepAlive_bothTheSame_isAProblem() {
    ServerTransport transport =
        ServerTransport.builder().permitKeepAlive(Duration.ofSeconds(10)).build();
    assertThat(transport.keepAliveProblems(ClientKeepAlive.every(Duration.ofSeconds(10))))
        .singleElement()
        .asString()
        .startsWith("permitKeepAliveTime: 10 s (expected: less than");
  }

  @Test
  void keepAlive_withoutCalls_mustBePermitted() {
    ServerTransport transport = ServerTransport.builder().permitKeepAliveWithCallsOnly().build();
    ClientKeepAlive client = ClientKeepAlive.every(Duration.ofSeconds(10)).withoutCalls();
    assertThat(transport.keepAliveProblems(client))
        .singleElement()
        .asString()
        .startsWith("permitKeepAliveWithoutCalls: false");
    assertThatIllegalArgumentException().isThrownBy(() -> transport.requireAgreementWith(client));
  }

  @Test
  void keepAlive_clientBelowWhatGrpcTakes_isAProblem() {
    assertThat(
            ServerTransport.builder()
                .permitKeepAlive(Duration.ofMillis(900))
                .build()
                .keepAliveProblems(ClientKeepAlive.every(Duration.ofSeconds(1))))
        .containsExactly(
            "client keepAliveTime: 1 s (expected: at least 10 s, which grpc-java takes instead)");
  }

  @Test
  void keepAlive_defaultsAgreeWithDocument004sClient() {
    ServerTransport transport = ServerTransport.builder().build();
    ClientKeepAlive client = ClientKeepAlive.every(Duration.ofSeconds(10)).withoutCalls();
    assertThat(transport.requireAgreementWith(client)).isSameAs(transport);
  }

  @Test
  void builder_badValues_throw() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServerTransport.builder().maxMessageBytes(0))
        .withMessage("maxMessageBytes: 0 (expected: > 0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServerTransport.builder().keepAliveTime(Duration.ZERO))
        .withMessage("keepAliveTime: PT0S (expected: more than 0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServerTransport.builder().maxConnectionAge(Duration.ofSeconds(1), 0.6))
        .withMessage("jitter: 0.6 (expected: 0 to 0.5)");
  }

  @Test
  void responseLimit_largerMessage_isResourceExhausted() {
    ServerServiceDefinition grow =
        TestServer.service(
            GROW,
            ServerCalls.asyncUnaryCall(
                (request, responses) -> {
                  responses.onNext(
                      StringValue.of("x".repeat(Integer.parseInt(request.getValue()))));
                  responses.onCompleted();
                }));
    ServerSlots slots =
        ServerSlots.builder().add(Slot.HANDLER, ResponseLimit.ofBytes(1000)).build();
    try (LogLines grpc = LogLines.warningsOfGrpc();
        TestServer server = TestServer.inProcess(slots::installOn, grow)) {
      assertThat(call(server, "900").getValue()).hasSize(900);
      StatusRuntimeException refused =
          Assertions.catchThrowableOfType(StatusRuntimeException.class, () -> call(server, "1100"));
      assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(refused.getStatus().getDescription())
          .isEqualTo("response: 1103 bytes (expected: at most 1000)");
      assertThat(grpc.thrown()).isEmpty();
    }
  }

  private static StringValue call(TestServer server, String request) {
    return ClientCalls.blockingUnaryCall(
        server.channel(), GROW, CallOptions.DEFAULT, StringValue.of(request));
  }

  /** Writes down what is set, times in milliseconds. */
  private static final class Settings extends ForwardingServerBuilder<Settings> {
    private final Map<String, Long> set = new TreeMap<>();

    @Override
    protected ServerBuilder<?> delegate() {
      throw new IllegalStateException("nothing else is to be set");
    }

    @Override
    public Settings maxInboundMessageSize(int bytes) {
      set.put("maxInboundMessageSize", (long) bytes);
      return this;
    }

    @Override
    public Settings maxInboundMetadataSize(int bytes) {
      set.put("maxInboundMetadataSize", (long) bytes);
      return this;
    }

    @Override
    public Settings handshakeTimeout(long time, TimeUnit unit) {
      set.put("handshakeTimeout", unit.toMillis(time));
      return this;
    }

    @Override
    public Settings keepAliveTime(long time, TimeUnit unit) {
      set.put("keepAliveTime", unit.toMillis(time));
      return this;
    }

    @Override
    public Settings keepAliveTimeout(long time, TimeUnit unit) {
      set.put("keepAliveTimeout", unit.toMillis(time));
      return this;
    }

    @Override
    public Settings permitKeepAliveTime(long time, TimeUnit unit) {
      set.put("permitKeepAliveTime", unit.toMillis(time));
      return this;
    }

    @Override
    public Settings permitKeepAliveWithoutCalls(boolean permit) {
      set.put("permitKeepAliveWithoutCalls", permit ? 1L : 0L);
      return this;
    }

    @Override
    public Settings maxConnectionAge(long time, TimeUnit unit) {
      set.put("maxConnectionAge", unit.toMillis(time));
      return this;
    }

    @Override
    public Settings maxConnectionAgeGrace(long time, TimeUnit unit) {
      set.put("maxConnectionAgeGrace", unit.toMillis(time));
      return this;
    }

    @Override
    public Settings maxConnectionIdle(long time, TimeUnit unit) {
      set.put("maxConnectionIdle", unit.toMillis(time));
      return this;
    }
  }
}
