// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.roentgen.grpc.server.ErrorMapping;
import io.roentgen.grpc.server.ServerSlots;
import io.roentgen.grpc.server.Slot;
import io.roentgen.grpc.server.TestServer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ResponseStreamTest {
  @Test
  void iterator_all_arrivesInOrder() {
    List<String> items = IntStream.range(0, 5000).mapToObj(Integer::toString).toList();
    try (TestServer server =
        server(responses -> ResponseStream.send(items.iterator(), responses))) {
      assertThat(read(server)).containsExactlyElementsOf(items);
    }
  }

  @Test
  void iterator_empty_completes() {
    try (TestServer server =
        server(responses -> ResponseStream.send(List.<String>of().iterator(), responses))) {
      assertThat(read(server)).isEmpty();
    }
  }

  @Test
  void iterator_slowClient_isAskedForWhatIsRead() {
    Endless items = new Endless();
    try (TestServer server = server(responses -> ResponseStream.send(items, responses))) {
      Client client = new Client(server);
      for (int read = 1; read <= 50; read++) {
        int expected = read;
        client.call.request(1);
        await().until(() -> client.received.get() == expected);
        // In process a message waits in neither transport: one may be ready beyond those asked for.
        assertThat(items.made.get()).isLessThanOrEqualTo(read + 1);
      }
      client.call.cancel("enough", null);
      await().untilTrue(items.closed);
    }
  }

  @Test
  void iterator_fails_callEndsAsMapped_andItIsClosed() {
    Endless items = new Endless();
    items.failAt = 3;
    try (TestServer server = server(responses -> ResponseStream.send(items, responses))) {
      Client client = new Client(server);
      client.call.request(10);
      assertThat(client.status.join().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(client.received).hasValue(3);
      await().untilTrue(items.closed);
    }
  }

  @Test
  void publisher_all_arrivesInOrder() {
    List<String> items = IntStream.range(0, 5000).mapToObj(Integer::toString).toList();
    SubmissionPublisher<String> publisher = new SubmissionPublisher<>();
    try (TestServer server = server(responses -> ResponseStream.send(publisher, responses))) {
      CompletableFuture<List<String>> read = CompletableFuture.supplyAsync(() -> read(server));
      await().until(publisher::hasSubscribers);
      items.forEach(publisher::submit);
      publisher.close();
      assertThat(read.join()).containsExactlyElementsOf(items);
    }
  }

  @Test
  void event_publishedByAnotherCall_reachesEveryWatcherAndNoneAfterItsCancel() {
    try (SubmissionPublisher<String> events = new SubmissionPublisher<>()) {
      ServerServiceDefinition orders =
          ServerServiceDefinition.builder(TestServer.UNARY.getServiceName())
              .addMethod(
                  TestServer.UNARY,
                  ServerCalls.asyncUnaryCall(
                      (order, responses) -> {
                        events.submit("created " + order);
                        responses.onNext(order);
                        responses.onCompleted();
                      }))
              .addMethod(
                  TestServer.SERVER_STREAM,
                  ServerCalls.asyncServerStreamingCall(
                      (request, responses) -> ResponseStream.send(events, responses)))
              .build();
      try (TestServer server = TestServer.inProcess(settings -> {}, orders)) {
        Client one = new Client(server);
        Client two = new Client(server);
        one.call.request(10);
        two.call.request(10);
        await().until(() -> events.getNumberOfSubscribers() == 2);
        assertThat(server.call("7")).isEqualTo("7");
        await().until(() -> one.received.get() == 1 && two.received.get() == 1);
        one.call.cancel("enough", null);
        await().until(() -> events.getNumberOfSubscribers() == 1);
        assertThat(server.call("8")).isEqualTo("8");
        await().until(() -> two.received.get() == 2);
        assertThat(one.received).hasValue(1);
      }
    }
  }

  @Test
  void publisher_fails_callEndsAsMapped() {
    try (SubmissionPublisher<String> publisher = new SubmissionPublisher<>();
        TestServer server = server(responses -> ResponseStream.send(publisher, responses))) {
      Client client = new Client(server);
      client.call.request(10);
      await().until(publisher::hasSubscribers);
      publisher.submit("one");
      publisher.closeExceptionally(new IllegalArgumentException("source"));
      Status status = client.status.join();
      assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(status.getDescription()).isEqualTo("source");
    }
  }

  @Test
  void publisher_slowClient_isAskedForNoMoreThanItMayHold() {
    CountingPublisher publisher = new CountingPublisher();
    try (TestServer server = server(responses -> ResponseStream.send(publisher, responses))) {
      Client client = new Client(server);
      client.call.request(1);
      await().until(() -> client.received.get() == 1);
      // The client wants no more: however long it waits, the publisher is not asked again.
      assertThat(publisher.sent.get()).isLessThanOrEqualTo(2 * 16);
      client.call.request(100);
      await().until(() -> client.received.get() == 101);
      assertThat(publisher.sent.get()).isLessThanOrEqualTo(101 + 2 * 16);
      client.call.cancel("enough", null);
      await().untilTrue(publisher.cancelled);
    }
  }

  @Test
  void publisher_secondSubscription_isCancelled() {
    AtomicBoolean cancelled = new AtomicBoolean();
    Flow.Publisher<String> twice =
        subscriber -> {
          subscriber.onSubscribe(subscription(new AtomicBoolean()));
          subscriber.onSubscribe(subscription(cancelled));
          subscriber.onComplete();
        };
    try (TestServer server = server(responses -> ResponseStream.send(twice, responses))) {
      assertThat(read(server)).isEmpty();
      assertThat(cancelled).isTrue();
    }
  }

  @Test
  void publisher_signalsFromManyThreads_observerIsUsedByOneAtATime() {
    // Against the rules of Flow; a call must survive it all the same.
    Flow.Publisher<String> unruly =
        subscriber -> {
          subscriber.onSubscribe(subscription(new AtomicBoolean()));
          List<CompletableFuture<Void>> threads = new ArrayList<>();
          for (int t = 0; t < 4; t++) {
            threads.add(
                CompletableFuture.runAsync(
                    () -> {
                      for (int i = 0; i < 500; i++) {
                        subscriber.onNext("x");
                      }
                    }));
          }
          threads.forEach(CompletableFuture::join);
          subscriber.onComplete();
        };
    try (TestServer server = server(responses -> ResponseStream.send(unruly, responses))) {
      assertThat(read(server)).hasSize(2000);
    }
  }

  @Test
  void watchers_aThousandCancelled_leaveNothing() {
    try (SubmissionPublisher<String> publisher = new SubmissionPublisher<>();
        TestServer server = server(responses -> ResponseStream.send(publisher, responses))) {
      List<Client> clients = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        Client client = new Client(server);
        client.call.request(1);
        clients.add(client);
      }
      await().until(() -> publisher.getNumberOfSubscribers() == 1000);
      publisher.submit("update");
      await().until(() -> clients.stream().allMatch(client -> client.received.get() == 1));
      clients.forEach(client -> client.call.cancel("gone", null));
      await().untilAsserted(() -> assertThat(publisher.getNumberOfSubscribers()).isZero());
      assertThat(clients)
          .allMatch(client -> client.status.join().getCode() == Status.Code.CANCELLED);
    }
  }

  @Test
  void watcher_deadlineIsOver_leavesThePublisher() {
    try (SubmissionPublisher<String> publisher = new SubmissionPublisher<>();
        TestServer server = server(responses -> ResponseStream.send(publisher, responses))) {
      Client client =
          new Client(
              server,
              CallOptions.DEFAULT.withDeadlineAfter(
                  50, java.util.concurrent.TimeUnit.MILLISECONDS));
      client.call.request(1);
      assertThat(client.status.join().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      await().untilAsserted(() -> assertThat(publisher.getNumberOfSubscribers()).isZero());
    }
  }

  @Test
  void send_observerOfAClient_throws() {
    StreamObserver<String> observer =
        new StreamObserver<>() {
          @Override
          public void onNext(String item) {}

          @Override
          public void onError(Throwable thrown) {}

          @Override
          public void onCompleted() {}
        };
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ResponseStream.send(List.<String>of().iterator(), observer))
        .withMessageContaining("(expected: the ServerCallStreamObserver");
  }

  private static Flow.Subscription subscription(AtomicBoolean cancelled) {
    return new Flow.Subscription() {
      @Override
      public void request(long count) {}

      @Override
      public void cancel() {
        cancelled.set(true);
      }
    };
  }

  private static List<String> read(TestServer server) {
    List<String> all = new ArrayList<>();
    ClientCalls.blockingServerStreamingCall(
            server.channel(), TestServer.SERVER_STREAM, CallOptions.DEFAULT, "x")
        .forEachRemaining(all::add);
    return all;
  }

  private static TestServer server(java.util.function.Consumer<StreamObserver<String>> sending) {
    ServerServiceDefinition service =
        TestServer.service(
            TestServer.SERVER_STREAM,
            ServerCalls.asyncServerStreamingCall(
                (request, responses) -> sending.accept(responses)));
    ServerSlots slots =
        ServerSlots.builder().add(Slot.ERROR_MAPPING, ErrorMapping.builder().build()).build();
    return TestServer.inProcess(slots::installOn, service);
  }

  private static final class Client extends ClientCall.Listener<String> {
    private final AtomicInteger received = new AtomicInteger();
    private final CompletableFuture<Status> status = new CompletableFuture<>();
    private final ClientCall<String, String> call;

    Client(TestServer server) {
      this(server, CallOptions.DEFAULT);
    }

    Client(TestServer server, CallOptions options) {
      call = server.channel().newCall(TestServer.SERVER_STREAM, options);
      call.start(this, new Metadata());
      call.sendMessage("x");
      call.halfClose();
    }

    @Override
    public void onMessage(String message) {
      received.incrementAndGet();
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      this.status.complete(status);
    }
  }

  private static final class Endless implements Iterator<String>, AutoCloseable {
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicBoolean closed = new AtomicBoolean();
    private int failAt = Integer.MAX_VALUE;

    @Override
    public boolean hasNext() {
      return true;
    }

    @Override
    public String next() {
      if (closed.get()) {
        throw new NoSuchElementException("closed");
      }
      if (made.get() == failAt) {
        throw new IllegalArgumentException("source");
      }
      return Integer.toString(made.getAndIncrement());
    }

    @Override
    public void close() {
      closed.set(true);
    }
  }

  /** Sends on the thread that asks, as many as it asks for. */
  private static final class CountingPublisher implements Flow.Publisher<String> {
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicBoolean cancelled = new AtomicBoolean();

    @Override
    public void subscribe(Flow.Subscriber<? super String> subscriber) {
      subscriber.onSubscribe(
          new Flow.Subscription() {
            @Override
            public void request(long count) {
              for (long i = 0; i < count && !cancelled.get(); i++) {
                sent.incrementAndGet();
                subscriber.onNext("x");
              }
            }

            @Override
            public void cancel() {
              cancelled.set(true);
            }
          });
    }
  }
}
