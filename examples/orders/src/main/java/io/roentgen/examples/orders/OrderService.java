// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.orders;

import io.roentgen.examples.common.Application;
import io.roentgen.examples.common.GrpcService;
import io.roentgen.examples.common.Launcher;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.common.Tracing;

/**
 * The order service, one or more backends of it: on {@code PORT}, the next port and so on, each an
 * instance of one service with the orders that all of them have.
 */
public final class OrderService implements Application {
  /** The secret of tokens unless {@code TOKEN_SECRET} is set: for developers' machines only. */
  public static final String DEVELOPERS_SECRET = "roentgen-example";

  @Override
  public String name() {
    return "order-service";
  }

  /** Runs it. */
  public static void main(String[] arguments) throws InterruptedException {
    Launcher.run(new OrderService(), arguments);
  }

  @Override
  public Running start(Settings settings) throws Exception {
    int count = settings.number("BACKENDS", 1, 1, OrderBackends.MOST);
    var first = settings.listen("PORT", OrderBackends.DEFAULT_PORT);
    Tracing tracing = Tracing.start(settings, settings.text("SERVICE_NAME", name()));
    return Launcher.start(
        settings,
        tracing,
        (ports, parts) -> {
          OrderBackends backends = new OrderBackends(settings, tracing);
          for (int i = 0; i < count; i++) {
            int port = first.getPort() == 0 ? 0 : first.getPort() + i;
            GrpcService backend =
                backends.start(i + 1, first.getAddress().getHostAddress() + ':' + port);
            parts.add(backend);
            ports.put(OrderBackends.instance(i + 1), backend.port());
          }
        });
  }
}
