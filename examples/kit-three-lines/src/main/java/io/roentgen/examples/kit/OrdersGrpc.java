// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.kit;

import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.AbstractBlockingStub;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What protoc would make of a service, but with strings as messages and no protobuf. */
public final class OrdersGrpc {
  /** Its full name. */
  public static final String SERVICE_NAME = "shop.Orders";

  private static final MethodDescriptor<String, String> ORDER = unary("Order");
  private static final MethodDescriptor<String, String> RESERVE = unary("Reserve");
  private static final MethodDescriptor<String, String> PAY = unary("Pay");
  private static final MethodDescriptor<String, String> RECEIPT = unary("Receipt");
  private static final ServiceDescriptor SERVICE =
      ServiceDescriptor.newBuilder(SERVICE_NAME)
          .addMethod(ORDER)
          .addMethod(RESERVE)
          .addMethod(PAY)
          .addMethod(RECEIPT)
          .build();

  private OrdersGrpc() {}

  /** Returns the service. */
  public static ServiceDescriptor getServiceDescriptor() {
    return SERVICE;
  }

  /** Returns a stub whose calls wait for the answer. */
  public static OrdersBlockingStub newBlockingStub(Channel channel) {
    return new OrdersBlockingStub(channel, CallOptions.DEFAULT);
  }

  /** Calls the service and waits. */
  public static final class OrdersBlockingStub extends AbstractBlockingStub<OrdersBlockingStub> {
    private OrdersBlockingStub(Channel channel, CallOptions options) {
      super(channel, options);
    }

    @Override
    protected OrdersBlockingStub build(Channel channel, CallOptions options) {
      return new OrdersBlockingStub(channel, options);
    }

    /** Orders something; the shop answers. */
    public String order(String what) {
      return call(ORDER, what);
    }

    /** Reserves something; the stock answers. */
    public String reserve(String what) {
      return call(RESERVE, what);
    }

    /** Pays for something; payments answer. */
    public String pay(String what) {
      return call(PAY, what);
    }

    /** Asks for a receipt to be sent; the shop answers. */
    public String receipt(String what) {
      return call(RECEIPT, what);
    }

    private String call(MethodDescriptor<String, String> method, String what) {
      return ClientCalls.blockingUnaryCall(getChannel(), method, getCallOptions(), what);
    }
  }

  /** Serves what is overridden. */
  public abstract static class OrdersImplBase implements BindableService {
    void order(String what, StreamObserver<String> out) {
      ServerCalls.asyncUnimplementedUnaryCall(ORDER, out);
    }

    void reserve(String what, StreamObserver<String> out) {
      ServerCalls.asyncUnimplementedUnaryCall(RESERVE, out);
    }

    void pay(String what, StreamObserver<String> out) {
      ServerCalls.asyncUnimplementedUnaryCall(PAY, out);
    }

    void receipt(String what, StreamObserver<String> out) {
      ServerCalls.asyncUnimplementedUnaryCall(RECEIPT, out);
    }

    @Override
    public final ServerServiceDefinition bindService() {
      return ServerServiceDefinition.builder(SERVICE)
          .addMethod(ORDER, ServerCalls.asyncUnaryCall(this::order))
          .addMethod(RESERVE, ServerCalls.asyncUnaryCall(this::reserve))
          .addMethod(PAY, ServerCalls.asyncUnaryCall(this::pay))
          .addMethod(RECEIPT, ServerCalls.asyncUnaryCall(this::receipt))
          .build();
    }
  }

  private static MethodDescriptor<String, String> unary(String name) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(MethodType.UNARY)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE_NAME, name))
        .setRequestMarshaller(new Text())
        .setResponseMarshaller(new Text())
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
