// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.examples.common.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChaosTest {
  private static final List<String> LIVE = Shop.SERVICES.stream().map(Service::name).toList();

  private static Chaos.Config config(String... settings) {
    Map<String, String> environment = new HashMap<>(Map.of("SEED", "7"));
    for (int i = 0; i < settings.length; i += 2) {
      environment.put(settings[i], settings[i + 1]);
    }
    return Chaos.Config.of(Settings.of(environment));
  }

  private static List<Chaos.Round> rounds(Chaos.Config config, int count) {
    Chaos chaos = new Chaos(config);
    return IntStream.range(0, count).mapToObj(i -> chaos.next(LIVE)).toList();
  }

  @Test
  void next_sameSeed_isTheSame() {
    Chaos.Config config = config("CHAOS_KINDS", "kill,latency,status,blackhole,capacity");

    assertThat(rounds(config, 50)).isEqualTo(rounds(config, 50));
    assertThat(rounds(config, 50)).isNotEqualTo(rounds(config("SEED", "8"), 50));
  }

  @Test
  void next_defaults_killsOneOfAllSixEvenly_andPausesTwoToFiveMinutes() {
    List<Chaos.Round> rounds = rounds(config(), 6_000);

    assertThat(rounds)
        .allSatisfy(
            round -> {
              assertThat(round.actions()).hasSize(1);
              assertThat(round.actions().get(0).kind()).isEqualTo(Chaos.Kind.KILL);
              assertThat(round.pause()).isBetween(Duration.ofMinutes(2), Duration.ofMinutes(5));
            });
    for (String name : LIVE) {
      assertThat(
              rounds.stream().filter(round -> round.actions().get(0).victim().equals(name)).count())
          .as(name)
          .isBetween(850L, 1_150L);
    }
  }

  @Test
  void next_script_pausesSixtyToNinetySeconds() {
    assertThat(rounds(config("CHAOS_PROFILE", "script"), 500))
        .allSatisfy(
            round ->
                assertThat(round.pause()).isBetween(Duration.ofMinutes(1), Duration.ofSeconds(90)));
  }

  @Test
  void next_factor_hasSoManyVictims_eachOnce_asFarAsTheyLive() {
    Chaos chaos = new Chaos(config("CHAOS_FACTOR", "3"));

    assertThat(chaos.next(LIVE).actions())
        .extracting(Chaos.Action::victim)
        .hasSize(3)
        .doesNotHaveDuplicates();
    assertThat(chaos.next(List.of("cartservice", "Frontend")).actions())
        .extracting(Chaos.Action::victim)
        .containsExactlyInAnyOrder("cartservice", "Frontend");
    assertThat(chaos.next(List.of()).actions()).isEmpty();
  }

  @Test
  void next_otherKinds_areNeverTheFrontends_andCapacityIsTheCatalogs() {
    assertThat(rounds(config("CHAOS_KINDS", "latency,capacity"), 500))
        .allSatisfy(
            round -> {
              Chaos.Action action = round.actions().get(0);
              assertThat(action.victim()).isNotEqualTo("Frontend");
              if (action.kind() == Chaos.Kind.CAPACITY) {
                assertThat(action.victim()).isEqualTo("catalogservice");
              }
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SEED | seven | SEED: seven (expected: a whole number)",
        "CHAOS_KINDS | kill,rain | CHAOS_KINDS: kill,rain (expected: some of blackhole, capacity, kill, latency, status)",
        "CHAOS_KINDS | , | CHAOS_KINDS: , (expected: some of",
        "CHAOS_PROFILE | wild | CHAOS_PROFILE: wild (expected: text or script)",
        "CHAOS_FACTOR | 0 | CHAOS_FACTOR: 0 (expected: 1 to 6)",
        "CHAOS_MAX_S | 10 | CHAOS_MAX_S: 10 (expected: 120 to 86400)",
        "CHAOS_PERCENT | 101 | CHAOS_PERCENT: 101 (expected: 1 to 100)",
        "RESTART_S | -1 | RESTART_S: -1 (expected: 0 to 3600)"
      })
  void config_badValue_saysWhichAndWhatWasExpected(String name, String value, String message) {
    assertThatThrownBy(() -> config(name, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void mark_isWhatTheServerTakes() {
    assertThat(
            TimelineMarks.json(
                new Chaos.Action(Chaos.Kind.KILL, "cartservice"),
                Instant.parse("2026-01-31T12:00:00.5Z"),
                Duration.ofSeconds(3),
                "comes back after 3 s"))
        .isEqualTo(
            "{\"time\":\"2026-01-31T12:00:00.500Z\",\"end\":\"2026-01-31T12:00:03.500Z\","
                + "\"title\":\"chaos: kill cartservice\",\"text\":\"comes back after 3 s\","
                + "\"service\":\"cartservice\",\"tags\":[\"chaos\",\"kill\"]}");
  }
}
