// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Metadata;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AuthenticationTest {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final AtomicInteger handled = new AtomicInteger();
  private final ServerServiceDefinition whoAmI =
      TestServer.unary(
          (request, responses) -> {
            handled.incrementAndGet();
            User user = User.current();
            responses.onNext(user == null ? "nobody" : user.id() + user.claims());
            responses.onCompleted();
          });

  @Test
  void call_goodToken_userIsInTheContext() {
    try (TestServer server = server(bearer())) {
      assertThat(server.call("", headers("Bearer good"))).isEqualTo("alice{role=admin}");
      assertThat(server.call("", headers("bearer  good "))).isEqualTo("alice{role=admin}");
    }
  }

  @Test
  void call_noHeader_isRefused() {
    refuses(new Metadata(), "authorization: missing (expected: Bearer and a token)");
  }

  @Test
  void call_schemeWithoutToken_isRefused() {
    refuses(headers("Bearer"), "authorization: no token (expected: Bearer and a token)");
    refuses(headers("Bearer   "), "authorization: no token (expected: Bearer and a token)");
  }

  @Test
  void call_wrongScheme_isRefused() {
    refuses(headers("Basic Z29vZA=="), "authorization: another scheme (expected: Bearer)");
    refuses(headers("Bearergood"), "authorization: another scheme (expected: Bearer)");
    refuses(headers("good"), "authorization: another scheme (expected: Bearer)");
  }

  @Test
  void call_badToken_isRefused() {
    refuses(headers("Bearer forged"), "authorization: the token is not valid");
  }

  @Test
  void call_validatorFails_isRefusedAndLogged() {
    try (LogLines log = LogLines.of(Authentication.class)) {
      refuses(
          headers("Bearer broken"),
          "authorization: the token could not be checked; try again later");
      assertThat(log.messages())
          .containsExactly(
              "WARNING token validator failed method=test.Service/Unary unlogged_since_last=0");
      assertThat(log.thrown()).singleElement().isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void call_severalHeaders_isRefused() {
    Metadata headers = headers("Bearer good");
    headers.put(AUTHORIZATION, "Bearer other");
    refuses(headers, "authorization: several values (expected: one)");
  }

  @Test
  void refusal_halfCloseFollows_nothingIsThrown() {
    // What grpc-java says of "call already closed" and of exceptions in callbacks.
    try (LogLines grpc = LogLines.warningsOfGrpc();
        TestServer server = server(bearer())) {
      for (int i = 0; i < 50; i++) {
        StatusRuntimeException refused =
            catchThrowableOfType(StatusRuntimeException.class, () -> server.call("request"));
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
      }
      assertThat(grpc.thrown()).isEmpty();
    }
    assertThat(handled).hasValue(0);
  }

  @Test
  void skip_healthCheckByDefault_watchByChoice() {
    ServerServiceDefinition health = new ServerHealth().service().bindService();
    HealthCheckRequest request = HealthCheckRequest.getDefaultInstance();
    try (TestServer server = server(bearer(), health)) {
      var stub = HealthGrpc.newBlockingStub(server.channel());
      assertThat(stub.check(request).getStatus())
          .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
      Iterator<HealthCheckResponse> watch = stub.watch(request);
      assertThat(catchThrowableOfType(StatusRuntimeException.class, watch::hasNext).getStatus())
          .extracting(Status::getCode)
          .isEqualTo(Status.Code.UNAUTHENTICATED);
    }
    try (TestServer server = server(bearer().skipHealthWatch(), health)) {
      Iterator<HealthCheckResponse> watch =
          HealthGrpc.newBlockingStub(server.channel()).watch(request);
      assertThat(watch.next().getStatus()).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    }
  }

  @Test
  void skip_reflection_onlyByChoice() throws Exception {
    ServerServiceDefinition reflection = ProtoReflectionServiceV1.newInstance().bindService();
    try (TestServer server = server(bearer(), reflection)) {
      assertThat(listServices(server)).isEqualTo("UNAUTHENTICATED");
    }
    try (TestServer server = server(bearer().skipReflection(), reflection)) {
      assertThat(listServices(server)).isEqualTo("answered");
    }
  }

  @Test
  void skip_ownMethod_goesThroughAsNobody() {
    try (TestServer server = server(bearer().skip("test.Service/Unary"))) {
      assertThat(server.call("")).isEqualTo("nobody");
    }
  }

  @Test
  void scheme_notOneWord_throws() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Authentication.scheme("Bearer ", (token, method) -> null))
        .withMessage("scheme: \"Bearer \" (expected: one word, such as Bearer)");
  }

  private void refuses(Metadata headers, String description) {
    try (TestServer server = server(bearer())) {
      StatusRuntimeException refused =
          catchThrowableOfType(StatusRuntimeException.class, () -> server.call("request", headers));
      assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(refused.getStatus().getDescription()).isEqualTo(description);
    }
    assertThat(handled).hasValue(0);
  }

  private static String listServices(TestServer server) throws Exception {
    CompletableFuture<String> answer = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(server.channel())
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    answer.complete("answered");
                  }

                  @Override
                  public void onError(Throwable thrown) {
                    answer.complete(Status.fromThrowable(thrown).getCode().name());
                  }

                  @Override
                  public void onCompleted() {}
                });
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    return answer.get();
  }

  private TestServer server(Authentication.Builder auth, ServerServiceDefinition... more) {
    ServerServiceDefinition[] services = new ServerServiceDefinition[more.length + 1];
    services[0] = whoAmI;
    System.arraycopy(more, 0, services, 1, more.length);
    ServerSlots slots = ServerSlots.builder().add(Slot.AUTH, auth.build()).build();
    return TestServer.inProcess(slots::installOn, services);
  }

  private static Authentication.Builder bearer() {
    return Authentication.bearer(
        (token, method) -> {
          if (token.equals("broken")) {
            throw new IllegalStateException("key server is away");
          }
          return token.equals("good") ? User.of("alice", Map.of("role", "admin")) : null;
        });
  }

  private static Metadata headers(String authorization) {
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, authorization);
    return headers;
  }
}
