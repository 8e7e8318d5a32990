// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What Linux tells of a process: processor time and memory. Source: proc_pid_stat(5),
 * proc_pid_status(5).
 */
final class ProcessUsage {
  /** Of the clock that stat counts in; USER_HZ is 100 on all that Linux supports. */
  private static final double TICKS_PER_SECOND = 100;

  private static final int USER_TICKS = 11;
  private static final int SYSTEM_TICKS = 12;
  private static final double KIBI_PER_MEBI = 1024;

  private final Path folder;

  ProcessUsage(long pid) {
    folder = Path.of("/proc", Long.toString(pid));
  }

  /**
   * Returns the seconds of processor time that all its threads have taken, in user and kernel mode.
   */
  double cpuSeconds() throws IOException {
    String stat = Files.readString(folder.resolve("stat"));
    // The name before it is in parentheses and may hold blanks.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    long ticks = Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS]);
    return ticks / TICKS_PER_SECOND;
  }

  /** Returns the memory that it has in RAM, in MiB. */
  double residentMebi() throws IOException {
    return mebi("VmRSS:");
  }

  /** Returns the most memory that it ever had in RAM, in MiB. */
  double peakResidentMebi() throws IOException {
    return mebi("VmHWM:");
  }

  private double mebi(String name) throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve("status"));
    for (String line : lines) {
      if (line.startsWith(name)) {
        String[] words = line.substring(name.length()).strip().split(" ", -1);
        return Long.parseLong(words[0]) / KIBI_PER_MEBI;
      }
    }
    throw new IOException(folder + "/status: no " + name);
  }
}
