// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many calls at a time, over several executors: each keeps to its own trace, and all end. */
class InterleavedCallsTest {
  private static final int CALLS = 1000;

  private final Rig rig = new Rig();

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void calls_overTwoExecutorsAndVirtualThreads_neverMix() throws Exception {
    Documents front = new Documents();
    Documents middle = new Documents();
    Documents back = new Documents();
    GrpcKit frontKit = rig.kit("front", front);
    GrpcKit middleKit = rig.kit("middle", middle);
    GrpcKit backKit = rig.kit("back", back);
    Map<String, String> traceSeenInBack = new ConcurrentHashMap<>();
    Channel toBack =
        rig.connect(
            middleKit,
            rig.serve(
                backKit,
                EchoService.answering(
                    text -> {
                      ActiveSpan.current().annotate("request", text);
                      traceSeenInBack.put(text, ActiveSpan.current().traceId().toXRay());
                      return text;
                    })));
    ExecutorService pool = Detached.carrying(Executors.newFixedThreadPool(4));
    ExecutorService virtual = Detached.carrying(Executors.newVirtualThreadPerTaskExecutor());
    Channel toMiddle =
        rig.connect(
            frontKit,
            rig.serve(
                middleKit,
                EchoService.answering(
                    text -> {
                      ActiveSpan before = ActiveSpan.current();
                      ExecutorService executor = text.hashCode() % 2 == 0 ? pool : virtual;
                      Future<String> answer = executor.submit(() -> Rig.call(toBack, text));
                      try {
                        String got = answer.get();
                        assertThat(ActiveSpan.current()).isSameAs(before);
                        before.annotate("request", got);
                        return got;
                      } catch (InterruptedException | ExecutionException e) {
                        throw new IllegalStateException(e);
                      }
                    })));
    try (ExecutorService callers = Executors.newFixedThreadPool(16)) {
      for (int i = 0; i < CALLS; i++) {
        String request = "r" + i;
        callers.execute(() -> assertThat(Rig.call(toMiddle, request)).isEqualTo(request));
      }
    }
    pool.shutdown();
    virtual.shutdown();

    Map<String, JsonNode> middleSegments = byRequest(middle, middleKit, "middle");
    Map<String, JsonNode> backSegments = byRequest(back, backKit, "back");
    assertThat(middleSegments).hasSize(CALLS);
    assertThat(backSegments).hasSize(CALLS);
    middleSegments.forEach(
        (request, segment) -> {
          JsonNode callee = backSegments.get(request);
          assertThat(segment.get("subsegments")).hasSize(1);
          assertThat(callee.get("trace_id")).isEqualTo(segment.get("trace_id"));
          assertThat(callee.get("parent_id")).isEqualTo(segment.at("/subsegments/0/id"));
          assertThat(callee.get("trace_id").asText()).isEqualTo(traceSeenInBack.get(request));
        });
    assertThat(front.all(frontKit)).hasSize(CALLS);
    assertNothingOpen();
  }

  @Test
  void calls_thatFailInEveryWay_leaveNothingOpen() throws Exception {
    GrpcKit frontKit = rig.kit("front", new Documents());
    GrpcKit backKit = rig.kit("back", new Documents());
    EchoService failing =
        EchoService.answering(
            text -> {
              if (text.equals("throw")) {
                throw new IllegalStateException("as asked");
              }
              if (text.equals("late")) {
                awaitCancelled(Context.current());
              }
              return text;
            });
    Channel channel = rig.connect(frontKit, rig.serve(backKit, failing));
    try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < CALLS; i++) {
        int way = i % 10;
        callers.execute(() -> callFailing(channel, way));
      }
    }
    assertNothingOpen();
  }

  /** Ends in one way in ten by cancelling, by its deadline or by an exception; else well. */
  private static void callFailing(Channel channel, int way) {
    CallOptions options = CallOptions.DEFAULT;
    try {
      switch (way) {
        case 0 -> ClientCalls.blockingUnaryCall(channel, EchoService.UNARY, options, "throw");
        case 1 ->
            ClientCalls.blockingUnaryCall(
                channel,
                EchoService.UNARY,
                options.withDeadlineAfter(5, TimeUnit.MILLISECONDS),
                "late");
        case 2 -> {
          ClientCall<String, String> call = channel.newCall(EchoService.UNARY, options);
          call.start(new ClientCall.Listener<>() {}, new Metadata());
          call.request(1);
          if (ThreadLocalRandom.current().nextBoolean()) {
            call.sendMessage("x");
          }
          call.cancel("no more", null);
        }
        case 3 -> channel.newCall(EchoService.UNARY, options);
        default -> ClientCalls.blockingUnaryCall(channel, EchoService.UNARY, options, "x");
      }
    } catch (StatusRuntimeException expected) {
      assertThat(way).isLessThan(2);
    }
  }

  /** Waits for the end of the call that a handler is in, as its deadline brings it about. */
  private static void awaitCancelled(Context context) {
    CountDownLatch cancelled = new CountDownLatch(1);
    context.addListener(over -> cancelled.countDown(), Runnable::run);
    try {
      assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void assertNothingOpen() {
    await()
        .untilAsserted(
            () -> {
              for (GrpcKit kit : rig.kits) {
                assertThat(kit.openCalls()).isZero();
                assertThat(kit.statistics().open()).isZero();
                assertThat(kit.statistics().dropped()).isZero();
              }
            });
  }

  private static Map<String, JsonNode> byRequest(Documents documents, GrpcKit kit, String name) {
    Map<String, JsonNode> segments = new HashMap<>();
    for (JsonNode node : documents.find(kit, node -> node.path("name").asText().equals(name))) {
      segments.put(node.at("/annotations/request").asText(), node);
    }
    return segments;
  }
}
