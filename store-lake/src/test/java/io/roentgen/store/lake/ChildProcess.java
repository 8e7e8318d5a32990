// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another Java process with the class path of this one. */
final class ChildProcess {
  private ChildProcess() {}

  /** Starts a main class; its log goes where this process's does. */
  static Process start(List<String> prefix, Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("--add-opens=java.base/java.nio=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Opens a store in the folder that is its argument and prints "opened" or why not. */
  static final class Open {
    private Open() {}

    public static void main(String[] arguments) {
      try (LakeStore store = TestLake.open(Path.of(arguments[0]))) {
        System.out.println("opened " + store.status().partCount());
      } catch (StoreException e) {
        System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
      }
    }
  }

  /** Runs {@link Open} and returns what it printed. */
  static String open(Path folder) throws IOException {
    Process process = start(List.of(), Open.class, folder.toString());
    try (var reader = process.inputReader()) {
      return reader.readAllAsString().strip();
    } finally {
      process.destroyForcibly();
    }
  }
}
