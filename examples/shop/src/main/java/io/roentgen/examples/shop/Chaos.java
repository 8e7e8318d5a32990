// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import io.roentgen.examples.common.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** What is done to the shop, and when: the same for the same seed and the same live services. */
final class Chaos {
  /** What is done to a service. */
  enum Kind {
    /** It ends at once, and comes back later. */
    KILL,
    /** Its calls are late. */
    LATENCY,
    /** Some of its calls fail. */
    STATUS,
    /** Its calls are never answered. */
    BLACKHOLE,
    /** The product table has next to no capacity. */
    CAPACITY;

    /** Returns how it is written. */
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One thing that is done.
   *
   * @param victim the name of the service
   */
  record Action(Kind kind, String victim) {}

  /**
   * Several things that are done at once.
   *
   * @param pause until the next round
   */
  record Round(List<Action> actions, Duration pause) {}

  /**
   * How it goes.
   *
   * @param minPause between rounds, at least
   * @param maxPause at most, evenly between the two
   * @param victims of a round; fewer if fewer live
   * @param kinds of which one is chosen evenly for each victim
   * @param effect how long what is done goes on, other than a kill
   * @param restart after how long a victim comes back
   * @param percent of calls that fail
   * @param capacity read units a second that the table has left
   */
  record Config(
      long seed,
      Duration minPause,
      Duration maxPause,
      int victims,
      List<Kind> kinds,
      Duration effect,
      Duration restart,
      int percent,
      int capacity) {
    Config {
      kinds = List.copyOf(kinds);
      if (kinds.isEmpty()) {
        throw new IllegalArgumentException("kinds: none (expected: at least one)");
      }
      if (maxPause.compareTo(minPause) < 0) {
        throw new IllegalArgumentException(
            "maxPause: " + maxPause + " (expected: at least minPause, " + minPause + ")");
      }
    }

    /** Reads it; throws {@link IllegalArgumentException} for what cannot be used. */
    static Config of(Settings settings) {
      boolean script =
          switch (settings.text("CHAOS_PROFILE", "text")) {
            case "text" -> false;
            case "script" -> true;
            default -> throw settings.bad("CHAOS_PROFILE", "text or script", null);
          };
      int min = settings.number("CHAOS_MIN_S", script ? 60 : 120, 1, 86_400);
      int max = settings.number("CHAOS_MAX_S", Math.max(min, script ? 90 : 300), min, 86_400);
      return new Config(
          seed(settings),
          Duration.ofSeconds(min),
          Duration.ofSeconds(max),
          settings.number("CHAOS_FACTOR", 1, 1, 6),
          kinds(settings),
          Duration.ofSeconds(settings.number("CHAOS_EFFECT_S", 30, 1, 600)),
          restart(settings),
          settings.number("CHAOS_PERCENT", 30, 1, 100),
          settings.number("CHAOS_CAPACITY", 1, 1, CapacityBucket.MAX_UNITS));
    }

    static Duration restart(Settings settings) {
      return Duration.ofSeconds(settings.number("RESTART_S", 3, 0, 3_600));
    }

    private static long seed(Settings settings) {
      String text = settings.text("SEED", "");
      if (text.isEmpty()) {
        return System.nanoTime();
      }
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException e) {
        throw settings.bad("SEED", "a whole number", e);
      }
    }

    private static List<Kind> kinds(Settings settings) {
      Map<String, Kind> known = new TreeMap<>();
      for (Kind kind : Kind.values()) {
        known.put(kind.label(), kind);
      }
      List<Kind> kinds = new ArrayList<>();
      for (String name : settings.list("CHAOS_KINDS", "kill")) {
        Kind kind = known.get(name);
        if (kind == null) {
          throw settings.bad("CHAOS_KINDS", "some of " + String.join(", ", known.keySet()), null);
        }
        kinds.add(kind);
      }
      if (kinds.isEmpty()) {
        throw settings.bad("CHAOS_KINDS", "some of " + String.join(", ", known.keySet()), null);
      }
      return kinds;
    }
  }

  private final Config config;
  private final Random random;

  Chaos(Config config) {
    this.config = config;
    random = new Random(config.seed());
  }

  /** Returns what to do next to services of which these live. */
  Round next(List<String> live) {
    List<String> candidates = new ArrayList<>(live);
    List<Action> actions = new ArrayList<>();
    while (actions.size() < config.victims() && !candidates.isEmpty()) {
      String victim = candidates.remove(random.nextInt(candidates.size()));
      Kind kind = config.kinds().get(random.nextInt(config.kinds().size()));
      if (kind == Kind.CAPACITY) {
        actions.add(new Action(kind, ShopService.CATALOG.name()));
      } else if (kind == Kind.KILL || !victim.equals(FrontendService.FRONTEND.name())) {
        actions.add(new Action(kind, victim));
      } else {
        // The frontend is no gRPC service, which could be told to be slow; it can only be killed.
        actions.add(new Action(kind, ShopService.CATALOG.name()));
      }
    }
    long min = config.minPause().toMillis();
    long max = config.maxPause().toMillis();
    return new Round(
        List.copyOf(actions),
        Duration.ofMillis(min + Math.floorMod(random.nextLong(), max - min + 1)));
  }
}
