// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.store.StoreClosedException;
import io.roentgen.store.StoreException;
import io.roentgen.store.StoreUnavailableException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.arrow.c.ArrowArrayStream;
import org.apache.arrow.c.Data;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * The query engine: DuckDB in this process, one for questions and one for writing parts. Nothing else in the module talks to it, and only through SQL over files.
 *
 * <p>Native calls would pin a virtual thread to its carrier, so questions run on a few platform threads of the engine's
 * own, each with its own connection; callers wait. Work on parts in the background has a thread of its own, so that it
 * never stands before a question.
 */
final class Engine implements AutoCloseable {
  private static final int QUERY_THREADS = 3;

  /** With more than one, keeping the order of rows costs more than the others bring. */
  private static final int WRITE_THREADS = 1;

  private final DuckDBConnection root;
  private final DuckDBConnection writing;
  private final BufferAllocator allocator = new RootAllocator();
  private final ExecutorService queries;
  private final ThreadLocal<DuckDBConnection> connections;

  private Engine(DuckDBConnection root, DuckDBConnection writing) {
    this.root = root;
    this.writing = writing;
    AtomicInteger number = new AtomicInteger();
    queries =
        Executors.newFixedThreadPool(
            QUERY_THREADS,
            work -> {
              Thread thread = new Thread(work, "lake-query-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    connections = ThreadLocal.withInitial(this::connect);
  }

  static Engine open(Path temporary, long memoryBytes) {
    try {
      int processors = Math.max(1, Runtime.getRuntime().availableProcessors());
      return new Engine(
          database(temporary.resolve("query"), memoryBytes / 2, processors),
          database(temporary.resolve("write"), memoryBytes / 2, WRITE_THREADS));
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot start the query engine: " + e.getMessage(), e);
    }
  }

  private static DuckDBConnection database(Path temporary, long memoryBytes, int threads)
      throws SQLException {
    DuckDBConnection database = (DuckDBConnection) DriverManager.getConnection("jdbc:duckdb:");
    try (Statement statement = database.createStatement()) {
      statement.execute("SET memory_limit = '" + memoryBytes + "B'");
      statement.execute("SET temp_directory = " + literal(temporary.toString()));
      statement.execute("SET parquet_metadata_cache = true");
      statement.execute("SET autoinstall_known_extensions = false");
      statement.execute("SET autoload_known_extensions = false");
      statement.execute("SET threads = " + threads);
    }
    return database;
  }

  private DuckDBConnection connect() {
    try {
      return root.duplicate();
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot connect to the query engine: " + e, e);
    }
  }

  BufferAllocator allocator() {
    return allocator;
  }

  /** Takes one row of a result. */
  interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** Takes one row of a result and keeps of it what it wants. */
  interface RowConsumer {
    void accept(ResultSet row) throws SQLException;
  }

  /** Asks a question and hands its answer's rows on one by one, for answers too large for a list. */
  void scan(String sql, RowConsumer consumer) {
    onQueryThread(
        () -> {
          scan(connections.get(), sql, List.of(), consumer);
          return true;
        });
  }

  /** Asks a question and returns its answer's rows. */
  <T> List<T> query(String sql, List<Object> parameters, RowReader<T> reader) {
    return onQueryThread(() -> run(connections.get(), sql, parameters, reader));
  }

  /** Runs what reads files by itself on one of the threads for questions, of which there are few. */
  <T> T run(Supplier<T> work) {
    return onQueryThread(work::get);
  }

  /** Asks on behalf of what is being written, in the calling thread. */
  <T> List<T> queryToWrite(String sql, List<Object> parameters, RowReader<T> reader) {
    try (DuckDBConnection connection = writing.duplicate()) {
      return run(connection, sql, parameters, reader);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Asks like {@link #scan(String, RowConsumer)}, on behalf of what is being written, in the calling thread. */
  void scanToWrite(String sql, RowConsumer consumer) {
    try (DuckDBConnection connection = writing.duplicate()) {
      scan(connection, sql, List.of(), consumer);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private static <T> List<T> run(
      DuckDBConnection connection, String sql, List<Object> parameters, RowReader<T> reader)
      throws SQLException {
    List<T> read = new ArrayList<>();
    scan(connection, sql, parameters, row -> read.add(reader.read(row)));
    return read;
  }

  private static void scan(
      DuckDBConnection connection, String sql, List<Object> parameters, RowConsumer consumer)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.size(); i++) {
        statement.setObject(i + 1, parameters.get(i));
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          consumer.accept(rows);
        }
      }
    }
  }

  /**
   * Runs several pieces of work like {@link #run}, at once as far as there are threads, and returns what they give in their
   * order. None of them is under way any more when this returns or throws, unless the caller was interrupted.
   */
  <T> List<T> runAll(List<Supplier<T>> works) {
    List<Future<T>> answers = new ArrayList<>();
    @Nullable StoreException failure = null;
    try {
      works.forEach(work -> answers.add(submit(work::get)));
    } catch (StoreClosedException e) {
      failure = e;
    }
    List<T> all = new ArrayList<>();
    for (Future<T> answer : answers) {
      try {
        all.add(await(answer));
      } catch (StoreException e) {
        if (failure == null) {
          failure = e;
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
    return all;
  }

  private interface Work<T> {
    T run() throws SQLException;
  }

  private <T> T onQueryThread(Work<T> work) {
    return await(submit(work));
  }

  private <T> Future<T> submit(Work<T> work) {
    try {
      return queries.submit(work::run);
    } catch (RejectedExecutionException e) {
      throw new StoreClosedException();
    }
  }

  private static <T> T await(Future<T> answer) {
    try {
      return answer.get();
    } catch (InterruptedException e) {
      answer.cancel(false);
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted while waiting for an answer", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StoreException cause) {
        throw cause;
      }
      if (e.getCause() instanceof SQLException cause) {
        throw failed(cause);
      }
      throw new IllegalStateException("query failed", e.getCause());
    }
  }

  private static StoreUnavailableException failed(SQLException e) {
    return new StoreUnavailableException("query engine: " + e.getMessage(), e);
  }

  /** Writes what {@code rows} gives to a Parquet file, in that order. */
  void write(ArrowReader rows, Path file, int rowGroupSize, String fieldIds) throws SQLException {
    try (DuckDBConnection connection = writing.duplicate();
        ArrowArrayStream stream = ArrowArrayStream.allocateNew(allocator)) {
      Data.exportArrayStream(allocator, rows, stream);
      try (Statement statement = connection.createStatement()) {
        connection.registerArrowStream("rows_to_write", stream);
        statement.execute(
            copy("SELECT * FROM rows_to_write", file, rowGroupSize, "{" + fieldIds + "}"));
      } finally {
        // Without this an unread stream would never give its buffers back.
        stream.release();
      }
    }
  }

  /** Writes the answer to a question to a Parquet file, in its order. */
  void write(String select, Path file, int rowGroupSize, String fieldIds) throws SQLException {
    try (DuckDBConnection connection = writing.duplicate();
        Statement statement = connection.createStatement()) {
      statement.execute(copy(select, file, rowGroupSize, "{" + fieldIds + "}"));
    }
  }

  /** Returns whether the engine gave up because of its memory limit; it has no error codes. */
  static boolean isOutOfMemory(SQLException e) {
    return String.valueOf(e.getMessage()).contains("Out of Memory");
  }

  private static String copy(String select, Path file, int rowGroupSize, String fieldIds) {
    return "COPY ("
        + select
        + ") TO "
        + literal(file.toString())
        + " (FORMAT parquet, COMPRESSION zstd, WRITE_BLOOM_FILTER false, ROW_GROUP_SIZE "
        + rowGroupSize
        + ", FIELD_IDS "
        + fieldIds
        + ")";
  }

  /** Returns text as an SQL literal. */
  static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** Returns a column name as SQL takes it. */
  static String quoted(String column) {
    return '"' + column.replace("\"", "\"\"") + '"';
  }

  @Override
  public void close() {
    queries.shutdown();
    try {
      if (!queries.awaitTermination(10, TimeUnit.SECONDS)) {
        queries.shutdownNow();
      }
      root.close();
      writing.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException e) {
      throw failed(e);
    }
    allocator.close();
  }
}
