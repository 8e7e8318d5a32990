// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import java.util.Arrays;

/**
 * A DDSketch of durations: counts in buckets that grow by a constant factor, so that every quantile is off by
 * at most {@value #RELATIVE_ACCURACY} of its value. Sketches add and subtract exactly, bucket by bucket, in
 * any order. Not safe for use by several threads.
 *
 * <p>Bucket i holds durations in (gamma^(i-1), gamma^i] nanoseconds with gamma = (1+a)/(1-a); durations of 1
 * ns or less, negative ones too, are in bucket 0 and stand as 1 ns. After Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable
 * quantile sketch with relative-error guarantees", VLDB 2019. Counts may be negative in a sketch that stands
 * for a correction.
 */
public final class LatencySketch {
  /** How far a quantile may be off, relative to its value. */
  public static final double RELATIVE_ACCURACY = 0.01;

  private static final double GAMMA = (1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY);
  private static final double MULTIPLIER = 1 / Math.log(GAMMA);
  private static final int FIRST_BUCKETS = 4;

  private int[] buckets = new int[FIRST_BUCKETS];
  private long[] counts = new long[FIRST_BUCKETS];
  private int size;

  /** Returns the bucket in which a duration is counted. */
  public static int bucketOf(long durationNanos) {
    return durationNanos <= 1 ? 0 : (int) Math.ceil(Math.log((double) durationNanos) * MULTIPLIER);
  }

  /** Returns the duration that stands for a bucket: at most the relative accuracy from each of its values. */
  public static double valueOf(int bucket) {
    return bucket == 0 ? 1 : 2 * Math.pow(GAMMA, bucket) / (1 + GAMMA);
  }

  /** Counts one duration. */
  public void add(long durationNanos) {
    addBucket(bucketOf(durationNanos), 1);
  }

  /** Adds {@code count}, which may be negative, to a bucket. */
  public void addBucket(int bucket, long count) {
    int at = Arrays.binarySearch(buckets, 0, size, bucket);
    if (at >= 0) {
      counts[at] += count;
      return;
    }
    at = -at - 1;
    if (size == buckets.length) {
      buckets = Arrays.copyOf(buckets, size * 2);
      counts = Arrays.copyOf(counts, size * 2);
    }
    System.arraycopy(buckets, at, buckets, at + 1, size - at);
    System.arraycopy(counts, at, counts, at + 1, size - at);
    buckets[at] = bucket;
    counts[at] = count;
    size++;
  }

  /** Adds all counts of another sketch. */
  public void add(LatencySketch other) {
    for (int i = 0; i < other.size; i++) {
      addBucket(other.buckets[i], other.counts[i]);
    }
  }

  /** Takes all counts of another sketch away. */
  public void subtract(LatencySketch other) {
    for (int i = 0; i < other.size; i++) {
      addBucket(other.buckets[i], -other.counts[i]);
    }
  }

  /** Returns the sum of all counts. */
  public long count() {
    long sum = 0;
    for (int i = 0; i < size; i++) {
      sum += counts[i];
    }
    return sum;
  }

  /** Returns how many buckets there are, those with a count of 0 included. */
  public int bucketCount() {
    return size;
  }

  /** Returns the number of the i-th bucket, in ascending order. */
  public int bucket(int i) {
    return buckets[i];
  }

  /** Returns the count of the i-th bucket. */
  public long countAt(int i) {
    return counts[i];
  }

  /**
   * Returns the duration in nanoseconds that the fraction {@code q} of all durations does not exceed; 0 for an
   * empty sketch.
   *
   * @throws IllegalArgumentException if {@code q} is not in 0 to 1
   */
  public double quantile(double q) {
    if (!(q >= 0 && q <= 1)) {
      throw new IllegalArgumentException("q: " + q + " (expected: 0 to 1)");
    }
    double rank = q * (count() - 1);
    long seen = 0;
    int last = -1;
    for (int i = 0; i < size; i++) {
      if (counts[i] > 0) {
        seen += counts[i];
        last = i;
        if (seen > rank) {
          break;
        }
      }
    }
    return last < 0 ? 0 : valueOf(buckets[last]);
  }

  /** Two sketches are equal when every bucket has the same count; buckets with a count of 0 do not matter. */
  @Override
  public boolean equals(Object other) {
    if (!(other instanceof LatencySketch that)) {
      return false;
    }
    LatencySketch difference = new LatencySketch();
    difference.add(this);
    difference.subtract(that);
    for (int i = 0; i < difference.size; i++) {
      if (difference.counts[i] != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(count());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("LatencySketch[");
    for (int i = 0; i < size; i++) {
      if (counts[i] != 0) {
        text.append(text.charAt(text.length() - 1) == '[' ? "" : ", ");
        text.append(buckets[i]).append(':').append(counts[i]);
      }
    }
    return text.append(']').toString();
  }
}
