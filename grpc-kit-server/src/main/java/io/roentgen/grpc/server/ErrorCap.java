// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;

/**
 * Cuts what an error says to a size that gets through. Details are left out from the last on, as
 * half a detail cannot be read; descriptions end in {@code ...}.
 */
final class ErrorCap {
  static final Metadata.Key<com.google.rpc.Status> DETAILS =
      Metadata.Key.of(
          "grpc-status-details-bin",
          ProtoUtils.metadataMarshaller(com.google.rpc.Status.getDefaultInstance()));

  private static final System.Logger LOG = System.getLogger(ErrorMapping.class.getName());
  private static final String CUT = "...";

  private final int maxDescriptionBytes;
  private final int maxDetailBytes;
  private final RateLimitedWarning warning = new RateLimitedWarning(LOG);

  ErrorCap(int maxDescriptionBytes, int maxDetailBytes) {
    this.maxDescriptionBytes = maxDescriptionBytes;
    this.maxDetailBytes = maxDetailBytes;
  }

  Status capped(Status status, String fullMethodName) {
    String description = status.getDescription();
    if (description == null || sentBytes(description) <= maxDescriptionBytes) {
      return status;
    }
    warning.log("error description cut method=" + fullMethodName, null);
    return status.withDescription(cut(description, maxDescriptionBytes));
  }

  /** Changes the trailers. */
  void cap(Metadata trailers, String fullMethodName) {
    if (!trailers.containsKey(DETAILS)) {
      return;
    }
    com.google.rpc.Status whole = trailers.get(DETAILS);
    if (whole == null || whole.getSerializedSize() <= maxDetailBytes) {
      return;
    }
    com.google.rpc.Status.Builder cut =
        whole.toBuilder().setMessage(cut(whole.getMessage(), maxDescriptionBytes));
    while (cut.getDetailsCount() > 0 && cut.build().getSerializedSize() > maxDetailBytes) {
      cut.removeDetails(cut.getDetailsCount() - 1);
    }
    trailers.discardAll(DETAILS);
    if (cut.build().getSerializedSize() <= maxDetailBytes) {
      trailers.put(DETAILS, cut.build());
    }
    warning.log(
        "error details cut method="
            + fullMethodName
            + " bytes="
            + whole.getSerializedSize()
            + " max="
            + maxDetailBytes
            + " left_out="
            + (whole.getDetailsCount() - cut.getDetailsCount()),
        null);
  }

  private static String cut(String text, int maxBytes) {
    if (sentBytes(text) <= maxBytes) {
      return text;
    }
    int bytes = CUT.length();
    int end = 0;
    while (end < text.length()) {
      int codePoint = text.codePointAt(end);
      bytes += sentBytes(codePoint);
      if (bytes > maxBytes) {
        break;
      }
      end += Character.charCount(codePoint);
    }
    return text.substring(0, end) + CUT;
  }

  private static int sentBytes(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      bytes += sentBytes(codePoint);
      i += Character.charCount(codePoint);
    }
    return bytes;
  }

  /** In {@code grpc-message} all bytes but printable ASCII are percent-encoded, three for one. */
  private static int sentBytes(int codePoint) {
    if (codePoint >= ' ' && codePoint < '~' && codePoint != '%') {
      return 1;
    }
    if (codePoint < 0x80) {
      return 3;
    }
    return codePoint < 0x800 ? 6 : codePoint < 0x10000 ? 9 : 12;
  }
}
