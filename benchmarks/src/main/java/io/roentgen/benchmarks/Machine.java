// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What the results depend on. */
final class Machine {
  private static final int FSYNCS = 200;
  private static final int BLOCK_BYTES = 4096;

  private Machine() {}

  /** Returns names and texts, in the order to print them. */
  static Map<String, String> describe(Path root, Workspace workspace, String command)
      throws IOException, InterruptedException {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("command", command);
    facts.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    facts.put("commit", commit(root));
    facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
    facts.put("processor", line("/proc/cpuinfo", "model name"));
    facts.put("memory", line("/proc/meminfo", "MemTotal"));
    facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put(
        "JDK", System.getProperty("java.vendor") + " " + System.getProperty("java.vm.version"));
    facts.put("server flags", String.join(" ", ServerProcess.UP_FLAGS));
    facts.put("file system", Files.getFileStore(workspace.folder()).type());
    Latencies fsync = fsync(workspace);
    facts.put(
        "fsync of 4 KiB",
        Table.number(fsync.millis(0.5))
            + " ms p50, "
            + Table.number(fsync.millis(0.99))
            + " ms p99");
    return facts;
  }

  private static Latencies fsync(Workspace workspace) throws IOException {
    Latencies latencies = new Latencies();
    Path file = workspace.path("fsync");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int i = 0; i < FSYNCS; i++) {
        long begin = System.nanoTime();
        channel.write(ByteBuffer.allocate(BLOCK_BYTES));
        channel.force(false);
        latencies.add(System.nanoTime() - begin);
      }
    }
    Workspace.delete(file);
    return latencies;
  }

  private static String commit(Path root) throws IOException, InterruptedException {
    String head = git(root, "rev-parse", "--short=12", "HEAD");
    if (head.isEmpty()) {
      return "unknown";
    }
    return git(root, "status", "--porcelain").isEmpty() ? head : head + " with changes";
  }

  /** Returns what git prints, or an empty text if it cannot be run or fails. */
  private static String git(Path root, String... arguments)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("git", "-C", root.toString());
    builder.command().addAll(java.util.List.of(arguments));
    Process process;
    try {
      process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException notInstalled) {
      return "";
    }
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0 ? text.strip() : "";
  }

  private static String line(String file, String name) throws IOException {
    Path path = Path.of(file);
    if (!Files.isReadable(path)) {
      return "unknown";
    }
    return Files.readAllLines(path).stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }
}
