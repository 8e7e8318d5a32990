// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.intake;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpObject;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.stream.SubscriptionOption;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.ingest.Admission;
import io.roentgen.ingest.OverloadedException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * The bytes of one request, each of them reserved in an {@link Admission} before it was kept. Close
 * it when the request was answered. Not safe for use by several threads at once.
 */
public final class RequestBody implements AutoCloseable {
  /** For how long the rest of a request that was refused is read. */
  private static final int REFUSED_READ_SECONDS = 10;

  private final Admission.Reservation reservation;
  private byte[] bytes;
  private int offset;
  private int length;

  private RequestBody(Admission.Reservation reservation, byte[] bytes, int length) {
    this.reservation = reservation;
    this.bytes = bytes;
    this.length = length;
  }

  /**
   * Reads a request. The future fails with {@link RefusedException} if the body is larger than
   * {@code maxBytes}, with {@link OverloadedException} if there is no room for it. What is left of
   * it is then {@linkplain #forget forgotten}.
   */
  static CompletableFuture<RequestBody> read(
      ServiceRequestContext ctx, HttpRequest request, Admission admission, int maxBytes) {
    Admission.Reservation reservation;
    try {
      reservation = admission.admit();
    } catch (OverloadedException e) {
      forget(ctx, request);
      return CompletableFuture.failedFuture(e);
    }
    var reader = new Reader(ctx, request, reservation, maxBytes);
    try {
      reader.expect(request.headers().getLong(HttpHeaderNames.CONTENT_LENGTH, 0));
    } catch (RefusedException | OverloadedException e) {
      reservation.close();
      forget(ctx, request);
      return CompletableFuture.failedFuture(e);
    }
    request.subscribe(reader, ctx.eventLoop(), SubscriptionOption.WITH_POOLED_OBJECTS);
    return reader.body;
  }

  /**
   * Reads what is left of a refused request and keeps nothing of it, for at most {@link
   * #REFUSED_READ_SECONDS}. A stream that is reset while its sender still writes takes the answer,
   * and its hint when to come again, away from most clients.
   */
  public static void forget(ServiceRequestContext ctx, HttpRequest request) {
    // That a sender goes away before it has sent all of a refused request is of no interest.
    CompletableFuture<Void> _ = request.subscribe();
    limitReading(ctx, request);
  }

  private static void limitReading(ServiceRequestContext ctx, HttpRequest request) {
    // Otherwise Armeria resets the stream as soon as the answer is written. Its own delay cannot be
    // used: a request that has one counts as running for all of that time, which holds up a stop.
    ctx.setRequestAutoAbortDelayMillis(Long.MAX_VALUE);
    if (!request.isComplete()) {
      ScheduledFuture<?> end =
          ctx.eventLoop()
              .withoutContext()
              .schedule(() -> request.abort(), REFUSED_READ_SECONDS, TimeUnit.SECONDS);
      CompletableFuture<Boolean> _ = request.whenComplete().handle((_, _) -> end.cancel(false));
    }
  }

  /** Returns the array with the content, from {@link #offset}; not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  public int offset() {
    return offset;
  }

  public int length() {
    return length;
  }

  Admission.Reservation reservation() {
    return reservation;
  }

  /** Takes the first {@code count} bytes off. */
  public void skip(int count) {
    if (count > length) {
      throw new IllegalArgumentException("count: " + count + " (expected: at most " + length + ")");
    }
    offset += count;
    length -= count;
  }

  /** Decompresses in place, to at most {@code maxBytes}; throws what {@link Encoding} says. */
  public void decompress(Encoding encoding, int maxBytes) {
    encoding.decompress(this, maxBytes);
  }

  void replace(byte[] newBytes, int newLength) {
    bytes = newBytes;
    offset = 0;
    length = newLength;
  }

  /** Gives the room back; a second call does nothing. */
  @Override
  public void close() {
    reservation.close();
  }

  private static final class Reader implements Subscriber<HttpObject> {
    private static final int FIRST_BYTES = 8 * 1024;
    private static final int TRUSTED_BYTES = 1024 * 1024;

    private final CompletableFuture<RequestBody> body = new CompletableFuture<>();
    private final ServiceRequestContext ctx;
    private final HttpRequest request;
    private final Admission.Reservation reservation;
    private final int maxBytes;
    private byte[] bytes = new byte[0];
    private int length;

    Reader(
        ServiceRequestContext ctx,
        HttpRequest request,
        Admission.Reservation reservation,
        int maxBytes) {
      this.ctx = ctx;
      this.request = request;
      this.reservation = reservation;
      this.maxBytes = maxBytes;
    }

    void expect(long contentLength) {
      if (contentLength > maxBytes) {
        throw tooLarge(maxBytes);
      }
      // A large length may be a lie, and bytes that never come must not hold the room of others.
      if (contentLength > 0 && contentLength <= TRUSTED_BYTES) {
        grow((int) contentLength);
      }
    }

    @Override
    public void onSubscribe(Subscription s) {
      s.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(HttpObject object) {
      if (!(object instanceof HttpData data)) {
        return; // trailers, which say nothing here
      }
      try (data) {
        int more = data.length();
        if (body.isDone() || more == 0) {
          return;
        }
        if (more > maxBytes - length) {
          throw tooLarge(maxBytes);
        }
        if (length + more > bytes.length) {
          grow(
              (int)
                  Math.min(maxBytes, Math.max(length + more, Math.max(FIRST_BYTES, 2L * length))));
        }
        data.byteBuf().readBytes(bytes, length, more);
        length += more;
      } catch (RefusedException | OverloadedException e) {
        fail(e);
        limitReading(ctx, request);
      }
    }

    private void grow(int capacity) {
      reservation.add(capacity - bytes.length);
      bytes = Arrays.copyOf(bytes, capacity);
    }

    private void fail(Throwable cause) {
      bytes = new byte[0];
      reservation.close();
      body.completeExceptionally(cause);
    }

    @Override
    public void onError(Throwable cause) {
      if (!body.isDone()) {
        fail(cause);
      }
    }

    @Override
    public void onComplete() {
      if (!body.isDone()) {
        body.complete(new RequestBody(reservation, bytes, length));
      }
    }

    private static RefusedException tooLarge(int maxBytes) {
      return new RefusedException(
          new Refusal.TooLarge(
              "body: longer than " + maxBytes + " bytes (expected: at most that)"));
    }
  }
}
