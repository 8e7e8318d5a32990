// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.intake;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.RequestHeaders;
import io.roentgen.ingest.Admission;
import io.roentgen.model.Hex;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** How a body may be compressed. */
public enum Encoding {
  IDENTITY,
  GZIP,
  ZSTD;

  /** What the request headers list as understood. */
  public static final String ACCEPTED = "identity,gzip,zstd";

  private static final int MIN_ZSTD_WINDOW_LOG = 23;
  private static final int FIRST_BYTES = 64 * 1024;

  /**
   * Returns the encoding that a header names; none named is {@link #IDENTITY}.
   *
   * @throws RefusedException if it is not known
   */
  public static Encoding of(String header, @Nullable String value) {
    if (value == null) {
      return IDENTITY;
    }
    return switch (value.strip().toLowerCase(Locale.ROOT)) {
      case "", "identity" -> IDENTITY;
      case "gzip", "x-gzip" -> GZIP;
      case "zstd" -> ZSTD;
      default ->
          throw new RefusedException(
              new Refusal.UnsupportedType(
                  header + ": " + Hex.quote(value) + " (expected: " + ACCEPTED + ")"));
    };
  }

  /** Returns whether whoever asks takes an answer that is packed with gzip. */
  public static boolean acceptsGzip(RequestHeaders headers) {
    for (String header : headers.getAll(HttpHeaderNames.ACCEPT_ENCODING)) {
      for (String each : header.toLowerCase(Locale.ROOT).split(",")) {
        String[] parts = each.strip().split("\\s*;\\s*");
        if (parts[0].equals("gzip")) {
          return parts.length == 1 || !parts[1].matches("q=0(\\.0*)?");
        }
      }
    }
    return false;
  }

  /**
   * Replaces the content of {@code body} by what it decompresses to. Stops at {@code maxBytes},
   * whatever the compressed bytes promise, and reserves room for each piece before it is made.
   *
   * @throws RefusedException if it is larger, or not what the encoding says
   * @throws io.roentgen.ingest.OverloadedException if there is no room for it now
   */
  void decompress(RequestBody body, int maxBytes) {
    if (this == IDENTITY) {
      return;
    }
    Admission.Reservation reservation = body.reservation();
    int reserved = 0;
    byte[] out = new byte[0];
    int size = 0;
    try (InputStream in = open(body, maxBytes)) {
      while (true) {
        if (size == out.length) {
          int capacity = (int) Math.min(maxBytes + 1L, Math.max(FIRST_BYTES, 2L * out.length));
          reservation.add(capacity - reserved);
          reserved = capacity;
          out = Arrays.copyOf(out, capacity);
        }
        int read = in.read(out, size, out.length - size);
        if (read < 0) {
          break;
        }
        size += read;
        if (size > maxBytes) {
          throw new RefusedException(
              new Refusal.TooLarge(
                  "body: more than " + maxBytes + " bytes decompressed (expected: at most that)"));
        }
      }
    } catch (ZipException | ZstdIOException | EOFException e) {
      throw new RefusedException(
          new Refusal.Malformed(
              "body: not " + name().toLowerCase(Locale.ROOT) + ": " + e.getMessage()));
    } catch (IOException e) {
      throw new RefusedException(
          new Refusal.Malformed("body: cannot decompress: " + e.getMessage()));
    }
    body.replace(out, size);
  }

  private InputStream open(RequestBody body, int maxBytes) throws IOException {
    var bytes = new ByteArrayInputStream(body.bytes(), body.offset(), body.length());
    if (this == GZIP) {
      return new GZIPInputStream(bytes, 8 * 1024);
    }
    var zstd = new ZstdInputStreamNoFinalizer(bytes);
    // The window is memory that the sender chooses: no more than the largest body can need, but
    // what RFC 8878
    // wants every decoder to have.
    int bodyLog = Integer.SIZE - Integer.numberOfLeadingZeros(maxBytes - 1);
    zstd.setLongMax(Math.max(MIN_ZSTD_WINDOW_LOG, bodyLog));
    return zstd;
  }
}
