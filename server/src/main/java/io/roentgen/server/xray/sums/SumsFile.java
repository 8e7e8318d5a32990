// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.sums;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sums of one day of minutes: a file that records are put at the end of, the last one of a
 * minute being the one that counts. Of a file that was cut off or damaged, what is before the
 * damage counts. Not safe for use by several threads.
 *
 * <p>A record is: checksum of all that follows, length of the content, the first minute's number in
 * the day and how many minutes there are, each in four bytes, and the content, which is empty for
 * minutes without calls.
 */
final class SumsFile {
  static final int MINUTES = 1_440;

  private static final Logger logger = LoggerFactory.getLogger(SumsFile.class);
  private static final long MAGIC = 0x524753554d533031L;
  private static final int HEADER_BYTES = 16;

  /** Below this a file is not worth being written again without what is out of date. */
  private static final long MIN_GARBAGE_BYTES = 1 << 20;

  private final Path file;

  /** Where the content of a minute begins; 0 if it is not there. */
  private final long[] offsets = new long[MINUTES];

  private final int[] lengths = new int[MINUTES];
  private long size;
  private long usedBytes;

  private SumsFile(Path file) {
    this.file = file;
  }

  static SumsFile open(Path file) throws IOException {
    SumsFile sums = new SumsFile(file);
    if (Files.exists(file)) {
      sums.scan(Files.readAllBytes(file));
    }
    return sums;
  }

  private void scan(byte[] bytes) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.remaining() >= Long.BYTES && in.getLong() == MAGIC) {
      size = in.position();
      while (in.remaining() >= HEADER_BYTES && scanRecord(in, bytes)) {
        size = in.position();
      }
    }
    if (size < bytes.length) {
      logger.warn(
          "{}: {} bytes at its end cannot be read, working them out again",
          file,
          bytes.length - size);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(size);
      }
    }
  }

  private boolean scanRecord(ByteBuffer in, byte[] bytes) {
    int start = in.position();
    int checksum = in.getInt();
    int length = in.getInt();
    int first = in.getInt();
    int count = in.getInt();
    if (length < 0 || length > in.remaining()) {
      return false;
    }
    var crc = new CRC32C();
    crc.update(bytes, start + Integer.BYTES, HEADER_BYTES - Integer.BYTES + length);
    if ((int) crc.getValue() != checksum
        || first < 0
        || count < 1
        || first + (long) count > MINUTES) {
      return false;
    }
    note(first, count, in.position(), length);
    in.position(in.position() + length);
    return true;
  }

  private void note(int first, int count, long offset, int length) {
    for (int i = first; i < first + count; i++) {
      usedBytes += (long) length - lengths[i];
      offsets[i] = offset;
      lengths[i] = length;
    }
  }

  boolean has(int minute) {
    return offsets[minute] != 0;
  }

  /** Returns the last minute that is there, or -1. */
  int last() {
    for (int i = MINUTES - 1; i >= 0; i--) {
      if (has(i)) {
        return i;
      }
    }
    return -1;
  }

  /** Receives the content of minutes. */
  interface Sink {
    void content(int minute, byte[] content) throws IOException;
  }

  /** Gives the content of those minutes to {@code sink} that have one, of those asked for. */
  void read(boolean[] minutes, Sink sink) throws IOException {
    FileChannel channel = null;
    try {
      for (int i = 0; i < MINUTES; i++) {
        if (minutes[i] && lengths[i] > 0) {
          if (channel == null) {
            channel = FileChannel.open(file, StandardOpenOption.READ);
          }
          sink.content(i, content(channel, i));
        }
      }
    } finally {
      if (channel != null) {
        channel.close();
      }
    }
  }

  private byte[] content(FileChannel channel, int minute) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(HEADER_BYTES + lengths[minute]);
    long at = offsets[minute] - HEADER_BYTES;
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, at + buffer.position());
      if (read < 0) {
        throw new IOException(file + ": ends at " + (at + buffer.position()));
      }
    }
    var crc = new CRC32C();
    crc.update(buffer.array(), Integer.BYTES, buffer.capacity() - Integer.BYTES);
    if ((int) crc.getValue() != buffer.getInt(0)) {
      throw new IOException(file + ": damaged at " + at);
    }
    return Arrays.copyOfRange(buffer.array(), HEADER_BYTES, buffer.capacity());
  }

  /** Puts the content of minutes that have the same; {@link #force} makes it durable. */
  void put(int first, int count, byte[] content) throws IOException {
    try (FileChannel channel = open()) {
      append(channel, first, count, content);
    }
  }

  private FileChannel open() throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (size == 0) {
      write(channel, ByteBuffer.allocate(Long.BYTES).putLong(MAGIC).flip(), 0);
      size = Long.BYTES;
    }
    return channel;
  }

  private void append(FileChannel channel, int first, int count, byte[] content)
      throws IOException {
    ByteBuffer record = ByteBuffer.allocate(HEADER_BYTES + content.length);
    record.putInt(0).putInt(content.length).putInt(first).putInt(count).put(content);
    var crc = new CRC32C();
    crc.update(record.array(), Integer.BYTES, record.capacity() - Integer.BYTES);
    record.putInt(0, (int) crc.getValue());
    write(channel, record.flip(), size);
    note(first, count, size + HEADER_BYTES, content.length);
    size += record.capacity();
  }

  private static void write(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
    long start = at - bytes.position();
    while (bytes.hasRemaining()) {
      channel.write(bytes, start + bytes.position());
    }
  }

  /** Makes durable what was put, and drops what is out of date if that is most of the file. */
  void force() throws IOException {
    if (size - usedBytes > Math.max(MIN_GARBAGE_BYTES, usedBytes)) {
      compact();
      return;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private void compact() throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".fresh");
    Files.deleteIfExists(fresh);
    SumsFile copy = new SumsFile(fresh);
    try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ);
        FileChannel to = copy.open()) {
      for (int i = 0; i < MINUTES; i++) {
        if (has(i)) {
          copy.append(to, i, 1, lengths[i] == 0 ? new byte[0] : content(from, i));
        }
      }
      to.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncFolder(file.toAbsolutePath().getParent());
    System.arraycopy(copy.offsets, 0, offsets, 0, MINUTES);
    System.arraycopy(copy.lengths, 0, lengths, 0, MINUTES);
    size = copy.size;
    usedBytes = copy.usedBytes;
  }

  /** Makes durable which files a folder has. */
  static void syncFolder(@Nullable Path folder) throws IOException {
    if (folder != null) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
