// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * A process with a server as the README has it. It says what happens on its standard output, and
 * answers the calls that wait when it reads a line.
 *
 * <p>Arguments: how long to take calls after NOT_SERVING and how long to wait for open ones, in
 * milliseconds.
 */
final class TerminatedServer {
  private TerminatedServer() {}

  public static void main(String[] args) throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    ServerHealth health = new ServerHealth();
    ShutdownGuard guard = ShutdownGuard.create();
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    ServerSlots.builder().defaults().add(Slot.SHUTDOWN_GUARD, guard).build().installOn(builder);
    Server server =
        builder
            .addService(
                TestServer.unary(
                    (request, responses) -> {
                      if (request.equals("wait")) {
                        ((ServerCallStreamObserver<String>) responses)
                            .setOnCancelHandler(() -> say("cancelled"));
                        say("waiting");
                        try {
                          answer.await();
                        } catch (InterruptedException e) {
                          Thread.currentThread().interrupt();
                        }
                      }
                      responses.onNext("answered " + request);
                      responses.onCompleted();
                    }))
            .addService(health.service())
            .build()
            .start();
    GracefulShutdown shutdown =
        GracefulShutdown.of(server)
            .health(health)
            .guard(guard)
            .propagation(Duration.ofMillis(Long.parseLong(args[0])))
            .drain(Duration.ofMillis(Long.parseLong(args[1])))
            .build();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> say("ended " + shutdown.run())));
    say("port " + server.getPort());
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      in.readLine();
    }
    answer.countDown();
    server.awaitTermination();
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
