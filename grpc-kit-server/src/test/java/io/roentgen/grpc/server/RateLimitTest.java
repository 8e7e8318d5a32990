// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitTest {
  private static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);

  @Test
  void call_overTheLimit_isRefusedWithPushback() {
    List<String> asked = new ArrayList<>();
    RateLimiter limiter =
        (method, caller) -> {
          asked.add(method + " " + caller);
          return 1_500_001;
        };
    try (TestServer server = server(limiter)) {
      StatusRuntimeException refused =
          catchThrowableOfType(StatusRuntimeException.class, () -> server.call("x"));
      assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(refused.getStatus().getDescription())
          .isEqualTo("too many calls of test.Service/Unary; try again in 2 ms");
      assertThat(refused.getTrailers().get(PUSHBACK)).isEqualTo("2");
      assertThat(asked).singleElement().asString().startsWith("test.Service/Unary ");
    }
  }

  @Test
  void call_withinTheLimit_passes() {
    try (TestServer server = server(RateLimiter.shared(1000, 10))) {
      assertThat(server.call("x")).isEqualTo("x");
    }
  }

  @Test
  void call_burstIsOver_isRefused() {
    try (TestServer server = server(RateLimiter.perMethod(0.001, 3))) {
      for (int i = 0; i < 3; i++) {
        assertThat(server.call("x")).isEqualTo("x");
      }
      assertThat(catchThrowableOfType(StatusRuntimeException.class, () -> server.call("x")))
          .hasMessageStartingWith("RESOURCE_EXHAUSTED");
    }
  }

  @Test
  void limiter_callerIsTheUser() {
    List<String> callers = new ArrayList<>();
    ServerSlots slots =
        ServerSlots.builder()
            .add(
                Slot.RATE_LIMIT,
                RateLimit.of(
                    (method, caller) -> {
                      callers.add(caller);
                      return 0;
                    }))
            .add(Slot.AUTH, Authentication.bearer((token, method) -> User.of(token)).build())
            .build();
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer alice");
    try (TestServer server = TestServer.inProcess(slots::installOn, TestServer.echo())) {
      server.call("x", headers);
    }
    assertThat(callers).containsExactly("alice");
  }

  @Test
  void healthCheck_overTheLimit_passes() {
    ServerSlots slots =
        ServerSlots.builder().add(Slot.RATE_LIMIT, RateLimit.of((m, c) -> 1)).build();
    try (TestServer server =
        TestServer.inProcess(slots::installOn, new ServerHealth().service().bindService())) {
      assertThat(
              HealthGrpc.newBlockingStub(server.channel())
                  .check(HealthCheckRequest.getDefaultInstance())
                  .getStatus())
          .isEqualTo(ServingStatus.SERVING);
    }
  }

  @Test
  void bucket_burstThenRate_andFullAfterARest() {
    TokenBucket.Limit limit = new TokenBucket.Limit(10, 3);
    TokenBucket bucket = new TokenBucket(now.get());
    for (int i = 0; i < 3; i++) {
      assertThat(bucket.tryTake(limit, now.get())).isZero();
    }
    assertThat(bucket.tryTake(limit, now.get())).isEqualTo(100_000_000);
    // Over the end of what a long counts, as nanoTime may do.
    assertThat(bucket.tryTake(limit, now.addAndGet(40_000_000))).isEqualTo(60_000_000);
    assertThat(bucket.tryTake(limit, now.addAndGet(60_000_000))).isZero();
    assertThat(bucket.tryTake(limit, now.get())).isEqualTo(100_000_000);
    now.addAndGet(3_600_000_000_000L);
    assertThat(bucket.isFull(now.get())).isTrue();
    for (int i = 0; i < 3; i++) {
      assertThat(bucket.tryTake(limit, now.get())).isZero();
    }
    assertThat(bucket.tryTake(limit, now.get())).isPositive();
  }

  @Test
  void bucket_manyThreads_neverGivesMoreThanTheBurst() throws Exception {
    TokenBucket.Limit limit = new TokenBucket.Limit(1, 1000);
    TokenBucket bucket = new TokenBucket(0);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Integer>> taken = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        taken.add(
            threads.submit(
                () -> {
                  int mine = 0;
                  for (int i = 0; i < 1000; i++) {
                    mine += bucket.tryTake(limit, 0) == 0 ? 1 : 0;
                  }
                  return mine;
                }));
      }
      int sum = 0;
      for (Future<Integer> each : taken) {
        sum += each.get();
      }
      assertThat(sum).isEqualTo(1000);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void buckets_tooManyKeys_shareOne_andIdleOnesMakeRoom() {
    TokenBuckets buckets = new TokenBuckets(1, 1, now::get);
    for (int i = 0; i < TokenBuckets.MAX_KEYS; i++) {
      assertThat(buckets.tryTake("k" + i)).isZero();
    }
    assertThat(buckets.tryTake("new1")).isZero();
    assertThat(buckets.tryTake("new2")).isPositive();
    assertThat(buckets.size()).isEqualTo(TokenBuckets.MAX_KEYS);
    now.addAndGet(2_000_000_000L);
    assertThat(buckets.tryTake("new1")).isZero();
    assertThat(buckets.tryTake("new2")).isZero();
    assertThat(buckets.size()).isEqualTo(2);
  }

  @Test
  void limiter_badArguments_throw() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RateLimiter.shared(Double.NaN, 1))
        .withMessage("perSecond: NaN (expected: 0.000001 to 1000000000)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RateLimiter.perCaller(1, 0))
        .withMessage("burst: 0 (expected: >= 1)");
  }

  private static TestServer server(RateLimiter limiter) {
    ServerSlots slots = ServerSlots.builder().add(Slot.RATE_LIMIT, RateLimit.of(limiter)).build();
    return TestServer.inProcess(slots::installOn, TestServer.echo());
  }
}
