// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import com.github.luben.zstd.ZstdDecompressCtx;
import io.roentgen.store.StoreCorruptedException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads single rows of a Parquet file that the engine has written: of each column the pages are decompressed, and in
 * them no more is decoded than the rows asked for. For some rows with all columns that takes a fifth of the engine's
 * time, which goes to planning and to setting up each column. It knows what the engine writes: data pages of version 1,
 * plain or with a dictionary. Not safe for use by several threads.
 */
final class ColumnReader implements AutoCloseable {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int DATA_PAGE = 0;
  private static final int DICTIONARY_PAGE = 2;
  private static final int PLAIN = 0;
  private static final int PLAIN_DICTIONARY = 2;
  private static final int RLE = 3;
  private static final int RLE_DICTIONARY = 8;

  private final ParquetFile file;
  private final FileChannel channel;
  private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();

  /** The chunk at hand as it stands in the file. */
  private byte[] chunk = new byte[0];

  private byte[] page = new byte[0];
  private byte[] dictionary = new byte[0];
  private int dictionarySize;
  private int @Nullable [] dictionaryStarts;

  /**
   * Opens a file whose footer is known.
   *
   * @throws StoreCorruptedException if it is not there
   */
  ColumnReader(ParquetFile file) {
    this.file = file;
    try {
      channel = FileChannel.open(file.path(), StandardOpenOption.READ);
    } catch (IOException e) {
      zstd.close();
      throw ParquetFile.corrupted(file.path(), e);
    }
  }

  @Override
  public void close() {
    zstd.close();
    try {
      channel.close();
    } catch (IOException e) {
      throw ParquetFile.corrupted(file.path(), e);
    }
  }

  /** Values of one column, in the order of the rows that were asked for. */
  static final class Values {
    private final boolean[] valid;
    private final long[] numbers;
    private final byte[] @Nullable [] texts;

    private Values(int count) {
      valid = new boolean[count];
      numbers = new long[count];
      texts = new byte[count][];
    }

    boolean isNull(int at) {
      return !valid[at];
    }

    /** Returns a number, 1 for true, or the bits of a double; 0 for null. */
    long number(int at) {
      return numbers[at];
    }

    /** Returns a text; empty for null. */
    String text(int at) {
      byte[] bytes = texts[at];
      return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }

    /** Returns the bytes of a text, or null. */
    byte @Nullable [] bytes(int at) {
      return texts[at];
    }
  }

  /** What a page says of itself. */
  private record Page(
      int type, int size, int compressedSize, int count, int encoding, int levelEncoding) {}

  /** Takes the pages of a chunk one after another. */
  private interface Pages {
    /** Takes the page that is now in {@link #page}; returns whether another one is wanted. */
    boolean take(Page header);
  }

  /**
   * Returns the values of some rows.
   *
   * @param rows numbers of rows in the row group, ascending
   */
  Values read(int rowGroup, int leaf, int[] rows) {
    Values values = new Values(rows.length);
    ParquetFile.Leaf of = file.leaf(leaf);
    int[] place = new int[2];
    pages(
        rowGroup,
        leaf,
        header -> {
          int first = place[0];
          int end = first + header.count;
          int from = place[1];
          int to = from;
          while (to < rows.length && rows[to] < end) {
            to++;
          }
          if (to > from) {
            readPage(header, of, rows, from, to, first, values);
          }
          place[0] = end;
          place[1] = to;
          return to < rows.length;
        });
    if (place[1] < rows.length) {
      throw new StoreCorruptedException(file.path() + ": column " + leaf + " is too short");
    }
    return values;
  }

  private void readPage(
      Page header, ParquetFile.Leaf leaf, int[] rows, int from, int to, int first, Values values) {
    int at = 0;
    Hybrid levels = null;
    if (leaf.maxDefinition() > 0) {
      int length = (int) INT.get(page, 0);
      levels = new Hybrid(page, Integer.BYTES, Integer.BYTES + length, 1);
      at = Integer.BYTES + length;
    }
    PageValues source = new PageValues(header, leaf.type(), at);
    for (int i = from; i < to; i++) {
      int row = rows[i] - first;
      int ordinal = levels == null ? row : levels.onesBefore(row);
      if (levels == null || levels.valueAt(row) == 1) {
        values.valid[i] = true;
        if (leaf.type() == ParquetFile.BYTE_ARRAY) {
          values.texts[i] = source.bytes(ordinal);
        } else {
          values.numbers[i] = source.number(ordinal);
        }
      }
    }
  }

