// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.signature;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Access keys in a file, which is read again when it has changed. A line is an access key id and
 * its secret with white space between them; empty lines and lines that begin with {@code #} say
 * nothing. Messages never quote a secret. Safe for use by several threads.
 */
public final class AccessKeys {
  private static final Logger logger = LoggerFactory.getLogger(AccessKeys.class);
  private static final long LOOK_EVERY_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long MAX_FILE_BYTES = 1 << 20;
  private static final Pattern LINE =
      Pattern.compile("\\s*(\\w{4,128})\\s+([\\x21-\\x7e]{16,128})\\s*");

  private final Path file;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Map<String, String> secrets;
  private volatile long lookedNanos;
  private volatile Version version;

  /** What kept the file from being read when it was looked at last, or null. */
  private volatile @Nullable String problem;

  /** What tells one state of a file from another. */
  private record Version(FileTime modified, long size, @Nullable Object key) {
    static Version of(Path file) throws IOException {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return new Version(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
    }
  }

  /** A file that cannot be used; the message says why and what is expected. */
  public static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1;

    UnusableException(String message) {
      super(message);
    }

    UnusableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private AccessKeys(Path file, Version version, Map<String, String> secrets) {
    this.file = file;
    this.version = version;
    this.secrets = secrets;
    lookedNanos = System.nanoTime();
  }

  /**
   * Reads a file.
   *
   * @throws UnusableException if it cannot be read, or has another form
   */
  public static AccessKeys read(Path file) throws UnusableException {
    try {
      Version version = Version.of(file);
      return new AccessKeys(file, version, parse(file));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static UnusableException unreadable(Path file, IOException e) {
    return new UnusableException(
        "cannot read " + file + " (expected: a file with access keys): " + e, e);
  }

  private static Map<String, String> parse(Path file) throws IOException, UnusableException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new UnusableException(
          file + " has more than " + MAX_FILE_BYTES + " bytes (expected: access keys)");
    }
    Map<String, String> secrets = new HashMap<>();
    // Any byte is a character here, so that what is no text is told by its line.
    List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank() || line.stripLeading().startsWith("#")) {
        continue;
      }
      Matcher pair = LINE.matcher(line);
      if (!pair.matches()) {
        throw unusable(file, i, "not an access key id and its secret of at least 16 characters");
      }
      if (secrets.put(pair.group(1), pair.group(2)) != null) {
        throw unusable(file, i, "an access key id that another line has");
      }
    }
    if (secrets.isEmpty()) {
      throw new UnusableException(
          file + " has no access key (expected: lines with an access key id and its secret)");
    }
    return Map.copyOf(secrets);
  }

  private static UnusableException unusable(Path file, int index, String found) {
    return new UnusableException(
        file
            + " line "
            + (index + 1)
            + ": "
            + found
            + " (expected: such as AKIAIOSFODNN7EXAMPLE, a blank, and what `openssl rand -base64 30`"
            + " prints)");
  }

  /**
   * Returns the secret of a key, or null if it is not known. Does not wait for a disk: a file that
   * has changed is read by another thread, and counts as soon as that is done.
   */
  @Nullable String secret(String keyId) {
    long now = System.nanoTime();
    if (now - lookedNanos >= LOOK_EVERY_NANOS) {
      lookedNanos = now;
      var _ = Thread.ofVirtual().name("access-keys").start(this::look);
    }
    return secrets.get(keyId);
  }

  /**
   * Reads the file again if it is another than that of the keys. Until it can be used the old keys
   * stay, and it is tried again: a file that was half written, or not to be read yet, need not look
   * different when it is right.
   */
  void look() {
    if (!lock.tryLock()) {
      return; // another thread looks
    }
    try {
      lookedNanos = System.nanoTime();
      Version now = Version.of(file);
      if (now.equals(version)) {
        problem = null;
        return;
      }
      Map<String, String> read = parse(file);
      version = now;
      secrets = read;
      problem = null;
      logger.info("access keys read again file={} count={}", file, read.size());
    } catch (IOException e) {
      tell(unreadable(file, e));
    } catch (UnusableException e) {
      tell(e);
    } finally {
      lock.unlock();
    }
  }

  /** Logs what is wrong, once as long as it is the same. */
  private void tell(UnusableException e) {
    if (!String.valueOf(e.getMessage()).equals(problem)) {
      problem = e.getMessage();
      logger.error("access keys stay as they were: {}", e.getMessage());
    }
  }
}
