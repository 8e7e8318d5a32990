// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.time.Duration;
import java.util.Locale;

/** When requests are made. */
public sealed interface Shape {
  /** Most requests a second. */
  double MAX_RATE = 100_000;

  /** Most users. */
  int MAX_USERS = 10_000;

  /**
   * Open loop: at fixed times, whatever became of the requests before.
   *
   * @param perSecond requests a second
   */
  record Open(double perSecond) implements Shape {
    /** Checks the rate. */
    public Open {
      if (!(perSecond > 0 && perSecond <= MAX_RATE)) {
        throw new IllegalArgumentException(
            "rate: "
                + perSecond
                + " (expected: above 0, at most "
                + (long) MAX_RATE
                + " a second)");
      }
    }

    @Override
    public String toString() {
      boolean minutes = perSecond < 1;
      String number = String.format(Locale.ROOT, "%.3f", minutes ? perSecond * 60 : perSecond);
      return "open loop, "
          + number.replaceAll("\\.?0+$", "")
          + (minutes ? " a minute" : " a second");
    }
  }

  /**
   * Closed loop: each user makes a request, waits for its answer, then for a while, and so on.
   *
   * @param users how many
   * @param shortestWait between an answer and the next request
   * @param longestWait the wait is evenly spread between the two
   */
  record Closed(int users, Duration shortestWait, Duration longestWait) implements Shape {
    /** Checks the numbers. */
    public Closed {
      if (users < 1 || users > MAX_USERS) {
        throw new IllegalArgumentException(
            "users: " + users + " (expected: 1 to " + MAX_USERS + ")");
      }
      if (shortestWait.isNegative() || longestWait.compareTo(shortestWait) < 0) {
        throw new IllegalArgumentException(
            "wait: " + shortestWait + " to " + longestWait + " (expected: 0 or more, in order)");
      }
    }

    /** Without waits. */
    public Closed(int users) {
      this(users, Duration.ZERO, Duration.ZERO);
    }

    @Override
    public String toString() {
      String waits =
          longestWait.isZero()
              ? ""
              : ", " + shortestWait.toSeconds() + " to " + longestWait.toSeconds() + " s between";
      return "closed loop, " + users + (users == 1 ? " user" : " users") + waits;
    }
  }
}
