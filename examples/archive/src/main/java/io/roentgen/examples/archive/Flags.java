// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.archive;

import io.roentgen.grpc.DaemonAddress;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** The short flags of the two services. */
final class Flags {
  private static final Map<String, String> LONG =
      Map.of(
          "-l",
          "--listen",
          "-a",
          "--archiver",
          "-d",
          "--" + DaemonAddress.VARIABLE.toLowerCase(Locale.ROOT).replace('_', '-'));

  private Flags() {}

  static String[] longNames(String... arguments) {
    return Arrays.stream(arguments)
        .map(argument -> LONG.getOrDefault(argument, argument))
        .toArray(String[]::new);
  }
}
