// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.roentgen.examples.common.Application;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;

/** A service of the shop, which chaos may kill. */
interface Service extends Application {
  /** What it is called in the map, as other services and chaos know it. */
  @Override
  String name();

  /** Returns what the names of its settings begin with where several services share them. */
  String prefix();

  /** Returns the port that it has unless told otherwise. */
  int defaultPort();

  @Override
  Killable start(Settings settings) throws Exception;

  /** A service that has started. */
  interface Killable extends Running {
    /** Ends it as a crash would: open calls fail, and nobody is told before. */
    void kill();
  }
}
