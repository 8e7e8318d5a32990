// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;

/**
 * What a {@link LakeStore} needs to know.
 *
 * @param folder where everything is kept; made if it is not there
 * @param live limits of what is in memory
 * @param keep what is deleted, and when
 * @param engineMemoryBytes how much memory the query engine may take beside the JVM's heap
 * @param clock what time it is; retention depends on it, nothing else does
 */
public record LakeConfig(
    Path folder, Live live, Keep keep, long engineMemoryBytes, InstantSource clock) {
  private static final long MEBI = 1024 * 1024;

  /**
   * Limits of what is in memory.
   *
   * @param sealBytes the live part is sealed when its spans take this much
   * @param sealAge the live part is sealed when its first span has waited this long
   * @param pendingBytes how much may wait for the write-ahead log before writes are refused
   */
  public record Live(long sealBytes, Duration sealAge, long pendingBytes) {
    public Live {
      requirePositive("sealBytes", sealBytes);
      requirePositive("sealAge", sealAge);
      requirePositive("pendingBytes", pendingBytes);
    }
  }

  /**
   * What is deleted, and when.
   *
   * @param retention parts whose every span ended longer ago are deleted
   * @param diskLimitBytes the oldest parts are deleted when all files take more
   */
  public record Keep(Duration retention, long diskLimitBytes) {
    public Keep {
      requirePositive("retention", retention);
      requirePositive("diskLimitBytes", diskLimitBytes);
    }
  }

  /** Returns the defaults for a store in {@code folder}: 30 days, no disk limit. */
  public static LakeConfig of(Path folder) {
    return new LakeConfig(
        folder,
        new Live(64 * MEBI, Duration.ofMinutes(5), 64 * MEBI),
        new Keep(Duration.ofDays(30), Long.MAX_VALUE),
        512 * MEBI,
        InstantSource.system());
  }

  /** Returns this with other limits of what is in memory. */
  public LakeConfig withLive(Live value) {
    return new LakeConfig(folder, value, keep, engineMemoryBytes, clock);
  }

  /** Returns this with another rule of what is deleted. */
  public LakeConfig withKeep(Keep value) {
    return new LakeConfig(folder, live, value, engineMemoryBytes, clock);
  }

  /** Returns this with another clock. */
  public LakeConfig withClock(InstantSource value) {
    return new LakeConfig(folder, live, keep, engineMemoryBytes, value);
  }

  private static void requirePositive(String name, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
    }
  }

  private static void requirePositive(String name, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
    }
  }
}
