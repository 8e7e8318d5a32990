// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import io.roentgen.model.Rejection;
import io.roentgen.model.SpanBatch;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an OTLP export request held.
 *
 * @param batch the spans that are valid, in the order received; may be empty
 * @param rejectedSpans how many spans are not in the batch, as OTLP's partial success has it
 * @param rejections how many for which reason, without zeros, in the order of the reasons
 * @param errorMessage for the sender: the counts and the first rejected span, under 1 kB; empty
 *     when all were taken
 */
public record DecodedRequest(
    SpanBatch batch,
    int rejectedSpans,
    SortedMap<Rejection, Integer> rejections,
    String errorMessage) {
  public DecodedRequest {
    rejections = Collections.unmodifiableSortedMap(new TreeMap<>(rejections));
  }
}
