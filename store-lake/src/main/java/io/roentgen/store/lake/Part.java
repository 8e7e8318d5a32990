// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.roentgen.model.ResourceScope;
import io.roentgen.store.StoreCorruptedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  @GuardedBy("this")
  private @Nullable TraceRows traceRows;

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
    TraceRows rows = traceRows;
    if (rows == null) {
      rows = new TraceRows(folder.resolve(PartInfo.SPANS), info.attributeColumns());
      traceRows = rows;
    }
    return rows;
  }

  private record NumberedScope(long id, ResourceScope scope) {}

  /** Returns the part's resource scopes by number. */
  synchronized Map<Long, ResourceScope> scopes(Engine engine) {
    if (scopes == null) {
      List<NumberedScope> rows =
          engine.query(
              "SELECT scope_id, resource, scope FROM read_parquet(" + file(PartInfo.SCOPES) + ")",
              List.of(),
              row ->
                  new NumberedScope(
                      row.getLong(1),
                      ValueJson.resourceScope(row.getString(2), row.getString(3))));
      Map<Long, ResourceScope> read = new HashMap<>();
      for (NumberedScope row : rows) {
        read.put(row.id, row.scope);
      }
      scopes = read;
    }
    return scopes;
  }
}
