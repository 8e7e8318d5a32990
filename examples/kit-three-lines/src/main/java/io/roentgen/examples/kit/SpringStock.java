// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.kit;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.client.GrpcChannelFactory;

/**
 * A stock on Spring Boot, without a line about tracing; see {@code application.properties}. Is busy
 * when it is asked first, and has what is reserved paid.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public final class SpringStock {
  /** Runs it. */
  public static void main(String[] args) {
    SpringApplication.run(SpringStock.class, args);
    System.out.println("stock: listening");
  }

  @Bean
  OrdersGrpc.OrdersBlockingStub payments(GrpcChannelFactory channels) {
    return OrdersGrpc.newBlockingStub(channels.createChannel("payments"));
  }

  @Bean
  Stock stock(OrdersGrpc.OrdersBlockingStub payments) {
    return new Stock(payments);
  }

  /** Serves. */
  static final class Stock extends OrdersGrpc.OrdersImplBase {
    private final OrdersGrpc.OrdersBlockingStub payments;
    private final AtomicBoolean asked = new AtomicBoolean();

    Stock(OrdersGrpc.OrdersBlockingStub payments) {
      this.payments = payments;
    }

    @Override
    void reserve(String what, StreamObserver<String> out) {
      if (!asked.getAndSet(true)) {
        out.onError(Status.UNAVAILABLE.withDescription("busy").asRuntimeException());
        return;
      }
      out.onNext("one " + what + " is reserved and " + payments.pay(what));
      out.onCompleted();
    }
  }
}
