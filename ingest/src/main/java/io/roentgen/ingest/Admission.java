// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory that requests take while they are worked on: each byte is reserved before it is
 * kept. What does not fit is refused at once, since a sender that is told to come again holds its
 * spans more cheaply than a server that queues them.
 *
 * <p>A reservation that is alone is never refused, or a request larger than the limit could never
 * pass; so the bound is the limit and one request more. Safe for use by several threads.
 */
public final class Admission {
  /**
   * What the smallest request is charged, for its objects; so the limit bounds their number too.
   */
  static final int REQUEST_BYTES = 16 * 1024;

  private final long limitBytes;
  private final AtomicLong admitted = new AtomicLong();

  /**
   * Makes one.
   *
   * @throws IllegalArgumentException if {@code limitBytes} is not positive
   */
  public Admission(long limitBytes) {
    if (limitBytes <= 0) {
      throw new IllegalArgumentException("limitBytes: " + limitBytes + " (expected: > 0)");
    }
    this.limitBytes = limitBytes;
  }

  /** Returns how many bytes may be reserved. */
  public long limitBytes() {
    return limitBytes;
  }

  /** Returns how many bytes are reserved. */
  public long admittedBytes() {
    return admitted.get();
  }

  /**
   * Reserves room for a new request; close the reservation when it was answered.
   *
   * @throws OverloadedException if there is none
   */
  public Reservation admit() {
    Reservation reservation = new Reservation();
    reservation.add(REQUEST_BYTES);
    return reservation;
  }

  /** The bytes that one request takes. Not safe for use by several threads at once. */
  public final class Reservation implements AutoCloseable {
    private long bytes;

    private Reservation() {}

    /**
     * Reserves more.
     *
     * @throws OverloadedException if it does not fit; what was reserved before stays so
     */
    public void add(long more) {
      long others;
      do {
        others = admitted.get() - bytes;
        if (others > 0 && others + bytes + more > limitBytes) {
          throw new OverloadedException(
              "requests in work: "
                  + (others + bytes)
                  + " bytes (expected: at most "
                  + limitBytes
                  + ")",
              RETRY_MILLIS);
        }
      } while (!admitted.compareAndSet(others + bytes, others + bytes + more));
      bytes += more;
    }

    /** Gives back a part of what is reserved. */
    public void release(long less) {
      if (less < 0 || less > bytes) {
        throw new IllegalArgumentException("less: " + less + " (expected: 0 to " + bytes + ")");
      }
      bytes -= less;
      admitted.addAndGet(-less);
    }

    /** Gives everything back; a second call does nothing. */
    @Override
    public void close() {
      release(bytes);
    }
  }

  /**
   * When there is room again nobody knows; requests take milliseconds, and senders add their own
   * jitter.
   */
  private static final long RETRY_MILLIS = 1_000;
}
