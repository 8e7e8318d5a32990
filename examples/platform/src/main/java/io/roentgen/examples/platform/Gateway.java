// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.platform;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.common.grpc.GrpcSerializationFormats;
import com.linecorp.armeria.common.util.EventLoopGroups;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.HttpServiceWithRoutes;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.cors.CorsService;
import com.linecorp.armeria.server.cors.CorsServiceBuilder;
import com.linecorp.armeria.server.docs.DocService;
import com.linecorp.armeria.server.grpc.GrpcService;
import com.linecorp.armeria.server.grpc.HttpJsonTranscodingOptions;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.netty.util.AttributeKey;
import io.roentgen.examples.common.Application;
import io.roentgen.examples.common.Channels;
import io.roentgen.examples.common.Endpoint;
import io.roentgen.examples.common.Http;
import io.roentgen.examples.common.JsonLogs;
import io.roentgen.examples.common.JsonText;
import io.roentgen.examples.common.Launcher;
import io.roentgen.examples.common.Running;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.common.Tracing;
import io.roentgen.examples.greeting.v3.GreetingRequest;
import io.roentgen.examples.greeting.v3.GreetingResponse;
import io.roentgen.examples.greeting.v3.GreetingServiceGrpc;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.CallOutcomes;
import io.roentgen.grpc.HeaderAnnotator;
import io.roentgen.grpc.Propagation;
import io.roentgen.grpc.TraceContext;
import io.roentgen.grpc.TraceFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The edge: REST as {@code google.api.http} says, gRPC and gRPC-Web on one port, to service A. The
 * segment of a request is one of HTTP; with no trace in the request it begins here.
 */
final class Gateway implements Application {
  private static final String REQUEST_ID = HeaderAnnotator.REQUEST_ID;
  private static final String XRAY = "x-amzn-trace-id";
  private static final String PARTIAL = "x-partial";
  private static final String CLIENT_METADATA = "grpc-metadata-";
  private static final String TRACE_RESPONSE = "traceresponse";
  private static final int EVENT_LOOPS = 2;
  private static final System.Logger LOG = System.getLogger(Gateway.class.getName());

  /** The trace of an answer: as X-Ray's header, and as W3C's for answers. */
  private static final Propagation WRITTEN =
      Propagation.of(List.of(), List.of(TraceFormat.XRAY, TraceFormat.W3C), List.of());

  private static final Map<String, String> RESPONSE_NAMES = Map.of("traceparent", TRACE_RESPONSE);
  private static final AttributeKey<ActiveSpan> SPAN = AttributeKey.valueOf(Gateway.class, "span");

  @Override
  public String name() {
    return "rev-proxy";
  }

  @Override
  public Running start(Settings settings) throws Exception {
    Tracing tracing = Tracing.start(settings, settings.text("SERVICE_NAME", "rev-proxy"));
    ManagedChannel toA = null;
    try {
      toA =
          Channels.to(
              tracing,
              settings.target(Member.A.url(), "service-a:50051"),
              settings.millis("RPC_TIMEOUT_MS", 5_000));
      Server server = server(settings, tracing, toA);
      server.start().join();
      ManagedChannel channel = toA;
      return Launcher.together(
          Map.of("http", server.activeLocalPort()),
          List.<AutoCloseable>of(
              () -> server.stop().join(), () -> Channels.close(channel), tracing));
    } catch (Exception e) {
      if (toA != null) {
        Channels.close(toA);
      }
      tracing.close();
      throw e;
    }
  }

  private static Server server(Settings settings, Tracing tracing, ManagedChannel toA) {
    DecoratingHttpServiceFunction traced =
        (delegate, context, request) -> traced(tracing, delegate, context, request);
    HttpServiceWithRoutes greeting =
        GrpcService.builder()
            .addService(new Forwarding(toA))
            .intercept(new InSpan(tracing.service()))
            .supportedSerializationFormats(GrpcSerializationFormats.values())
            .enableHttpJsonTranscoding(
                HttpJsonTranscodingOptions.builder().errorHandler(Gateway::failed).build())
            .useBlockingTaskExecutor(true)
            .build();
    HttpService status = (context, request) -> status(context.pathParam("code"));
    return Server.builder()
        .http(settings.listen("PORT", ":50051"))
        .workerGroup(EventLoopGroups.newEventLoopGroup(EVENT_LOOPS, "rev-proxy", true), true)
        .gracefulShutdownTimeout(Duration.ZERO, settings.millis("SHUTDOWN_DRAIN_MS", 30_000))
        .requestTimeout(settings.millis("REQUEST_TIMEOUT_MS", 30_000))
        .service(greeting, service -> service.decorate(traced))
        .service("/api/status/{code}", status.decorate(traced))
        .service("/api/health", (context, request) -> json("{\"alive\": true}"))
        .service("/api/request-echo", (context, request) -> echo(request))
        .service("/metrics", (context, request) -> metrics(tracing, context, request))
        .service("/api/metrics", (context, request) -> metrics(tracing, context, request))
        .service("/openapi/greeting.swagger.json", (context, request) -> openApi())
        .serviceUnder("/docs", new DocService())
        .decorator(cors(settings))
        .build();
  }

