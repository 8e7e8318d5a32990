// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import io.roentgen.model.SpanId;

/**
 * A document as X-Ray's BatchGetTraces returns it.
 *
 * @param id the id of the segment, or of the subsegment that stands alone
 * @param document the JSON object, without line breaks
 */
public record SegmentDocument(SpanId id, String document) {}
