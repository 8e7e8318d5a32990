// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.SpanBatch;
import io.roentgen.store.StoreUnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The write-ahead log: batches in frames, in segment files, one segment for each live part.
 *
 * <p>A frame is a header of {@value #HEADER_BYTES} bytes (magic, payload length, sequence of the first span, CRC32C
 * of the payload, CRC32C of the header before it), then the payload, which is a {@link SpanBatch}. All numbers are
 * little-endian. A frame whose header holds and whose payload does not is left out and the next one is read; where
 * the header does not hold the next good header is looked for. What is left out in this way is kept in a file
 * beside the segment. A frame cut short at the very end is an unfinished write, which nobody was told of. When a write
 * fails the file is cut back to its last good frame, so that what was refused does not come back.
 *
 * <p>Used by one thread at a time; the store's committer.
 */
final class Wal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Wal.class);
  private static final int MAGIC = 0x4c415752; // "RWAL"
  private static final int HEADER_BYTES = 24;
  private static final String SUFFIX = ".wal";
  private static final String DAMAGED_SUFFIX = ".damaged";

  /** Names that segments have; other files in the folder are none of ours. */
  private static final Pattern SEGMENT = Pattern.compile("([0-9]{16,18})\\.wal");

  private final Path folder;
  private final Opener opener;
  private @Nullable FileChannel channel;
  private long segment;
  private long good;
  private boolean dirty;

  private Wal(Path folder, Opener opener) {
    this.folder = folder;
    this.opener = opener;
  }

  /** Opens segments for writing; tests put a disk of their own behind it. */
  interface Opener {
    /** The real one. */
    Opener DISK =
        file -> FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    /** Makes a file, which must not be there yet. */
    FileChannel open(Path file) throws IOException;
  }

  /** Opens the log in {@code folder}, which is made if it is not there. */
  static Wal open(Path folder, Opener opener) throws IOException {
    Files.createDirectories(folder);
    return new Wal(folder, opener);
  }

  /** Receives what a log holds. */
  interface Replay {
    /** Takes a batch whose first span has that sequence. */
    void batch(long segment, SpanBatch batch, long sequence);
  }

  /** Returns the numbers of the segments on disk, ascending. */
  List<Long> segments() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> SEGMENT.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .map(name -> Long.parseLong(name.group(1)))
          .sorted()
          .toList();
    }
  }

  /**
   * Reads a segment and gives each good frame to {@code replay}; returns how many damaged stretches there were.
   */
  int replay(long number, Replay replay) throws IOException {
    Path file = file(number);
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    int damaged = 0;
    int badFrom = -1;
    boolean unfinished = false;
    while (at < bytes.length) {
      int length = payloadLength(bytes, buffer, at);
      boolean whole = length >= 0 && length <= bytes.length - at - HEADER_BYTES;
      if (whole && crc(bytes, at + HEADER_BYTES, length) == buffer.getInt(at + 16)) {
        if (badFrom >= 0) {
          keepDamaged(number, bytes, badFrom, at, damaged++);
          badFrom = -1;
        }
        replay.batch(
            number,
            SpanBatch.ofBytes(bytes, at + HEADER_BYTES, length),
            buffer.getLong(at + 8));
        at += HEADER_BYTES + length;
        continue;
      }
      if (badFrom < 0) {
        badFrom = at;
        // What a process that dies leaves is the beginning of a frame, never a whole one with something else in it.
        unfinished = (length >= 0 && !whole) || bytes.length - at < HEADER_BYTES;
      }
      at = whole ? at + HEADER_BYTES + length : nextHeader(bytes, buffer, at + 1);
    }
    if (badFrom >= 0 && unfinished) {
      Path kept = copy(number, bytes, badFrom, bytes.length, damaged);
      LOG.warn(
          "wal segment ends in an unfinished frame, left out: segment={} offset={} bytes={} copy={}",
          file,
          badFrom,
          bytes.length - badFrom,
          kept);
    } else if (badFrom >= 0) {
      keepDamaged(number, bytes, badFrom, bytes.length, damaged++);
    }
    return damaged;
  }

  /** Returns the length of the payload if there is a good header at {@code at}, else -1. */
  private static int payloadLength(byte[] bytes, ByteBuffer buffer, int at) {
    if (bytes.length - at < HEADER_BYTES || buffer.getInt(at) != MAGIC) {
      return -1;
    }
    return crc(bytes, at, HEADER_BYTES - 4) == buffer.getInt(at + HEADER_BYTES - 4)
        ? buffer.getInt(at + 4)
        : -1;
  }

  private static int nextHeader(byte[] bytes, ByteBuffer buffer, int from) {
    for (int at = from; at <= bytes.length - HEADER_BYTES; at++) {
      if (payloadLength(bytes, buffer, at) >= 0) {
        return at;
      }
    }
    return bytes.length;
  }

  private void keepDamaged(long number, byte[] bytes, int from, int to, int index)
      throws IOException {
    Path kept = copy(number, bytes, from, to, index);
    LOG.error(
        "wal segment is damaged, spans are lost there and the frames around are kept: segment={} offset={} bytes={} copy={}",
        file(number),
        from,
        to - from,
        kept);
  }

  private Path copy(long number, byte[] bytes, int from, int to, int index) throws IOException {
    Path kept = folder.resolve(name(number) + '.' + index + DAMAGED_SUFFIX);
    return Files.write(kept, Arrays.copyOfRange(bytes, from, to));
  }

  /**
   * Starts a segment with that number; what is appended next goes there. When this fails the segment before is still
   * the one that is written to.
   */
  void roll(long number) throws IOException {
    if (dirty && channel != null) {
      cut(channel);
    }
    FileChannel fresh = opener.open(file(number));
    boolean rolled = false;
    try {
      Durable.syncFolder(folder);
      rolled = true;
    } finally {
      if (!rolled) {
        fresh.close();
        Files.deleteIfExists(file(number));
      }
    }
    FileChannel before = channel;
    channel = fresh;
    segment = number;
    good = 0;
    if (before != null) {
      before.close();
    }
  }

  /** Takes away what a failed write has left behind the last good frame. */
  private void cut(FileChannel file) throws IOException {
    file.truncate(good);
    file.position(good);
    file.force(false);
    dirty = false;
  }

  /**
   * Appends frames and makes them durable before returning.
   *
   * @throws StoreUnavailableException if that fails; none of the batches is then in the log
   */
  void append(List<PendingWrite> writes) {
    FileChannel file = channel;
    if (file == null) {
      throw new IllegalStateException("cannot append: no segment is open; call roll() first");
    }
    try {
      if (dirty) {
        cut(file);
      }
      ByteBuffer[] buffers = new ByteBuffer[writes.size() * 2];
      long size = 0;
      for (int i = 0; i < writes.size(); i++) {
        PendingWrite write = writes.get(i);
        SpanBatch batch = write.batch();
        buffers[2 * i] = header(batch, write.sequence());
        buffers[2 * i + 1] = ByteBuffer.wrap(batch.bytes(), batch.offset(), batch.length());
        size += HEADER_BYTES + batch.length();
      }
      dirty = true;
      for (int from = 0; from < buffers.length; ) {
        file.write(buffers, from, buffers.length - from);
        while (from < buffers.length && !buffers[from].hasRemaining()) {
          from++;
        }
      }
      file.force(false);
      dirty = false;
      good += size;
    } catch (IOException e) {
      try {
        if (dirty) {
          cut(file);
        }
      } catch (IOException again) {
        // Stays dirty, so that this is tried again before anything else is written.
        e.addSuppressed(again);
      }
      throw new StoreUnavailableException(
          "cannot write to "
              + file(segment)
              + ": "
              + e.getMessage()
              + "; free disk space or check the disk",
          e);
    }
  }

  private static ByteBuffer header(SpanBatch batch, long sequence) {
    byte[] bytes = new byte[HEADER_BYTES];
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(MAGIC).putInt(batch.length()).putLong(sequence);
    header.putInt(crc(batch.bytes(), batch.offset(), batch.length()));
    header.putInt(crc(bytes, 0, HEADER_BYTES - 4));
    return header.flip();
  }

  private static int crc(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }

  /** Returns the files to which damaged stretches were copied. */
  List<Path> damagedCopies() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(DAMAGED_SUFFIX)).toList();
    }
  }

  /** Deletes a segment whose spans are all in parts. */
  void delete(long number) throws IOException {
    Files.deleteIfExists(file(number));
  }

  /** Returns how many bytes all segments take. */
  long bytes() throws IOException {
    long sum = 0;
    for (long number : segments()) {
      sum += Files.size(file(number));
    }
    return sum;
  }

  private Path file(long number) {
    return folder.resolve(name(number) + SUFFIX);
  }

  private static String name(long number) {
    return String.format("%016d", number);
  }

  @Override
  public void close() throws IOException {
    FileChannel last = channel;
    if (last == null) {
      return;
    }
    channel = null;
    try (last) {
      if (dirty) {
        cut(last);
      }
    }
  }
}
