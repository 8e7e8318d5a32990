// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.Any;
import com.google.rpc.DebugInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryTest {
  private static final MethodDescriptor<String, String> IDEMPOTENT =
      Echo.UNARY.toBuilder().setIdempotent(true).build();

  private final List<Duration> waits = new ArrayList<>();
  private int attempts;

  private Retry.Builder builder() {
    return Retry.builder().sleeper(waits::add).random(() -> 0.5);
  }

  private String failing(Status status, Metadata trailers) {
    attempts++;
    throw status.asRuntimeException(trailers);
  }

  private Throwable callFailing(Retry retry, Status status, Metadata trailers) {
    return catchThrowable(() -> retry.call(IDEMPOTENT, () -> failing(status, trailers)));
  }

  @Test
  void call_alwaysUnavailable_triesThreeTimesWithDoublingWaits() {
    Throwable thrown = callFailing(builder().build(), Status.UNAVAILABLE, null);
    assertThat(thrown).isInstanceOf(StatusRuntimeException.class).hasMessage("UNAVAILABLE");
    assertThat(attempts).isEqualTo(3);
    assertThat(waits).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
  }

  @Test
  void call_goodAtLast_returnsItsAnswer() {
    String answer =
        builder()
            .build()
            .call(
                IDEMPOTENT,
                () -> {
                  attempts++;
                  if (attempts < 3) {
                    throw Status.RESOURCE_EXHAUSTED.asRuntimeException();
                  }
                  return "ok";
                });
    assertThat(answer).isEqualTo("ok");
    assertThat(attempts).isEqualTo(3);
  }

  @Test
  void call_checkedStatus_isTriedAgainToo() {
    assertThatThrownBy(
            () ->
                builder()
                    .build()
                    .call(
                        IDEMPOTENT,
                        () -> {
                          attempts++;
                          throw Status.UNAVAILABLE.asException();
                        }))
        .isInstanceOf(StatusException.class);
    assertThat(attempts).isEqualTo(3);
  }

  @Test
  void call_otherException_isThrownAtOnce() {
    assertThatThrownBy(
            () ->
                builder()
                    .build()
                    .call(
                        IDEMPOTENT,
                        () -> {
                          attempts++;
                          throw new IOException("disk");
                        }))
        .isInstanceOf(IOException.class);
    assertThat(attempts).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OK")
  void call_eachCode_isTriedAgainByTable(Code code) {
    callFailing(builder().build(), code.toStatus(), null);
    boolean retried =
        Set.of(Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.RESOURCE_EXHAUSTED).contains(code);
    assertThat(attempts).isEqualTo(retried ? 3 : 1);
  }

  @Test
  void call_jitter_isFivePercentEitherWay() {
    callFailing(builder().random(() -> 0).build(), Status.UNAVAILABLE, null);
    callFailing(builder().random(() -> 1).build(), Status.UNAVAILABLE, null);
    assertThat(waits)
        .containsExactly(
            Duration.ofMillis(950),
            Duration.ofMillis(1900),
            Duration.ofMillis(1050),
            Duration.ofMillis(2100));
  }

  @Test
  void call_randomJitter_staysWithinBounds() {
    Retry retry = Retry.builder().maxAttempts(100).sleeper(waits::add).build();
    callFailing(retry, Status.UNAVAILABLE, null);
    assertThat(waits).hasSize(99);
    assertThat(waits.get(0)).isBetween(Duration.ofMillis(950), Duration.ofMillis(1050));
    assertThat(waits.get(98)).isBetween(Duration.ofSeconds(57), Duration.ofSeconds(63));
  }

  @Test
  void call_eachAttempt_isLogged() {
    try (LogLines log = new LogLines(Retry.class)) {
      callFailing(builder().build(), Status.UNAVAILABLE, null);
      assertThat(log.lines())
          .containsExactly(
              "INFO call retried method=test.Echo/Unary attempt=1 of=3 code=UNAVAILABLE wait=PT1S",
              "INFO call retried method=test.Echo/Unary attempt=2 of=3 code=UNAVAILABLE wait=PT2S",
              "INFO call given up method=test.Echo/Unary attempt=3 of=3 code=UNAVAILABLE"
                  + " reason=no attempts left");
    }
  }

  @Test
  void call_notIdempotent_warnsOncePerMethod() {
    Retry retry = builder().build();
    try (LogLines log = new LogLines(Retry.class)) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> retry.call(Echo.UNARY, () -> failing(Status.UNAVAILABLE, null)))
            .isInstanceOf(StatusRuntimeException.class);
      }
      assertThat(log.lines().stream().filter(l -> l.startsWith("WARNING")))
          .containsExactly(
              "WARNING call retried though its method is not declared idempotent; what it does may"
                  + " happen twice method=test.Echo/Unary");
    }
    MethodDescriptor<String, String> safe = Echo.UNARY.toBuilder().setSafe(true).build();
    try (LogLines log = new LogLines(Retry.class)) {
      assertThatThrownBy(
              () -> builder().build().call(safe, () -> failing(Status.UNAVAILABLE, null)))
          .isInstanceOf(StatusRuntimeException.class);
      assertThat(log.lines()).noneMatch(l -> l.startsWith("WARNING"));
    }
  }

  @Test
  void call_pushback_decidesTheWait() {
    Metadata trailers = new Metadata();
    trailers.put(RetryHints.PUSHBACK, "30");
    callFailing(builder().build(), Status.UNAVAILABLE, trailers);
    assertThat(waits).containsExactly(Duration.ofMillis(30), Duration.ofMillis(30));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "x", "", "99999999999999999999"})
  void call_pushbackThatRefuses_isNotTriedAgain(String pushback) {
    Metadata trailers = new Metadata();
    trailers.put(RetryHints.PUSHBACK, pushback);
    callFailing(builder().build(), Status.UNAVAILABLE, trailers);
    assertThat(attempts).isEqualTo(1);
  }

  @Test
  void call_pushbackBeyondAllTime_isNotWaitedForWithinADeadline() {
    Metadata trailers = new Metadata();
    trailers.put(RetryHints.PUSHBACK, String.valueOf(Long.MAX_VALUE));
    Deadline deadline = Deadline.after(1, TimeUnit.HOURS);
    assertThatThrownBy(
            () ->
                builder()
                    .build()
                    .call(IDEMPOTENT, deadline, () -> failing(Status.UNAVAILABLE, trailers)))
        .isInstanceOf(StatusRuntimeException.class);
    assertThat(attempts).isEqualTo(1);
  }

  @Test
  void call_retryInfo_lengthensTheWait() {
    callFailing(builder().build(), Status.RESOURCE_EXHAUSTED, details(1, 500_000_000));
    assertThat(waits).containsExactly(Duration.ofMillis(1500), Duration.ofSeconds(2));
  }

  private static Metadata details(long seconds, int nanos) {
    com.google.rpc.Status status =
        com.google.rpc.Status.newBuilder()
            .setCode(8)
            .setMessage("busy")
            .addDetails(Any.pack(DebugInfo.newBuilder().setDetail("x").build()))
            .addDetails(
                Any.pack(
                    RetryInfo.newBuilder()
                        .setRetryDelay(
                            com.google.protobuf.Duration.newBuilder()
                                .setSeconds(seconds)
                                .setNanos(nanos))
                        .build()))
            .build();
    Metadata trailers = new Metadata();
    trailers.put(RetryHints.DETAILS, status.toByteArray());
    return trailers;
  }

  @Test
  void call_endlessRetryInfo_isNotWaitedForWithinADeadline() {
    Retry retry = builder().build();
    assertThat(
            catchThrowable(
                () ->
                    retry.call(
                        IDEMPOTENT,
                        Deadline.after(1, TimeUnit.HOURS),
                        () -> failing(Status.UNAVAILABLE, details(315_576_000_000L, 0)))))
        .isInstanceOf(StatusRuntimeException.class);
    assertThat(attempts).isEqualTo(1);
    assertThat(waits).isEmpty();
  }

  @Test
  void retryInfo_absentOrWrong_saysNothing() {
    assertThat(RetryHints.retryDelay(new byte[0])).isNull();
    assertThat(RetryHints.retryDelay(new byte[] {(byte) 0xff, 1, 2})).isNull();
    Metadata negative = details(-1, 0);
    assertThat(RetryHints.retryDelay(negative.get(RetryHints.DETAILS))).isNull();
    byte[] good = details(1, 5).get(RetryHints.DETAILS);
    assertThat(RetryHints.retryDelay(good)).isEqualTo(Duration.ofSeconds(1, 5));
    for (int length = 0; length < good.length; length++) {
      // No cut may throw; what is left may or may not still hold the delay.
      RetryHints.retryDelay(java.util.Arrays.copyOf(good, length));
    }
  }

  @Test
  void call_deadlineBeforeNextAttempt_isNotTriedAgain() {
    FakeTicker ticker = new FakeTicker();
    Deadline deadline = Deadline.after(1500, TimeUnit.MILLISECONDS, ticker);
    Retry retry =
        Retry.builder()
            .random(() -> 0.5)
            .sleeper(
                time -> {
                  waits.add(time);
                  ticker.nanos += time.toNanos();
                })
            .build();
    assertThatThrownBy(
            () -> retry.call(IDEMPOTENT, deadline, () -> failing(Status.UNAVAILABLE, null)))
        .isInstanceOf(StatusRuntimeException.class);
    assertThat(waits).containsExactly(Duration.ofSeconds(1));
    assertThat(attempts).isEqualTo(2);
  }

  private static final class FakeTicker extends Deadline.Ticker {
    private long nanos;

    @Override
    public long nanoTime() {
      return nanos;
    }
  }

  @Test
  void call_contextDeadline_holdsForAllAttempts() {
    var scheduler = Executors.newSingleThreadScheduledExecutor();
    Context.CancellableContext context =
        Context.current().withDeadlineAfter(500, TimeUnit.MILLISECONDS, scheduler);
    try {
      context.run(() -> callFailing(builder().build(), Status.UNAVAILABLE, null));
    } finally {
      context.cancel(null);
      scheduler.shutdownNow();
    }
    assertThat(attempts).isEqualTo(1);
  }

  @Test
  void call_contextCancelled_isNotTriedAgain() {
    Context.CancellableContext context = Context.current().withCancellation();
    context.run(
        () ->
            callFailing(
                builder()
                    .sleeper(
                        time -> {
                          waits.add(time);
                          context.cancel(null);
                        })
                    .build(),
                Status.UNAVAILABLE,
                null));
    assertThat(waits).hasSize(1);
    assertThat(attempts).isEqualTo(1);
    context.run(() -> callFailing(builder().build(), Status.UNAVAILABLE, null));
    assertThat(attempts).isEqualTo(2);
  }

  @Test
  void call_interrupted_throwsWhatItHadAndStaysInterrupted() {
    Retry retry =
        builder()
            .sleeper(
                time -> {
                  throw new InterruptedException();
                })
            .build();
    assertThat(callFailing(retry, Status.UNAVAILABLE, null)).hasMessage("UNAVAILABLE");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(attempts).isEqualTo(1);
  }

  @Test
  void call_defaultSleeper_sleeps() {
    Retry retry = Retry.builder().base(Duration.ofMillis(1)).build();
    callFailing(retry, Status.UNAVAILABLE, null);
    assertThat(attempts).isEqualTo(3);
  }

  @Test
  void builder_badValues_areRefusedByName() {
    assertThatThrownBy(() -> Retry.builder().maxAttempts(0))
        .hasMessage("maxAttempts: 0 (expected: 1 to 100)");
    assertThatThrownBy(() -> Retry.builder().base(Duration.ZERO))
        .hasMessage("base: PT0S (expected: more than 0)");
    assertThatThrownBy(() -> Retry.builder().maxWait(Duration.ofDays(2)))
        .hasMessage("maxWait: PT48H (expected: 1 day at most)");
    assertThatThrownBy(() -> Retry.builder().base(Duration.ofMinutes(2)).build())
        .hasMessage("maxWait: PT1M (expected: base PT2M or more)");
    assertThatThrownBy(() -> Retry.builder().codes(Set.of()))
        .hasMessage("codes: [] (expected: at least one)");
    assertThatThrownBy(() -> Retry.builder().codes(Set.of(Code.OK)))
        .hasMessage("codes: [OK] (expected: not OK)");
    assertThat(Retry.create()).isNotNull();
  }
}
