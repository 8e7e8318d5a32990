// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.store.StoreCorruptedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;

/**
 * Compares the files of a part with their checksums before they are read, each once. Spans are by far the largest file, so
 * whoever reads a few of its row groups only need not have all of it compared. Safe for use by several threads; two that
 * come at once may both do the work.
 */
final class PartChecks {
  private static final int BUFFER = 1 << 16;

  private final PartInfo info;
  private final Path folder;
  private final Set<String> soundFiles = ConcurrentHashMap.newKeySet();
  private final Set<Integer> soundStretches = ConcurrentHashMap.newKeySet();

  PartChecks(PartInfo info, Path folder) {
    this.info = info;
    this.folder = folder;
  }

  /**
   * Compares all files.
   *
   * @throws StoreCorruptedException if one differs or cannot be read
   */
  void all() {
    info.checksums().keySet().forEach(this::file);
  }

  /** Returns whether {@link #all} has nothing left to do. */
  boolean areAllSound() {
    return soundFiles.containsAll(info.checksums().keySet());
  }

  /**
   * Compares one file.
   *
   * @throws StoreCorruptedException if it differs or cannot be read
   */
  void file(String name) {
    Integer expected = info.checksums().get(name);
    if (expected == null || soundFiles.contains(name)) {
      return;
    }
    Path file = folder.resolve(name);
    compare(file, "", new Stretch(0, Long.MAX_VALUE), expected);
    soundFiles.add(name);
  }

  /**
   * Compares what {@link ParquetFile#open} reads of the spans.
   *
   * @throws StoreCorruptedException if it differs or cannot be read
   */
  void footer(ParquetFile spans) {
    stretch(spans, spans.rowGroups().size());
  }

  /**
   * Compares one row group of the spans.
   *
   * @throws StoreCorruptedException if it differs or cannot be read
   */
  void rowGroup(ParquetFile spans, int number) {
    stretch(spans, number);
  }

  private void stretch(ParquetFile spans, int number) {
    if (soundFiles.contains(PartInfo.SPANS) || soundStretches.contains(number)) {
      return;
    }
    List<Stretch> stretches = stretches(spans);
    if (info.spanChecksums().size() != stretches.size()) {
      throw new StoreCorruptedException(
          spans.path() + ": " + spans.rowGroups().size() + " row groups, which the catalog does not know");
    }
    String where = number < spans.rowGroups().size() ? ", row group " + number : ", footer";
    compare(spans.path(), where, stretches.get(number), info.spanChecksums().get(number));
    soundStretches.add(number);
  }

  private static void compare(Path file, String where, Stretch stretch, int expected) {
    int actual;
    try {
      actual = checksum(file, stretch);
    } catch (IOException e) {
      throw new StoreCorruptedException("cannot read " + file + ": " + e, e);
    }
    if (actual != expected) {
      throw new StoreCorruptedException(
          "checksum of "
              + file
              + where
              + ": "
              + Integer.toHexString(actual)
              + " (expected: "
              + Integer.toHexString(expected)
              + "); the file was changed or the disk is failing: put back a copy of the file");
    }
  }

  private record Stretch(long start, long end) {}

  /** Returns the stretches of a file that are compared by themselves: each row group, and the footer. */
  private static List<Stretch> stretches(ParquetFile file) {
    List<Stretch> stretches = new ArrayList<>();
    for (ParquetFile.RowGroup group : file.rowGroups()) {
      stretches.add(new Stretch(group.start(), group.end()));
    }
    stretches.add(new Stretch(file.footerStart(), Long.MAX_VALUE));
    return stretches;
  }

  /** Returns the CRC32C of a file. */
  static int checksum(Path file) throws IOException {
    return checksum(file, new Stretch(0, Long.MAX_VALUE));
  }

  /** Returns the CRC32C of each row group of a file of spans and of its footer. */
  static List<Integer> spanChecksums(Path file) throws IOException {
    List<Integer> checksums = new ArrayList<>();
    for (Stretch stretch : stretches(ParquetFile.open(file))) {
      checksums.add(checksum(file, stretch));
    }
    return checksums;
  }

  private static int checksum(Path file, Stretch stretch) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long at = stretch.start;
      while (at < stretch.end) {
        buffer.clear();
        buffer.limit((int) Math.min(buffer.capacity(), stretch.end - at));
        int count = channel.read(buffer, at);
        if (count < 0) {
          break;
        }
        at += count;
        buffer.flip();
        crc.update(buffer);
      }
    }
    return (int) crc.getValue();
  }
}
