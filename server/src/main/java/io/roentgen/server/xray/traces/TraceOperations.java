// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.traces;

import io.roentgen.server.xray.groups.Filters;
import io.roentgen.server.xray.protocol.OperationTable;
import io.roentgen.store.TraceStore;

/**
 * {@code BatchGetTraces} and {@code GetTraceSummaries}. Where AWS documents no limit, ours are
 * pages of about {@value #PAGE_BYTES} bytes or {@value #PAGE_SUMMARIES} summaries.
 */
public final class TraceOperations {
  static final int PAGE_BYTES = 1 << 20;
  static final int PAGE_SUMMARIES = 100;
  static final int MAX_TRACE_ID_LENGTH = 35;

  private TraceOperations() {}

  /** Adds them, answering from {@code store}. */
  public static void addTo(OperationTable table, TraceStore store, Filters filters) {
    addTo(table, store, filters, PAGE_BYTES, PAGE_SUMMARIES);
  }

  static void addTo(
      OperationTable table, TraceStore store, Filters filters, int pageBytes, int pageSummaries) {
    table.addSearch(BatchGetTraces.NAME, "/Traces", new BatchGetTraces(store, pageBytes));
    table.addSearch(
        GetTraceSummaries.NAME,
        "/TraceSummaries",
        new GetTraceSummaries(store, filters, pageSummaries));
  }
}
