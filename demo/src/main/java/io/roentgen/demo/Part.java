// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.demo;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What can be shown. */
enum Part {
  PLATFORM,
  SHOP,
  ORDERS,
  ARCHIVE;

  /** Returns what it is called on the command line. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the one that is called so. */
  static Optional<Part> of(String label) {
    return Arrays.stream(values()).filter(part -> part.label().equals(label)).findAny();
  }

  /** Returns what there is, for errors. */
  static String labels() {
    return Arrays.stream(values()).map(Part::label).collect(Collectors.joining(", "));
  }
}
