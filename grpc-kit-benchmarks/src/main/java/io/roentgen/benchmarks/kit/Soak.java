// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.DaemonAddress;
import io.roentgen.grpc.GrpcKit;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Calls of all four kinds over Netty with the kit on both ends, one in five of which fails: of
 * twenty, one each is cancelled, runs out of time, throws on the server and ends with another
 * status. In the end no span may be open, and what the process holds should be what it held before.
 */
final class Soak {
  private static final int IN_FLIGHT = 64;

  /** How many messages a stream has. */
  private static final int MESSAGES = 3;

  private static final Duration CALL_TIMEOUT = Duration.ofMillis(20);
  private static final Duration SETTLE = Duration.ofSeconds(30);
  private static final String SERVICE = "ecommerce.v1.OrderService";
  private static final Metadata.Key<String> FATE =
      Metadata.Key.of("fate", Metadata.ASCII_STRING_MARSHALLER);
  private static final BytesValue MESSAGE = BytesValue.of(ByteString.copyFrom(new byte[98]));

  /** It logs every exception of a handler, with its stack; held, or it would forget its level. */
  private static final Logger HANDLER_FAILURES =
      Logger.getLogger("io.grpc.internal.SerializingExecutor");

  /** What becomes of a call. */
  private enum Fate {
    CANCELLED,
    LATE,
    THROWN,
    REFUSED,
    DONE;

    static Fate of(long call) {
      return values()[(int) Math.min(call % 20, DONE.ordinal())];
    }
  }

