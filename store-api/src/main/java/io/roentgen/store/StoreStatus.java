// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store;

/**
 * What a store holds at one moment.
 *
 * @param liveSpanCount spans that are in memory and not yet in a part
 * @param liveBytes memory that they take
 * @param walBytes size of the write-ahead log on disk; 0 for a store without one
 * @param partCount how many parts there are
 * @param partSpanCount spans in parts
 * @param partBytes size of the parts on disk
 * @param diskLimitBytes how much the store may take on disk, or {@link Long#MAX_VALUE} without a limit
 * @param deletedSpanCount spans that retention has deleted since the store was opened
 * @param corruptedPartCount parts that could not be read and were set aside
 */
public record StoreStatus(
    long liveSpanCount,
    long liveBytes,
    long walBytes,
    int partCount,
    long partSpanCount,
    long partBytes,
    long diskLimitBytes,
    long deletedSpanCount,
    int corruptedPartCount) {}
