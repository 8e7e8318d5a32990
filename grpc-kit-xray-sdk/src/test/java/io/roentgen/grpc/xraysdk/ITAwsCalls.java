// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.xraysdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.amazonaws.xray.AWSXRay;
import com.amazonaws.xray.AWSXRayRecorder;
import com.amazonaws.xray.entities.Subsegment;
import com.sun.net.httpserver.HttpServer;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import io.roentgen.grpc.testing.EchoService;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.xray.XRayClient;

/**
 * AWS calls of a handler are in the segment of its gRPC call, by the X-Ray SDK's instrumentation of
 * the AWS SDK and no code: what that needs is that the entity of the call is this thread's.
 */
class ITAwsCalls {
  private final Recorded sent = new Recorded();
  private final AWSXRayRecorder before = AWSXRay.getGlobalRecorder();

  @AfterEach
  void restore() {
    AWSXRay.setGlobalRecorder(before);
  }

  @Test
  void awsCall_inAHandler_isASubsegmentOfItsCall() throws Exception {
    AWSXRay.setGlobalRecorder(sent.recorder());
    CompletableFuture<String> header = new CompletableFuture<>();
    HttpServer aws =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    aws.createContext(
        "/",
        exchange -> {
          header.complete(exchange.getRequestHeaders().getFirst("X-Amzn-Trace-Id"));
          exchange.getRequestBody().readAllBytes();
          byte[] body = "{\"Groups\":[]}".getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    aws.start();
    XRaySdkTracing tracing = XRaySdkTracing.create("orders");
    String name = InProcessServerBuilder.generateName();
    try (XRayClient client =
        XRayClient.builder()
            .endpointOverride(URI.create("http://127.0.0.1:" + aws.getAddress().getPort()))
            .region(Region.US_EAST_1)
            .credentialsProvider(AnonymousCredentialsProvider.create())
            .httpClient(UrlConnectionHttpClient.create())
            .build()) {
      Server server =
          InProcessServerBuilder.forName(name)
              .intercept(tracing.serverInterceptor())
              .addService(
                  EchoService.answering(
                      text -> text + client.getGroups(request -> {}).groups().size()))
              .build()
              .start();
      ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
      try {
        assertThat(
                ClientCalls.blockingUnaryCall(
                    channel, EchoService.UNARY, CallOptions.DEFAULT, "groups "))
            .isEqualTo("groups 0");
        await().until(() -> sent.segments.size() == 1);
      } finally {
        channel.shutdownNow();
        server.shutdownNow();
      }
    } finally {
      aws.stop(0);
    }
    assertThat(sent.segment("orders").getSubsegmentsCopy()).hasSize(1);
    Subsegment call = sent.segment("orders").getSubsegmentsCopy().getFirst();
    assertThat(call.getNamespace()).isEqualTo("aws");
    assertThat(call.getName()).isEqualTo("XRay");
    assertThat(call.getAws()).containsEntry("operation", "GetGroups");
    assertThat(header.join()).contains("Root=" + sent.segment("orders").getTraceId());
    assertThat(header.join()).contains("Parent=" + call.getId());
  }
}
