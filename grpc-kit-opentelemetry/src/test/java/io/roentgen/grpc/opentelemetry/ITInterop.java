// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Channel;
import io.roentgen.grpc.TraceFormat;
import io.roentgen.grpc.opentelemetry.Peer.Tracer;
import io.roentgen.grpc.testing.EchoService;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kit on one end of a connection, and itself, OpenTelemetry's library 2.31.1 or Brave 6.3.1,
 * both unmodified, on the other: by each format that both know, one trace with the caller's span as
 * parent.
 */
class ITInterop {
  private static Stream<Arguments> pairs() {
    List<Arguments> pairs = new ArrayList<>();
    for (Tracer client : Tracer.values()) {
      for (Tracer server : Tracer.values()) {
        for (TraceFormat format : TraceFormat.values()) {
          boolean ours = client.isKit() || server.isKit();
          if (ours && client.speaks(format) && server.speaks(format)) {
            pairs.add(Arguments.of(client, server, format));
          }
        }
      }
    }
    return pairs.stream();
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void call_fromOneToTheOther_isOneTraceWithTheRightParent(
      Tracer client, Tracer server, TraceFormat format) {
    try (Peer caller = client.peer(format);
        Peer callee = server.peer(format)) {
      try (Rig rig = new Rig()) {
        int port =
            rig.serveLoopback(EchoService.echo(), builder -> builder.intercept(callee.server));
        Channel channel = rig.connectLoopback(port, builder -> builder.intercept(caller.client));
        assertThat(Rig.call(channel, "a")).isEqualTo("a");
        await()
            .untilAsserted(
                () -> {
                  assertThat(caller.seen()).hasSize(1);
                  assertThat(callee.seen()).hasSize(1);
                });
      }
      Seen call = caller.seen().get(0);
      Seen served = callee.seen().get(0);
      assertThat(call.server()).isFalse();
      assertThat(served.server()).isTrue();
      assertThat(served.trace()).isEqualTo(call.trace());
      // Brave joins a B3 span: the two sides of the call are one span to it.
      assertThat(served.parent().equals(call.span()) || joins(server, served, call))
          .as("%s of %s", served, call)
          .isTrue();
    }
  }

  private static boolean joins(Tracer server, Seen served, Seen call) {
    return server == Tracer.BRAVE && served.span().equals(call.span());
  }
}
