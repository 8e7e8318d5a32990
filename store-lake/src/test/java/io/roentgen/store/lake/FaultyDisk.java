// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A disk that runs full, fails to sync, or is slow when a test wants it to. What it takes is on the
 * real disk.
 */
final class FaultyDisk implements Wal.Opener {
  private final AtomicLong room = new AtomicLong(Long.MAX_VALUE);
  private volatile boolean failsToSync;
  private volatile boolean failsWithError;
  private volatile boolean failsToOpen;
  private volatile boolean failsToTruncate;
  private volatile CountDownLatch gate = new CountDownLatch(0);

  /** Leaves room for so many bytes. */
  void room(long bytes) {
    room.set(bytes);
  }

  /** Has syncs end in what is no exception, as if there were no memory. */
  void failsWithError(boolean value) {
    failsWithError = value;
  }

  void failsToSync(boolean value) {
    failsToSync = value;
  }

  void failsToOpen(boolean value) {
    failsToOpen = value;
  }

  void failsToTruncate(boolean value) {
    failsToTruncate = value;
  }

  /** Keeps every sync waiting until {@link #release}. */
  void hold() {
    gate = new CountDownLatch(1);
  }

  void release() {
    gate.countDown();
  }

  @Override
  public FileChannel open(Path file) throws IOException {
    if (failsToOpen) {
      throw new IOException("No space left on device");
    }
    return new Channel(Wal.Opener.DISK.open(file));
  }

  private final class Channel extends FileChannel {
    private final FileChannel file;

    private Channel(FileChannel file) {
      this.file = file;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      if (!source.hasRemaining()) {
        return 0;
      }
      int count = (int) Math.min(room.get(), source.remaining());
      if (count == 0) {
        throw new IOException("No space left on device");
      }
      int written = file.write(source.slice(source.position(), count));
      source.position(source.position() + written);
      room.addAndGet(-written);
      return written;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
      long sum = 0;
      for (int i = offset; i < offset + length; i++) {
        while (sources[i].hasRemaining()) {
          if (room.get() == 0 && sum > 0) {
            return sum;
          }
          sum += write(sources[i]);
        }
      }
      return sum;
    }

    @Override
    public void force(boolean metaData) throws IOException {
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      if (failsWithError) {
        throw new LinkageError("made up");
      }
      if (failsToSync) {
        throw new IOException("Input/output error");
      }
      file.force(metaData);
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      if (failsToTruncate) {
        throw new IOException("Input/output error");
      }
      file.truncate(size);
      return this;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      return file.read(target);
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
      return file.read(targets, offset, length);
    }

    @Override
    public long position() throws IOException {
      return file.position();
    }

    @Override
    public FileChannel position(long position) throws IOException {
      file.position(position);
      return this;
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target)
        throws IOException {
      return file.transferTo(position, count, target);
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count)
        throws IOException {
      return file.transferFrom(source, position, count);
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
      return file.write(source, position);
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
      return file.map(mode, position, size);
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) throws IOException {
      return file.lock(position, size, shared);
    }

    @Override
    public @Nullable FileLock tryLock(long position, long size, boolean shared) throws IOException {
      return file.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      file.close();
    }
  }
}
