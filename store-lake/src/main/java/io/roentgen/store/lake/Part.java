// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.roentgen.model.ResourceScope;
import io.roentgen.store.StoreCorruptedException;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** An open part: immutable files in a folder, and what of them is kept at hand. */
final class Part {
  private static final int CHECK_BUFFER = 1 << 16;

  private final PartInfo info;
  private final Path folder;
  private final PartIndex index;
  private final ValueIndex values;

  @GuardedBy("this")
  private boolean checked;

  @GuardedBy("this")
  private @Nullable Map<Long, ResourceScope> scopes;

  /** What the footer says takes some 50 kB; with a thousand parts that is only kept while there is room. */
  @GuardedBy("this")
  private SoftReference<TraceRows> traceRows = new SoftReference<>(null);

  private Part(PartInfo info, Path folder, PartIndex index, ValueIndex values) {
    this.info = info;
    this.folder = folder;
    this.index = index;
    this.values = values;
  }

  /**
   * Opens a part.
   *
   * @throws StoreCorruptedException if one of its indexes cannot be read
   */
  static Part open(PartInfo info, Path parts) {
    Path folder = parts.resolve(info.folder());
    return new Part(
        info,
        folder,
        PartIndex.open(folder.resolve(PartInfo.TRACE_INDEX)),
        ValueIndex.open(folder.resolve(PartInfo.VALUE_INDEX)));
  }

  PartInfo info() {
    return info;
  }

  Path folder() {
    return folder;
  }

  PartIndex index() {
    return index;
  }

  ValueIndex values() {
    return values;
  }

  /** Returns one of the part's files as an SQL literal. */
  String file(String name) {
    return Engine.literal(folder.resolve(name).toString());
  }

  /**
   * Compares the files with their checksums, the first time it is called.
   *
   * @throws StoreCorruptedException if one differs or cannot be read
   */
  synchronized void check() {
    if (checked) {
      return;
    }
    for (Map.Entry<String, Integer> each : info.checksums().entrySet()) {
      Path file = folder.resolve(each.getKey());
      int actual;
      try {
        actual = checksum(file);
      } catch (IOException e) {
        throw new StoreCorruptedException("cannot read " + file + ": " + e, e);
      }
      if (actual != each.getValue()) {
        throw new StoreCorruptedException(
            "checksum of "
                + file
                + ": "
                + Integer.toHexString(actual)
                + " (expected: "
                + Integer.toHexString(each.getValue())
                + "); the file was changed or the disk is failing: put back a copy of the file");
      }
    }
    checked = true;
  }

  /** Returns whether {@link #check} has found the files to be what was written. */
  synchronized boolean isChecked() {
    return checked;
  }

  /** Returns the CRC32C of a file. */
  static int checksum(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer buffer = ByteBuffer.allocateDirect(CHECK_BUFFER);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (channel.read(buffer) >= 0) {
        buffer.flip();
        crc.update(buffer);
        buffer.clear();
      }
    }
    return (int) crc.getValue();
  }

  /** Returns what reads whole traces. */
  synchronized TraceRows traceRows() {
    TraceRows rows = traceRows.get();
    if (rows == null) {
      rows = new TraceRows(folder.resolve(PartInfo.SPANS), info.attributeColumns());
      traceRows = new SoftReference<>(rows);
    }
    return rows;
  }

  /** Returns the part's resource scopes by number. */
  synchronized Map<Long, ResourceScope> scopes() {
    if (scopes == null) {
      Map<Long, ResourceScope> read = new HashMap<>();
      ParquetFile file = ParquetFile.open(folder.resolve(PartInfo.SCOPES));
      try (ColumnReader reader = new ColumnReader(file)) {
        for (int group = 0; group < file.rowGroups().size(); group++) {
          int[] rows = IntStream.range(0, file.rowGroups().get(group).rowCount()).toArray();
          ColumnReader.Values ids = reader.read(group, file.number("scope_id"), rows);
          ColumnReader.Values resources = reader.read(group, file.number("resource"), rows);
          ColumnReader.Values ofScopes = reader.read(group, file.number("scope"), rows);
          for (int i = 0; i < rows.length; i++) {
            read.put(
                ids.number(i), ValueJson.resourceScope(resources.text(i), ofScopes.text(i)));
          }
        }
      }
      scopes = read;
    }
    return scopes;
  }
}
