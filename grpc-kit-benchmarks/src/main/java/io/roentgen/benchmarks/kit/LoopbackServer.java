// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The process that is called: says {@code port N} when it listens, and ends when nobody holds its
 * input any more.
 */
public final class LoopbackServer {
  private LoopbackServer() {}

  /**
   * Runs.
   *
   * @param args the variant
   */
  public static void main(String[] args) throws Exception {
    Pair pair = Variant.valueOf(args[0]).make();
    ExecutorService executor = Executors.newSingleThreadExecutor();
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .executor(executor)
            .addService(Echo.service(pair.sent()));
    pair.service().accept(builder);
    Server server = builder.build().start();
    System.out.println("port " + server.getPort());
    awaitEnd();
    server.shutdownNow().awaitTermination();
    executor.shutdown();
    pair.resources().close();
    System.exit(0);
  }

  /** Waits until whoever started this process is gone. */
  static void awaitEnd() throws IOException {
    while (System.in.read() >= 0) {
      // Nothing is said to it.
    }
  }
}
