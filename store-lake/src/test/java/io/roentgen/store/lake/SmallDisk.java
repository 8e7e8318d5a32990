// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder with a file system of its own that can run full and be made read-only: a tmpfs where
 * this process may mount one. Where it may not, the folder is an ordinary one: permissions stand
 * for read-only, and it cannot be filled.
 */
final class SmallDisk implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SmallDisk.class);
  private static final int FILL_BYTES = 64 << 10;

  private final Path folder;
  private final boolean mounted;

  private SmallDisk(Path folder, boolean mounted) {
    this.folder = folder;
    this.mounted = mounted;
  }

  static SmallDisk mount(Path folder, int mebibytes) throws IOException {
    Files.createDirectories(folder);
    String options = "size=" + mebibytes + "m";
    boolean mounted = run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder.toString());
    if (!mounted) {
      LOG.warn("no tmpfs can be mounted here, an ordinary folder takes its place: {}", folder);
    }
    return new SmallDisk(folder, mounted);
  }

  private static boolean run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output;
    try (var reader = process.inputReader()) {
      output = reader.readAllAsString().strip();
    }
    boolean done;
    try {
      done = process.waitFor(60, SECONDS) && process.exitValue() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    if (!done) {
      LOG.warn("{}: {}", String.join(" ", List.of(command)), output);
    }
    return done;
  }

  Path folder() {
    return folder;
  }

  /** Returns whether this is a file system of its own. */
  boolean isMounted() {
    return mounted;
  }

  void setReadOnly(boolean readOnly) throws IOException {
    boolean done =
        mounted
            ? run("mount", "-o", readOnly ? "remount,ro" : "remount,rw", folder.toString())
            : run("chmod", "-R", readOnly ? "a-w" : "u+w", folder.toString());
    if (!done) {
      throw new IOException("cannot change whether " + folder + " can be written");
    }
  }

  /** Takes all the room that is left, and returns the file that does. */
  Path fill() throws IOException {
    Path file = folder.resolve("filler");
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int size = FILL_BYTES; size > 0; ) {
        try {
          out.write(new byte[size]);
        } catch (IOException full) {
          requireFull(full);
          size /= 2;
        }
      }
    }
    return file;
  }

  private static void requireFull(IOException e) throws IOException {
    if (!String.valueOf(e.getMessage()).contains("No space left on device")) {
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    // Lazily: the index of a part stays mapped until the garbage collector has seen that it is not
    // used.
    if (mounted && !run("umount", "-l", folder.toString())) {
      throw new IOException("cannot unmount " + folder);
    }
  }
}
