// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.store.StoreUnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Keeps a second store, of this process or another, out of a folder. */
final class FolderLock implements AutoCloseable {
  private static final String FILE = "LOCK";

  /**
   * Folders that this process holds. The file's lock alone would not do: it belongs to the process, so that closing
   * any other channel on the file would give it up.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  static FolderLock acquire(Path folder) {
    Path file = folder.resolve(FILE);
    @Nullable Path held = null;
    @Nullable FileChannel channel = null;
    boolean locked = false;
    try {
      Files.createDirectories(folder);
      Path real = folder.toRealPath();
      if (!HELD.add(real)) {
        throw inUse(folder, "this process " + ProcessHandle.current().pid());
      }
      held = real;
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (channel.tryLock() == null) {
        throw inUse(folder, holder(file));
      }
      byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(pid), 0);
      locked = true;
      return new FolderLock(real, channel);
    } catch (IOException e) {
      throw new StoreUnavailableException(
          "cannot open store "
              + folder
              + ": "
              + e
              + "; make the folder writable for this user, free disk space, or name another data folder",
          e);
    } finally {
      if (!locked) {
        release(held, channel);
      }
    }
  }

  private static StoreUnavailableException inUse(Path folder, String holder) {
    return new StoreUnavailableException(
        "cannot open store "
            + folder
            + ": in use by "
            + holder
            + "; stop it or name another data folder");
  }

  private static String holder(Path file) throws IOException {
    String pid = Files.readString(file, StandardCharsets.US_ASCII).strip();
    return pid.isEmpty() ? "another process" : "process " + pid;
  }

  private static void release(@Nullable Path held, @Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new StoreUnavailableException("cannot close lock file: " + e, e);
    } finally {
      if (held != null) {
        HELD.remove(held);
      }
    }
  }

  @Override
  public void close() {
    release(folder, channel);
  }
}