  /**
   * What came of it.
   *
   * @param calls how many calls were made
   * @param failed how many of them ended with a status that is not OK
   * @param unexpected how many ended with another status than they should have
   * @param openSpans how many spans of both ends are open
   * @param openCalls how many calls both ends still know of
   * @param sent how many documents both ends sent
   * @param dropped how many spans both ends dropped, as their queue was full
   * @param datagrams how many documents were received
   * @param heapEarly bytes that live on the heap after a quarter
   * @param heapLate bytes that live on the heap in the end
   */
  record Result(
      long calls,
      long failed,
      long unexpected,
      long openSpans,
      long openCalls,
      long sent,
      long dropped,
      long datagrams,
      long heapEarly,
      long heapLate) {
    /** Returns whether every call was told to its end. */
    boolean isClean() {
      return openSpans == 0 && openCalls == 0 && unexpected == 0;
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          """
          | soak | |
          | --- | ---: |
          | calls | %d |
          | failed, as they should | %d (%.1f %%) |
          | ended otherwise than they should | %d |
          | open spans in the end | %d |
          | open calls in the end | %d |
          | documents sent, received | %d, %d |
          | spans dropped, as a queue was full | %d |
          | live heap after a quarter, in the end | %.2f MB, %.2f MB (%+.1f %%) |
          """,
          calls,
          failed,
          100.0 * failed / calls,
          unexpected,
          openSpans,
          openCalls,
          sent,
          datagrams,
          dropped,
          heapEarly / 1e6,
          heapLate / 1e6,
          100.0 * (heapLate - heapEarly) / heapEarly);
    }
  }

  private final LongAdder datagrams = new LongAdder();
  private final DatagramSocket daemon;
  private final GrpcKit front;
  private final GrpcKit back;
  private final ExecutorService executor = Executors.newFixedThreadPool(2);
  private final Server server;
  private final ManagedChannel channel;
  private final Map<MethodType, MethodDescriptor<BytesValue, BytesValue>> methods =
      new EnumMap<>(MethodType.class);
  private final Semaphore inFlight = new Semaphore(IN_FLIGHT);
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong unexpected = new AtomicLong();

  private Soak() throws IOException {
    HANDLER_FAILURES.setLevel(Level.OFF);
    daemon = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread.ofPlatform().daemon().name("daemon").start(this::receive);
    front = kit("front");
    back = kit("back");
    ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(SERVICE);
    for (MethodType type : MethodType.values()) {
      if (type != MethodType.UNKNOWN) {
        MethodDescriptor<BytesValue, BytesValue> method =
            MethodDescriptor.<BytesValue, BytesValue>newBuilder()
                .setType(type)
                .setFullMethodName(SERVICE + "/" + type)
                .setRequestMarshaller(ProtoUtils.marshaller(BytesValue.getDefaultInstance()))
                .setResponseMarshaller(ProtoUtils.marshaller(BytesValue.getDefaultInstance()))
                .build();
        methods.put(type, method);
        service.addMethod(method, new Handler());
      }
    }
    server =
        back.instrument(
                NettyServerBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
            .executor(executor)
            .addService(service.build())
            .build()
            .start();
    channel =
        front
            .instrument(
                NettyChannelBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort())))
            .executor(executor)
            .usePlaintext()
            .build();
  }

  /** Makes calls until one of the bounds is reached. */
  static Result run(long maxCalls, Duration maxTime) throws IOException, InterruptedException {
    Soak soak = new Soak();
    try {
      return soak.callAll(maxCalls, maxTime);
    } finally {
      soak.end();
    }
  }

  private GrpcKit kit(String service) {
    return GrpcKit.builder(service)
        .environment(Map.of())
        .daemon(DaemonAddress.parse("127.0.0.1:" + daemon.getLocalPort()))
        .sampler(CallSampler.ALWAYS)
        .build();
  }

  private Result callAll(long maxCalls, Duration maxTime) throws InterruptedException {
    long begin = System.nanoTime();
    long calls = callUntil(0, maxCalls / 4, begin + maxTime.toNanos() / 4);
    settle();
    long heapEarly = liveHeap();
    calls = callUntil(calls, maxCalls, begin + maxTime.toNanos());
    settle();
    long heapLate = liveHeap();
    return new Result(
        calls,
        failed.get(),
        unexpected.get(),
        front.statistics().open() + back.statistics().open(),
        front.openCalls() + back.openCalls(),
        front.statistics().sent() + back.statistics().sent(),
        front.statistics().dropped() + back.statistics().dropped(),
        datagrams.sum(),
        heapEarly,
        heapLate);
  }

  private long callUntil(long first, long maxCalls, long untilNanos) throws InterruptedException {
    long call = first;
    while (call < maxCalls && System.nanoTime() - untilNanos < 0) {
      inFlight.acquire();
      call(call);
      call++;
    }
    return call;
  }

  /** Waits until all calls have ended on both ends and all documents are sent, or long enough. */
  private void settle() throws InterruptedException {
    inFlight.acquire(IN_FLIGHT);
    inFlight.release(IN_FLIGHT);
    long until = System.nanoTime() + SETTLE.toNanos();
    // The server hears of a call's end after its client.
    while (back.openCalls() + front.openCalls() > 0 && System.nanoTime() - until < 0) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    front.flush(SETTLE);
    back.flush(SETTLE);
  }

  private static long liveHeap() {
    // Twice, as what the first finds may free more.
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private void call(long number) {
    Fate fate = Fate.of(number);
    long round = number / 20;
    MethodType type = MethodType.values()[(int) (round % 4)];
    // All fates meet all kinds of calls at all places.
    int place = (int) (round / 4 % 3);
    int code = 1 + (int) (round / 4 % 16);
    Metadata headers = new Metadata();
    headers.put(FATE, fate + "," + place + "," + code);
    CallOptions options = CallOptions.DEFAULT;
    if (fate == Fate.LATE) {
      options = options.withDeadlineAfter(CALL_TIMEOUT);
    }
    MethodDescriptor<BytesValue, BytesValue> method = methods.get(type);
    if (method == null) {
      throw new IllegalStateException("no method of type " + type);
    }
    ClientCall<BytesValue, BytesValue> call = channel.newCall(method, options);
    Answers answers = new Answers(call, fate, place, expected(fate, code));
    // A call that its answers cancel must not be sent to any more.
    synchronized (answers) {
      call.start(answers, headers);
      call.request(MESSAGES);
      if (fate == Fate.CANCELLED && place == 0) {
        call.cancel("before it was asked", null);
        return;
      }
      for (int i = 0; i < (type.clientSendsOneMessage() ? 1 : MESSAGES); i++) {
        call.sendMessage(MESSAGE);
      }
      if (fate == Fate.CANCELLED && place == 1) {
        call.cancel("before it was answered", null);
        return;
      }
      call.halfClose();
    }
  }

  private static Status.Code expected(Fate fate, int code) {
    return switch (fate) {
      case CANCELLED -> Status.Code.CANCELLED;
      case LATE -> Status.Code.DEADLINE_EXCEEDED;
      case THROWN -> Status.Code.UNKNOWN;
      case REFUSED -> Status.fromCodeValue(code).getCode();
      case DONE -> Status.Code.OK;
    };
  }

  private void receive() {
    DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
    while (!daemon.isClosed()) {
      try {
        daemon.receive(packet);
        datagrams.increment();
      } catch (SocketException e) {
        // Closed, as this has ended.
        return;
      } catch (IOException e) {
        throw new IllegalStateException("cannot receive documents", e);
      }
    }
  }

  private void end() throws InterruptedException {
    channel.shutdownNow();
    server.shutdownNow();
    server.awaitTermination(SETTLE.toSeconds(), TimeUnit.SECONDS);
    executor.shutdown();
    front.close();
    back.close();
    daemon.close();
  }

  private final class Answers extends ClientCall.Listener<BytesValue> {
    private final ClientCall<BytesValue, BytesValue> call;
    private final Fate fate;
    private final int place;
    private final Status.Code expected;

    Answers(ClientCall<BytesValue, BytesValue> call, Fate fate, int place, Status.Code expected) {
      this.call = call;
      this.fate = fate;
      this.place = place;
      this.expected = expected;
    }

    @Override
    public synchronized void onHeaders(Metadata headers) {
      if (fate == Fate.CANCELLED && place == 2) {
        call.cancel("before it was over", null);
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (!status.isOk()) {
        failed.incrementAndGet();
      }
      if (status.getCode() != expected) {
        unexpected.incrementAndGet();
      }
      inFlight.release();
    }
  }

  /** Does with a call what its headers say. */
  private static final class Handler implements ServerCallHandler<BytesValue, BytesValue> {
    @Override
    public ServerCall.Listener<BytesValue> startCall(
        ServerCall<BytesValue, BytesValue> call, Metadata headers) {
      String[] said = String.valueOf(headers.get(FATE)).split(",", -1);
      Fate fate = Fate.valueOf(said[0]);
      int place = Integer.parseInt(said[1]);
      int code = Integer.parseInt(said[2]);
      if (fate == Fate.THROWN && place == 0) {
        throw new IllegalStateException("thrown at the start");
      }
      if (fate == Fate.CANCELLED) {
        call.sendHeaders(new Metadata());
      }
      call.request(MESSAGES);
      return new ServerCall.Listener<>() {
        @Override
        public void onMessage(BytesValue message) {
          if (fate == Fate.THROWN && place == 1) {
            throw new IllegalStateException("thrown at a message");
          }
        }

        @Override
        public void onHalfClose() {
          switch (fate) {
            case THROWN -> throw new IllegalStateException("thrown at the half close");
            case REFUSED ->
                call.close(Status.fromCodeValue(code).withDescription("refused"), new Metadata());
            case DONE -> {
              call.sendHeaders(new Metadata());
              int messages =
                  call.getMethodDescriptor().getType().serverSendsOneMessage() ? 1 : MESSAGES;
              for (int i = 0; i < messages; i++) {
                call.sendMessage(MESSAGE);
              }
              call.close(Status.OK, new Metadata());
            }
            case CANCELLED, LATE -> {
              // Never answered: it is the client that ends it.
            }
          }
        }
      };
    }
  }
}
