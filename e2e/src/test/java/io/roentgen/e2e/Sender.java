// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Sends spans over one connection of its own. Not safe for use by several threads. */
abstract class Sender implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The service that all spans are of. */
  static final String SERVICE = "e2e";

  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final String transport;
  private final List<String> failures = new ArrayList<>();

  /** How a request ended. */
  enum Answer {
    /** All its spans are acknowledged. */
    ACCEPTED,
    /** It may come again, and is told when. */
    REFUSED_WITH_HINT,
    /** It may come again, and is not told when. */
    REFUSED_WITHOUT_HINT,
    /** There was no answer, or another one. */
    FAILED
  }

  private Sender(String transport) {
    this.transport = transport;
  }

  /** The name of the transport in the server's metrics. */
  String transport() {
    return transport;
  }

  /** What was seen of each request that {@linkplain Answer#FAILED failed}, and when. */
  List<String> failures() {
    return failures;
  }

  final Answer failed(Object cause) {
    failures.add(Instant.now() + " " + transport + ": " + cause);
    return Answer.FAILED;
  }

  /** Returns a request with these traces, each span of which says the round that it is of. */
  abstract byte[] encode(List<SentTrace> traces, long round);

  abstract Answer send(byte[] request) throws InterruptedException;

  @Override
  public abstract void close();

  /** A sender to {@code server}; {@code kind} goes round all there are. */
  static Sender of(ServerProcess server, int kind) {
    return switch (kind % 3) {
      case 0 -> new OtlpGrpc(server.otlpGrpcPort());
      case 1 -> new XRayHttp(server.http());
      default -> new OtlpHttp(server.otlpHttp());
    };
  }

  private static byte[] encodeOtlp(List<SentTrace> traces, long round) {
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    var resource = request.addResourceSpansBuilder();
    resource.getResourceBuilder().addAttributes(attribute("service.name", text(SERVICE)));
    var scope = resource.addScopeSpansBuilder();
    long now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
    for (SentTrace trace : traces) {
      for (int i = 0; i < trace.spanIds().size(); i++) {
        Span.Builder span =
            scope
                .addSpansBuilder()
                .setTraceId(bytes(trace.traceId()))
                .setSpanId(bytes(trace.spanIds().get(i)))
                .setName(i == 0 ? "GET /" : "step")
                .setKind(i == 0 ? Span.SpanKind.SPAN_KIND_SERVER : Span.SpanKind.SPAN_KIND_INTERNAL)
                .setStartTimeUnixNano(now + i * 1000L)
                .setEndTimeUnixNano(now + 1_000_000 - i * 1000L)
                .addAttributes(attribute("round", AnyValue.newBuilder().setIntValue(round).build()))
                .addAttributes(attribute("user.name", text("user " + trace.spanIds().get(i))));
        if (i > 0) {
          span.setParentSpanId(bytes(trace.spanIds().get(0)));
        }
      }
    }
    return request.build().toByteArray();
  }

  private static KeyValue attribute(String key, AnyValue value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }

  private static AnyValue text(String text) {
    return AnyValue.newBuilder().setStringValue(text).build();
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  private interface Reading {
    /** Returns whether an answer says that all was taken. */
    boolean isWhole(byte[] body) throws IOException;
  }

  final Answer post(HttpClient client, URI uri, String contentType, byte[] body, Reading reading)
      throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(TIMEOUT)
            .header("Content-Type", contentType)
            .POST(BodyPublishers.ofByteArray(body))
            .build();
    HttpResponse<byte[]> response;
    try {
      response = client.send(request, BodyHandlers.ofByteArray());
    } catch (IOException e) {
      return failed(e);
    }
    try {
      return switch (response.statusCode()) {
        case 200 -> reading.isWhole(response.body()) ? Answer.ACCEPTED : failed("taken in part");
        case 429, 503 ->
            response.headers().firstValue("Retry-After").isPresent()
                ? Answer.REFUSED_WITH_HINT
                : Answer.REFUSED_WITHOUT_HINT;
        default -> failed(response);
      };
    } catch (IOException e) {
      throw new AssertionError(uri + ": answer cannot be read", e);
    }
  }

  private static HttpClient client() {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  private static final class OtlpHttp extends Sender {
    private final HttpClient client = client();
    private final URI uri;

    OtlpHttp(URI base) {
      super("otlp_http");
      uri = base.resolve("/v1/traces");
    }

    @Override
    byte[] encode(List<SentTrace> traces, long round) {
      return encodeOtlp(traces, round);
    }

    @Override
    Answer send(byte[] request) throws InterruptedException {
      return post(
          client,
          uri,
          "application/x-protobuf",
          request,
          answer ->
              ExportTraceServiceResponse.parseFrom(answer).getPartialSuccess().getRejectedSpans()
                  == 0);
    }

    @Override
    public void close() {
      client.shutdownNow();
    }
  }

  private static final class XRayHttp extends Sender {
    private final HttpClient client = client();
    private final URI uri;

    XRayHttp(URI base) {
      super("xray_http");
      uri = base.resolve("/TraceSegments");
    }

    @Override
    byte[] encode(List<SentTrace> traces, long round) {
      try {
        List<String> documents = new ArrayList<>();
        for (SentTrace trace : traces) {
          documents.add(JSON.writeValueAsString(document(trace, round)));
        }
        return JSON.writeValueAsBytes(Map.of("TraceSegmentDocuments", documents));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write JSON", e);
      }
    }

    private static Map<String, Object> document(SentTrace trace, long round) {
      double now = System.currentTimeMillis() / 1000.0;
      Map<String, Object> segment = part(trace.spanIds().get(0), SERVICE, now, round);
      segment.put("trace_id", trace.xrayTraceId());
      List<Map<String, Object>> subsegments = new ArrayList<>();
      for (String id : trace.spanIds().subList(1, trace.spanIds().size())) {
        subsegments.add(part(id, "step", now, round));
      }
      segment.put("subsegments", subsegments);
      return segment;
    }

    private static Map<String, Object> part(String id, String name, double now, long round) {
      Map<String, Object> part = new LinkedHashMap<>();
      part.put("id", id);
      part.put("name", name);
      part.put("start_time", now);
      part.put("end_time", now + 0.001);
      part.put("annotations", Map.of("round", round, "user_name", "user " + id));
      return part;
    }

    @Override
    Answer send(byte[] request) throws InterruptedException {
      return post(
          client,
          uri,
          "application/json",
          request,
          answer -> JSON.readTree(answer).path("UnprocessedTraceSegments").isEmpty());
    }

    @Override
    public void close() {
      client.shutdownNow();
    }
  }

  private static final class OtlpGrpc extends Sender {
    /** Requests are made ahead, so they go out as they are. */
    private static final MethodDescriptor<byte[], byte[]> EXPORT =
        TraceServiceGrpc.getExportMethod().toBuilder(Bytes.RAW, Bytes.RAW).build();

    private final ManagedChannel channel;

    OtlpGrpc(int port) {
      super("otlp_grpc");
      channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    @Override
    byte[] encode(List<SentTrace> traces, long round) {
      return encodeOtlp(traces, round);
    }

    @Override
    Answer send(byte[] request) {
      try {
        CallOptions options =
            CallOptions.DEFAULT.withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        byte[] response = ClientCalls.blockingUnaryCall(channel, EXPORT, options, request);
        long rejected =
            ExportTraceServiceResponse.parseFrom(response).getPartialSuccess().getRejectedSpans();
        return rejected == 0 ? Answer.ACCEPTED : failed("taken in part");
      } catch (StatusRuntimeException e) {
        return answer(e);
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError("answer to OTLP/gRPC is not protobuf", e);
      }
    }

    private Answer answer(StatusRuntimeException e) {
      com.google.rpc.Status status = StatusProto.fromThrowable(e);
      boolean hint =
          status != null
              && status.getDetailsList().stream().anyMatch(detail -> detail.is(RetryInfo.class));
      return switch (e.getStatus().getCode()) {
        case RESOURCE_EXHAUSTED -> hint ? Answer.REFUSED_WITH_HINT : Answer.REFUSED_WITHOUT_HINT;
        // Without a hint it comes from the channel: the server is gone.
        case UNAVAILABLE -> hint ? Answer.REFUSED_WITH_HINT : failed(e);
        default -> failed(e);
      };
    }

    @Override
    public void close() {
      channel.shutdownNow();
    }
  }
}
