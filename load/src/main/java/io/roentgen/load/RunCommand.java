// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs a scenario and prints what it found. */
abstract class RunCommand implements Callable<Integer> {
  @Mixin RunOptions options;
  @Spec CommandSpec spec;

  private final Ending process;

  RunCommand(Ending process) {
    this.process = process;
  }

  /** What a command needs of the process that it runs in. */
  interface Ending {
    boolean hasTerminal();

    /** Has the run stopped, and its table printed, when the process is ended by a signal. */
    AutoCloseable onEnd(Runnable stop);
  }

  /** Makes the scenario. */
  abstract Scenario scenario() throws IOException, InterruptedException;

  abstract int defaultSeconds();

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    double maxErrors = options.maxErrors();
    Limits limits = options.limits(defaultSeconds());
    Report report;
    try (Scenario scenario = scenario()) {
      Shape shape = scenario.shape();
      err.println(
          scenario.name() + ": " + shape + ", for " + limits.time().toSeconds() + " s at most");
      err.flush();
      Load load = new Load(scenario, shape, limits);
      try (AutoCloseable _ = process.onEnd(load::stop)) {
        if (process.hasTerminal() && !options.quiet()) {
          try (LiveLine _ = new LiveLine(load, err)) {
            report = load.run();
          }
        } else {
          report = load.run();
        }
        out.print(report.table());
        out.flush();
      }
    }
    if (report.requests() == 0) {
      return 1;
    }
    return report.failed() * 100.0 / report.requests() > maxErrors ? 1 : 0;
  }
}
