// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class LoadTest {
  private static final Shape TEN_A_SECOND = new Shape.Open(10);

  private final FakePace pace = new FakePace();

  @Test
  void openLoop_serverThatStalls_countsTheWaitOfLaterRequests() {
    // Meant to start at 0, 100 ... 900 ms; the first takes 550 ms, the others 10.
    Report report =
        run(
            TEN_A_SECOND,
            limits(1, 1_000),
            turn -> {
              pace.pass(turn.number() == 0 ? 550 : 10);
              return Answer.expected("200");
            });
    Report.Row row = report.rows().get(0);
    assertThat(row.requests()).isEqualTo(10);
    // Those of 100 to 500 ms started at 550, 560, 570, 580 and 590 ms.
    assertThat(values(row.fromIntended()))
        .containsExactly(10L, 10L, 10L, 10L, 100L, 190L, 280L, 370L, 460L, 550L);
    assertThat(values(row.fromActual()))
        .containsExactly(10L, 10L, 10L, 10L, 10L, 10L, 10L, 10L, 10L, 550L);
  }

  @Test
  void openLoop_answersInTime_keepsTheSchedule() {
    List<Long> starts = new ArrayList<>();
    long begin = pace.now();
    run(
        TEN_A_SECOND,
        limits(60, 4),
        turn -> {
          starts.add((pace.now() - begin) / 1_000_000);
          pace.pass(30);
          return Answer.expected("200");
        });
    assertThat(starts).containsExactly(0L, 100L, 200L, 300L);
  }

  @Test
  void openLoop_serverThatNeverAnswersInTheRun_countsWhatWasNotSent() {
    Report report =
        run(
            TEN_A_SECOND,
            limits(1, 1_000),
            turn -> {
              pace.pass(5_000);
              return Answer.failed("timeout");
            });
    assertThat(report.requests()).isEqualTo(10);
    assertThat(report.failed()).isEqualTo(10);
    assertThat(report.count("timeout")).isEqualTo(1);
    assertThat(report.count("not sent")).isEqualTo(9);
    assertThat(report.table())
        .contains("(intended: 10, 10.0 a second); 9 were due and could not be sent");
  }

  @Test
  void closedLoop_waits_areNotPartOfTheLatency() {
    Report report =
        run(
            new Shape.Closed(1, Duration.ofSeconds(2), Duration.ofSeconds(2)),
            limits(10, 1_000),
            turn -> {
              pace.pass(500);
              return Answer.expected("200");
            });
    // At 2, 4.5, 7 and 9.5 s.
    assertThat(report.requests()).isEqualTo(4);
    assertThat(values(report.rows().get(0).fromIntended())).containsOnly(500L);
  }

  @Test
  void run_exceptions_areFailedRequestsByName() {
    Report report =
        run(
            TEN_A_SECOND,
            limits(60, 3),
            turn -> {
              if (turn.number() == 0) {
                throw new HttpTimeoutException("late");
              }
              if (turn.number() == 1) {
                throw new IOException("reset");
              }
              return new Answer("404", true, Answer.NOW);
            });
    assertThat(report.failed()).isEqualTo(3);
    assertThat(report.table()).contains("codes: 404 1, IOException 1, timeout 1\n");
  }

  @Test
  void run_answersWithTheirOwnTime_countUntilThen() {
    Report report =
        run(
            TEN_A_SECOND,
            limits(60, 1),
            turn -> {
              pace.pass(20);
              long first = pace.now();
              pace.pass(30_000);
              return new Answer("OK", false, first);
            });
    assertThat(values(report.rows().get(0).fromIntended())).containsExactly(20L);
  }

  @Test
  void run_sameSeed_makesTheSameRequests() {
    assertThat(chosen()).isEqualTo(chosen()).hasSize(50).contains("a", "b");
  }

  private static List<String> chosen() {
    List<String> chosen = new ArrayList<>();
    FakePace pace = new FakePace();
    List<Operation> operations = List.of(operation("a", 3, chosen), operation("b", 1, chosen));
    new Load(
            new Scenario("test", TEN_A_SECOND, operations, () -> {}),
            TEN_A_SECOND,
            limits(60, 50),
            7,
            pace,
            pace)
        .run();
    return chosen;
  }

  private static Operation operation(String name, double weight, List<String> chosen) {
    return new Operation(
        name,
        weight,
        turn -> {
          chosen.add(name);
          return Answer.expected("OK");
        });
  }

  @Test
  void shape_asText_isRoundedToWhatMatters() {
    assertThat(new Shape.Open(10)).hasToString("open loop, 10 a second");
    assertThat(new Shape.Open(12.5)).hasToString("open loop, 12.5 a second");
    assertThat(new Shape.Open(20 / 60.0)).hasToString("open loop, 20 a minute");
    assertThat(Profiles.shopUsers()).hasToString("closed loop, 2 users, 5 to 20 s between");
  }

  @Test
  void limits_outOfBounds_areRefusedByName() {
    assertThatThrownBy(() -> limits(0, 1)).hasMessage("seconds: 0 (expected: 1 to 14400)");
    assertThatThrownBy(() -> limits(14_401, 1)).hasMessage("seconds: 14401 (expected: 1 to 14400)");
    assertThatThrownBy(() -> limits(1, 0)).hasMessage("count: 0 (expected: 1 to 10000000)");
    assertThatThrownBy(() -> new Shape.Open(0))
        .hasMessage("rate: 0.0 (expected: above 0, at most 100000 a second)");
    assertThatThrownBy(() -> new Shape.Open(Double.NaN)).hasMessageStartingWith("rate: NaN");
    assertThatThrownBy(() -> new Shape.Closed(0)).hasMessage("users: 0 (expected: 1 to 10000)");
  }

  private static Limits limits(int seconds, long count) {
    return new Limits(Duration.ofSeconds(seconds), count, 10, Duration.ofSeconds(10));
  }

  private Report run(Shape shape, Limits limits, Call call) {
    Scenario scenario =
        new Scenario("test", shape, List.of(new Operation("call", 1, call)), () -> {});
    return new Load(scenario, shape, limits, 1, pace, pace).run();
  }

  /** Returns the values in milliseconds, in order, as exactly as the histogram has them. */
  private static List<Long> values(Histogram histogram) {
    List<Long> values = new ArrayList<>();
    histogram
        .recordedValues()
        .forEach(
            value -> {
              for (long i = 0; i < value.getCountAddedInThisIterationStep(); i++) {
                values.add(Math.round(value.getValueIteratedTo() / 1000.0));
              }
            });
    return values;
  }
}
