// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest.udp;

import io.roentgen.codec.xray.Decoded;
import io.roentgen.codec.xray.SegmentDecoder;
import io.roentgen.codec.xray.UdpFrame;
import io.roentgen.model.SpanBatch;
import org.jspecify.annotations.Nullable;

/** Reads header line and segment document. */
final class SegmentDatagramDecoder implements DatagramDecoder {
  private final SegmentDecoder segments =
      new SegmentDecoder(SegmentDecoder.DEFAULT_MAX_DOCUMENT_BYTES);

  @Override
  public @Nullable Refused decode(byte[] datagram, SpanBatch.Builder spans) {
    return switch (UdpFrame.parse(datagram, datagram.length)) {
      case UdpFrame.Rejected rejected -> new Refused(rejected.reason(), rejected.message());
      case UdpFrame.Document document ->
          switch (segments.decode(datagram, document.offset(), document.length(), spans)) {
            case Decoded.Accepted _ -> null;
            case Decoded.Rejected rejected -> new Refused(rejected.reason(), rejected.message());
          };
    };
  }
}
