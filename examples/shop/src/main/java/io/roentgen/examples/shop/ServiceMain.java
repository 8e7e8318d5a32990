// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.roentgen.examples.common.Launcher;
import java.util.Arrays;

/** Runs one service of the shop as a process. */
public final class ServiceMain {
  private ServiceMain() {}

  /** Runs the service that the first argument names; the others are flags. */
  public static void main(String[] args) throws InterruptedException {
    String name = args.length == 0 ? "" : args[0];
    for (Service service : Shop.SERVICES) {
      if (service.name().equals(name)) {
        Launcher.run(service, Arrays.copyOfRange(args, 1, args.length));
        return;
      }
    }
    System.err.println(
        "service: '"
            + Text.quote(name)
            + "' (expected: one of "
            + String.join(", ", Shop.SERVICES.stream().map(Service::name).toList())
            + ")");
    System.exit(2);
  }
}
