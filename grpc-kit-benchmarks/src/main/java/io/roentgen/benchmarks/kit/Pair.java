// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What a variant installs on both ends of a call.
 *
 * @param client interceptors of the client, outermost first
 * @param server interceptors of the server, outermost first
 * @param channel installs all of the client's on a channel
 * @param service installs all of the server's on a server
 * @param sent how many documents or spans were handed on so far
 * @param resources what is closed in the end
 */
record Pair(
    List<ClientInterceptor> client,
    List<ServerInterceptor> server,
    Consumer<ManagedChannelBuilder<?>> channel,
    Consumer<ServerBuilder<?>> service,
    LongSupplier sent,
    AutoCloseable resources) {

  /** Returns a pair of interceptors that are all there is to install. */
  static Pair of(
      List<ClientInterceptor> client,
      List<ServerInterceptor> server,
      LongSupplier sent,
      AutoCloseable resources) {
    return new Pair(
        client,
        server,
        // The last that is added runs first.
        channel -> client.reversed().forEach(channel::intercept),
        builder -> server.reversed().forEach(builder::intercept),
        sent,
        resources);
  }
}
