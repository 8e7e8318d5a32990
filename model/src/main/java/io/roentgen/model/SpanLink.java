// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.util.Map;

/**
 * A reference from one span to another, mostly of another trace. It is not an edge of the service map.
 *
 * @param traceId the other span's trace
 * @param spanId the other span
 * @param traceState W3C trace state, or empty
 * @param flags W3C flags in bits 0 to 7, OTLP's remote bits above
 * @param attributes attributes by key, in the order received; a copy is kept
 * @param droppedAttributesCount how many attributes the sender left out
 */
public record SpanLink(
    TraceId traceId,
    SpanId spanId,
    String traceState,
    int flags,
    Map<String, Value> attributes,
    int droppedAttributesCount) {
  public SpanLink {
    attributes = Attributes.copyOf(attributes);
  }
}
