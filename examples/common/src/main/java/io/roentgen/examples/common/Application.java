// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.common;

/**
 * A program that can be one process ({@link Launcher#run}) or one of many in a process ({@link
 * #start}).
 */
public interface Application {
  /** What it is called in start lines, such as {@code service-a}. */
  String name();

  /**
   * Starts it; returns when it serves.
   *
   * @throws IllegalArgumentException if a setting cannot be used; the message says which and why
   * @throws Exception if it cannot start; nothing of it goes on then
   */
  Running start(Settings settings) throws Exception;
}