  private static Function<? super HttpService, CorsService> cors(Settings settings) {
    List<String> origins = settings.list("ALLOWED_ORIGINS", "*");
    CorsServiceBuilder cors =
        origins.contains("*") ? CorsService.builder(origin -> true) : CorsService.builder(origins);
    return cors.allowRequestMethods(HttpMethod.GET, HttpMethod.POST, HttpMethod.OPTIONS)
        .allowCredentials()
        .allowAllRequestHeaders(true)
        .exposeHeaders(REQUEST_ID, XRAY, TRACE_RESPONSE, PARTIAL, "grpc-status", "grpc-message")
        .newDecorator();
  }

  /** Has a request in a span, and its answer say which trace it is in. */
  private static HttpResponse traced(
      Tracing tracing, HttpService delegate, ServiceRequestContext context, HttpRequest request)
      throws Exception {
    String given = request.headers().get(REQUEST_ID);
    String requestId = given == null ? UUID.randomUUID().toString() : given;
    ActiveSpan span =
        Http.serve(
            tracing,
            request.method().name(),
            context.config().route().patternString(),
            request.scheme() + "://" + request.authority() + context.path(),
            request.headers()::get,
            edge(context, request, requestId));
    span.annotate("client.address", context.clientAddress().getHostAddress());
    context.setAttr(SPAN, span);
    Answered answered = new Answered(span);
    HttpResponse response =
        delegate
            .serve(context, request)
            .mapHeaders(
                headers -> {
                  answered.headers(headers);
                  ResponseHeadersBuilder more = headers.toBuilder().set(REQUEST_ID, requestId);
                  TraceContext trace = span.context();
                  if (trace != null) {
                    WRITTEN.inject(
                        trace,
                        (name, value) -> more.set(RESPONSE_NAMES.getOrDefault(name, name), value));
                  }
                  return more.build();
                })
            .mapTrailers(
                trailers -> {
                  answered.grpcStatus(trailers);
                  return trailers;
                });
    var unused = response.whenComplete().handle((nothing, thrown) -> answered.end());
    return response;
  }

  /** How a request was answered; its span ends when the answer is on its way. */
  private static final class Answered {
    private final ActiveSpan span;
    private volatile int status = HttpStatus.INTERNAL_SERVER_ERROR.code();

    Answered(ActiveSpan span) {
      this.span = span;
    }

    void headers(ResponseHeaders headers) {
      if (!headers.status().isInformational()) {
        status = headers.status().code();
      }
      grpcStatus(headers);
    }

    /** gRPC tells of failures behind an HTTP status of 200. */
    void grpcStatus(HttpHeaders headers) {
      String code = headers.get("grpc-status");
      if (code != null && status == HttpStatus.OK.code() && code.matches("[1-9]\\d?")) {
        Status failure = Status.fromCodeValue(Integer.parseInt(code));
        span.annotate("rpc.grpc.status_code", failure.getCode().value())
            .outcome(
                CallOutcomes.defaults()
                    .of(GreetingServiceGrpc.getGreetingMethod(), failure.getCode()));
      }
    }

    Answered end() {
      Http.answered(span, status);
      return this;
    }
  }

  /** What the calls for a request carry: who asks, and what he wants them to carry. */
  private static HeaderAnnotator edge(
      ServiceRequestContext context, HttpRequest request, String requestId) {
    return HeaderAnnotator.passing(Propagation.MESH_HEADERS)
        .and(HeaderAnnotator.gateway())
        .and(
            (ask, headers) -> {
              headers.accept(REQUEST_ID, requestId);
              headers.accept("x-forwarded-for", context.clientAddress().getHostAddress());
              headers.accept("x-forwarded-host", String.valueOf(request.authority()));
              request
                  .headers()
                  .forEach(
                      (name, value) -> {
                        String key = name.toString();
                        if (key.startsWith(CLIENT_METADATA) && !key.endsWith("-bin")) {
                          headers.accept(key.substring(CLIENT_METADATA.length()), value);
                        }
                      });
            });
  }

  /** Says what a failed call is in REST: a {@code google.rpc.Status}. */
  private static HttpResponse failed(
      ServiceRequestContext context, Status status, AggregatedHttpResponse response) {
    StringBuilder json =
        new StringBuilder("{\"code\": ").append(status.getCode().value()).append(", \"message\": ");
    String description = status.getDescription();
    JsonText.append(json, description == null ? status.getCode().name() : description);
    return HttpResponse.of(
        HttpStatus.valueOf(httpStatus(status.getCode())),
        MediaType.JSON_UTF_8,
        json.append(", \"details\": []}").toString());
  }

