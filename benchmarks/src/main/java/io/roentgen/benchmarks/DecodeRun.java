// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.codec.otlp.DecodedRequest;
import io.roentgen.codec.otlp.OtlpDecoder;
import io.roentgen.codec.xray.Decoded;
import io.roentgen.codec.xray.SegmentDecoder;
import io.roentgen.model.SpanBatch;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Decodes in this process, on one thread: nothing but bytes to batches. */
final class DecodeRun {
  private static final int REQUESTS = 100;
  private static final int DOCUMENTS = 1_000;

  private DecodeRun() {}

  static List<Row> run(ReferenceData data, double seconds) {
    Progress.say("decode");
    List<byte[]> requests = new ArrayList<>();
    ReferenceData.Requests source = data.requests(OtlpRequestEncoder::new);
    long spans = 0;
    long bytes = 0;
    while (requests.size() < REQUESTS) {
      ReferenceData.Request request = source.next();
      if (request == null) {
        break;
      }
      requests.add(request.body());
      spans += request.spanCount();
      bytes += request.body().length;
    }
    List<Row> rows = new ArrayList<>();
    rows.add(Row.of("OTLP request, size", (double) bytes / spans, "B/span"));
    rows.addAll(
        measure(
            "decode OTLP",
            "span",
            seconds,
            at -> {
              byte[] body = requests.get(at % requests.size());
              DecodedRequest decoded = OtlpDecoder.decodeProtobuf(body, 0, body.length);
              if (decoded.rejectedSpans() > 0) {
                throw new IllegalStateException(decoded.errorMessage());
              }
              return decoded.batch().spanCount();
            }));

    XRayDocuments documents = new XRayDocuments();
    SegmentDecoder decoder = new SegmentDecoder(SegmentDecoder.DEFAULT_MAX_DOCUMENT_BYTES);
    rows.addAll(
        measure(
            "decode X-Ray document of " + documents.documentBytes() + " B",
            "document",
            seconds,
            _ -> {
              SpanBatch.Builder batch = SpanBatch.builder();
              for (int i = 0; i < DOCUMENTS; i++) {
                byte[] datagram = documents.next();
                int header = documents.headerBytes();
                Decoded decoded = decoder.decode(datagram, header, datagram.length - header, batch);
                if (decoded instanceof Decoded.Rejected rejected) {
                  throw new IllegalStateException(rejected.message());
                }
              }
              return DOCUMENTS;
            }));
    return rows;
  }

  private static List<Row> measure(
      String name, String unit, double seconds, IntUnaryOperator work) {
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    repeat(work, seconds / 2);
    long allocated = threads.getCurrentThreadAllocatedBytes();
    long cpu = threads.getCurrentThreadCpuTime();
    long things = repeat(work, seconds);
    double nanos = threads.getCurrentThreadCpuTime() - cpu;
    double bytes = threads.getCurrentThreadAllocatedBytes() - allocated;
    return List.of(
        Row.of(name, nanos / things, "ns CPU/" + unit),
        Row.of(name + ", allocated", bytes / things, "B/" + unit));
  }

  private static long repeat(IntUnaryOperator work, double seconds) {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    long things = 0;
    for (int at = 0; System.nanoTime() < end; at = (at + 1) & 0xFFFFFF) {
      things += work.applyAsInt(at);
    }
    return things;
  }
}