  /** Returns all values of a column of 64-bit numbers that are never null. */
  long[] readAll(int rowGroup, int leaf) {
    int count = file.rowGroups().get(rowGroup).rowCount();
    long[] values = new long[count];
    ParquetFile.Leaf of = file.leaf(leaf);
    int[] place = new int[1];
    pages(
        rowGroup,
        leaf,
        header -> {
          int at = 0;
          if (of.maxDefinition() > 0) {
            int length = (int) INT.get(page, 0);
            at = Integer.BYTES + length;
            Hybrid levels = new Hybrid(page, Integer.BYTES, at, 1);
            if (levels.onesBefore(header.count) != header.count) {
              throw new StoreCorruptedException(file.path() + ": column " + leaf + " has nulls");
            }
          }
          PageValues source = new PageValues(header, of.type(), at);
          for (int i = 0; i < header.count; i++) {
            values[place[0] + i] = source.number(i);
          }
          place[0] += header.count;
          return place[0] < count;
        });
    if (place[0] < count) {
      throw new StoreCorruptedException(file.path() + ": column " + leaf + " is too short");
    }
    return values;
  }

  /**
   * Returns the values of some rows of a text column in something repeated: for each row those that are there, null ones
   * included; none if the row has none.
   */
  List<List<byte @Nullable []>> readRepeated(int rowGroup, int leaf, int[] rows) {
    List<List<byte @Nullable []>> values = new ArrayList<>();
    for (int ignored : rows) {
      values.add(new ArrayList<>());
    }
    ParquetFile.Leaf of = file.leaf(leaf);
    int width = Integer.SIZE - Integer.numberOfLeadingZeros(of.maxDefinition());
    // A map that is there has level 1, an entry of it 2.
    int entry = 2;
    int[] row = {-1};
    pages(
        rowGroup,
        leaf,
        header -> {
          int length = (int) INT.get(page, 0);
          int at = Integer.BYTES + length;
          Hybrid repetition = new Hybrid(page, Integer.BYTES, at, 1);
          length = (int) INT.get(page, at);
          Hybrid definition =
              new Hybrid(page, at + Integer.BYTES, at + Integer.BYTES + length, width);
          PageValues source = new PageValues(header, of.type(), at + Integer.BYTES + length);
          int ordinal = 0;
          for (int i = 0; i < header.count; i++) {
            row[0] += repetition.valueAt(i) == 0 ? 1 : 0;
            int level = definition.valueAt(i);
            int wanted = level < entry ? -1 : Arrays.binarySearch(rows, row[0]);
            if (wanted >= 0) {
              values
                  .get(wanted)
                  .add(level == of.maxDefinition() ? source.bytes(ordinal) : null);
            }
            ordinal += level == of.maxDefinition() ? 1 : 0;
          }
          return true;
        });
    return values;
  }

  /** Values in the page at hand, asked for in ascending order. */
  private final class PageValues {
    private final int type;
    private final @Nullable Hybrid indexes;
    private final int start;
    private int scanned;
    private int scannedAt;

    private PageValues(Page header, int type, int at) {
      this.type = type;
      switch (header.encoding) {
        case PLAIN -> {
          indexes = null;
          start = at;
        }
        case PLAIN_DICTIONARY, RLE_DICTIONARY -> {
          // Without any value there is not even the width.
          indexes = at < header.size ? new Hybrid(page, at + 1, header.size, page[at]) : null;
          start = 0;
        }
        default -> throw unexpected("encoding", header.encoding);
      }
      scannedAt = start;
    }

    private long number(int ordinal) {
      byte[] source = indexes == null ? page : dictionary;
      int at = indexes == null ? ordinal : indexes.valueAt(ordinal);
      return switch (type) {
        case ParquetFile.INT64, ParquetFile.DOUBLE ->
            (long) LONG.get(source, start + at * Long.BYTES);
        case ParquetFile.INT32 -> (int) INT.get(source, start + at * Integer.BYTES);
        case ParquetFile.BOOLEAN -> (source[start + (at >> 3)] >> (at & 7)) & 1;
        default -> throw unexpected("type", type);
      };
    }