  /** Source: google.rpc.Code. */
  static int httpStatus(Status.Code code) {
    return switch (code) {
      case OK -> 200;
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> 400;
      case UNAUTHENTICATED -> 401;
      case PERMISSION_DENIED -> 403;
      case NOT_FOUND -> 404;
      case ALREADY_EXISTS, ABORTED -> 409;
      case RESOURCE_EXHAUSTED -> 429;
      case CANCELLED -> 499;
      case UNIMPLEMENTED -> 501;
      case UNAVAILABLE -> 503;
      case DEADLINE_EXCEEDED -> 504;
      case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
    };
  }

  private static HttpResponse json(String json) {
    return HttpResponse.of(HttpStatus.OK, MediaType.JSON_UTF_8, json);
  }

  private static HttpResponse status(@Nullable String text) {
    int code = text != null && text.matches("[1-5]\\d\\d") ? Integer.parseInt(text) : 400;
    // Those of 100 to 199 are no answers.
    return HttpResponse.of(
        ResponseHeaders.builder(code < 200 ? HttpStatus.BAD_REQUEST : HttpStatus.valueOf(code))
            .contentLength(0)
            .build());
  }

  private static HttpResponse echo(HttpRequest request) {
    return HttpResponse.of(
        request
            .aggregate()
            .thenApply(
                whole ->
                    HttpResponse.of(
                        HttpStatus.OK,
                        MediaType.PLAIN_TEXT_UTF_8,
                        whole.method()
                            + " "
                            + whole.path()
                            + "\n"
                            + shown(whole)
                            + "\n"
                            + whole.contentUtf8())));
  }

  /** Returns the headers, but not those that prove who asks. */
  private static String shown(AggregatedHttpRequest request) {
    StringBuilder text = new StringBuilder();
    request
        .headers()
        .forEach(
            (name, value) -> {
              boolean secret = name.contentEquals("authorization") || name.contentEquals("cookie");
              text.append(name).append(": ").append(secret ? "***" : value).append('\n');
            });
    return text.toString();
  }

  private static HttpResponse metrics(
      Tracing tracing, ServiceRequestContext context, HttpRequest request) {
    return HttpResponse.of(
        CompletableFuture.supplyAsync(
            () -> {
              try {
                Endpoint.Scrape scrape =
                    Endpoint.scrape(
                        tracing.registry(), request.headers().get(HttpHeaderNames.ACCEPT));
                return HttpResponse.of(
                    ResponseHeaders.of(HttpStatus.OK, HttpHeaderNames.CONTENT_TYPE, scrape.type()),
                    HttpData.wrap(scrape.body().toByteArray()));
              } catch (IOException e) {
                throw new UncheckedIOException("cannot write metrics to memory", e);
              }
            },
            context.blockingTaskExecutor()));
  }

  private static HttpResponse openApi() {
    return json(Resources.text("greeting.swagger.json"));
  }

  /** Asks A. */
  private static final class Forwarding extends GreetingServiceGrpc.GreetingServiceImplBase {
    private final GreetingServiceGrpc.GreetingServiceBlockingStub toA;

    Forwarding(ManagedChannel toA) {
      this.toA = GreetingServiceGrpc.newBlockingStub(toA);
    }

    @Override
    public void greeting(GreetingRequest request, StreamObserver<GreetingResponse> out) {
      GreetingResponse answer;
      Partial.Heard heard = new Partial.Heard();
      try {
        answer = toA.withInterceptors(heard).greeting(request);
      } catch (StatusRuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "greeting failed: " + e.getStatus());
        out.onError(e.getStatus().asRuntimeException());
        return;
      }
      LOG.log(System.Logger.Level.INFO, "greeting answered count=" + answer.getGreetingCount());
      if (!heard.missing().isEmpty()) {
        ServiceRequestContext.current()
            .setAdditionalResponseHeader(PARTIAL, String.join(",", heard.missing()));
      }
      out.onNext(answer);
      out.onCompleted();
    }
  }

  /** Has a handler run in the span of its request, in gRPC's context. */
  private static final class InSpan implements ServerInterceptor {
    private final String service;

    InSpan(String service) {
      this.service = service;
    }

    @Override
    @SuppressWarnings("try") // The scope is closed, and not used otherwise.
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      ActiveSpan span = ServiceRequestContext.current().attr(SPAN);
      if (span == null) {
        return next.startCall(call, headers);
      }
      Context context;
      try (ActiveSpan.Scope scope = span.makeCurrent()) {
        context = JsonLogs.serviceContext(Context.current(), service);
      }
      return Contexts.interceptCall(context, call, headers, next);
    }
  }
}
