// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import io.roentgen.examples.common.Application;
import io.roentgen.examples.common.Launcher;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Starts the platform, all of it in one process, or one part: {@code service-a} to {@code
 * service-h}, {@code rev-proxy}, {@code ui} or {@code stand-ins}; flags follow. Ends gracefully on
 * SIGTERM.
 */
public final class Main {
  private Main() {}

  /** Runs it. */
  public static void main(String[] arguments) throws InterruptedException {
    boolean named = arguments.length > 0 && !arguments[0].startsWith("--");
    Application application = application(named ? arguments[0] : "platform");
    if (application == null) {
      System.err.println(
          "platform: "
              + arguments[0]
              + " (expected: platform, service-a to service-h, rev-proxy, ui or stand-ins)");
      System.exit(2);
      return;
    }
    Launcher.run(
        application, named ? Arrays.copyOfRange(arguments, 1, arguments.length) : arguments);
  }

  private static @Nullable Application application(String name) {
    for (Member member : Member.values()) {
      if (member.host().equals(name.toLowerCase(Locale.ROOT))) {
        return new Service(member);
      }
    }
    return switch (name) {
      case "platform" -> new Platform();
      case "rev-proxy" -> new Gateway();
      case "ui" -> new Ui();
      case "stand-ins" -> new StandIns();
      default -> null;
    };
  }
}
