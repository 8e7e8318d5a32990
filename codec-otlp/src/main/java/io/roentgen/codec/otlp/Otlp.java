// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

/** Field numbers of opentelemetry-proto 1.11, package {@code trace.v1} and what it uses. */
final class Otlp {
  static final int REQUEST_RESOURCE_SPANS = 1;

  static final int RESOURCE_SPANS_RESOURCE = 1;
  static final int RESOURCE_SPANS_SCOPE_SPANS = 2;
  static final int RESOURCE_SPANS_SCHEMA_URL = 3;

  /** Until OTLP 0.19 the spans were here, in a message that has the fields of ScopeSpans. */
  static final int RESOURCE_SPANS_LIBRARY_SPANS = 1000;

  static final int RESOURCE_ATTRIBUTES = 1;
  static final int RESOURCE_DROPPED_ATTRIBUTES = 2;
  static final int RESOURCE_ENTITY_REFS = 3;

  static final int SCOPE_SPANS_SCOPE = 1;
  static final int SCOPE_SPANS_SPANS = 2;
  static final int SCOPE_SPANS_SCHEMA_URL = 3;

  static final int SCOPE_NAME = 1;
  static final int SCOPE_VERSION = 2;
  static final int SCOPE_ATTRIBUTES = 3;
  static final int SCOPE_DROPPED_ATTRIBUTES = 4;

  static final int SPAN_TRACE_ID = 1;
  static final int SPAN_SPAN_ID = 2;
  static final int SPAN_TRACE_STATE = 3;
  static final int SPAN_PARENT_SPAN_ID = 4;
  static final int SPAN_NAME = 5;
  static final int SPAN_KIND = 6;
  static final int SPAN_START = 7;
  static final int SPAN_END = 8;
  static final int SPAN_ATTRIBUTES = 9;
  static final int SPAN_DROPPED_ATTRIBUTES = 10;
  static final int SPAN_EVENTS = 11;
  static final int SPAN_DROPPED_EVENTS = 12;
  static final int SPAN_LINKS = 13;
  static final int SPAN_DROPPED_LINKS = 14;
  static final int SPAN_STATUS = 15;
  static final int SPAN_FLAGS = 16;

  static final int EVENT_TIME = 1;
  static final int EVENT_NAME = 2;
  static final int EVENT_ATTRIBUTES = 3;
  static final int EVENT_DROPPED_ATTRIBUTES = 4;

  static final int LINK_TRACE_ID = 1;
  static final int LINK_SPAN_ID = 2;
  static final int LINK_TRACE_STATE = 3;
  static final int LINK_ATTRIBUTES = 4;
  static final int LINK_DROPPED_ATTRIBUTES = 5;
  static final int LINK_FLAGS = 6;

  static final int STATUS_MESSAGE = 2;
  static final int STATUS_CODE = 3;

  static final int KEY_VALUE_KEY = 1;
  static final int KEY_VALUE_VALUE = 2;

  static final int KEY_VALUE_STRINDEX = 3;

  static final int VALUE_STRING = 1;
  static final int VALUE_BOOL = 2;
  static final int VALUE_INT = 3;
  static final int VALUE_DOUBLE = 4;
  static final int VALUE_ARRAY = 5;
  static final int VALUE_KVLIST = 6;
  static final int VALUE_BYTES = 7;
  static final int VALUE_STRINDEX = 8;

  /** ArrayValue and KeyValueList have but this. */
  static final int LIST_VALUES = 1;

  /** SpanFlags: whether the parent is known to be local or remote, and that it is remote. */
  static final int FLAGS_REMOTE = 0x300;

  /** Arrays and maps within each other; the attribute's own value is at depth 1. */
  static final int MAX_VALUE_DEPTH = 32;

  static final int TRACE_ID_BYTES = 16;
  static final int SPAN_ID_BYTES = 8;

  private Otlp() {}
}
