// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.io.PrintWriter;
import java.util.Locale;

/** A line about a run, each second, on terminals. */
final class LiveLine implements AutoCloseable {
  private final Load load;
  private final PrintWriter out;
  private final Thread thread;
  private final long begin = System.nanoTime();
  private int shown;

  LiveLine(Load load, PrintWriter out) {
    this.load = load;
    this.out = out;
    thread = Thread.ofVirtual().name("live-line").start(this::show);
  }

  private void show() {
    long before = 0;
    try {
      while (true) {
        Thread.sleep(1_000);
        long requests = load.requests();
        print(
            String.format(
                Locale.ROOT,
                "%d s: %d requests (%d in the last second), %d failed, %d wait",
                (System.nanoTime() - begin) / 1_000_000_000,
                requests,
                requests - before,
                load.failed(),
                load.inFlight()));
        before = requests;
      }
    } catch (InterruptedException e) {
      print("");
    }
  }

  /** Writes over the line before. */
  private void print(String line) {
    out.print('\r' + line + " ".repeat(Math.max(0, shown - line.length())));
    out.print(line.isEmpty() ? "\r" : "");
    out.flush();
    shown = line.length();
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
