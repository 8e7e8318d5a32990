// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TinyIntVector;

/**
 * Values of one column on the heap, set in ascending order of rows, until they are moved to an Arrow vector. Vectors check and
 * fill up with each value that is set, which for columns with few values takes several times as long.
 */
abstract sealed class ColumnBuffer {
  private static final int BITS = 3;

  private final byte[] valid;

  private ColumnBuffer(int most) {
    valid = new byte[(most + 7) >> BITS];
  }

  final void setValid(int at) {
    valid[at >> BITS] |= (byte) (1 << (at & 7));
  }


  /** Moves the values to a vector with {@code count} rows and starts again without any. */
  abstract void moveTo(FieldVector vector, int count);

  final void moveValidTo(ArrowBuf buffer, int count) {
    int bytes = (count + 7) >> BITS;
    buffer.setBytes(0, valid, 0, bytes);
    Arrays.fill(valid, (byte) 0);
  }

  /** Whole numbers of any width, booleans as 0 and 1, doubles as their bits. */
  static final class Numbers extends ColumnBuffer {
    private final long[] values;

    Numbers(int most) {
      super(most);
      values = new long[most];
    }

    void set(int at, long value) {
      values[at] = value;
      setValid(at);
    }

    @Override
    void moveTo(FieldVector vector, int count) {
      BaseFixedWidthVector fixed = (BaseFixedWidthVector) vector;
      fixed.allocateNew(count);
      ArrowBuf data = fixed.getDataBuffer();
      switch (fixed) {
        case BigIntVector _, Float8Vector _ ->
            data.nioBuffer(0, count * Long.BYTES)
                .order(ByteOrder.nativeOrder())
                .asLongBuffer()
                .put(values, 0, count);
        case IntVector _ -> {
          for (int i = 0; i < count; i++) {
            data.setInt((long) i * Integer.BYTES, (int) values[i]);
          }
        }
        case TinyIntVector _ -> {
          byte[] bytes = new byte[count];
          for (int i = 0; i < count; i++) {
            bytes[i] = (byte) values[i];
          }
          data.setBytes(0, bytes, 0, count);
        }
        case BitVector _ -> {
          byte[] bits = new byte[(count + 7) >> BITS];
          for (int i = 0; i < count; i++) {
            bits[i >> BITS] |= (byte) (values[i] << (i & 7));
          }
          data.setBytes(0, bits, 0, bits.length);
        }
        default -> throw new IllegalStateException("column type: " + vector.getField());
      }
      moveValidTo(fixed.getValidityBuffer(), count);
      fixed.setValueCount(count);
      // A value that is null is read by nobody, but no old one is to get into a file either.
      Arrays.fill(values, 0, count, 0);
    }
  }

  /** Texts and other bytes. */
  static final class Texts extends ColumnBuffer {
    private final int[] ends;
    private byte[] bytes = new byte[1024];
    private int size;

    /** All rows before this one have their end. */
    private int next;

    Texts(int most) {
      super(most);
      ends = new int[most + 1];
    }

    /** Sets a value, or sets the last one anew. */
    void set(int at, byte[] source, int offset, int length) {
      if (at < next) {
        size = ends[at];
      } else {
        Arrays.fill(ends, next + 1, at + 1, size);
      }
      if (length > bytes.length - size) {
        bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, length), 2 * bytes.length));
      }
      System.arraycopy(source, offset, bytes, size, length);
      size += length;
      next = at + 1;
      ends[next] = size;
      setValid(at);
    }

    @Override
    void moveTo(FieldVector vector, int count) {
      Arrays.fill(ends, next + 1, count + 1, size);
      BaseVariableWidthVector variable = (BaseVariableWidthVector) vector;
      variable.allocateNew(size, count);
      variable
          .getOffsetBuffer()
          .nioBuffer(0, (count + 1) * Integer.BYTES)
          .order(ByteOrder.nativeOrder())
          .asIntBuffer()
          .put(ends, 0, count + 1);
      variable.getDataBuffer().setBytes(0, bytes, 0, size);
      moveValidTo(variable.getValidityBuffer(), count);
      variable.setLastSet(count - 1);
      variable.setValueCount(count);
      size = 0;
      next = 0;
    }
  }
}
