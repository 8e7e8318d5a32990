// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.resilience4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.RequestNotPermitted;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.roentgen.grpc.resilience4j.CircuitBreakers.Meaning;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class Resilience4jTest {
  private static final MethodDescriptor<String, String> GET = method(MethodType.UNARY, "Get");
  private static final MethodDescriptor<String, String> PUT = method(MethodType.UNARY, "Put");
  private static final MethodDescriptor<String, String> LIST =
      method(MethodType.SERVER_STREAMING, "List");

  private final AtomicInteger served = new AtomicInteger();
  private final AtomicLong nowMillis = new AtomicLong(1_000);
  private Server server;
  private ManagedChannel channel;

  /** Answers with the status that the request names; {@code slow:N} first lets N ms pass. */
  private void answer(String request, StreamObserver<String> observer) {
    served.incrementAndGet();
    if (request.startsWith("slow:")) {
      nowMillis.addAndGet(Long.parseLong(request.substring(5)));
      observer.onNext("late");
      observer.onCompleted();
    } else if (request.equals("OK")) {
      observer.onNext("ok");
      observer.onCompleted();
    } else {
      observer.onError(Status.Code.valueOf(request).toStatus().asRuntimeException());
    }
  }

  /** Answers at once, and ends after a minute. */
  private void stream(String request, StreamObserver<String> observer) {
    nowMillis.addAndGet(10);
    observer.onNext("first");
    nowMillis.addAndGet(60_000);
    observer.onCompleted();
  }

  @BeforeEach
  void start() throws Exception {
    String name = InProcessServerBuilder.generateName();
    server =
        InProcessServerBuilder.forName(name)
            .directExecutor()
            .addService(
                ServerServiceDefinition.builder("test.Orders")
                    .addMethod(GET, ServerCalls.asyncUnaryCall(this::answer))
                    .addMethod(PUT, ServerCalls.asyncUnaryCall(this::answer))
                    .addMethod(LIST, ServerCalls.asyncServerStreamingCall(this::stream))
                    .build())
            .build()
            .start();
    channel = InProcessChannelBuilder.forName(name).directExecutor().build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  private CircuitBreakerConfig.Builder config() {
    return CircuitBreakerConfig.custom()
        .slidingWindowSize(4)
        .minimumNumberOfCalls(4)
        .slowCallDurationThreshold(Duration.ofMillis(100))
        .slowCallRateThreshold(50)
        .currentTimestampFunction(clock -> nowMillis.get(), TimeUnit.MILLISECONDS);
  }

  private Channel with(ClientInterceptor interceptor) {
    return ClientInterceptors.intercept(channel, interceptor);
  }

  private static String call(Channel on, MethodDescriptor<String, String> method, String request) {
    return ClientCalls.blockingUnaryCall(on, method, CallOptions.DEFAULT, request);
  }

  private static StatusRuntimeException failure(
      Channel on, MethodDescriptor<String, String> method, String request) {
    return catchThrowableOfType(StatusRuntimeException.class, () -> call(on, method, request));
  }

  private static void failTimes(int times, Channel on, String code) {
    for (int i = 0; i < times; i++) {
      assertThat(failure(on, GET, code).getStatus().getCode().name()).isEqualTo(code);
    }
  }

  @Test
  void breaker_afterFailures_refusesWithoutTouchingTheNetwork() {
    CircuitBreaker breaker = CircuitBreaker.of("orders", config().build());
    Channel guarded = with(CircuitBreakers.one(breaker).build());
    failTimes(4, guarded, "UNAVAILABLE");
    assertThat(breaker.getState()).isEqualTo(CircuitBreaker.State.OPEN);

    StatusRuntimeException refused = failure(guarded, GET, "OK");
    assertThat(refused)
        .hasMessage(
            "UNAVAILABLE: circuit breaker orders: OPEN (expected: CLOSED); the call was not sent")
        .hasCauseInstanceOf(CallNotPermittedException.class);
    assertThat(served).hasValue(4);
  }

  @Test
  void breaker_halfOpenAndGoodAgain_closes() {
    CircuitBreaker breaker =
        CircuitBreaker.of("orders", config().permittedNumberOfCallsInHalfOpenState(2).build());
    Channel guarded = with(CircuitBreakers.one(breaker).build());
    failTimes(4, guarded, "INTERNAL");
    breaker.transitionToHalfOpenState();
    // Ignored ones give their permission back, or the breaker would stay half open for ever.
    failTimes(3, guarded, "CANCELLED");
    call(guarded, GET, "OK");
    call(guarded, GET, "OK");
    assertThat(breaker.getState()).isEqualTo(CircuitBreaker.State.CLOSED);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OK")
  void breaker_eachCode_countsByTable(Status.Code code) {
    CircuitBreaker breaker = CircuitBreaker.of("orders", config().build());
    failTimes(1, with(CircuitBreakers.one(breaker).build()), code.name());
    Meaning meaning = CircuitBreakers.DEFAULT_TABLE.get(code);
    CircuitBreaker.Metrics metrics = breaker.getMetrics();
    assertThat(metrics.getNumberOfFailedCalls()).isEqualTo(meaning == Meaning.FAILURE ? 1 : 0);
    assertThat(metrics.getNumberOfSuccessfulCalls()).isEqualTo(meaning == Meaning.SUCCESS ? 1 : 0);
    boolean trouble =
        switch (code) {
          case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNKNOWN, DATA_LOSS ->
              true;
          default -> false;
        };
    assertThat(meaning == Meaning.FAILURE).isEqualTo(trouble);
    assertThat(meaning == Meaning.IGNORED).isEqualTo(code == Status.Code.CANCELLED);
  }

  @Test
  void table_changed_decides() {
    CircuitBreaker breaker = CircuitBreaker.of("orders", config().build());
    Channel guarded =
        with(
            CircuitBreakers.one(breaker)
                .meaning(Status.Code.NOT_FOUND, Meaning.FAILURE)
                .meaning(Status.Code.RESOURCE_EXHAUSTED, Meaning.IGNORED)
                .build());
    failTimes(1, guarded, "NOT_FOUND");
    failTimes(1, guarded, "RESOURCE_EXHAUSTED");
    assertThat(breaker.getMetrics().getNumberOfBufferedCalls()).isEqualTo(1);
    assertThat(breaker.getMetrics().getNumberOfFailedCalls()).isEqualTo(1);
    assertThatThrownBy(() -> CircuitBreakers.one(breaker).meaning(Status.Code.OK, Meaning.FAILURE))
        .hasMessage("meaning of OK: FAILURE (expected: SUCCESS or IGNORED)");
  }

  @Test
  void breakers_perMethod_areApart() {
    CircuitBreakerRegistry registry = CircuitBreakerRegistry.of(config().build());
    Channel guarded = with(CircuitBreakers.perMethod(registry).build());
    failTimes(4, guarded, "UNAVAILABLE");
    assertThat(failure(guarded, GET, "OK")).hasMessageContaining("breaker test.Orders/Get: OPEN");
    assertThat(call(guarded, PUT, "OK")).isEqualTo("ok");
  }

  @Test
  void breakers_perService_areShared() {
    CircuitBreakerRegistry registry = CircuitBreakerRegistry.of(config().build());
    Channel guarded = with(CircuitBreakers.perService(registry).build());
    failTimes(4, guarded, "UNAVAILABLE");
    assertThat(failure(guarded, PUT, "OK")).hasMessageContaining("breaker test.Orders: OPEN");
  }

  @Test
  void breaker_slowCalls_open() {
    CircuitBreaker breaker = CircuitBreaker.of("orders", config().build());
    Channel guarded = with(CircuitBreakers.one(breaker).build());
    for (int i = 0; i < 4; i++) {
      call(guarded, GET, "slow:" + (i < 2 ? 50 : 150));
    }
    assertThat(breaker.getMetrics().getNumberOfSlowCalls()).isEqualTo(2);
    assertThat(breaker.getState()).isEqualTo(CircuitBreaker.State.OPEN);
  }

  @Test
  void breaker_longStreamWithAQuickFirstAnswer_isNotSlow() {
    CircuitBreaker breaker = CircuitBreaker.of("orders", config().build());
    Iterator<String> answers =
        ClientCalls.blockingServerStreamingCall(
            with(CircuitBreakers.one(breaker).build()), LIST, CallOptions.DEFAULT, "");
    assertThat(answers.next()).isEqualTo("first");
    assertThat(answers.hasNext()).isFalse();
    assertThat(breaker.getMetrics().getNumberOfSuccessfulCalls()).isEqualTo(1);
    assertThat(breaker.getMetrics().getNumberOfSlowCalls()).isZero();
  }

  @Test
  void breaker_openAndStubThatGoesOn_swallowsWhatFollows() {
    CircuitBreaker breaker = CircuitBreaker.of("orders", config().build());
    breaker.transitionToOpenState();
    ClientCall<String, String> call =
        with(CircuitBreakers.one(breaker).build()).newCall(GET, CallOptions.DEFAULT);
    AtomicInteger closed = new AtomicInteger();
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            closed.incrementAndGet();
          }
        },
        new Metadata());
    call.request(1);
    call.setMessageCompression(true);
    call.sendMessage("OK");
    call.halfClose();
    call.cancel("again", null);
    assertThat(call.isReady()).isFalse();
    assertThat(closed).hasValue(1);
    assertThat(served).hasValue(0);
  }

  @Test
  void breaker_callThatIsNeverStarted_keepsNoPermission() {
    CircuitBreaker breaker =
        CircuitBreaker.of("orders", config().permittedNumberOfCallsInHalfOpenState(1).build());
    Channel guarded = with(CircuitBreakers.one(breaker).build());
    breaker.transitionToOpenState();
    breaker.transitionToHalfOpenState();
    guarded.newCall(GET, CallOptions.DEFAULT).cancel("never started", null);
    assertThat(call(guarded, GET, "OK")).isEqualTo("ok");
  }

  @Test
  void breaker_startThatThrows_isCountedAndThrown() {
    CircuitBreaker breaker = CircuitBreaker.of("orders", config().build());
    Channel broken =
        ClientInterceptors.intercept(
            channel,
            CircuitBreakers.one(breaker).build(),
            new ClientInterceptor() {
              @Override
              public <Q, R> ClientCall<Q, R> interceptCall(
                  MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
                throw new IllegalStateException("broken interceptor");
              }
            });
    assertThatThrownBy(() -> call(broken, GET, "OK")).hasMessage("broken interceptor");
    ClientCall<String, String> twice =
        with(CircuitBreakers.one(breaker).build()).newCall(GET, CallOptions.DEFAULT);
    twice.start(new ClientCall.Listener<>() {}, new Metadata());
    assertThatThrownBy(() -> twice.start(new ClientCall.Listener<>() {}, new Metadata()))
        .isInstanceOf(IllegalStateException.class);
    assertThat(breaker.getMetrics().getNumberOfFailedCalls()).isEqualTo(1);
    twice.cancel("done", null);
  }

  @Test
  void bulkhead_full_refusesAndFreesWhenCallsEnd() {
    Bulkhead bulkhead =
        Bulkhead.of("orders", BulkheadConfig.custom().maxConcurrentCalls(1).build());
    Channel guarded = with(Limits.concurrent(bulkhead));
    ClientCall<String, String> open = guarded.newCall(GET, CallOptions.DEFAULT);
    open.start(new ClientCall.Listener<>() {}, new Metadata());
    assertThat(failure(guarded, GET, "OK"))
        .hasMessage(
            "RESOURCE_EXHAUSTED: bulkhead orders: full (expected: at most 1 calls at once);"
                + " the call was not sent")
        .hasCauseInstanceOf(BulkheadFullException.class);
    open.cancel("done", null);
    assertThat(call(guarded, GET, "OK")).isEqualTo("ok");
    failTimes(2, guarded, "INTERNAL");
    assertThat(bulkhead.getMetrics().getAvailableConcurrentCalls()).isEqualTo(1);
  }

  @Test
  void rateLimiter_spent_refuses() {
    RateLimiter limiter =
        RateLimiter.of(
            "orders",
            RateLimiterConfig.custom()
                .limitForPeriod(2)
                .limitRefreshPeriod(Duration.ofDays(1))
                .timeoutDuration(Duration.ZERO)
                .build());
    Channel guarded = with(Limits.rate(limiter));
    call(guarded, GET, "OK");
    call(guarded, GET, "OK");
    assertThat(failure(guarded, GET, "OK"))
        .hasMessage(
            "RESOURCE_EXHAUSTED: rate limiter orders: spent (expected: at most 2 calls in PT24H);"
                + " the call was not sent")
        .hasCauseInstanceOf(RequestNotPermitted.class);
    assertThat(served).hasValue(2);
  }

  @Test
  void limits_thatWait_areRefused() {
    assertThatThrownBy(() -> Limits.rate(RateLimiter.ofDefaults("x")))
        .hasMessage("timeoutDuration: PT5S (expected: zero; starting a call must not block)");
    Bulkhead waiting =
        Bulkhead.of("x", BulkheadConfig.custom().maxWaitDuration(Duration.ofSeconds(1)).build());
    assertThatThrownBy(() -> Limits.concurrent(waiting))
        .hasMessage("maxWaitDuration: PT1S (expected: zero; starting a call must not block)");
  }

  private static MethodDescriptor<String, String> method(MethodType type, String name) {
    return MethodDescriptor.newBuilder(new Text(), new Text())
        .setType(type)
        .setFullMethodName("test.Orders/" + name)
        .build();
  }

  private static final class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
