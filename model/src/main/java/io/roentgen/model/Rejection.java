// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.util.Locale;

/**
 * Why a span, segment document or request was not taken. One list for all that tells a sender: X-Ray's
 * unprocessed segments, OTLP's partial success, the metric label and the log line.
 */
public enum Rejection {
  /** Not JSON, or not the expected protobuf message. */
  PARSE_ERROR("ParseError"),
  MISSING_ID("MissingId"),
  MISSING_NAME("MissingName"),
  MISSING_TRACE_ID("MissingTraceId"),
  MISSING_PARENT_ID("MissingParentId"),
  MISSING_START_TIME("MissingStartTime"),
  MISSING_END_TIME("MissingEndTime"),
  INVALID_ID("InvalidId"),
  INVALID_NAME("InvalidName"),
  INVALID_TRACE_ID("InvalidTraceId"),
  INVALID_START_TIME("InvalidStartTime"),
  INVALID_END_TIME("InvalidEndTime"),
  /** Text that is not UTF-8. */
  INVALID_TEXT("InvalidText"),
  /** More bytes, members or nesting than allowed. */
  TOO_LARGE("SegmentTooLarge"),
  /** Anything else that the format forbids. */
  INVALID_SEGMENT("InvalidSegment"),
  /** A datagram without the header line or with one that is not understood. */
  INVALID_HEADER("InvalidHeader"),
  /** The receiving queue was full. */
  OVERLOADED("Overloaded"),
  /** The store could not take it, for example because the disk is full. */
  STORE_UNAVAILABLE("StoreUnavailable");

  private final String xrayCode;

  Rejection(String xrayCode) {
    this.xrayCode = xrayCode;
  }

  /** Returns the code that X-Ray's answer carries. */
  public String xrayCode() {
    return xrayCode;
  }

  /** Returns the name in lower case, as metrics and logs have it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
