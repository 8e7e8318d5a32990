// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Objects as a table of numbers and texts, for the small files beside a part's spans. */
final class Table<T> {
  private final List<Cell<T>> columns = new ArrayList<>();

  private record Cell<T>(
      String name,
      @Nullable ToLongFunction<T> number,
      @Nullable Function<T, @Nullable String> text) {}

  /** Adds a column of 64-bit integers. */
  Table<T> number(String name, ToLongFunction<T> value) {
    columns.add(new Cell<>(name, value, null));
    return this;
  }

  /** Adds a column of texts. */
  Table<T> text(String name, Function<T, @Nullable String> value) {
    columns.add(new Cell<>(name, null, value));
    return this;
  }

  /** Returns the field ids as a COPY option takes them: 1, 2 and so on. */
  String fieldIds() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      ids.add(columns.get(i).name + ": " + (i + 1));
    }
    return String.join(", ", ids);
  }

  /** Returns a reader of these rows. */
  ArrowReader reader(BufferAllocator allocator, List<T> rows) {
    return new Rows<>(allocator, columns, rows);
  }

  private static final class Rows<T> extends ArrowReader {
    private static final int ROWS_PER_BATCH = 8_192;

    private final List<Cell<T>> columns;
    private final List<T> rows;
    private int done;

    private Rows(BufferAllocator allocator, List<Cell<T>> columns, List<T> rows) {
      super(allocator);
      this.columns = columns;
      this.rows = rows;
    }

    @Override
    protected Schema readSchema() {
      List<Field> fields = new ArrayList<>();
      for (Cell<T> column : columns) {
        ArrowType type =
            column.number != null ? new ArrowType.Int(64, true) : ArrowType.Utf8.INSTANCE;
        fields.add(Field.nullable(column.name, type));
      }
      return new Schema(fields);
    }

    @Override
    public boolean loadNextBatch() throws IOException {
      prepareLoadNextBatch();
      if (done >= rows.size()) {
        return false;
      }
      var root = getVectorSchemaRoot();
      root.clear();
      int count = Math.min(ROWS_PER_BATCH, rows.size() - done);
      for (int c = 0; c < columns.size(); c++) {
        FieldVector vector = root.getVector(c);
        vector.setInitialCapacity(count);
        vector.allocateNew();
        for (int i = 0; i < count; i++) {
          set(vector, columns.get(c), i, rows.get(done + i));
        }
      }
      root.setRowCount(count);
      done += count;
      return true;
    }

    private static <T> void set(FieldVector vector, Cell<T> column, int at, T row) {
      if (column.number != null) {
        ((BigIntVector) vector).set(at, column.number.applyAsLong(row));
      } else if (column.text != null) {
        String text = column.text.apply(row);
        if (text != null) {
          ((VarCharVector) vector).setSafe(at, text.getBytes(StandardCharsets.UTF_8));
        }
      }
    }

    @Override
    public long bytesRead() {
      return 0;
    }

    @Override
    protected void closeReadSource() {}
  }
}
