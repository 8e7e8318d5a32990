// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.kit;

import com.linecorp.armeria.client.grpc.GrpcClientBuilder;
import com.linecorp.armeria.client.grpc.GrpcClients;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.grpc.GrpcService;
import com.linecorp.armeria.server.grpc.GrpcServiceBuilder;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.roentgen.grpc.GrpcKit;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Payments on Armeria: takes the money, and wants a receipt sent, which does not matter. */
public final class ArmeriaPayments {
  private ArmeriaPayments() {}

  /** Runs it. */
  public static void main(String[] args) {
    GrpcServiceBuilder serviceBuilder = GrpcService.builder();
    GrpcClientBuilder clientBuilder =
        GrpcClients.builder("gproto+http://127.0.0.1:" + Ports.shop() + '/');

    GrpcKit kit = GrpcKit.create("payments");
    serviceBuilder.intercept(kit.serverInterceptor());
    clientBuilder.intercept(kit.clientInterceptor());

    OrdersGrpc.OrdersBlockingStub shop = clientBuilder.build(OrdersGrpc.OrdersBlockingStub.class);
    // Calls that wait must not do so on Armeria's event loop.
    GrpcService service =
        serviceBuilder.addService(new Payments(shop)).useBlockingTaskExecutor(true).build();
    Server server =
        Server.builder()
            .http(new InetSocketAddress(InetAddress.getLoopbackAddress(), Ports.payments()))
            .service(service)
            .build();
    server.start().join();
    System.out.println("payments: listening");
    server.closeOnJvmShutdown().thenRun(kit::close).join();
  }

  private static final class Payments extends OrdersGrpc.OrdersImplBase {
    private final OrdersGrpc.OrdersBlockingStub shop;

    Payments(OrdersGrpc.OrdersBlockingStub shop) {
      this.shop = shop;
    }

    @Override
    void pay(String what, StreamObserver<String> out) {
      String receipt;
      try {
        receipt = shop.withDeadlineAfter(2, TimeUnit.SECONDS).receipt(what);
      } catch (StatusRuntimeException e) {
        receipt = "no receipt: " + e.getStatus().getDescription();
      }
      out.onNext("paid (" + receipt + ')');
      out.onCompleted();
    }
  }
}
