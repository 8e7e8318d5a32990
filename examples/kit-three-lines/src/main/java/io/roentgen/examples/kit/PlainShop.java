// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.kit;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.GrpcKit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A shop on plain grpc-java: takes one order, reserves in stock, and tells that it cannot send
 * receipts. Then it ends.
 */
public final class PlainShop {
  /** Twice again, should the stock be unavailable. */
  private static final Map<String, ?> RETRIES =
      Map.of(
          "methodConfig",
          List.of(
              Map.of(
                  "name",
                  List.of(Map.of("service", OrdersGrpc.SERVICE_NAME)),
                  "retryPolicy",
                  Map.of(
                      "maxAttempts",
                      3.0,
                      "initialBackoff",
                      "0.05s",
                      "maxBackoff",
                      "0.5s",
                      "backoffMultiplier",
                      2.0,
                      "retryableStatusCodes",
                      List.of("UNAVAILABLE")))));

  private PlainShop() {}

  /** Runs it. */
  public static void main(String[] args) throws Exception {
    ServerBuilder<?> serverBuilder = ServerBuilder.forPort(Ports.shop());
    ManagedChannelBuilder<?> channelBuilder =
        ManagedChannelBuilder.forAddress("127.0.0.1", Ports.stock())
            .usePlaintext()
            .defaultServiceConfig(RETRIES)
            .enableRetry();

    GrpcKit kit = GrpcKit.create("shop");
    kit.instrument(serverBuilder);
    kit.instrument(channelBuilder);

    ManagedChannel stock = channelBuilder.build();
    Server server = serverBuilder.addService(new Shop(stock)).build().start();
    order();
    server.shutdown().awaitTermination(5, TimeUnit.SECONDS);
    stock.shutdown().awaitTermination(5, TimeUnit.SECONDS);
    kit.close();
  }

  /** What a customer does. */
  private static void order() throws InterruptedException {
    ManagedChannel customer =
        ManagedChannelBuilder.forAddress("127.0.0.1", Ports.shop()).usePlaintext().build();
    String answer =
        OrdersGrpc.newBlockingStub(customer).withDeadlineAfter(10, TimeUnit.SECONDS).order("book");
    System.out.println(answer);
    customer.shutdown().awaitTermination(5, TimeUnit.SECONDS);
  }

  private static final class Shop extends OrdersGrpc.OrdersImplBase {
    private final OrdersGrpc.OrdersBlockingStub stock;

    Shop(ManagedChannel stock) {
      this.stock = OrdersGrpc.newBlockingStub(stock);
    }

    @Override
    void order(String what, StreamObserver<String> out) {
      System.out.println("trace " + ActiveSpan.current().traceId());
      out.onNext("shop: " + stock.reserve(what));
      out.onCompleted();
    }

    @Override
    void receipt(String what, StreamObserver<String> out) {
      out.onError(Status.NOT_FOUND.withDescription("no address").asRuntimeException());
    }
  }
}
