// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.query.analytics;

import io.roentgen.model.Value;
import io.roentgen.query.analytics.Field.FieldValue;
import io.roentgen.query.analytics.SetComparison.Attribute;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Traces of two sets by what they have in one field.
 *
 * <p>A trace without the field has the value "none". One with several values gives each of them an
 * equal part, so that each trace weighs 1. The score is 0 where the sets do not differ more than
 * chance has it, and 1 where they have nothing in common:
 *
 * <ul>
 *   <li>texts: the total variation distance, which is half of the sum of the differences of shares,
 *       or if greater the greatest difference of the shares of traces that have a value. Values
 *       that are rare in both sets count as one, as ids of requests would else be all different;
 *   <li>numbers of many values: the statistic of Kolmogorov and Smirnov, which is the greatest
 *       difference of the cumulative shares; none is below all numbers.
 * </ul>
 *
 * <p>Distances of samples are never 0. What is to be expected of two samples of these sizes from
 * one population is c; a distance d gives (d - c) / (1 - c), or 0 if that is negative. For the
 * share p of a value, c is sqrt(2/pi * p(1-p) * (1/a + 1/b)), the mean of the absolute value of a
 * normal variable; for the total variation half of the sum of these; for Kolmogorov's 0.8687 *
 * sqrt(1/a + 1/b), the mean of his distribution (Marsaglia, Tsang, Wang: "Evaluating Kolmogorov's
 * Distribution", 2003).
 */
final class FieldCounts {
  private static final int MAX_COUNTED_VALUES = 10_000;
  private static final int MAX_TEXT_LENGTH = 300;

  /** Numbers of so few values are names, as status codes are. */
  private static final int MAX_NAMES = 20;

  /** A value is rare in a set if it has fewer traces and a smaller share than these. */
  private static final int LEAST_COUNT = 2;

  private static final double LEAST_SHARE = 0.01;
  private static final double KOLMOGOROV_MEAN = Math.sqrt(Math.PI / 2) * Math.log(2);

  /** Texts too long or too many, and rare ones. */
  private final Counts others = new Counts();

  private final Map<Value, Counts> byValue = new HashMap<>();
  private final int[] present = new int[2];
  private boolean allNumbers = true;

  private static final class Counts {
    final int[] traces = new int[2];
    final double[] weights = new double[2];

    void add(int set, double weight) {
      traces[set]++;
      weights[set] += weight;
    }

    int sum() {
      return traces[0] + traces[1];
    }
  }

  /** Counts a trace of a set with its values, at least one. */
  void add(int set, Set<Value> values) {
    present[set]++;
    double weight = 1.0 / values.size();
    double otherWeight = 0;
    for (Value value : values) {
      allNumbers &= value instanceof Value.LongValue || value instanceof Value.DoubleValue;
      Counts counts = byValue.get(value);
      boolean tooLong =
          value instanceof Value.StringValue(String text) && text.length() > MAX_TEXT_LENGTH;
      if (counts == null && !tooLong && byValue.size() < MAX_COUNTED_VALUES) {
        counts = new Counts();
        byValue.put(value, counts);
      }
      if (counts == null) {
        otherWeight += weight;
      } else {
        counts.add(set, weight);
      }
    }
    if (otherWeight > 0) {
      others.add(set, otherWeight);
    }
  }

  Field field(Attribute attribute, int aAll, int bAll) {
    boolean numeric = allNumbers && byValue.size() > MAX_NAMES;
    if (aAll == 0 || bAll == 0) {
      return field(attribute, numeric, 0, List.of());
    }
    return numeric ? ofNumbers(attribute, aAll, bAll) : ofTexts(attribute, aAll, bAll);
  }

  private Field field(Attribute attribute, boolean numeric, double score, List<FieldValue> values) {
    return new Field(
        attribute.name(),
        attribute.ofSender(),
        numeric,
        score,
        byValue.size(),
        present[0],
        present[1],
        values);
  }

  private Field ofTexts(Attribute attribute, int aAll, int bAll) {
    List<Map.Entry<Value, Counts>> kept = new ArrayList<>();
    double[] rest = others.weights.clone();
    for (Map.Entry<Value, Counts> each : byValue.entrySet()) {
      Counts counts = each.getValue();
      if (isRare(counts.traces[0], aAll) && isRare(counts.traces[1], bAll)) {
        rest[0] += counts.weights[0];
        rest[1] += counts.weights[1];
      } else {
        kept.add(each);
      }
    }
    double distance = 0;
    double chance = 0;
    double greatest = 0;
    for (Map.Entry<Value, Counts> each : kept) {
      Counts counts = each.getValue();
      distance += difference(counts.weights[0], counts.weights[1], aAll, bAll);
      chance += chance(counts.weights[0], counts.weights[1], aAll, bAll);
      greatest =
          Math.max(
              greatest,
              score(
                  difference(counts.traces[0], counts.traces[1], aAll, bAll),
                  chance(counts.traces[0], counts.traces[1], aAll, bAll)));
    }
    double aNone = aAll - present[0];
    double bNone = bAll - present[1];
    distance += difference(rest[0], rest[1], aAll, bAll) + difference(aNone, bNone, aAll, bAll);
    chance += chance(rest[0], rest[1], aAll, bAll) + chance(aNone, bNone, aAll, bAll);
    Comparator<Map.Entry<Value, Counts>> byDifference =
        Comparator.comparingDouble(
            each -> difference(each.getValue().traces[0], each.getValue().traces[1], aAll, bAll));
    List<FieldValue> values =
        kept.stream()
            .sorted(
                byDifference
                    .thenComparingInt(each -> each.getValue().sum())
                    .reversed()
                    .thenComparing(each -> text(each.getKey())))
            .limit(Field.MAX_VALUES)
            .map(
                each ->
                    new FieldValue(
                        text(each.getKey()),
                        each.getValue().traces[0],
                        each.getValue().traces[1],
                        Fields.filterOrNull(attribute, each.getKey())))
            .toList();
    return field(attribute, false, Math.max(greatest, score(distance / 2, chance / 2)), values);
  }

  private static boolean isRare(int count, int all) {
    return count < LEAST_COUNT || count < LEAST_SHARE * all;
  }

  private static double difference(double a, double b, int aAll, int bAll) {
    return Math.abs(a / aAll - b / bAll);
  }

  private static double chance(double a, double b, int aAll, int bAll) {
    double share = (a + b) / (aAll + bAll);
    return Math.sqrt(2 / Math.PI * Math.max(0, share * (1 - share)) * (1.0 / aAll + 1.0 / bAll));
  }

  private static double score(double distance, double chance) {
    return chance >= 1 ? 0 : Math.max(0, (distance - chance) / (1 - chance));
  }

  private static String text(Value value) {
    return switch (value) {
      case Value.StringValue(String text) -> text;
      case Value.LongValue(long number) -> Long.toString(number);
      case Value.DoubleValue(double number) -> Fields.plain(number);
      case Value.BooleanValue(boolean flag) -> Boolean.toString(flag);
      default -> throw new IllegalStateException("value: " + value + " (expected: counted ones)");
    };
  }

  private static double number(Value value) {
    return value instanceof Value.LongValue(long number)
        ? (double) number
        : ((Value.DoubleValue) value).value();
  }

  private Field ofNumbers(Attribute attribute, int aAll, int bAll) {
    List<Map.Entry<Value, Counts>> sorted = new ArrayList<>(byValue.entrySet());
    sorted.sort(Comparator.comparingDouble(each -> number(each.getKey())));
    double a = aAll - present[0];
    double b = bAll - present[1];
    double greatest = difference(a, b, aAll, bAll);
    int sum = 0;
    for (int i = 0; i < sorted.size(); i++) {
      Counts counts = sorted.get(i).getValue();
      a += counts.weights[0];
      b += counts.weights[1];
      sum += counts.sum();
      if (i + 1 == sorted.size()
          || number(sorted.get(i).getKey()) < number(sorted.get(i + 1).getKey())) {
        greatest = Math.max(greatest, difference(a, b, aAll, bAll));
      }
    }
    double chance = KOLMOGOROV_MEAN * Math.sqrt(1.0 / aAll + 1.0 / bAll);
    return field(attribute, true, score(greatest, chance), ranges(attribute, sorted, sum));
  }

  /** Returns ranges with about as many traces each. */
  private static List<FieldValue> ranges(
      Attribute attribute, List<Map.Entry<Value, Counts>> sorted, int sum) {
    List<FieldValue> ranges = new ArrayList<>();
    int seen = 0;
    int from = 0;
    int[] counts = new int[2];
    for (int i = 0; i < sorted.size(); i++) {
      int[] traces = sorted.get(i).getValue().traces;
      counts[0] += traces[0];
      counts[1] += traces[1];
      seen += traces[0] + traces[1];
      long target = (ranges.size() + 1L) * sum / Field.MAX_VALUES;
      if (seen >= target || i + 1 == sorted.size()) {
        double least = number(sorted.get(from).getKey());
        double most = number(sorted.get(i).getKey());
        ranges.add(
            new FieldValue(
                least == most
                    ? Fields.plain(least)
                    : Fields.plain(least) + " – " + Fields.plain(most),
                counts[0],
                counts[1],
                Fields.filterOrNull(attribute, least, most)));
        from = i + 1;
        counts = new int[2];
      }
    }
    return ranges;
  }
}
