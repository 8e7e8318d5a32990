// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StreamsTest {
  private final AtomicInteger sent = new AtomicInteger();
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private Server server;
  private ManagedChannel channel;

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  private void serve(ServerServiceDefinition service) throws Exception {
    String name = InProcessServerBuilder.generateName();
    server = InProcessServerBuilder.forName(name).addService(service).build().start();
    channel = InProcessChannelBuilder.forName(name).build();
  }

  /** Sends numbers from 1 while there is room, up to the one in the request. */
  private void count(String request, StreamObserver<String> observer) {
    ServerCallStreamObserver<String> to = (ServerCallStreamObserver<String>) observer;
    int last = Integer.parseInt(request);
    to.setOnCancelHandler(cancelled::countDown);
    to.setOnReadyHandler(
        () -> {
          while (to.isReady() && sent.get() < last) {
            to.onNext(String.valueOf(sent.incrementAndGet()));
            if (sent.get() == last) {
              to.onCompleted();
            }
          }
        });
  }

  private Flow.Publisher<String> numbers(int last) {
    return Streams.publisher(channel, Echo.LIST, CallOptions.DEFAULT, String.valueOf(last));
  }

  private static List<String> numbersTo(int last) {
    return IntStream.rangeClosed(1, last).mapToObj(String::valueOf).toList();
  }

  @Test
  void publisher_endlessDemand_deliversAllInOrder() throws Exception {
    serve(Echo.list(this::count));
    Collecting<String> all = new Collecting<>(Long.MAX_VALUE);
    numbers(10_000).subscribe(all);
    assertThat(all.awaitEnd()).isNull();
    assertThat(all.items).isEqualTo(numbersTo(10_000));
  }

  @Test
  void publisher_slowConsumer_slowsTheServer() throws Exception {
    serve(Echo.list(this::count));
    Collecting<String> some = new Collecting<>(3);
    numbers(1_000_000).subscribe(some);
    await().until(() -> some.items.size() == 3);
    int aheadAfterThree = sent.get();
    some.subscription.request(2);
    await().until(() -> some.items.size() == 5);
    some.subscription.cancel();
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    // The in-process transport lets a server run ahead by what was asked for and one buffer.
    assertThat(aheadAfterThree).isLessThan(100);
    assertThat(sent.get()).isLessThan(200);
    assertThat(some.items).isEqualTo(numbersTo(5));
    assertThat(some.end).isNotDone();
  }

  @Test
  void publisher_demandOneByOne_deliversAll() throws Exception {
    serve(Echo.list(this::count));
    Collecting<String> one =
        new Collecting<>(1) {
          @Override
          public void onNext(String item) {
            super.onNext(item);
            subscription.request(1);
          }
        };
    numbers(500).subscribe(one);
    assertThat(one.awaitEnd()).isNull();
    assertThat(one.items).isEqualTo(numbersTo(500));
  }

  @Test
  void publisher_twoSubscribers_makeTwoCalls() throws Exception {
    serve(
        Echo.list(
            (request, observer) -> {
              observer.onNext("call " + sent.incrementAndGet());
              observer.onCompleted();
            }));
    Flow.Publisher<String> publisher = numbers(1);
    for (int i = 1; i <= 2; i++) {
      Collecting<String> items = new Collecting<>(10);
      publisher.subscribe(items);
      assertThat(items.awaitEnd()).isNull();
      assertThat(items.items).containsExactly("call " + i);
    }
  }

  @Test
  void publisher_status_arrivesAsError() throws Exception {
    serve(
        Echo.list(
            (request, observer) ->
                observer.onError(Status.NOT_FOUND.withDescription("no").asRuntimeException())));
    Collecting<String> items = new Collecting<>(10);
    numbers(1).subscribe(items);
    assertThat(items.awaitEnd())
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessage("NOT_FOUND: no");
  }

  @Test
  void publisher_cancelledWhenSubscribed_makesNoCall() throws Exception {
    serve(Echo.list((request, observer) -> sent.incrementAndGet()));
    Collecting<String> items =
        new Collecting<>(0) {
          @Override
          public void onSubscribe(Flow.Subscription s) {
            s.cancel();
            s.request(1);
            s.cancel();
          }
        };
    numbers(1).subscribe(items);
    assertThat(sent).hasValue(0);
    assertThat(items.end).isNotDone();
  }

  @Test
  void publisher_badDemand_isAnErrorAndCancels() throws Exception {
    serve(Echo.list(this::count));
    for (long bad : new long[] {-1, Long.MIN_VALUE}) {
      Collecting<String> early = new Collecting<>(bad);
      numbers(1).subscribe(early);
      assertThat(early.awaitEnd())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("request: " + bad + " (expected: more than 0)");
    }
    Collecting<String> late = new Collecting<>(1);
    numbers(1_000_000).subscribe(late);
    await().until(() -> late.items.size() == 1);
    late.subscription.request(0);
    assertThat(late.awaitEnd()).hasMessage("request: 0 (expected: more than 0)");
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void publisher_consumerThatThrows_getsTheErrorAndCancels() throws Exception {
    serve(Echo.list(this::count));
    Collecting<String> items =
        new Collecting<>(1) {
          @Override
          public void onNext(String item) {
            throw new IllegalStateException("broken consumer");
          }
        };
    numbers(1_000_000).subscribe(items);
    assertThat(items.awaitEnd()).hasMessageContaining("CANCELLED");
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void methods_ofOtherTypes_areRefused() throws Exception {
    serve(Echo.list(this::count));
    assertThatThrownBy(() -> Streams.publisher(channel, Echo.CHAT, CallOptions.DEFAULT, ""))
        .hasMessageStartingWith(
            "method: test.Echo/Chat of type BIDI_STREAMING (expected: one with");
    assertThatThrownBy(() -> Streams.exchange(channel, Echo.LIST, CallOptions.DEFAULT, s -> {}))
        .hasMessageStartingWith("method: test.Echo/List of type SERVER_STREAMING (expected: one");
    assertThatThrownBy(() -> Streams.iterator(channel, Echo.LIST, CallOptions.DEFAULT, "1", 0))
        .hasMessage("readAhead: 0 (expected: 1 to 65536)");
    assertThatThrownBy(() -> Streams.publisher(channel, Echo.LIST, CallOptions.DEFAULT, null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("request");
    assertThatThrownBy(() -> numbers(1).subscribe(null)).isInstanceOf(NullPointerException.class);
  }

  /** Answers each request with itself, and the end with the end. */
  private static StreamObserver<String> echo(StreamObserver<String> to) {
    return new StreamObserver<>() {
      @Override
      public void onNext(String request) {
        to.onNext(request);
      }

      @Override
      public void onError(Throwable error) {}

      @Override
      public void onCompleted() {
        to.onCompleted();
      }
    };
  }

  @Test
  void exchange_requestsAndAnswers_flowBothWays() throws Exception {
    serve(Echo.chat(StreamsTest::echo));
    Collecting<String> answers = new Collecting<>(Long.MAX_VALUE);
    try (SubmissionPublisher<String> requests = new SubmissionPublisher<>()) {
      Streams.exchange(channel, Echo.CHAT, CallOptions.DEFAULT, requests).subscribe(answers);
      await().until(() -> requests.getNumberOfSubscribers() == 1);
      for (int i = 1; i <= 2_000; i++) {
        requests.submit(String.valueOf(i));
      }
    }
    assertThat(answers.awaitEnd()).isNull();
    assertThat(answers.items).isEqualTo(numbersTo(2_000));
  }

  @Test
  void exchange_serverThatDoesNotRead_slowsTheRequests() throws Exception {
    serve(
        Echo.chat(
            to -> {
              ((ServerCallStreamObserver<String>) to).disableAutoRequest();
              return echo(to);
            }));
    AtomicInteger asked = new AtomicInteger();
    AtomicInteger upstreamCancelled = new AtomicInteger();
    Flow.Publisher<String> requests =
        subscriber ->
            subscriber.onSubscribe(
                new Flow.Subscription() {
                  @Override
                  public void request(long n) {
                    assertThat(n).isEqualTo(1);
                    asked.incrementAndGet();
                    subscriber.onNext("x");
                  }

                  @Override
                  public void cancel() {
                    upstreamCancelled.incrementAndGet();
                  }
                });
    Collecting<String> answers = new Collecting<>(1);
    Streams.exchange(channel, Echo.CHAT, CallOptions.DEFAULT, requests).subscribe(answers);
    assertThat(asked.get()).isLessThan(100);
    answers.subscription.cancel();
    assertThat(upstreamCancelled).hasValue(1);
  }

  /** Answers within request, as publishers over a list do. */
  private static Flow.Publisher<String> upTo(int last) {
    return subscriber ->
        subscriber.onSubscribe(
            new Flow.Subscription() {
              private int next = 1;

              @Override
              public void request(long n) {
                assertThat(n).isEqualTo(1);
                String item = String.valueOf(next++);
                subscriber.onNext(item);
                if (next > last) {
                  subscriber.onComplete();
                }
              }

              @Override
              public void cancel() {}
            });
  }

  @Test
  void exchange_clientStream_isSummedUpInOneAnswer() throws Exception {
    serve(
        ServerServiceDefinition.builder(Echo.SERVICE)
            .addMethod(
                Echo.COLLECT,
                ServerCalls.asyncClientStreamingCall(
                    to ->
                        new StreamObserver<>() {
                          private int sum;

                          @Override
                          public void onNext(String request) {
                            sum += Integer.parseInt(request);
                          }

                          @Override
                          public void onError(Throwable error) {}

                          @Override
                          public void onCompleted() {
                            to.onNext(String.valueOf(sum));
                            to.onCompleted();
                          }
                        }))
            .build());
    Collecting<String> answers = new Collecting<>(1);
    Streams.exchange(channel, Echo.COLLECT, CallOptions.DEFAULT, upTo(1000)).subscribe(answers);
    assertThat(answers.awaitEnd()).isNull();
    assertThat(answers.items).containsExactly("500500");
  }

  @Test
  void exchange_publisherThatAnswersWithinRequest_needsNoDeepStack() throws Exception {
    AtomicInteger deepest = new AtomicInteger();
    serve(Echo.chat(StreamsTest::echo));
    Flow.Publisher<String> numbers = upTo(20_000);
    Flow.Publisher<String> measured =
        subscriber ->
            numbers.subscribe(
                new Flow.Subscriber<>() {
                  @Override
                  public void onSubscribe(Flow.Subscription s) {
                    subscriber.onSubscribe(s);
                  }

                  @Override
                  public void onNext(String item) {
                    int depth =
                        StackWalker.getInstance().walk(frames -> (int) frames.limit(1000).count());
                    deepest.accumulateAndGet(depth, Math::max);
                    subscriber.onNext(item);
                  }

                  @Override
                  public void onError(Throwable error) {
                    subscriber.onError(error);
                  }

                  @Override
                  public void onComplete() {
                    subscriber.onComplete();
                  }
                });
    Collecting<String> answers = new Collecting<>(Long.MAX_VALUE);
    Streams.exchange(channel, Echo.CHAT, CallOptions.DEFAULT, measured).subscribe(answers);
    assertThat(answers.awaitEnd()).isNull();
    assertThat(answers.items).isEqualTo(numbersTo(20_000));
    assertThat(deepest.get()).isLessThan(200);
  }

  @Test
  void exchange_publisherThatCannotBeSubscribedTo_cancelsTheCallAndTellsTheSubscriber()
      throws Exception {
    CompletableFuture<Throwable> seen = new CompletableFuture<>();
    serve(Echo.chat(to -> failingInto(seen)));
    Collecting<String> answers = new Collecting<>(1);
    Streams.<String, String>exchange(
            channel,
            Echo.CHAT,
            CallOptions.DEFAULT,
            subscriber -> {
              throw new IllegalStateException("no requests today");
            })
        .subscribe(answers);
    assertThat(answers.awaitEnd()).hasMessage("no requests today");
    assertThat(seen.get(20, TimeUnit.SECONDS)).hasMessageContaining("CANCELLED");
  }

  private static StreamObserver<String> failingInto(CompletableFuture<Throwable> seen) {
    return new StreamObserver<>() {
      @Override
      public void onNext(String request) {}

      @Override
      public void onError(Throwable error) {
        seen.complete(error);
      }

      @Override
      public void onCompleted() {}
    };
  }

  @Test
  void exchange_requestsFail_cancelsTheCallAndTellsTheSubscriber() throws Exception {
    CompletableFuture<Throwable> seen = new CompletableFuture<>();
    serve(Echo.chat(to -> failingInto(seen)));
    Collecting<String> answers = new Collecting<>(1);
    SubmissionPublisher<String> requests = new SubmissionPublisher<>();
    Streams.exchange(channel, Echo.CHAT, CallOptions.DEFAULT, requests).subscribe(answers);
    requests.submit("a");
    requests.closeExceptionally(new IllegalStateException("no more"));
    assertThat(answers.awaitEnd()).hasMessage("no more");
    assertThat(seen.get(20, TimeUnit.SECONDS)).hasMessageContaining("CANCELLED");
  }

  @Test
  void exchange_serverEnds_cancelsTheRequests() throws Exception {
    serve(
        Echo.chat(
            to -> {
              to.onError(Status.ABORTED.asRuntimeException());
              return echo(to);
            }));
    Collecting<String> answers = new Collecting<>(1);
    try (SubmissionPublisher<String> requests = new SubmissionPublisher<>()) {
      Streams.exchange(channel, Echo.CHAT, CallOptions.DEFAULT, requests).subscribe(answers);
      assertThat(answers.awaitEnd()).hasMessage("ABORTED");
      await().until(() -> requests.getNumberOfSubscribers() == 0);
    }
  }

  @Test
  void iterator_all_areDeliveredInOrderWithBoundedReadAhead() throws Exception {
    serve(Echo.list(this::count));
    try (Responses<String> responses =
        Streams.iterator(channel, Echo.LIST, CallOptions.DEFAULT, "300", 2)) {
      for (int i = 1; i <= 300; i++) {
        assertThat(responses.hasNext()).isTrue();
        assertThat(responses.next()).isEqualTo(String.valueOf(i));
        assertThat(sent.get()).isLessThan(i + 100);
      }
      assertThat(responses.hasNext()).isFalse();
      assertThatThrownBy(responses::next).isInstanceOf(NoSuchElementException.class);
    }
    assertThat(cancelled.getCount()).isEqualTo(1);
  }

  @Test
  void iterator_status_isThrownAfterTheAnswers() throws Exception {
    serve(
        Echo.list(
            (request, observer) -> {
              observer.onNext("a");
              observer.onError(Status.DATA_LOSS.asRuntimeException());
            }));
    Responses<String> responses = Streams.iterator(channel, Echo.LIST, CallOptions.DEFAULT, "");
    assertThat(responses.next()).isEqualTo("a");
    assertThatThrownBy(responses::hasNext).hasMessage("DATA_LOSS");
    assertThatThrownBy(responses::next).hasMessage("DATA_LOSS");
    responses.close();
    assertThat(responses.hasNext()).isFalse();
  }

  @Test
  void iterator_closedEarly_cancelsTheCall() throws Exception {
    serve(Echo.list(this::count));
    Responses<String> responses =
        Streams.iterator(channel, Echo.LIST, CallOptions.DEFAULT, "1000000");
    assertThat(responses.next()).isEqualTo("1");
    responses.close();
    responses.close();
    assertThat(responses.hasNext()).isFalse();
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(sent.get()).isLessThan(200);
  }

  @Test
  void iterator_interrupted_cancelsTheCall() throws Exception {
    serve(
        Echo.list(
            (request, observer) -> {
              ((ServerCallStreamObserver<String>) observer)
                  .setOnCancelHandler(cancelled::countDown);
              sent.incrementAndGet();
            }));
    Responses<String> responses = Streams.iterator(channel, Echo.LIST, CallOptions.DEFAULT, "");
    await().until(() -> sent.get() == 1);
    Thread.currentThread().interrupt();
    assertThatThrownBy(responses::hasNext)
        .hasMessage("CANCELLED: interrupted while waiting for a response");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
  }

  private Watch<String, String> watch() {
    return Watch.of(channel, Echo.LIST, CallOptions.DEFAULT, "1000000");
  }

  @Test
  void watch_closed_completesBothWithoutAnError() throws Exception {
    serve(Echo.list(this::count));
    Watch<String, String> watch = watch();
    Collecting<StatusRuntimeException> errors = new Collecting<>(1);
    Collecting<String> updates = new Collecting<>(3);
    watch.errors().subscribe(errors);
    watch.updates().subscribe(updates);
    await().until(() -> updates.items.size() == 3);
    watch.close();
    watch.close();
    assertThat(updates.awaitEnd()).isNull();
    assertThat(errors.awaitEnd()).isNull();
    assertThat(errors.items).isEmpty();
    assertThat(updates.items).isEqualTo(numbersTo(3));
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void watch_failed_saysSoOnErrorsOnly() throws Exception {
    serve(
        Echo.list(
            (request, observer) -> {
              observer.onNext("a");
              observer.onError(Status.UNAVAILABLE.asRuntimeException());
            }));
    Watch<String, String> watch = watch();
    Collecting<String> updates = new Collecting<>(3);
    watch.updates().subscribe(updates);
    assertThat(updates.awaitEnd()).isNull();
    assertThat(updates.items).containsExactly("a");
    // Late, and only once it is asked for.
    Collecting<StatusRuntimeException> errors = new Collecting<>(0);
    watch.errors().subscribe(errors);
    assertThat(errors.end).isNotDone();
    errors.subscription.request(1);
    assertThat(errors.awaitEnd()).isNull();
    assertThat(errors.items).singleElement().asString().contains("UNAVAILABLE");
    watch.close();
  }

  @Test
  void watch_cancelledByTheServer_isAnError() throws Exception {
    serve(
        Echo.list((request, observer) -> observer.onError(Status.CANCELLED.asRuntimeException())));
    Watch<String, String> watch = watch();
    Collecting<StatusRuntimeException> errors = new Collecting<>(1);
    watch.errors().subscribe(errors);
    watch.updates().subscribe(new Collecting<>(1));
    assertThat(errors.awaitEnd()).isNull();
    assertThat(errors.items).hasSize(1);
  }

  @Test
  void watch_updatesCancelled_completesErrors() throws Exception {
    serve(Echo.list(this::count));
    Watch<String, String> watch = watch();
    Collecting<StatusRuntimeException> errors = new Collecting<>(1);
    Collecting<String> updates = new Collecting<>(1);
    watch.errors().subscribe(errors);
    watch.updates().subscribe(updates);
    await().until(() -> updates.items.size() == 1);
    updates.subscription.cancel();
    assertThat(errors.awaitEnd()).isNull();
    assertThat(errors.items).isEmpty();
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void watch_secondSubscriberOfUpdates_isRefused() throws Exception {
    serve(Echo.list(this::count));
    Watch<String, String> watch = watch();
    watch.updates().subscribe(new Collecting<>(1));
    Collecting<String> second = new Collecting<>(1);
    watch.updates().subscribe(second);
    assertThat(second.awaitEnd()).hasMessage("cannot subscribe to updates: they have a subscriber");
    watch.close();
  }

  @Test
  void watch_closedBeforeStart_makesNoCall() throws Exception {
    serve(Echo.list((request, observer) -> sent.incrementAndGet()));
    Watch<String, String> watch = watch();
    Collecting<StatusRuntimeException> errors = new Collecting<>(1);
    watch.errors().subscribe(errors);
    watch.close();
    Collecting<String> updates = new Collecting<>(1);
    watch.updates().subscribe(updates);
    assertThat(updates.awaitEnd()).isNull();
    assertThat(errors.awaitEnd()).isNull();
    assertThat(sent).hasValue(0);
  }

  @Test
  void watch_badDemand_isAnErrorOfThatSubscriber() throws Exception {
    serve(Echo.list(this::count));
    Watch<String, String> watch = watch();
    Collecting<StatusRuntimeException> bad = new Collecting<>(-1);
    watch.errors().subscribe(bad);
    assertThat(bad.awaitEnd()).hasMessage("request: -1 (expected: more than 0)");
    Collecting<StatusRuntimeException> errors = new Collecting<>(1);
    watch.errors().subscribe(errors);
    Collecting<String> updates = new Collecting<>(-1);
    watch.updates().subscribe(updates);
    assertThat(updates.awaitEnd()).hasMessage("request: -1 (expected: more than 0)");
    assertThat(errors.awaitEnd()).isNull();
    assertThat(errors.items).hasSize(1);
  }

  @Test
  void publisher_cancelledWhileDelivering_staysSilent() throws Exception {
    serve(Echo.list(this::count));
    AtomicReference<Collecting<String>> self = new AtomicReference<>();
    Collecting<String> items =
        new Collecting<>(Long.MAX_VALUE) {
          @Override
          public void onNext(String item) {
            super.onNext(item);
            self.get().subscription.cancel();
          }
        };
    self.set(items);
    numbers(1_000_000).subscribe(items);
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(items.items).containsExactly("1");
    assertThat(items.end).isNotDone();
  }
}
