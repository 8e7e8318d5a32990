// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.interceptor;

import com.amazonaws.xray.AWSXRay;
import com.amazonaws.xray.entities.Segment;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.roentgen.grpc.xraysdk.XRaySdkTracing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A service {@code front} that passes calls of all four kinds on to a service {@code back}, both on
 * the AWS X-Ray SDK, and a {@code customer} who makes one of each.
 *
 * <p>The SDK sends to {@code AWS_XRAY_DAEMON_ADDRESS}, which is {@code 127.0.0.1:2000} unless set.
 * {@code --bare-keys} also writes the metadata keys of the first gRPC interceptors for X-Ray.
 */
final class InterceptorDemo {
  private static final int TIMEOUT_S = 20;

  private InterceptorDemo() {}

  /** Makes the calls, prints the answers and the id of their trace, and ends. */
  public static void main(String[] args) throws Exception {
    boolean bareKeys = args.length == 1 && args[0].equals("--bare-keys");
    if (args.length > 0 && !bareKeys) {
      System.err.println(
          "example interceptor: '"
              + String.join(" ", args)
              + "' (expected: nothing or --bare-keys)");
      System.exit(2);
    }
    try {
      run(bareKeys);
    } finally {
      // Its threads, which ask for sampling rules, would keep the process alive.
      AWSXRay.getGlobalRecorder().getSamplingStrategy().shutdown();
    }
  }

  private static void run(boolean bareKeys) throws Exception {
    XRaySdkTracing backTracing = tracing("back", bareKeys);
    Server back = serve(backTracing, back());

    XRaySdkTracing frontTracing = tracing("front", bareKeys);
    ManagedChannel toBack = connect(frontTracing, back.getPort());
    Server front = serve(frontTracing, front(toBack));

    XRaySdkTracing customerTracing = tracing("customer", bareKeys);
    ManagedChannel toFront = connect(customerTracing, front.getPort());
    String traceId = order(toFront);

    end(toFront);
    end(front);
    end(toBack);
    end(back);
    System.out.println(
        "open segments and subsegments: "
            + (backTracing.openCalls() + frontTracing.openCalls() + customerTracing.openCalls()));
    System.out.println("trace " + traceId);
    System.out.println();
    System.out.println("Now type:");
    System.out.println("  ./roentgen trace " + traceId);
  }

  private static XRaySdkTracing tracing(String service, boolean bareKeys) {
    return XRaySdkTracing.builder(AWSXRay.getGlobalRecorder(), service).bareKeys(bareKeys).build();
  }

  /** The first of the two lines: the server's interceptor. */
  private static Server serve(XRaySdkTracing tracing, ServerServiceDefinition service)
      throws Exception {
    return ServerBuilder.forPort(0)
        .intercept(tracing.serverInterceptor())
        .addService(service)
        .build()
        .start();
  }

  /** The second of the two lines: the client's interceptor. */
  private static ManagedChannel connect(XRaySdkTracing tracing, int port) {
    return ManagedChannelBuilder.forAddress("127.0.0.1", port)
        .usePlaintext()
        .intercept(tracing.clientInterceptor())
        .build();
  }

  private static ServerServiceDefinition back() {
    return EchoGrpc.service(
        (word, out) -> {
          AWSXRay.getCurrentSegmentOptional().orElseThrow().putAnnotation("word", word);
          out.onNext("back: " + word);
          out.onCompleted();
        },
        (word, out) -> {
          word.chars().forEach(letter -> out.onNext(String.valueOf((char) letter)));
          out.onCompleted();
        },
        out -> {
          StringBuilder all = new StringBuilder();
          return observer(
              all::append,
              out,
              () -> {
                out.onNext(all.toString());
                out.onCompleted();
              });
        },
        out -> observer(word -> out.onNext("back: " + word), out, out::onCompleted));
  }

  /** Hands all that comes on, and all that is answered back; nothing here is about tracing. */
  private static ServerServiceDefinition front(Channel back) {
    CallOptions options = CallOptions.DEFAULT;
    return EchoGrpc.service(
        (word, out) -> ClientCalls.asyncUnaryCall(back.newCall(EchoGrpc.SAY, options), word, out),
        (word, out) ->
            ClientCalls.asyncServerStreamingCall(back.newCall(EchoGrpc.SPELL, options), word, out),
        out -> ClientCalls.asyncClientStreamingCall(back.newCall(EchoGrpc.JOIN, options), out),
        out -> ClientCalls.asyncBidiStreamingCall(back.newCall(EchoGrpc.CHAT, options), out));
  }

  /** One call of each kind in one segment. Returns the trace id as X-Ray writes it. */
  private static String order(Channel front)
      throws InterruptedException, ExecutionException, TimeoutException {
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(TIMEOUT_S, TimeUnit.SECONDS);
    Segment segment = AWSXRay.beginSegment("customer");
    try {
      print("Say", List.of(ClientCalls.blockingUnaryCall(front, EchoGrpc.SAY, options, "book")));
      List<String> letters = new ArrayList<>();
      ClientCalls.blockingServerStreamingCall(front, EchoGrpc.SPELL, options, "book")
          .forEachRemaining(letters::add);
      print("Spell", letters);
      Answers joined = new Answers();
      send(ClientCalls.asyncClientStreamingCall(front.newCall(EchoGrpc.JOIN, options), joined));
      print("Join", joined.await());
      Answers chatted = new Answers();
      send(ClientCalls.asyncBidiStreamingCall(front.newCall(EchoGrpc.CHAT, options), chatted));
      print("Chat", chatted.await());
      return segment.getTraceId().toString();
    } finally {
      AWSXRay.endSegment();
    }
  }

  private static void send(StreamObserver<String> out) {
    out.onNext("bo");
    out.onNext("ok");
    out.onCompleted();
  }

  private static void print(String method, List<String> answers) {
    System.out.println(method + ": " + String.join(", ", answers));
  }

  private static void end(Server server) throws InterruptedException {
    server.shutdown().awaitTermination(TIMEOUT_S, TimeUnit.SECONDS);
  }

  private static void end(ManagedChannel channel) throws InterruptedException {
    channel.shutdown().awaitTermination(TIMEOUT_S, TimeUnit.SECONDS);
  }

  private static StreamObserver<String> observer(
      Consumer<String> next, StreamObserver<String> out, Runnable completed) {
    return new StreamObserver<>() {
      @Override
      public void onNext(String word) {
        next.accept(word);
      }

      @Override
      public void onError(Throwable cause) {
        out.onError(cause);
      }

      @Override
      public void onCompleted() {
        completed.run();
      }
    };
  }

  /** Collects what a stream answers. */
  private static final class Answers implements StreamObserver<String> {
    private final List<String> all = new ArrayList<>();
    private final CompletableFuture<List<String>> done = new CompletableFuture<>();

    List<String> await() throws InterruptedException, ExecutionException, TimeoutException {
      return done.get(TIMEOUT_S, TimeUnit.SECONDS);
    }

    @Override
    public void onNext(String answer) {
      all.add(answer);
    }

    @Override
    public void onError(Throwable cause) {
      done.completeExceptionally(cause);
    }

    @Override
    public void onCompleted() {
      done.complete(all);
    }
  }
}
