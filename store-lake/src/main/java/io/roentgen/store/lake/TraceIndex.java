// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import java.util.Arrays;

/**
 * Finds the rows of a trace in a live part: an open hash table of trace ids, each with a chain of rows in the order
 * in which they were added. Guarded by the live part's lock.
 */
final class TraceIndex {
  private static final int NONE = -1;

  private long[] traceHigh = new long[1024];
  private long[] traceLow = new long[1024];
  private int[] firstRow = new int[1024];
  private int[] lastRow = new int[1024];
  private long[] lastStart = new long[1024];
  private int traceCount;
  private int[] slots = new int[4096];

  private int[] rowNext = new int[4096];
  private int[] rowBatch = new int[4096];
  private int[] rowPosition = new int[4096];
  private long[] rowSequence = new long[4096];
  private int[] rowTrace = new int[4096];
  private int rowCount;

  int traceCount() {
    return traceCount;
  }

  int rowCount() {
    return rowCount;
  }

  long traceHigh(int trace) {
    return traceHigh[trace];
  }

  long traceLow(int trace) {
    return traceLow[trace];
  }

  /** Returns the latest start of the trace's rows. */
  long lastStart(int trace) {
    return lastStart[trace];
  }

  int firstRow(int trace) {
    return firstRow[trace];
  }

  /** Returns the row after {@code row} in its trace, or -1. */
  int nextRow(int row) {
    return rowNext[row];
  }

  int batchOf(int row) {
    return rowBatch[row];
  }

  int positionOf(int row) {
    return rowPosition[row];
  }

  long sequenceOf(int row) {
    return rowSequence[row];
  }

  /** Returns the trace of each row. */
  int[] traceOfRows() {
    return Arrays.copyOf(rowTrace, rowCount);
  }

  int traceOf(int row) {
    return rowTrace[row];
  }

  /** Returns the number of a trace, or -1. */
  int find(long high, long low) {
    int mask = slots.length - 1;
    for (int slot = hash(high, low) & mask; slots[slot] != 0; slot = (slot + 1) & mask) {
      int trace = slots[slot] - 1;
      if (traceLow[trace] == low && traceHigh[trace] == high) {
        return trace;
      }
    }
    return NONE;
  }

  /** Adds a row and returns the number of its trace. */
  int add(long high, long low, int batch, int position, long sequence, long start) {
    int row = rowCount++;
    if (row == rowNext.length) {
      growRows();
    }
    rowNext[row] = NONE;
    rowBatch[row] = batch;
    rowPosition[row] = position;
    rowSequence[row] = sequence;
    int mask = slots.length - 1;
    int slot = hash(high, low) & mask;
    while (slots[slot] != 0) {
      int trace = slots[slot] - 1;
      if (traceLow[trace] == low && traceHigh[trace] == high) {
        rowNext[lastRow[trace]] = row;
        lastRow[trace] = row;
        lastStart[trace] = Math.max(lastStart[trace], start);
        rowTrace[row] = trace;
        return trace;
      }
      slot = (slot + 1) & mask;
    }
    int trace = traceCount++;
    if (trace == traceHigh.length) {
      growTraces();
    }
    traceHigh[trace] = high;
    traceLow[trace] = low;
    firstRow[trace] = row;
    lastRow[trace] = row;
    lastStart[trace] = start;
    rowTrace[row] = trace;
    slots[slot] = trace + 1;
    if (traceCount * 2 > slots.length) {
      rehash();
    }
    return trace;
  }

  private void growRows() {
    int capacity = rowNext.length * 2;
    rowNext = Arrays.copyOf(rowNext, capacity);
    rowBatch = Arrays.copyOf(rowBatch, capacity);
    rowPosition = Arrays.copyOf(rowPosition, capacity);
    rowSequence = Arrays.copyOf(rowSequence, capacity);
    rowTrace = Arrays.copyOf(rowTrace, capacity);
  }

  private void growTraces() {
    int capacity = traceHigh.length * 2;
    traceHigh = Arrays.copyOf(traceHigh, capacity);
    traceLow = Arrays.copyOf(traceLow, capacity);
    firstRow = Arrays.copyOf(firstRow, capacity);
    lastRow = Arrays.copyOf(lastRow, capacity);
    lastStart = Arrays.copyOf(lastStart, capacity);
  }

  private void rehash() {
    slots = new int[slots.length * 2];
    int mask = slots.length - 1;
    for (int trace = 0; trace < traceCount; trace++) {
      int slot = hash(traceHigh[trace], traceLow[trace]) & mask;
      while (slots[slot] != 0) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = trace + 1;
    }
  }

  private static int hash(long high, long low) {
    long mixed = (high ^ Long.rotateLeft(low, 32)) * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 32);
  }
}
