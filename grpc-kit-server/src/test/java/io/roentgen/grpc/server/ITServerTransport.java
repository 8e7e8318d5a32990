// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Limits that only a transport with bytes knows. */
class ITServerTransport {
  private static final Metadata.Key<String> LONG =
      Metadata.Key.of("long", Metadata.ASCII_STRING_MARSHALLER);

  @Test
  void message_of11MB_isResourceExhausted_of9MB_passes() {
    try (TestServer server =
        TestServer.netty(ServerTransport.builder().build()::applyTo, TestServer.echo())) {
      assertThat(server.call("x".repeat(9_000_000))).hasSize(9_000_000);
      StatusRuntimeException refused =
          catchThrowableOfType(
              StatusRuntimeException.class, () -> server.call("x".repeat(11_000_000)));
      assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(server.call("after")).isEqualTo("after");
    }
  }

  @Test
  void metadata_overTheLimit_isRefused_andTheConnectionGoesOn() {
    try (TestServer server =
        TestServer.netty(
            ServerTransport.builder().maxMetadataBytes(2000).build()::applyTo, TestServer.echo())) {
      Metadata headers = new Metadata();
      headers.put(LONG, "x".repeat(3000));
      assertThat(
              catchThrowableOfType(StatusRuntimeException.class, () -> server.call("x", headers)))
          .isNotNull();
      assertThat(server.call("after")).isEqualTo("after");
    }
  }

  @Test
  void error_withHugeDetails_getsThroughWithWhatFits() {
    ServerSlots slots =
        ServerSlots.builder().add(Slot.ERROR_MAPPING, ErrorMapping.builder().build()).build();
    List<FieldViolation> violations =
        java.util.stream.IntStream.range(0, 500)
            .mapToObj(i -> new FieldViolation("items[" + i + "]", "must not be negative"))
            .toList();
    try (LogLines log = LogLines.of(ErrorMapping.class);
        TestServer server =
            TestServer.netty(
                slots::installOn,
                TestServer.unary(
                    (request, responses) -> {
                      throw RichError.badRequest(violations).toException();
                    }))) {
      StatusRuntimeException refused =
          catchThrowableOfType(StatusRuntimeException.class, () -> server.call("x"));
      assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(refused.getStatus().getDescription())
          .startsWith("items[0]: must not be negative; ")
          .endsWith("...");
      assertThat(log.messages()).hasSize(1);
    }
  }
}
