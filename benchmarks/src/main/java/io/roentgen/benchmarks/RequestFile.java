// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Encoded requests in a file, so that making them costs nothing while they are sent and memory does
 * not grow with their number.
 */
final class RequestFile implements AutoCloseable {
  private static final int FRAME_HEADER_BYTES = 5;

  private final FileChannel channel;
  private final long[] ends;

  /** For each request the spans in it and all before it. */
  private final long[] spans;

  /** What precedes a body on the wire. */
  enum Framing {
    NONE,
    /** One uncompressed gRPC message. */
    GRPC;

    /** Returns the body as it goes over the wire. */
    byte[] frame(byte[] body) {
      if (this == NONE) {
        return body;
      }
      return ByteBuffer.allocate(FRAME_HEADER_BYTES + body.length)
          .put((byte) 0)
          .putInt(body.length)
          .put(body)
          .array();
    }
  }

  private RequestFile(FileChannel channel, long[] ends, long[] spans) {
    this.channel = channel;
    this.ends = ends;
    this.spans = spans;
  }

  /** Writes requests until there are no more or {@code spanLimit} is reached. */
  static RequestFile write(
      Path path, ReferenceData.Requests requests, long spanLimit, Framing framing)
      throws IOException {
    long[] ends = new long[1024];
    long[] spans = new long[1024];
    int count = 0;
    long bytes = 0;
    long spanCount = 0;
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path), 1 << 20)) {
      while (spanCount < spanLimit) {
        ReferenceData.Request request = requests.next();
        if (request == null) {
          break;
        }
        byte[] framed = framing.frame(request.body());
        out.write(framed);
        bytes += framed.length;
        spanCount += request.spanCount();
        if (count == ends.length) {
          ends = Arrays.copyOf(ends, count * 2);
          spans = Arrays.copyOf(spans, count * 2);
        }
        ends[count] = bytes;
        spans[count++] = spanCount;
      }
    }
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    // Or the disk would be busy with it while something else is measured.
    channel.force(true);
    return new RequestFile(channel, Arrays.copyOf(ends, count), Arrays.copyOf(spans, count));
  }

  int count() {
    return ends.length;
  }

  long bytes() {
    return ends.length == 0 ? 0 : ends[ends.length - 1];
  }

  /** Returns the spans in requests {@code from} to below {@code to}. */
  long spanCount(int from, int to) {
    return to <= from ? 0 : spans[to - 1] - (from == 0 ? 0 : spans[from - 1]);
  }

  long spanCount() {
    return spanCount(0, count());
  }

  /** Returns the number of the first request by which {@code count} spans are reached. */
  int requestAtSpan(long count) {
    int at = 0;
    while (at < spans.length && spans[at] < count) {
      at++;
    }
    return at;
  }

  /** Returns a request as it goes over the wire. Safe for use by several threads. */
  byte[] read(int request) throws IOException {
    long start = request == 0 ? 0 : ends[request - 1];
    ByteBuffer buffer = ByteBuffer.allocate((int) (ends[request] - start));
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, start + buffer.position()) < 0) {
        throw new IOException("request " + request + ": file ends too early");
      }
    }
    return buffer.array();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
