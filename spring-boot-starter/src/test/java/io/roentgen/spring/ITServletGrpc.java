// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.SegmentTransport;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.grpc.server.GrpcServletRegistration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.grpc.server.exception.GrpcExceptionHandler;

/** An application whose gRPC services are served by Tomcat over HTTP/2. */
class ITServletGrpc {
  private static final Metadata.Key<String> TRACE_HEADER =
      Metadata.Key.of("x-amzn-trace-id", Metadata.ASCII_STRING_MARSHALLER);
  private static final String ROOT = "1-5759e988-bd862e3fe1be46a994272793";
  private static final String PARENT = "53995c3f42cd8ad8";

  private final Documents sent = new Documents();
  private ConfigurableApplicationContext application;
  private ManagedChannel untraced;

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Servlets {
    @Bean
    BindableService text() {
      return () ->
          ServerServiceDefinition.builder(Text.SERVICE)
              .addMethod(
                  Text.SAY,
                  ServerCalls.asyncUnaryCall(
                      (request, out) -> {
                        if (request.isEmpty()) {
                          throw new IllegalArgumentException("nothing said");
                        }
                        out.onNext(request.toUpperCase(Locale.ROOT));
                        out.onCompleted();
                      }))
              .build();
    }

    @Bean
    GrpcExceptionHandler refusals() {
      return thrown ->
          thrown instanceof IllegalArgumentException
              ? Status.INVALID_ARGUMENT.withDescription(thrown.getMessage()).asException()
              : null;
    }
  }

  @BeforeEach
  void start() {
    start("--roentgen.grpc.enabled=true");
  }

  private void start(String more) {
    application =
        new SpringApplicationBuilder(Servlets.class)
            .web(WebApplicationType.SERVLET)
            .initializers(
                context -> {
                  var beans = (GenericApplicationContext) context;
                  beans.registerBean(SegmentTransport.class, () -> sent);
                  beans.registerBean(CallSampler.class, () -> CallSampler.ALWAYS);
                })
            .run(
                "--spring.application.name=servlets",
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--server.http2.enabled=true",
                more);
    int port = ((WebServerApplicationContext) application).getWebServer().getPort();
    untraced = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  @AfterEach
  void stop() throws Exception {
    untraced.shutdownNow();
    assertThat(untraced.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    application.close();
    assertThat(sent.isClosed()).isTrue();
  }

  private static String say(Channel channel, String text) {
    return ClientCalls.blockingUnaryCall(channel, Text.SAY, CallOptions.DEFAULT, text);
  }

  private JsonNode awaitOne() {
    await().until(() -> !sent.sent().isEmpty());
    assertThat(sent.sent()).hasSize(1);
    assertThat(application.getBean(GrpcKit.class).openCalls()).isZero();
    return sent.sent().get(0);
  }

  @Test
  void call_throughTomcat_isASegmentOfItsCallersTrace() {
    assertThat(application.getBeansOfType(GrpcServletRegistration.class)).hasSize(1);
    Metadata headers = new Metadata();
    headers.put(TRACE_HEADER, "Root=" + ROOT + ";Parent=" + PARENT + ";Sampled=1");
    Channel traced =
        ClientInterceptors.intercept(untraced, MetadataUtils.newAttachHeadersInterceptor(headers));
    assertThat(say(traced, "hello")).isEqualTo("HELLO");

    JsonNode segment = awaitOne();
    assertThat(segment.get("name").asText()).isEqualTo("servlets");
    assertThat(segment.get("trace_id").asText()).isEqualTo(ROOT);
    assertThat(segment.get("parent_id").asText()).isEqualTo(PARENT);
    assertThat(segment.at("/annotations/rpc.grpc.status_code").asInt()).isZero();
    assertThat(segment.at("/http/request/client_ip").asText()).isEqualTo("127.0.0.1");
    assertThat(segment.at("/metadata/grpc/bytes_received").asInt()).isEqualTo(5);
    assertThat(segment.has("in_progress")).isFalse();
  }

  /**
   * Tomcat ends an answer without messages by an empty frame in place of the trailers, so callers
   * see INTERNAL, with the kit or without. The segment has what was meant.
   */
  @Test
  void call_refusedByAnExceptionHandler_hasTheStatusThatTheHandlerMade() throws Exception {
    String seen = refusal();
    JsonNode segment = awaitOne();
    assertThat(segment.at("/annotations/rpc.grpc.status_code").asInt())
        .isEqualTo(Status.Code.INVALID_ARGUMENT.value());
    assertThat(segment.get("error").asBoolean()).isTrue();

    stop();
    start("--roentgen.grpc.enabled=false");
    assertThat(application.getBeansOfType(GrpcKit.class)).isEmpty();
    assertThat(refusal()).isEqualTo(seen);
    assertThat(sent.sent()).hasSize(1);
  }

  private String refusal() {
    return catchThrowableOfType(StatusRuntimeException.class, () -> say(untraced, "")).getMessage();
  }
}
