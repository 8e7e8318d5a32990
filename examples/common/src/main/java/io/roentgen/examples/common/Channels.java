// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.common;

import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.NameResolverRegistry;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.roentgen.grpc.client.ChannelDefaults;
import io.roentgen.grpc.client.DefaultDeadlines;
import io.roentgen.grpc.client.RefreshingDnsProvider;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Channels as every application has them: round robin over DNS, pings, a deadline, spans. */
public final class Channels {
  static {
    NameResolverRegistry.getDefaultRegistry().register(RefreshingDnsProvider.create());
  }

  private Channels() {}

  /**
   * Returns the channel to a callee, to be kept.
   *
   * @param target {@code host:port}
   * @param deadline of calls that have none
   */
  public static ManagedChannel to(Tracing tracing, String target, Duration deadline) {
    return to(
        tracing,
        "dns:///" + target,
        ChannelDefaults.builder()
            .deadlines(DefaultDeadlines.builder().timeout(deadline).build())
            .build());
  }

  /** Returns a channel with defaults of its own, to any target. */
  public static ManagedChannel to(Tracing tracing, String target, ChannelDefaults defaults) {
    ManagedChannel channel =
        tracing
            .kit()
            .instrument(defaults.applyTo(NettyChannelBuilder.forTarget(target).usePlaintext()))
            // Never idle, and connected from here: gRPC may start the watch of a backend's health
            // in
            // the thread, and so in the context, of a call that has the channel connect. If that
            // call is made for one that is served, the watch would end with it.
            .idleTimeout(Long.MAX_VALUE, TimeUnit.DAYS)
            .build();
    Context.ROOT.run(() -> channel.getState(true));
    return channel;
  }

  /** Ends a channel: waits a moment for its calls, then cancels them. */
  public static void close(ManagedChannel channel) {
    channel.shutdown();
    try {
      if (!channel.awaitTermination(5, TimeUnit.SECONDS)) {
        channel.shutdownNow();
      }
    } catch (InterruptedException e) {
      channel.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
