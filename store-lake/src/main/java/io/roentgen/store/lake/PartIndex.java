// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.store.StoreCorruptedException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Says which traces a part holds: the file has a header of {@value #HEADER_BYTES} bytes (magic, trace count), then for
 * each trace a 64-bit mix of its id, ascending. Mapped into memory, so that it costs no heap. Two ids with one mix only
 * make a look-up go to a part in vain.
 */
final class PartIndex {
  private static final int MAGIC = 0x58495452; // "RTIX"
  private static final int HEADER_BYTES = 8;

  /** How often a guess is corrected: each time its error becomes about its square root. */
  private static final int LOOKS = 2;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment file;
  private final int count;

  private PartIndex(MemorySegment file, int count) {
    this.file = file;
    this.count = count;
  }

  static long mix(long high, long low) {
    long mixed = (high ^ Long.rotateLeft(low, 29)) * 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ mixed >>> 32 ^ low) * 0xd6e8feb86659fd93L;
    return mixed ^ mixed >>> 32;
  }

  /** Writes an index; sorts {@code mixes}. */
  static void write(Path path, long[] mixes) throws IOException {
    Arrays.sort(mixes);
    ByteBuffer bytes =
        ByteBuffer.allocate(HEADER_BYTES + mixes.length * Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(MAGIC).putInt(mixes.length);
    for (long mix : mixes) {
      bytes.putLong(mix);
    }
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      bytes.flip();
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  static PartIndex open(Path path) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofAuto());
      int count = size < HEADER_BYTES ? -1 : file.get(INT, 4);
      if (count < 0
          || file.get(INT, 0) != MAGIC
          || size != HEADER_BYTES + (long) count * Long.BYTES) {
        throw new StoreCorruptedException("trace index " + path + ": not an index of its length");
      }
      return new PartIndex(file, count);
    } catch (IOException e) {
      throw new StoreCorruptedException("cannot read trace index " + path + ": " + e, e);
    }
  }

  /** Returns whether the part may hold spans of that trace. */
  boolean contains(long high, long low) {
    long wanted = mix(high, low);
    if (count == 0) {
      return false;
    }
    int from = guess(wanted);
    for (int step = 1; from > 0 && at(from) >= wanted; step *= 2) {
      from = Math.max(0, from - step);
    }
    int place = firstNotBefore(from, wanted);
    return place < count && at(place) == wanted;
  }

  /**
   * Returns about where a mix has its place. Mixes are spread evenly, so that a few looks close to each other are enough,
   * where halving takes fifteen all over the memory. A wrong guess costs time and nothing else.
   */
  private int guess(long wanted) {
    // As many as there are of all possible mixes before it.
    long place = Math.unsignedMultiplyHigh(wanted - Long.MIN_VALUE, count);
    for (int look = 0; look < LOOKS; look++) {
      place += Math.multiplyHigh(wanted - at((int) place), count);
      place = Math.clamp(place, 0, count - 1);
    }
    return (int) place;
  }

  /**
   * Returns which of some mixes the index holds. For many at a time: one pass from the first to the last, where a search
   * for each would jump about in memory.
   *
   * @param mixes ascending
   */
  BitSet holding(long[] mixes) {
    BitSet held = new BitSet();
    int at = 0;
    for (int i = 0; i < mixes.length && at < count; i++) {
      at = firstNotBefore(at, mixes[i]);
      if (at < count && at(at) == mixes[i]) {
        held.set(i);
      }
    }
    return held;
  }

  /** Returns the first place from {@code from} on whose mix is not less than {@code wanted}. */
  private int firstNotBefore(int from, long wanted) {
    int low = from;
    int high = from;
    for (int step = 1; high < count && at(high) < wanted; step *= 2) {
      low = high + 1;
      high += step;
    }
    high = Math.min(high, count);
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (at(middle) < wanted) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  int count() {
    return count;
  }

  long at(int number) {
    return file.get(LONG, HEADER_BYTES + (long) number * Long.BYTES);
  }
}
