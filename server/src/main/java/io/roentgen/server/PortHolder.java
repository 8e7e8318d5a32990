// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who has a port, for the message that says it is in use. Only a help: it may not know.
 */
final class PortHolder {
  private static final Pattern BLANKS = Pattern.compile("\\s+");
  private static final String LISTEN = "0A";
  private static final int LOCAL_ADDRESS = 1;
  private static final int STATE = 3;
  private static final int INODE = 9;

  private PortHolder() {}

  /** Returns words such as {@code process 812 (xray)}, or a guess by the port. */
  static String describe(int port, boolean tcp) {
    String process = findProcess(port, tcp);
    return process == null ? guess(port) : process;
  }

  private static String guess(int port) {
    return switch (port) {
      case 2000 -> "probably an AWS X-Ray daemon, or another Roentgen";
      case 4317, 4318 -> "probably an OpenTelemetry Collector, or another Roentgen";
      case 8600 -> "probably another Roentgen, or Consul";
      default -> "another process";
    };
  }

  private static @Nullable String findProcess(int port, boolean tcp) {
    Path proc = Path.of("/proc");
    try {
      Set<String> sockets = sockets(proc, port, tcp);
      if (sockets.isEmpty()) {
        return null;
      }
      try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
        for (Path process : processes) {
          if (holds(process, sockets)) {
            String name = Files.readString(process.resolve("comm"), StandardCharsets.UTF_8).strip();
            return "process " + process.getFileName() + " (" + name + ")";
          }
        }
      }
    } catch (IOException _) {
      // Not Linux, or the process ended meanwhile: then we do not know.
    }
    return null;
  }

  private static Set<String> sockets(Path proc, int port, boolean tcp) throws IOException {
    Set<String> sockets = new HashSet<>();
    String suffix = ":" + HexFormat.of().withUpperCase().toHexDigits((short) port);
    for (String table : tcp ? List.of("tcp", "tcp6") : List.of("udp", "udp6")) {
      Path file = proc.resolve("net").resolve(table);
      if (!Files.isReadable(file)) {
        continue;
      }
      for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
        String[] columns = BLANKS.split(line.strip(), -1);
        if (columns.length > INODE
            && columns[LOCAL_ADDRESS].endsWith(suffix)
            && (!tcp || columns[STATE].equals(LISTEN))) {
          sockets.add("socket:[" + columns[INODE] + "]");
        }
      }
    }
    return sockets;
  }

  private static boolean holds(Path process, Set<String> sockets) {
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        if (Files.isSymbolicLink(descriptor)
            && sockets.contains(Files.readSymbolicLink(descriptor).toString())) {
          return true;
        }
      }
    } catch (IOException _) {
      // Another user's process, or one that ended: it cannot be told.
    }
    return false;
  }
}
