// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.SegmentTransport;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.grpc.client.GrpcChannelFactory;
import org.springframework.grpc.server.exception.GrpcExceptionHandler;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** Two applications as anybody writes them, that do not know of the kit, over sockets. */
class ITSpringGrpc {
  private final Documents frontSent = new Documents();
  private final Documents backSent = new Documents();
  private ConfigurableApplicationContext back;
  private ConfigurableApplicationContext front;
  private ManagedChannel untraced;

  /** Upper-cases what it is told, and refuses what is empty by an exception of its own. */
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Back {
    @Bean
    BindableService text() {
      return service(
          request -> {
            if (request.equals("again")) {
              throw Status.ALREADY_EXISTS.asRuntimeException();
            }
            if (request.isEmpty()) {
              throw new IllegalArgumentException("nothing said");
            }
            return request.toUpperCase(java.util.Locale.ROOT);
          });
    }

    @Bean
    GrpcExceptionHandler refusals() {
      return thrown ->
          thrown instanceof IllegalArgumentException
              ? Status.INVALID_ARGUMENT.withDescription(thrown.getMessage()).asException()
              : null;
    }
  }

  /** Asks the other one. */
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Front {
    @Bean
    BindableService text(GrpcChannelFactory channels) {
      Channel channel = channels.createChannel("back");
      return service(request -> say(channel, request));
    }
  }

  private static BindableService service(java.util.function.UnaryOperator<String> answer) {
    return () ->
        ServerServiceDefinition.builder(Text.SERVICE)
            .addMethod(
                Text.SAY,
                ServerCalls.asyncUnaryCall(
                    (request, out) -> {
                      out.onNext(answer.apply(request));
                      out.onCompleted();
                    }))
            .build();
  }

  private static String say(Channel channel, String text) {
    return ClientCalls.blockingUnaryCall(channel, Text.SAY, CallOptions.DEFAULT, text);
  }

  @BeforeEach
  void start() {
    back =
        run(
            Back.class,
            backSent,
            "--spring.application.name=back",
            "--roentgen.grpc.outcomes.fault[test.Text/*]=ALREADY_EXISTS");
    front =
        run(
            Front.class,
            frontSent,
            "--spring.application.name=front",
            "--spring.grpc.client.channel.back.target=static://127.0.0.1:" + port(back));
    untraced = NettyChannelBuilder.forAddress("127.0.0.1", port(front)).usePlaintext().build();
  }

  @AfterEach
  void stop() throws Exception {
    untraced.shutdownNow();
    assertThat(untraced.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    front.close();
    back.close();
    assertThat(frontSent.isClosed()).isTrue();
    assertThat(backSent.isClosed()).isTrue();
  }

  private static ConfigurableApplicationContext run(
      Class<?> application, Documents documents, String... arguments) {
    String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--spring.grpc.server.port=0";
    all[arguments.length + 1] = "--spring.grpc.server.address=127.0.0.1";
    return new SpringApplicationBuilder(application)
        .web(WebApplicationType.NONE)
        .initializers(
            context -> {
              var beans = (GenericApplicationContext) context;
              beans.registerBean(SegmentTransport.class, () -> documents);
              beans.registerBean(CallSampler.class, () -> CallSampler.ALWAYS);
            })
        .run(all);
  }

  private static int port(ConfigurableApplicationContext application) {
    return application.getBean(GrpcServerLifecycle.class).getPort();
  }

  private static JsonNode awaitOne(Documents documents) {
    await().until(() -> !documents.sent().isEmpty());
    assertThat(documents.sent()).hasSize(1);
    return documents.sent().get(0);
  }

  @Test
  void call_throughBoth_isOneTraceWithTheStubsCallBetween() {
    assertThat(say(untraced, "hello")).isEqualTo("HELLO");

    JsonNode caller = awaitOne(frontSent);
    JsonNode callee = awaitOne(backSent);
    JsonNode stub = caller.at("/subsegments/0");
    assertThat(caller.get("name").asText()).isEqualTo("front");
    assertThat(caller.has("parent_id")).isFalse();
    assertThat(stub.get("namespace").asText()).isEqualTo("remote");
    assertThat(callee.get("name").asText()).isEqualTo("back");
    assertThat(callee.get("trace_id")).isEqualTo(caller.get("trace_id"));
    assertThat(callee.get("parent_id")).isEqualTo(stub.get("id"));
    // By the customizer of servers.
    assertThat(callee.at("/metadata/grpc/bytes_received").asInt()).isEqualTo(5);
  }

  @Test
  void call_refusedByAnExceptionHandler_hasTheStatusThatTheHandlerMade() {
    assertThatThrownBy(() -> say(untraced, "")).isInstanceOf(StatusRuntimeException.class);

    JsonNode callee = awaitOne(backSent);
    assertThat(callee.at("/annotations/rpc.grpc.status_code").asInt())
        .isEqualTo(Status.Code.INVALID_ARGUMENT.value());
    assertThat(callee.get("error").asBoolean()).isTrue();
    assertThat(callee.has("fault")).isFalse();
    JsonNode stub = awaitOne(frontSent).at("/subsegments/0");
    assertThat(stub.at("/annotations/rpc.grpc.status_code").asInt())
        .isEqualTo(Status.Code.INVALID_ARGUMENT.value());
  }

  @Test
  void call_withAStatusThatOutcomesCallAFault_isAFaultInThatServiceOnly() {
    assertThatThrownBy(() -> say(untraced, "again")).isInstanceOf(StatusRuntimeException.class);

    JsonNode callee = awaitOne(backSent);
    assertThat(callee.path("fault").asBoolean()).isTrue();
    assertThat(callee.has("error")).isFalse();
    JsonNode stub = awaitOne(frontSent).at("/subsegments/0");
    assertThat(stub.path("error").asBoolean()).isTrue();
    assertThat(stub.has("fault")).isFalse();
  }
}
