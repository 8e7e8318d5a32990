// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.Span;
import java.util.Comparator;
import java.util.List;

/**
 * A span with its place in the order of writes.
 *
 * @param sequence greater for spans that were written later; equal only for spans of one batch with different ids
 * @param span the span, in full or in outline
 */
record WrittenSpan(long sequence, Span span) {
  private static final Comparator<WrittenSpan> ORDER =
      Comparator.comparingLong(WrittenSpan::sequence);

  /** Returns the spans in the order in which they were written. */
  static List<Span> inOrder(List<WrittenSpan> written) {
    return written.stream().sorted(ORDER).map(WrittenSpan::span).toList();
  }
}
