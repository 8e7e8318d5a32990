// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.Empty;
import com.google.protobuf.StringValue;
import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;

/** The service that is called over a transport: it returns what it gets, and tells what it took. */
final class Echo {
  static final String SERVICE = "ecommerce.v1.OrderService";

  static final MethodDescriptor<BytesValue, BytesValue> METHOD =
      MethodDescriptor.<BytesValue, BytesValue>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(SERVICE + "/GetOrder")
          .setRequestMarshaller(ProtoUtils.marshaller(BytesValue.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(BytesValue.getDefaultInstance()))
          // As generated methods are, which metrics know by name.
          .setSampledToLocalTracing(true)
          .build();

  static final MethodDescriptor<Empty, StringValue> TAKEN =
      MethodDescriptor.<Empty, StringValue>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(SERVICE + "/Taken")
          .setRequestMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
          .setSampledToLocalTracing(true)
          .build();

  /** A message of 100 bytes. */
  static final BytesValue MESSAGE = BytesValue.of(ByteString.copyFrom(new byte[98]));

  private Echo() {}

  /**
   * What a process has taken since its start.
   *
   * @param cpuNanos processor time, of all threads
   * @param bytes what was allocated, by all threads
   * @param sent documents or spans that were handed on
   */
  record Taken(long cpuNanos, long bytes, long sent) {
    private static final OperatingSystemMXBean SYSTEM =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final ThreadMXBean THREADS =
        ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    /** Returns what this process has taken. */
    static Taken here(LongSupplier sent) {
      return new Taken(
          SYSTEM.getProcessCpuTime(), THREADS.getTotalThreadAllocatedBytes(), sent.getAsLong());
    }

    Taken plus(Taken other) {
      return new Taken(cpuNanos + other.cpuNanos, bytes + other.bytes, sent + other.sent);
    }

    Taken minus(Taken other) {
      return new Taken(cpuNanos - other.cpuNanos, bytes - other.bytes, sent - other.sent);
    }

    private String text() {
      return cpuNanos + " " + bytes + " " + sent;
    }

    static Taken parse(String text) {
      String[] parts = text.split(" ", -1);
      return new Taken(
          Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
    }
  }

  static ServerServiceDefinition service(LongSupplier sent) {
    return ServerServiceDefinition.builder(SERVICE)
        .addMethod(METHOD, ServerCalls.asyncUnaryCall(Echo::answer))
        .addMethod(
            TAKEN,
            ServerCalls.asyncUnaryCall(
                (request, answers) -> answer(StringValue.of(Taken.here(sent).text()), answers)))
        .build();
  }

  private static <T> void answer(T message, StreamObserver<T> answers) {
    answers.onNext(message);
    answers.onCompleted();
  }
}
