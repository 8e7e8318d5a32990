// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.DDSketches;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.ToLongFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class LatencySketchTest {
  private static final double[] QUANTILES = {0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1};

  /** The logarithm is rounded, so a value at the very edge of a bucket may be in its neighbour. */
  private static final double ACCURACY = LatencySketch.RELATIVE_ACCURACY * (1 + 1e-9);

  static Map<String, long[]> distributions() {
    Map<String, long[]> all = new LinkedHashMap<>();
    all.put("uniform", draw(random -> 1 + random.nextInt(1_000_000_000)));
    all.put("exponential", draw(random -> 1 + (long) (-5e6 * Math.log(1 - random.nextDouble()))));
    all.put("lognormal", draw(random -> 1 + (long) Math.exp(14 + 3 * random.nextGaussian())));
    all.put("pareto", draw(random -> (long) Math.min(9e18, 1000 / Math.pow(1 - random.nextDouble(), 2))));
    all.put("constant", draw(random -> 123_456_789));
    all.put("two far apart", draw(random -> random.nextInt(10) == 0 ? 30_000_000_000L : 900));
    all.put("tiny", draw(random -> 1 + random.nextInt(20)));
    all.put("huge", draw(random -> Long.MAX_VALUE - (random.nextLong() >>> 1)));
    all.put("single", new long[] {42_000_000});
    return all;
  }

  private static long[] draw(ToLongFunction<Random> one) {
    Random random = new Random(17);
    long[] values = new long[20_000];
    Arrays.setAll(values, i -> one.applyAsLong(random));
    return values;
  }

  static Iterable<String> distributionNames() {
    return distributions().keySet();
  }

  private static LatencySketch sketch(long... values) {
    LatencySketch sketch = new LatencySketch();
    for (long value : values) {
      sketch.add(value);
    }
    return sketch;
  }

  @ParameterizedTest
  @MethodSource("distributionNames")
  void quantile_ofEachDistribution_isWithinTheAccuracy(String name) {
    long[] values = distributions().get(name);
    LatencySketch sketch = sketch(values);
    long[] sorted = values.clone();
    Arrays.sort(sorted);

    assertThat(sketch.count()).isEqualTo(values.length);
    for (double q : QUANTILES) {
      double exact = sorted[(int) (q * (sorted.length - 1))];
      assertThat(sketch.quantile(q)).as("q %s", q).isCloseTo(exact, within(ACCURACY * exact));
    }
  }

  @ParameterizedTest
  @MethodSource("distributionNames")
  void quantile_ofEachDistribution_agreesWithDatadogsSketch(String name) {
    long[] values = distributions().get(name);
    LatencySketch sketch = sketch(values);
    DDSketch oracle = DDSketches.logarithmicUnboundedDense(LatencySketch.RELATIVE_ACCURACY);
    for (long value : values) {
      oracle.accept((double) value);
    }

    for (double q : QUANTILES) {
      double expected = oracle.getValueAtQuantile(q);
      assertThat(sketch.quantile(q)).as("q %s", q).isCloseTo(expected, within(ACCURACY * expected));
    }
  }

  @ParameterizedTest
  @MethodSource("distributionNames")
  void add_partsInAnyOrder_isTheSketchOfTheWhole(String name) {
    long[] values = distributions().get(name);
    LatencySketch whole = sketch(values);
    LatencySketch[] parts = new LatencySketch[7];
    Arrays.setAll(parts, i -> new LatencySketch());
    for (int i = 0; i < values.length; i++) {
      parts[i % parts.length].add(values[i]);
    }
    LatencySketch forward = new LatencySketch();
    LatencySketch backward = new LatencySketch();
    for (int i = 0; i < parts.length; i++) {
      forward.add(parts[i]);
      backward.add(parts[parts.length - 1 - i]);
    }

    assertThat(forward).isEqualTo(whole).isEqualTo(backward).hasSameHashCodeAs(backward);
    assertThat(forward).hasToString(whole.toString());
    assertThat(forward.quantile(0.99)).isEqualTo(whole.quantile(0.99));
  }

  @ParameterizedTest
  @MethodSource("distributionNames")
  void subtract_whatWasAdded_isAsBefore(String name) {
    LatencySketch before = sketch(1, 5, 1_000, 1_000_000);
    LatencySketch other = sketch(distributions().get(name));
    LatencySketch sketch = new LatencySketch();
    sketch.add(before);

    sketch.add(other);
    assertThat(sketch).isNotEqualTo(before);
    sketch.subtract(other);

    assertThat(sketch).isEqualTo(before);
    assertThat(sketch.count()).isEqualTo(4);
    for (double q : QUANTILES) {
      assertThat(sketch.quantile(q)).isEqualTo(before.quantile(q));
    }
    assertThat(sketch).hasToString(before.toString());
  }

  @Property
  void valueOf_bucketOfAnyDuration_isWithinTheAccuracy(
      @ForAll @LongRange(min = 1) long durationNanos) {
    int bucket = LatencySketch.bucketOf(durationNanos);

    assertThat(LatencySketch.valueOf(bucket))
        .isCloseTo((double) durationNanos, within(ACCURACY * durationNanos));
  }

  @Property
  void bucketOf_longerDuration_isNoLowerBucket(@ForAll long one, @ForAll long other) {
    assertThat(LatencySketch.bucketOf(Math.min(one, other)))
        .isLessThanOrEqualTo(LatencySketch.bucketOf(Math.max(one, other)));
  }

  @Property
  void equals_orderOfDurations_doesNotMatter(
      @ForAll @Size(max = 50) long[] values) {
    long[] sorted = values.clone();
    Arrays.sort(sorted);

    LatencySketch sketch = sketch(values);

    assertThat(sketch).isEqualTo(sketch(sorted)).hasSameHashCodeAs(sketch(sorted));
    assertThat(sketch.count()).isEqualTo(values.length);
    long counted = 0;
    for (int i = 0; i < sketch.bucketCount(); i++) {
      counted += sketch.countAt(i);
      assertThat(i == 0 || sketch.bucket(i) > sketch.bucket(i - 1)).isTrue();
    }
    assertThat(counted).isEqualTo(values.length);
  }

  @Test
  void quantile_empty_isZero() {
    LatencySketch empty = new LatencySketch();

    assertThat(empty.count()).isZero();
    assertThat(empty.quantile(0)).isZero();
    assertThat(empty.quantile(1)).isZero();
    assertThat(empty).hasToString("LatencySketch[]");
  }

  @Test
  void quantile_oneNanosecondOrLess_isOne() {
    LatencySketch sketch = sketch(0, 1, -5, Long.MIN_VALUE);

    assertThat(sketch).hasToString("LatencySketch[0:4]");
    assertThat(sketch.quantile(0.5)).isEqualTo(1);
  }

  @Test
  void quantile_outsideZeroToOne_isRefused() {
    for (double q : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThatThrownBy(() -> sketch(1).quantile(q))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("q: " + q + " (expected: 0 to 1)");
    }
  }

  @Test
  void equals_differentCounts_isFalse() {
    assertThat(sketch(5)).isNotEqualTo(sketch(5, 5)).isNotEqualTo(sketch(50)).isNotEqualTo(null);
    LatencySketch cancelled = new LatencySketch();
    cancelled.addBucket(3, 1);
    cancelled.addBucket(3, -1);
    assertThat(cancelled).isEqualTo(new LatencySketch());
    assertThat(cancelled.quantile(0.5)).isZero();
  }
}
