// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Files that are on disk when a method returns. */
final class Durable {
  /** What the name of a file has at its end while {@link #replace} writes it. */
  static final String FRESH_SUFFIX = ".new";

  private Durable() {}

  /** Makes names in a folder durable: files made, renamed or deleted. */
  static void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Makes a file's content durable. */
  static void syncFile(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Replaces a file's content as a whole: after a crash it is the old or the new one. */
  static void replace(Path folder, String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    Path fresh = folder.resolve(name + FRESH_SUFFIX);
    Files.write(fresh, content);
    syncFile(fresh);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncFolder(folder);
  }

  /** Returns how many bytes the files below a folder take. */
  static long size(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      long sum = 0;
      for (Path file : (Iterable<Path>) files::iterator) {
        if (Files.isRegularFile(file)) {
          sum += Files.size(file);
        }
      }
      return sum;
    }
  }

  /** Deletes a folder and all in it; does nothing if it is not there. */
  static void deleteFolder(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(folder)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    } catch (NoSuchFileException gone) {
      return;
    }
    for (Path file : all) {
      Files.deleteIfExists(file);
    }
  }
}