    private byte[] bytes(int ordinal) {
      if (indexes != null) {
        int at = dictionaryStarts()[indexes.valueAt(ordinal)];
        return text(dictionary, at);
      }
      for (; scanned < ordinal; scanned++) {
        scannedAt += Integer.BYTES + (int) INT.get(page, scannedAt);
      }
      return text(page, scannedAt);
    }

    private static byte[] text(byte[] source, int at) {
      int length = (int) INT.get(source, at);
      return Arrays.copyOfRange(source, at + Integer.BYTES, at + Integer.BYTES + length);
    }
  }

  private int[] dictionaryStarts() {
    int[] starts = dictionaryStarts;
    if (starts == null) {
      starts = new int[dictionarySize];
      int at = 0;
      for (int i = 0; i < starts.length; i++) {
        starts[i] = at;
        at += Integer.BYTES + (int) INT.get(dictionary, at);
      }
      dictionaryStarts = starts;
    }
    return starts;
  }

  private StoreCorruptedException unexpected(String what, int number) {
    return new StoreCorruptedException(
        file.path() + ": Parquet " + what + " " + number + " (expected: one that this version writes)");
  }

  private void pages(int rowGroup, int leaf, Pages pages) {
    ParquetFile.Chunk of = file.rowGroups().get(rowGroup).chunks().get(leaf);
    try {
      chunk = atLeast(chunk, of.length());
      ParquetFile.read(channel, ByteBuffer.wrap(chunk, 0, of.length()), of.start());
      dictionarySize = 0;
      dictionaryStarts = null;
      for (int at = 0; at < of.length(); ) {
        Thrift thrift = new Thrift(chunk, at);
        Page header = readHeader(thrift);
        at = thrift.position();
        if (header.type == DICTIONARY_PAGE) {
          dictionary = atLeast(dictionary, header.size);
          decompress(of.codec(), at, header, dictionary);
          dictionarySize = header.count;
        } else if (header.type == DATA_PAGE) {
          page = atLeast(page, header.size);
          decompress(of.codec(), at, header, page);
          if (header.levelEncoding != RLE) {
            throw unexpected("encoding of levels", header.levelEncoding);
          }
          if (!pages.take(header)) {
            return;
          }
        } else {
          throw unexpected("page type", header.type);
        }
        at += header.compressedSize;
      }
    } catch (IOException | RuntimeException e) {
      // What is read was checked when it was opened; sizes and places that lead nowhere come from a disk that is failing.
      throw ParquetFile.corrupted(file.path(), e);
    }
  }

  private static byte[] atLeast(byte[] bytes, int length) {
    return bytes.length >= length ? bytes : new byte[Math.max(length, 16 * 1024)];
  }

  private void decompress(int codec, int at, Page header, byte[] target) {
    switch (codec) {
      case ParquetFile.ZSTD -> {
        int size =
            zstd.decompressByteArray(target, 0, header.size, chunk, at, header.compressedSize);
        if (size != header.size) {
          throw unexpected("page length", size);
        }
      }
      case ParquetFile.UNCOMPRESSED -> System.arraycopy(chunk, at, target, 0, header.size);
      default -> throw unexpected("codec", codec);
    }
  }

  private static Page readHeader(Thrift thrift) {
    int type = -1;
    int size = 0;
    int compressed = 0;
    int[] counts = {0, PLAIN, RLE};
    int outer = thrift.begin();
    for (int field = thrift.nextField(); field != Thrift.END; field = thrift.nextField()) {
      switch (field) {
        case 1 -> type = (int) thrift.number();
        case 2 -> size = (int) thrift.number();
        case 3 -> compressed = (int) thrift.number();
        // Data page and dictionary page: both have count, then encoding.
        case 5, 7 -> readCounts(thrift, counts, field == 5);
        default -> thrift.skip();
      }
    }
    thrift.end(outer);
    return new Page(type, size, compressed, counts[0], counts[1], counts[2]);
  }

  private static void readCounts(Thrift thrift, int[] counts, boolean data) {
    int outer = thrift.begin();
    for (int field = thrift.nextField(); field != Thrift.END; field = thrift.nextField()) {
      if (field <= 2 || (field == 3 && data)) {
        counts[field - 1] = (int) thrift.number();
      } else {
        thrift.skip();
      }
    }
    thrift.end(outer);
  }
}
