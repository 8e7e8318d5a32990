// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/** What the forks of one variant measured of one thing: its median, and how sure that is. */
final class Sample {
  private static final int RESAMPLES = 2000;

  private final double[] values;

  private Sample(double[] values) {
    this.values = values;
  }

  static <T> Sample of(Collection<T> forks, ToDoubleFunction<T> value) {
    return new Sample(forks.stream().mapToDouble(value).toArray());
  }

  double median() {
    return median(values);
  }

  /** Returns the ends of the 95 % interval of the median, by drawing the values again and again. */
  double[] interval() {
    Random random = new Random(1);
    double[] medians = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      double[] drawn = new double[values.length];
      for (int j = 0; j < drawn.length; j++) {
        drawn[j] = values[random.nextInt(values.length)];
      }
      medians[i] = median(drawn);
    }
    Arrays.sort(medians);
    return new double[] {medians[RESAMPLES / 40], medians[RESAMPLES - 1 - RESAMPLES / 40]};
  }

  /** Returns the interval as a cell of a table; one fork has none. */
  String intervalText(int decimals) {
    if (values.length < 2) {
      return "no interval";
    }
    double[] interval = interval();
    return text(interval[0], decimals) + " to " + text(interval[1], decimals);
  }

  String medianText(int decimals) {
    return text(median(), decimals);
  }

  /** Returns by how much this is more than the other, or "none seen" if the intervals meet. */
  String overText(Sample other, int decimals) {
    if (values.length > 1 && other.values.length > 1) {
      double[] own = interval();
      double[] its = other.interval();
      if (own[0] <= its[1] && its[0] <= own[1]) {
        return "none seen";
      }
    }
    double over = median() - other.median();
    return (over > 0 ? "+" : "") + text(over, decimals);
  }

  private static String text(double value, int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
