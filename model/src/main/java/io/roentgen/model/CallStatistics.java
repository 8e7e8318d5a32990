// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

/**
 * Counts and times of calls. Each call is in exactly one of the four counts: fault before throttle before
 * error before ok.
 *
 * @param okCount calls with no problem
 * @param errorCount calls that failed by the caller's mistake, throttled ones left out
 * @param throttleCount calls refused for rate
 * @param faultCount calls that failed in the callee
 * @param totalDurationNanos sum of the calls' durations
 * @param latency distribution of the calls' durations; belongs to this record, must not be changed
 */
public record CallStatistics(
    long okCount,
    long errorCount,
    long throttleCount,
    long faultCount,
    long totalDurationNanos,
    LatencySketch latency) {
  /** Returns the number of calls. */
  public long totalCount() {
    return okCount + errorCount + throttleCount + faultCount;
  }

  /** Adds up calls. Not safe for use by several threads. */
  public static final class Builder {
    private long okCount;
    private long errorCount;
    private long throttleCount;
    private long faultCount;
    private long totalDurationNanos;
    private final LatencySketch latency = new LatencySketch();

    /** Adds one call; {@code sign} is 1, or -1 to take it away. */
    public void add(int outcomeBits, long durationNanos, int sign) {
      if ((outcomeBits & Outcome.FAULT_BIT) != 0) {
        faultCount += sign;
      } else if ((outcomeBits & Outcome.THROTTLE_BIT) != 0) {
        throttleCount += sign;
      } else if ((outcomeBits & Outcome.ERROR_BIT) != 0) {
        errorCount += sign;
      } else {
        okCount += sign;
      }
      totalDurationNanos += sign * durationNanos;
      latency.addBucket(LatencySketch.bucketOf(durationNanos), sign);
    }

    /** Adds all calls of other statistics. */
    public void add(CallStatistics other) {
      addCounts(
          other.okCount,
          other.errorCount,
          other.throttleCount,
          other.faultCount,
          other.totalDurationNanos);
      latency.add(other.latency);
    }

    /** Adds counts and the sum of durations; {@link #addBucket} adds the distribution that goes with them. */
    public void addCounts(
        long ok, long error, long throttle, long fault, long durationNanosSum) {
      okCount += ok;
      errorCount += error;
      throttleCount += throttle;
      faultCount += fault;
      totalDurationNanos += durationNanosSum;
    }

    /** Returns the number of calls added so far. */
    public long totalCount() {
      return okCount + errorCount + throttleCount + faultCount;
    }

    /** Adds a count to a bucket of the distribution. */
    public void addBucket(int bucket, long count) {
      latency.addBucket(bucket, count);
    }

    /** Returns what was added so far; a later change of this builder does not show in it. */
    public CallStatistics build() {
      LatencySketch copy = new LatencySketch();
      copy.add(latency);
      return new CallStatistics(
          okCount, errorCount, throttleCount, faultCount, totalDurationNanos, copy);
    }
  }
}
