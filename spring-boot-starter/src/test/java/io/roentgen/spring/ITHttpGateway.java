// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.SegmentTransport;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.grpc.client.GrpcChannelFactory;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** A gateway that speaks HTTP to customers and gRPC to what is behind it. */
class ITHttpGateway {
  private static final String ROOT = "1-5759e988-bd862e3fe1be46a994272793";
  private static final String PARENT = "53995c3f42cd8ad8";

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Back {
    @Bean
    BindableService text() {
      return () ->
          ServerServiceDefinition.builder(Text.SERVICE)
              .addMethod(
                  Text.SAY,
                  ServerCalls.asyncUnaryCall(
                      (request, out) -> {
                        out.onNext(request.toUpperCase(Locale.ROOT));
                        out.onCompleted();
                      }))
              .build();
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Gateway {
    @Bean
    Filter tracing(GrpcKit kit) {
      return (request, response, chain) -> {
        HttpServletRequest http = (HttpServletRequest) request;
        ActiveSpan span =
            kit.start(
                http.getMethod() + " " + http.getRequestURI(),
                ActiveSpan.Kind.SERVER,
                kit.propagation().extract(http::getHeader));
        try (var _ = span.makeCurrent()) {
          chain.doFilter(request, response);
        } finally {
          span.end();
        }
      };
    }

    @Bean
    HttpServlet front(GrpcChannelFactory channels) {
      Channel back = channels.createChannel("back");
      return new HttpServlet() {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
          response
              .getWriter()
              .print(
                  ClientCalls.blockingUnaryCall(
                      back, Text.SAY, CallOptions.DEFAULT, request.getQueryString()));
        }
      };
    }
  }

  private static ConfigurableApplicationContext run(
      Class<?> application, WebApplicationType type, Documents sent, String... arguments) {
    return new SpringApplicationBuilder(application)
        .web(type)
        .initializers(
            context -> {
              var beans = (GenericApplicationContext) context;
              beans.registerBean(SegmentTransport.class, () -> sent);
              beans.registerBean(CallSampler.class, () -> CallSampler.ALWAYS);
            })
        .run(arguments);
  }

  @Test
  void request_overHttpThenGrpc_isOneTrace() throws Exception {
    Documents backSent = new Documents();
    Documents gatewaySent = new Documents();
    try (ConfigurableApplicationContext back =
            run(
                Back.class,
                WebApplicationType.NONE,
                backSent,
                "--spring.application.name=back",
                "--spring.grpc.server.port=0",
                "--spring.grpc.server.address=127.0.0.1");
        ConfigurableApplicationContext gateway =
            run(
                Gateway.class,
                WebApplicationType.SERVLET,
                gatewaySent,
                "--spring.application.name=gateway",
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--spring.grpc.client.channel.back.target=static://127.0.0.1:"
                    + back.getBean(GrpcServerLifecycle.class).getPort())) {
      int port = ((WebServerApplicationContext) gateway).getWebServer().getPort();
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/say?hello"))
              .header("X-Amzn-Trace-Id", "Root=" + ROOT + ";Parent=" + PARENT + ";Sampled=1")
              .build();
      try (HttpClient client = HttpClient.newHttpClient()) {
        assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).body())
            .isEqualTo("HELLO");
      }
      await().until(() -> gatewaySent.sent().size() == 1 && backSent.sent().size() == 1);
    }
    JsonNode first = gatewaySent.sent().get(0);
    JsonNode call = first.at("/subsegments/0");
    JsonNode last = backSent.sent().get(0);
    assertThat(first.get("name").asText()).isEqualTo("gateway");
    assertThat(first.get("trace_id").asText()).isEqualTo(ROOT);
    assertThat(first.get("parent_id").asText()).isEqualTo(PARENT);
    assertThat(first.at("/annotations/operation").asText()).isEqualTo("GET /say");
    assertThat(call.get("name").asText()).isEqualTo("test.Text/Say");
    assertThat(last.get("trace_id").asText()).isEqualTo(ROOT);
    assertThat(last.get("parent_id")).isEqualTo(call.get("id"));
  }
}
