// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.store.StoreCorruptedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where in one of our Parquet files things stand: what its footer says, as far as {@link ColumnReader} needs it.
 *
 * <p>Source: Parquet format 2.11, parquet.thrift; struct and field numbers are from there.
 */
final class ParquetFile {
  /** Physical types. */
  static final int BOOLEAN = 0;

  static final int INT32 = 1;
  static final int INT64 = 2;
  static final int DOUBLE = 5;
  static final int BYTE_ARRAY = 6;

  /** Codecs. */
  static final int UNCOMPRESSED = 0;

  static final int ZSTD = 6;

  private static final int REQUIRED = 0;
  private static final int REPEATED = 2;
  private static final int MAGIC = 0x31524150; // "PAR1"
  private static final int TAIL_BYTES = 8;

  /**
   * A column without columns below it.
   *
   * @param type physical type
   * @param maxDefinition the definition level of a value that is there
   * @param repeated whether it is in something repeated
   */
  record Leaf(int type, int maxDefinition, boolean repeated) {}

  /**
   * The values of one leaf in one row group.
   *
   * @param start where they stand in the file
   * @param length how many bytes they take
   * @param codec how they are compressed
   * @param allNull whether there is surely no value
   * @param min the least value, for 64-bit numbers; the least number if it is not known
   * @param max the greatest value
   */
  record Chunk(long start, int length, int codec, boolean allNull, long min, long max) {}

  /** Rows that stand together. */
  record RowGroup(int rowCount, List<Chunk> chunks) {
    /** Returns where the first of its chunks starts. */
    long start() {
      return chunks.stream().mapToLong(Chunk::start).min().orElse(0);
    }

    /** Returns where the last of its chunks ends. */
    long end() {
      return chunks.stream().mapToLong(chunk -> chunk.start + chunk.length).max().orElse(0);
    }
  }

  private final Path path;
  private long footerStart;
  private final List<Leaf> leaves = new ArrayList<>();

  /** Leaf numbers by path, its names joined by slashes. */
  private final Map<String, Integer> numbers = new HashMap<>();

  private final List<RowGroup> rowGroups = new ArrayList<>();

  private ParquetFile(Path path) {
    this.path = path;
  }

  /**
   * Reads a file's footer.
   *
   * @throws StoreCorruptedException if it cannot be read
   */
  static ParquetFile open(Path path) {
    ParquetFile file = new ParquetFile(path);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      ByteBuffer tail = ByteBuffer.allocate(TAIL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      read(channel, tail, Math.max(0, size - TAIL_BYTES));
      int length = tail.getInt(0);
      if (tail.getInt(4) != MAGIC || length < 0 || length > size - TAIL_BYTES) {
        throw new StoreCorruptedException(path + ": not a Parquet file");
      }
      ByteBuffer footer = ByteBuffer.allocate(length);
      file.footerStart = size - TAIL_BYTES - length;
      read(channel, footer, file.footerStart);
      file.readFooter(new Thrift(footer.array(), 0));
      for (RowGroup group : file.rowGroups) {
        for (Chunk chunk : group.chunks) {
          if (chunk.start < 0 || chunk.length < 0 || chunk.start > size - chunk.length) {
            throw new StoreCorruptedException(path + ": a column is not in the file");
          }
        }
      }
      return file;
    } catch (IOException | RuntimeException e) {
      throw corrupted(path, e);
    }
  }

  /** Fills a buffer from a place in a file. */
  static void read(FileChannel channel, ByteBuffer buffer, long from) throws IOException {
    long at = from;
    while (buffer.hasRemaining()) {
      int count = channel.read(buffer, at);
      if (count < 0) {
        throw new IOException("file ends at " + at);
      }
      at += count;
    }
  }

  /** Returns what to throw when reading has failed. */
  static StoreCorruptedException corrupted(Path path, Exception cause) {
    return cause instanceof StoreCorruptedException already
        ? already
        : new StoreCorruptedException("cannot read " + path + ": " + cause, cause);
  }

  Path path() {
    return path;
  }

  /** Returns where the footer starts, which goes to the file's end. */
  long footerStart() {
    return footerStart;
  }

  Leaf leaf(int number) {
    return leaves.get(number);
  }

  /**
   * Returns the number of a leaf.
   *
   * @param name its names from the outermost on, joined by slashes
   * @throws StoreCorruptedException if there is none
   */
  int number(String name) {
    Integer number = numbers.get(name);
    if (number == null) {
      throw new StoreCorruptedException(path + ": no column " + name);
    }
    return number;
  }

  List<RowGroup> rowGroups() {
    return rowGroups;
  }

  private void readFooter(Thrift thrift) {
    int outer = thrift.begin();
    for (int field = thrift.nextField(); field != Thrift.END; field = thrift.nextField()) {
      switch (field) {
        case 2 -> readSchema(thrift);
        case 4 -> {
          for (int i = thrift.list(); i > 0; i--) {
            rowGroups.add(readRowGroup(thrift));
          }
        }
        default -> thrift.skip();
      }
    }
    thrift.end(outer);
  }

