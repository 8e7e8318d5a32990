// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import org.jspecify.annotations.Nullable;

/**
 * A line of the table.
 *
 * @param name what was measured
 * @param value the measurement, or NaN if it could not be made
 * @param unit its unit
 * @param budget what it is to be, or null where nothing is laid down
 * @param note what one must know to read it, or empty
 */
record Row(String name, double value, String unit, @Nullable Budget budget, String note) {
  /** A bound of design: a value is to be at least or at most this. */
  record Budget(Bound bound, double limit) {
    boolean isMet(double value) {
      return bound == Bound.AT_LEAST ? value >= limit : value <= limit;
    }
  }

  /** Which way a budget goes. */
  enum Bound {
    AT_LEAST,
    AT_MOST
  }

  static Row of(String name, double value, String unit) {
    return new Row(name, value, unit, null, "");
  }

  /** Returns a row for what could not be measured, saying why. */
  static Row missing(String name, String why) {
    return new Row(name, Double.NaN, "", null, why);
  }

  Row atMost(double limit) {
    return new Row(name, value, unit, new Budget(Bound.AT_MOST, limit), note);
  }

  Row atLeast(double limit) {
    return new Row(name, value, unit, new Budget(Bound.AT_LEAST, limit), note);
  }

  Row note(String text) {
    return new Row(name, value, unit, budget, text);
  }

  /** Returns yes or no, or a dash without a budget. */
  String met() {
    if (budget == null) {
      return "-";
    }
    return budget.isMet(value) ? "yes" : "NO";
  }
}
