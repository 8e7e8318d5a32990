// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import io.roentgen.model.SpanBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the rows of one live chunk in outline. Not safe for use by several threads. */
final class OutlineReader {
  private final Texts texts = new Texts();

  /** By number of the batch, for those that were read from. */
  private SpanBatch.@Nullable Cursor[] cursors = new SpanBatch.Cursor[64];

  private String[][] services = new String[64][];

  /** Returns the rows of a trace that are before {@code limit}, in the order in which they were written. */
  List<SpanOutline> trace(List<SpanBatch> batches, TraceIndex index, int trace, int limit) {
    List<SpanOutline> spans = new ArrayList<>();
    for (int row = index.firstRow(trace); row >= 0 && row < limit; row = index.nextRow(row)) {
      spans.add(row(batches, index, row));
    }
    return spans;
  }

  /** Returns one row. */
  SpanOutline row(List<SpanBatch> batches, TraceIndex index, int row) {
    int number = index.batchOf(row);
    SpanBatch batch = batches.get(number);
    SpanBatch.Cursor cursor = cursor(number, batch);
    cursor.seek(index.positionOf(row));
    String service = services[number][cursor.scopeIndex()];
    String serviceType = "";
    String name = "";
    String peerName = "";
    String peerType = "";
    for (int tag = cursor.nextField(); tag != SpanBatch.FIELD_NONE; tag = cursor.nextField()) {
      switch (tag) {
        case SpanBatch.FIELD_NAME -> name = text(batch, cursor);
        case SpanBatch.FIELD_SERVICE -> service = text(batch, cursor);
        case SpanBatch.FIELD_SERVICE_TYPE -> serviceType = text(batch, cursor);
        case SpanBatch.FIELD_PEER_NAME -> peerName = text(batch, cursor);
        case SpanBatch.FIELD_PEER_TYPE -> peerType = text(batch, cursor);
        default -> {}
      }
    }
    return new SpanOutline(
        index.sequenceOf(row),
        cursor.spanId(),
        cursor.parentSpanId(),
        cursor.startEpochNanos(),
        cursor.endEpochNanos(),
        cursor.kind(),
        cursor.outcome(),
        cursor.inProgress(),
        cursor.segment(),
        service,
        serviceType,
        name,
        peerName,
        peerType);
  }

  private String text(SpanBatch batch, SpanBatch.Cursor cursor) {
    return texts.of(batch.bytes(), cursor.blockOffset(), cursor.blockLength());
  }

  private SpanBatch.Cursor cursor(int number, SpanBatch batch) {
    if (number >= cursors.length) {
      int capacity = Math.max(number + 1, cursors.length * 2);
      cursors = Arrays.copyOf(cursors, capacity);
      services = Arrays.copyOf(services, capacity);
    }
    SpanBatch.Cursor known = cursors[number];
    if (known != null) {
      return known;
    }
    String[] names = new String[batch.scopeCount()];
    for (int scope = 0; scope < names.length; scope++) {
      String name = batch.scope(scope).resource().serviceName();
      names[scope] = name == null ? "" : texts.of(name);
    }
    services[number] = names;
    SpanBatch.Cursor cursor = batch.cursor();
    cursors[number] = cursor;
    return cursor;
  }
}