  private void readSchema(Thrift thrift) {
    List<Element> elements = new ArrayList<>();
    for (int i = thrift.list(); i > 0; i--) {
      elements.add(readElement(thrift));
    }
    int at = 1;
    for (int i = elements.getFirst().children; i > 0; i--) {
      at = addLeaves(elements, at, "", 0, false);
    }
  }

  private record Element(int type, int repetition, String name, int children) {}

  private static Element readElement(Thrift thrift) {
    int type = -1;
    int repetition = REQUIRED;
    String name = "";
    int children = 0;
    int outer = thrift.begin();
    for (int field = thrift.nextField(); field != Thrift.END; field = thrift.nextField()) {
      switch (field) {
        case 1 -> type = (int) thrift.number();
        case 3 -> repetition = (int) thrift.number();
        case 4 -> name = thrift.text();
        case 5 -> children = (int) thrift.number();
        default -> thrift.skip();
      }
    }
    thrift.end(outer);
    return new Element(type, repetition, name, children);
  }

  /** Adds the leaves of the element at {@code at} and returns the place behind them. */
  private int addLeaves(
      List<Element> elements, int at, String prefix, int definition, boolean repeated) {
    Element element = elements.get(at);
    int level = element.repetition == REQUIRED ? definition : definition + 1;
    boolean many = repeated || element.repetition == REPEATED;
    if (element.children == 0) {
      numbers.put(prefix + element.name, leaves.size());
      leaves.add(new Leaf(element.type, level, many));
      return at + 1;
    }
    int next = at + 1;
    for (int i = element.children; i > 0; i--) {
      next = addLeaves(elements, next, prefix + element.name + "/", level, many);
    }
    return next;
  }

  private static RowGroup readRowGroup(Thrift thrift) {
    List<Chunk> chunks = new ArrayList<>();
    int rowCount = 0;
    int outer = thrift.begin();
    for (int field = thrift.nextField(); field != Thrift.END; field = thrift.nextField()) {
      switch (field) {
        case 1 -> {
          for (int i = thrift.list(); i > 0; i--) {
            chunks.add(readChunk(thrift));
          }
        }
        case 3 -> rowCount = Math.toIntExact(thrift.number());
        default -> thrift.skip();
      }
    }
    thrift.end(outer);
    return new RowGroup(rowCount, List.copyOf(chunks));
  }

  private static Chunk readChunk(Thrift thrift) {
    Chunk chunk = new Chunk(0, 0, UNCOMPRESSED, false, Long.MIN_VALUE, Long.MAX_VALUE);
    int outer = thrift.begin();
    for (int field = thrift.nextField(); field != Thrift.END; field = thrift.nextField()) {
      if (field == 3) {
        chunk = readMetadata(thrift);
      } else {
        thrift.skip();
      }
    }
    thrift.end(outer);
    return chunk;
  }

  private static Chunk readMetadata(Thrift thrift) {
    int type = -1;
    int codec = UNCOMPRESSED;
    long values = 0;
    long length = 0;
    long start = Long.MAX_VALUE;
    Statistics statistics = Statistics.NONE;
    int outer = thrift.begin();
    for (int field = thrift.nextField(); field != Thrift.END; field = thrift.nextField()) {
      switch (field) {
        case 1 -> type = (int) thrift.number();
        case 4 -> codec = (int) thrift.number();
        case 5 -> values = thrift.number();
        case 7 -> length = thrift.number();
        // Data, index and dictionary pages; what comes first is the start.
        case 9, 10, 11 -> start = Math.min(start, thrift.number());
        case 12 -> statistics = readStatistics(thrift);
        default -> thrift.skip();
      }
    }
    thrift.end(outer);
    boolean bounded =
        type == INT64
            && statistics.min.length == Long.BYTES
            && statistics.max.length == Long.BYTES;
    return new Chunk(
        start,
        Math.toIntExact(length),
        codec,
        statistics.nulls == values,
        bounded ? number(statistics.min) : Long.MIN_VALUE,
        bounded ? number(statistics.max) : Long.MAX_VALUE);
  }

  // Read and used at once, never compared.
  @SuppressWarnings("ArrayRecordComponent")
  private record Statistics(byte[] min, byte[] max, long nulls) {
    private static final Statistics NONE = new Statistics(new byte[0], new byte[0], -1);
  }

  private static Statistics readStatistics(Thrift thrift) {
    byte[] min = {};
    byte[] max = {};
    long nulls = -1;
    int outer = thrift.begin();
    for (int field = thrift.nextField(); field != Thrift.END; field = thrift.nextField()) {
      switch (field) {
        case 3 -> nulls = thrift.number();
        case 5 -> max = thrift.binary();
        case 6 -> min = thrift.binary();
        default -> thrift.skip();
      }
    }
    thrift.end(outer);
    return new Statistics(min, max, nulls);
  }

  private static long number(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }
}
