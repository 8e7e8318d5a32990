// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.SpanBatch;
import io.roentgen.model.Value;
import io.roentgen.store.StoreCorruptedException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Says which attribute values a part holds, so that a search for one that is not there leaves the part alone. The file has
 * a header of {@value #HEADER_BYTES} bytes (magic, key count, value count, 1 if it has all keys), for each key {@value
 * #KEY_BYTES} bytes (a mix of the key, place of its first value, value count or -1 if there are too many to tell), then
 * the values' mixes, ascending for each key. Mapped into memory, so that it costs no heap. Two values with one mix only
 * make a search go to a part in vain.
 *
 * <p>Only values that a search can ask for are in it: texts, numbers and booleans, of spans and of their resources. The
 * texts that every span has are under a key of their own each; an index without those keys was written before there were
 * any.
 */
final class ValueIndex {
  private static final int MAGIC = 0x58495652; // "RVIX"
  private static final int HEADER_BYTES = 16;
  private static final int KEY_BYTES = 16;
  private static final int MAX_KEYS = 4_096;

  /** A key with more values than this has none in the index; ids of requests and the like are of no use there. */
  private static final int MAX_VALUES_PER_KEY = 1_024;

  private static final int MAX_VALUES = 32_768;
  private static final int TOO_MANY = -1;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Before the name of a column, in the key of a text that every span has. */
  private static final String OF_COLUMN = "\0";

  private static final List<Column> COLUMNS =
      List.of(Column.SERVICE, Column.SERVICE_TYPE, Column.PEER_NAME, Column.PEER_TYPE);

  private final MemorySegment file;
  private final int keyCount;

  private ValueIndex(MemorySegment file, int keyCount) {
    this.file = file;
    this.keyCount = keyCount;
  }

  private static long mix(long number) {
    long mixed = number * 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xd6e8feb86659fd93L;
    return mixed ^ (mixed >>> 32);
  }

  private static long mixBytes(byte[] bytes, int offset, int length) {
    long mixed = length;
    for (int i = offset; i < offset + length; i++) {
      mixed = (mixed ^ (bytes[i] & 0xff)) * 0x100000001b3L;
      mixed ^= mixed >>> 29;
    }
    return mix(mixed);
  }

  private static long mixText(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return mixBytes(utf8, 0, utf8.length);
  }

  private static long mixLong(long value) {
    return mix(value + 1);
  }

  private static long mixDouble(double value) {
    // Both zeros are one value to a search.
    return mix(Double.doubleToLongBits(value == 0 ? 0 : value) ^ 0x5851f42d4c957f2dL);
  }

  private static long mixBoolean(boolean value) {
    return value ? 1 : 2;
  }

  /** Values of one key. Not safe for use by several threads. */
  static final class Values {
    private long[] slots = new long[16];
    private int size;
    private boolean tooMany;

    private void add(long mix) {
      if (tooMany) {
        return;
      }
      // 0 stands for a free slot; the value that has this mix is taken for another one.
      long value = mix == 0 ? 3 : mix;
      int mask = slots.length - 1;
      int slot = (int) (value >>> 32) & mask;
      while (slots[slot] != 0) {
        if (slots[slot] == value) {
          return;
        }
        slot = (slot + 1) & mask;
      }
      if (size == MAX_VALUES_PER_KEY) {
        setTooMany();
        return;
      }
      slots[slot] = value;
      size++;
      if (size * 2 > slots.length) {
        long[] old = slots;
        slots = new long[old.length * 2];
        size = 0;
        for (long each : old) {
          if (each != 0) {
            add(each);
          }
        }
      }
    }

    private void setTooMany() {
      tooMany = true;
      slots = new long[0];
      size = 0;
    }

    /** Adds the value at which a cursor stands. */
    void add(SpanBatch batch, SpanBatch.Cursor cursor) {
      if (tooMany) {
        return;
      }
      switch (cursor.valueType()) {
        case SpanBatch.VALUE_STRING ->
            add(mixBytes(batch.bytes(), cursor.blockOffset(), cursor.blockLength()));
        case SpanBatch.VALUE_LONG -> add(mixLong(cursor.number()));
        case SpanBatch.VALUE_DOUBLE -> add(mixDouble(Double.longBitsToDouble(cursor.number())));
        case SpanBatch.VALUE_FALSE -> add(mixBoolean(false));
        case SpanBatch.VALUE_TRUE -> add(mixBoolean(true));
        default -> {}
      }
    }

    /** Adds the text at which a cursor stands. */
    void addText(SpanBatch batch, SpanBatch.Cursor cursor) {
      addText(batch.bytes(), cursor.blockOffset(), cursor.blockLength());
    }

    /** Adds a text in UTF-8. */
    void addText(byte[] utf8, int offset, int length) {
      if (!tooMany) {
        add(mixBytes(utf8, offset, length));
      }
    }

    private long[] sorted() {
      long[] sorted = Arrays.stream(slots).filter(each -> each != 0).toArray();
      Arrays.sort(sorted);
      return sorted;
    }
  }

  /** Collects what a part holds. Not safe for use by several threads. */
  static final class Builder {
    private final Map<Long, Values> keys = new TreeMap<>();

    /** Takes what is of no use, beyond the limit of keys. */
    private final Values unknown = new Values();

    private boolean allKeys = true;

    Builder() {
      // Before any other, so that there is room for them.
      for (Column column : COLUMNS) {
        Values values = column(column);
        if (column != Column.SERVICE) {
          // Some span has no peer, as good as always.
          values.addText(new byte[0], 0, 0);
        }
      }
    }

    /**
     * Returns the values of a text that every span has. An empty one is to be added if it is that of a service, and is
     * there already for the others.
     *
     * @param column one of {@link #hasColumn}
     */
    Values column(Column column) {
      return key(OF_COLUMN + column.column());
    }

    /** Returns the values of a key. */
    Values key(String key) {
      return key(mixText(key));
    }

    private Values key(long mix) {
      Values known = keys.get(mix);
      if (known != null) {
        return known;
      }
      if (keys.size() == MAX_KEYS) {
        allKeys = false;
        unknown.setTooMany();
        return unknown;
      }
      Values values = new Values();
      keys.put(mix, values);
      return values;
    }

    /** Adds attributes of a resource. */
    void addAll(Map<String, Value> attributes) {
      attributes.forEach(
          (key, value) -> {
            Values values = key(key);
            if (value instanceof Value.StringValue text) {
              values.add(mixText(text.value()));
            } else if (value instanceof Value.LongValue number) {
              values.add(mixLong(number.value()));
            } else if (value instanceof Value.DoubleValue number) {
              values.add(mixDouble(number.value()));
            } else if (value instanceof Value.BooleanValue flag) {
              values.add(mixBoolean(flag.value()));
            }
          });
    }

    /** Adds what another part holds. */
    void addAll(ValueIndex other) {
      allKeys &= other.hasAllKeys();
      for (Column column : COLUMNS) {
        if (other.placeOf(OF_COLUMN + column.column()) < 0) {
          column(column).setTooMany();
        }
      }
      for (int i = 0; i < other.keyCount; i++) {
        Values values = key(other.keyAt(i));
        int count = other.countAt(i);
        if (count == TOO_MANY) {
          values.setTooMany();
        }
        for (int value = 0; value < count; value++) {
          values.add(other.valueAt(other.firstAt(i) + value));
        }
      }
    }

    void write(Path path) throws IOException {
      int total = 0;
      for (Values values : keys.values()) {
        if (total + values.size > MAX_VALUES) {
          values.setTooMany();
        }
        total += values.size;
      }
      ByteBuffer bytes =
          ByteBuffer.allocate(HEADER_BYTES + keys.size() * KEY_BYTES + total * Long.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN);
      bytes.putInt(MAGIC).putInt(keys.size()).putInt(total).putInt(allKeys ? 1 : 0);
      int first = 0;
      for (Map.Entry<Long, Values> each : keys.entrySet()) {
        Values values = each.getValue();
        bytes.putLong(each.getKey()).putInt(first);
        bytes.putInt(values.tooMany ? TOO_MANY : values.size);
        first += values.size;
      }
      for (Values values : keys.values()) {
        for (long value : values.sorted()) {
          bytes.putLong(value);
        }
      }
      bytes.flip();
      try (FileChannel channel =
          FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
    }
  }

  /**
   * Opens an index.
   *
   * @throws StoreCorruptedException if it is none
   */
  static ValueIndex open(Path path) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofAuto());
      int keyCount = size < HEADER_BYTES ? -1 : file.get(INT, 4);
      long valueCount = size < HEADER_BYTES ? -1 : file.get(INT, 8);
      if (keyCount < 0
          || valueCount < 0
          || file.get(INT, 0) != MAGIC
          || size != HEADER_BYTES + (long) keyCount * KEY_BYTES + valueCount * Long.BYTES) {
        throw new StoreCorruptedException("value index " + path + ": not an index of its length");
      }
      return new ValueIndex(file, keyCount);
    } catch (IOException e) {
      throw new StoreCorruptedException("cannot read value index " + path + ": " + e, e);
    }
  }

  /** Returns whether the part may hold a span whose own or whose resource's attribute matches that text. */
  boolean mayMatch(String key, String text) {
    return mayHold(key, ConditionSql.candidates(text));
  }

  /** Returns whether the part may hold a span that has, or whose resource has, an attribute with that key. */
  boolean mayHold(String key) {
    return placeOf(key) >= 0 || !hasAllKeys();
  }

  /** Returns whether an index says which texts a part has in a column. */
  static boolean hasColumn(Column column) {
    return COLUMNS.contains(column);
  }

  /**
   * Returns whether the part may hold a span with that text in a column.
   *
   * @param column one of {@link #hasColumn}
   */
  boolean mayHold(Column column, String text) {
    int at = placeOf(OF_COLUMN + column.column());
    return at < 0 || countAt(at) == TOO_MANY || holds(at, mixText(text));
  }

  private int placeOf(String key) {
    return find(0, keyCount, HEADER_BYTES, KEY_BYTES, mixText(key));
  }

  /** Returns whether the part may hold a span that has, or whose resource has, one of these values under that key. */
  boolean mayHold(String key, List<Value> candidates) {
    int at = placeOf(key);
    if (at < 0) {
      return !hasAllKeys();
    }
    if (countAt(at) == TOO_MANY) {
      return true;
    }
    for (Value candidate : candidates) {
      Long mix = mixOf(candidate);
      if (mix != null && holds(at, mix)) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable Long mixOf(Value value) {
    return switch (value) {
      case Value.StringValue text -> mixText(text.value());
      case Value.LongValue number -> mixLong(number.value());
      case Value.DoubleValue number -> mixDouble(number.value());
      case Value.BooleanValue flag -> mixBoolean(flag.value());
      case Value.BytesValue _ -> null;
      case Value.ArrayValue _ -> null;
      case Value.MapValue _ -> null;
      case Value.EmptyValue _ -> null;
    };
  }

  private boolean holds(int key, long mix) {
    int first = firstAt(key);
    long start = HEADER_BYTES + (long) keyCount * KEY_BYTES;
    return find(first, first + countAt(key), start, Long.BYTES, mix == 0 ? 3 : mix) >= 0;
  }

  /** Returns the place of a number among records sorted by their first 8 bytes, or -1. */
  private int find(int first, int end, long start, int recordBytes, long wanted) {
    int from = first;
    int to = end - 1;
    while (from <= to) {
      int middle = (from + to) >>> 1;
      long found = file.get(LONG, start + (long) middle * recordBytes);
      if (found == wanted) {
        return middle;
      }
      if (found < wanted) {
        from = middle + 1;
      } else {
        to = middle - 1;
      }
    }
    return -1;
  }

  private boolean hasAllKeys() {
    return file.get(INT, 12) != 0;
  }

  private long keyAt(int key) {
    return file.get(LONG, HEADER_BYTES + (long) key * KEY_BYTES);
  }

  private int firstAt(int key) {
    return file.get(INT, HEADER_BYTES + (long) key * KEY_BYTES + 8);
  }

  private int countAt(int key) {
    return file.get(INT, HEADER_BYTES + (long) key * KEY_BYTES + 12);
  }

  private long valueAt(int value) {
    return file.get(
        LONG, HEADER_BYTES + (long) keyCount * KEY_BYTES + (long) value * Long.BYTES);
  }
}
