// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.Metadata;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a server said in its trailers about trying again: {@code grpc-retry-pushback-ms} (gRFC A6)
 * and the {@code google.rpc.RetryInfo} in {@code grpc-status-details-bin}.
 */
final class RetryHints {
  static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private static final byte[] RETRY_INFO = "/google.rpc.RetryInfo".getBytes(StandardCharsets.UTF_8);

  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  /** A server that says nothing. */
  static final RetryHints NONE = new RetryHints(false, null, null);

  private final boolean refused;
  private final @Nullable Duration pushback;
  private final @Nullable Duration atLeast;

  private RetryHints(boolean refused, @Nullable Duration pushback, @Nullable Duration atLeast) {
    this.refused = refused;
    this.pushback = pushback;
    this.atLeast = atLeast;
  }

  static RetryHints of(@Nullable Metadata trailers) {
    if (trailers == null) {
      return NONE;
    }
    String text = trailers.get(PUSHBACK);
    Duration pushback = null;
    if (text != null) {
      long millis;
      try {
        millis = Long.parseLong(text);
      } catch (NumberFormatException e) {
        millis = -1; // A6: a value that is no number means the same as a negative one.
      }
      if (millis < 0) {
        return new RetryHints(true, null, null);
      }
      // Longer ones than a long has nanoseconds are endless all the same.
      pushback = millis < LONGEST.toMillis() ? Duration.ofMillis(millis) : LONGEST;
    }
    byte[] details = trailers.get(DETAILS);
    return new RetryHints(false, pushback, details == null ? null : retryDelay(details));
  }

  /** Whether the server asked not to try again. */
  boolean refused() {
    return refused;
  }

  /** The wait: what the server pushed back by, else the longer of ours and its RetryInfo. */
  Duration wait(Duration backoff) {
    if (pushback != null) {
      return pushback;
    }
    return atLeast != null && atLeast.compareTo(backoff) > 0 ? atLeast : backoff;
  }

  /**
   * Finds the delay of a RetryInfo in an encoded {@code google.rpc.Status}; null if there is none
   * or the bytes are no such message. By hand, since the kit has no protobuf library.
   */
  static @Nullable Duration retryDelay(byte[] status) {
    Fields fields = new Fields(status, 0, status.length);
    while (fields.next()) {
      if (fields.number == 3 && fields.isBytes()) {
        Duration delay = ofAny(new Fields(status, fields.start, fields.end));
        if (delay != null) {
          return delay;
        }
      }
    }
    return null;
  }

  private static @Nullable Duration ofAny(Fields any) {
    boolean isRetryInfo = false;
    Fields value = null;
    while (any.next()) {
      if (any.number == 1 && any.isBytes()) {
        isRetryInfo = endsWith(any, RETRY_INFO);
      } else if (any.number == 2 && any.isBytes()) {
        value = new Fields(any.bytes, any.start, any.end);
      }
    }
    if (any.malformed || !isRetryInfo || value == null) {
      return null;
    }
    Duration delay = null;
    while (value.next()) {
      if (value.number == 1 && value.isBytes()) {
        delay = ofDuration(new Fields(value.bytes, value.start, value.end));
      }
    }
    return value.malformed ? null : delay;
  }

  private static @Nullable Duration ofDuration(Fields duration) {
    long seconds = 0;
    long nanos = 0;
    while (duration.next()) {
      if (duration.number == 1 && duration.type == 0) {
        seconds = duration.varint;
      } else if (duration.number == 2 && duration.type == 0) {
        nanos = duration.varint;
      }
    }
    if (duration.malformed || seconds < 0 || nanos < 0 || nanos > 999_999_999) {
      return null;
    }
    try {
      Duration delay = Duration.ofSeconds(seconds, nanos);
      // Callers count in nanoseconds; a wait of 292 years is as good as any longer one.
      return delay.compareTo(LONGEST) > 0 ? LONGEST : delay;
    } catch (ArithmeticException | DateTimeException e) {
      return LONGEST;
    }
  }

  private static boolean endsWith(Fields field, byte[] suffix) {
    int from = field.end - suffix.length;
    if (from < field.start) {
      return false;
    }
    for (int i = 0; i < suffix.length; i++) {
      if (field.bytes[from + i] != suffix[i]) {
        return false;
      }
    }
    return true;
  }

  /** A walk over the fields of an encoded protobuf message; stops at the first malformed one. */
  private static final class Fields {
    private final byte[] bytes;
    private final int limit;
    private int position;
    private boolean malformed;
    private long number;
    private int type;
    private long varint;
    private int start;
    private int end;

    Fields(byte[] bytes, int from, int limit) {
      this.bytes = bytes;
      this.position = from;
      this.limit = limit;
    }

    boolean isBytes() {
      return type == 2;
    }

    boolean next() {
      if (malformed || position >= limit) {
        return false;
      }
      long tag = readVarint();
      number = tag >>> 3;
      type = (int) (tag & 7);
      if (type == 0) {
        varint = readVarint();
      } else if (type == 1) {
        skip(8);
      } else if (type == 2) {
        skip(readVarint());
      } else if (type == 5) {
        skip(4);
      } else {
        malformed = true;
      }
      return !malformed;
    }

    private void skip(long length) {
      if (length < 0 || length > limit - position) {
        malformed = true;
        return;
      }
      start = position;
      position += (int) length;
      end = position;
    }

    private long readVarint() {
      long value = 0;
      for (int shift = 0; shift < 64 && position < limit; shift += 7) {
        byte b = bytes[position++];
        value |= (long) (b & 0x7f) << shift;
        if (b >= 0) {
          return value;
        }
      }
      malformed = true;
      return 0;
    }
  }
}
