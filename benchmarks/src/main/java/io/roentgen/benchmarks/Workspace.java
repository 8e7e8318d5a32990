// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The folder for temporary files and the processes that were started. All of it is gone after
 * {@link #close}, which runs too when this process is interrupted.
 */
final class Workspace implements AutoCloseable {
  private static final long EXIT_SECONDS = 5;
  private static final int DELETE_ATTEMPTS = 20;

  private final Path folder;
  private final List<Process> processes = new ArrayList<>();
  private boolean closed;

  private Workspace(Path folder) {
    this.folder = folder;
  }

  /** Makes a folder of its own below {@code parent}, which is made too. */
  static Workspace create(Path parent) throws IOException {
    Files.createDirectories(parent);
    Workspace workspace = new Workspace(Files.createTempDirectory(parent, "bench-"));
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("clean-up").unstarted(workspace::close));
    return workspace;
  }

  Path folder() {
    return folder;
  }

  /** Returns a path in the folder; nothing is made there. */
  Path path(String name) {
    return folder.resolve(name);
  }

  /**
   * Starts a process, whose end is certain from now on.
   *
   * @throws IllegalStateException if this is closed
   */
  synchronized Process start(ProcessBuilder builder) throws IOException {
    if (closed) {
      throw new IllegalStateException("workspace: closed (expected: open)");
    }
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  /** Ends all processes and deletes all files. A second call does nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    processes.forEach(Process::destroy);
    for (Process process : processes) {
      if (!exited(process)) {
        process.destroyForcibly();
        exited(process);
      }
    }
    // When interrupted, the main thread may still make a file while others are deleted.
    for (int attempt = 1; Files.exists(folder); attempt++) {
      try {
        delete(folder);
      } catch (UncheckedIOException e) {
        if (attempt == DELETE_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static boolean exited(Process process) {
    try {
      return process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return !process.isAlive();
    }
  }

  /** Deletes a file or a folder with all that is in it; nothing if it is not there. */
  static void delete(Path path) {
    try {
      Files.walkFileTree(
          path,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path each, @Nullable IOException failure)
                throws IOException {
              if (failure != null) {
                throw failure;
              }
              Files.deleteIfExists(each);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (NoSuchFileException _) {
      // It is gone, which is what was asked for.
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + path, e);
    }
  }

  /** Returns the bytes of all files in a folder. */
  static long size(Path folder) throws IOException {
    long[] bytes = {0};
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            bytes[0] += attributes.size();
            return FileVisitResult.CONTINUE;
          }
        });
    return bytes[0];
  }
}
