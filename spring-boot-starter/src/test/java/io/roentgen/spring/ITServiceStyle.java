// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.SegmentTransport;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.grpc.server.advice.GrpcAdvice;
import org.springframework.grpc.server.advice.GrpcExceptionHandler;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import org.springframework.grpc.server.service.GrpcService;

/** Services by annotation, each with an interceptor of its own, and exceptions by advice. */
class ITServiceStyle {
  private static final List<String> SEEN = new CopyOnWriteArrayList<>();

  /** The service's own interceptor, which is to run in the span of the call. */
  static class Own implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      SEEN.add("interceptor " + ActiveSpan.current().traceId());
      return next.startCall(call, headers);
    }
  }

  @GrpcService(interceptors = Own.class)
  static class Greeter implements BindableService {
    @Override
    public ServerServiceDefinition bindService() {
      return ServerServiceDefinition.builder(Text.SERVICE)
          .addMethod(
              Text.SAY,
              ServerCalls.asyncUnaryCall(
                  (name, out) -> {
                    if (name.isEmpty()) {
                      throw new IllegalStateException("nobody there");
                    }
                    SEEN.add("handler " + ActiveSpan.current().traceId());
                    ActiveSpan.current().annotate("name", name);
                    out.onNext("hello " + name);
                    out.onCompleted();
                  }))
          .build();
    }
  }

  /** Public, as Spring calls its handlers like anybody else. */
  @GrpcAdvice
  public static class Refusals {
    @GrpcExceptionHandler
    public StatusException none(IllegalStateException thrown) {
      return Status.NOT_FOUND.withDescription(thrown.getMessage()).asException();
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @Import({Own.class, Greeter.class, Refusals.class})
  static class Application {}

  @Test
  void service_byAnnotation_isTracedAroundItsInterceptorsAndAdvice() {
    Documents sent = new Documents();
    try (ConfigurableApplicationContext application =
        new SpringApplicationBuilder(Application.class)
            .web(WebApplicationType.NONE)
            .initializers(
                context -> {
                  var beans = (GenericApplicationContext) context;
                  beans.registerBean(SegmentTransport.class, () -> sent);
                  beans.registerBean(CallSampler.class, () -> CallSampler.ALWAYS);
                })
            .run(
                "--spring.application.name=greeter",
                "--spring.grpc.server.port=0",
                "--spring.grpc.server.address=127.0.0.1")) {
      int port = application.getBean(GrpcServerLifecycle.class).getPort();
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
      try {
        assertThat(ClientCalls.blockingUnaryCall(channel, Text.SAY, CallOptions.DEFAULT, "ada"))
            .isEqualTo("hello ada");
        await().until(() -> sent.sent().size() == 1);
        StatusRuntimeException refused =
            catchThrowableOfType(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(channel, Text.SAY, CallOptions.DEFAULT, ""));
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(refused.getStatus().getDescription()).isEqualTo("nobody there");
        await().until(() -> sent.sent().size() == 2);
      } finally {
        channel.shutdownNow();
      }
    }
    JsonNode good = sent.sent().get(0);
    JsonNode bad = sent.sent().get(1);
    assertThat(good.get("name").asText()).isEqualTo("greeter");
    assertThat(good.at("/annotations/name").asText()).isEqualTo("ada");
    assertThat(bad.at("/annotations/rpc.grpc.status_code").asInt())
        .isEqualTo(Status.Code.NOT_FOUND.value());
    assertThat(bad.get("error").asBoolean()).isTrue();
    String id = good.get("trace_id").asText().substring(2).replace("-", "");
    assertThat(SEEN).hasSize(3);
    assertThat(SEEN.get(0)).startsWith("interceptor ").endsWith(id);
    assertThat(SEEN.get(1)).startsWith("handler ").endsWith(id);
    assertThat(SEEN.get(2)).startsWith("interceptor ").doesNotEndWith(id);
  }
}
