// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.rpc.RetryInfo;
import io.grpc.CallOptions;
import io.grpc.Codec;
import io.grpc.CompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.roentgen.model.Span;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.StoreOverloadedException;
import io.roentgen.store.StoreUnavailableException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ITOtlpGrpc {
  private static final String TRACE_ID = "5b8efff798038103d269b633813fc60c";
  private static final int MAX_BYTES = 1 << 20;

  private TestServer server;
  private ManagedChannel channel;

  @BeforeEach
  void start() {
    server = new TestServer(new ServerSettings().set(Setting.MAX_REQUEST, "1MiB", "test"));
    channel =
        NettyChannelBuilder.forAddress(server.address(ListenerName.OTLP_GRPC))
            .usePlaintext()
            .compressorRegistry(zstdToo())
            .build();
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    server.close();
  }

  @Test
  void export_openTelemetrySdkWithGzip_isStored() {
    String traceId;
    try (var provider =
        SdkTracerProvider.builder()
            .setResource(
                Resource.create(
                    io.opentelemetry.api.common.Attributes.of(
                        AttributeKey.stringKey("service.name"), "order-service")))
            .addSpanProcessor(
                BatchSpanProcessor.builder(
                        OtlpGrpcSpanExporter.builder()
                            .setEndpoint(server.uri(ListenerName.OTLP_GRPC, "").toString())
                            .setCompression("gzip")
                            .build())
                    .build())
            .build()) {
      var span =
          provider.get("test").spanBuilder("POST /orders").setSpanKind(SpanKind.SERVER).startSpan();
      span.setAttribute("order.count", 42);
      span.end();
      traceId = span.getSpanContext().getTraceId();
      CompletableResultCode flushed = provider.forceFlush().join(20, TimeUnit.SECONDS);
      assertThat(flushed.isSuccess()).isTrue();
    }

    assertThat(server.spans(TraceId.parse(traceId)))
        .singleElement()
        .extracting(Span::name, Span::service, span -> span.attributes().get("order.count"))
        .containsExactly("POST /orders", "order-service", Value.of(42));
  }

  @Test
  void export_eachEncodingOnEachPort_isStored() {
    int spans = 0;
    for (ListenerName port :
        new ListenerName[] {ListenerName.OTLP_GRPC, ListenerName.HTTP, ListenerName.OTLP_HTTP}) {
      ManagedChannel other =
          NettyChannelBuilder.forAddress(server.address(port))
              .usePlaintext()
              .compressorRegistry(zstdToo())
              .build();
      for (String encoding : new String[] {"identity", "gzip", "zstd"}) {
        ExportTraceServiceResponse response =
            TraceServiceGrpc.newBlockingStub(other)
                .withCompression(encoding)
                .export(request(span(++spans)));
        assertThat(response).isEqualTo(ExportTraceServiceResponse.getDefaultInstance());
      }
      other.shutdownNow();
    }
    assertThat(server.spans(TraceId.parse(TRACE_ID))).hasSize(spans);
  }

  @Test
  void export_empty_succeeds() {
    assertThat(stub().export(ExportTraceServiceRequest.getDefaultInstance()))
        .isEqualTo(ExportTraceServiceResponse.getDefaultInstance());
  }

  @Test
  void export_someSpansInvalid_isPartialSuccess() throws Exception {
    ExportTraceServiceResponse response =
        stub()
            .export(
                request(
                    span(1),
                    span(2).setTraceId(ByteString.copyFrom(new byte[16])),
                    span(3).setSpanId(ByteString.EMPTY)));

    assertThat(response.getPartialSuccess().getRejectedSpans()).isEqualTo(2);
    assertThat(response.getPartialSuccess().getErrorMessage()).isNotEmpty();
    assertThat(server.spans(TraceId.parse(TRACE_ID))).hasSize(1);
    assertThat(server.metrics())
        .containsEntry("ingest_spans_total{transport=\"otlp_grpc\"}", 1.0)
        .containsEntry("ingest_requests_total{result=\"partial\",transport=\"otlp_grpc\"}", 1.0);
  }

  @Test
  void export_notProtobuf_isInvalidArgument() {
    StatusRuntimeException e = failure(raw("identity", new byte[] {10, 127, 1}));
    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(e.getStatus().getDescription()).isNotEmpty();
    assertThat(details(e)).isNull();
  }

  @Test
  void export_badGzip_isInvalidArgument() {
    // grpc-java compresses itself, so let it send plain bytes under the name of gzip.
    CompressorRegistry lying = CompressorRegistry.newEmptyInstance();
    lying.register(
        new Codec() {
          @Override
          public String getMessageEncoding() {
            return "gzip";
          }

          @Override
          public InputStream decompress(InputStream in) {
            return in;
          }

          @Override
          public OutputStream compress(OutputStream out) {
            return out;
          }
        });
    ManagedChannel liar =
        NettyChannelBuilder.forAddress(server.address(ListenerName.OTLP_GRPC))
            .usePlaintext()
            .compressorRegistry(lying)
            .build();
    StatusRuntimeException e =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                TraceServiceGrpc.newBlockingStub(liar)
                    .withCompression("gzip")
                    .export(request(span(1))));
    liar.shutdownNow();
    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(e.getStatus().getDescription()).contains("not gzip");
  }

  @Test
  void export_tooLarge_isExhaustedForGood() {
    StatusRuntimeException e = failure(raw("identity", new byte[MAX_BYTES + 1]));
    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(details(e)).as("no RetryInfo").isNull();
  }

  @Test
  void export_largeOnlyDecompressed_isExhaustedForGood() {
    for (String encoding : new String[] {"gzip", "zstd"}) {
      StatusRuntimeException e = failure(raw(encoding, new byte[40 * MAX_BYTES]));
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(e.getStatus().getDescription()).contains("decompressed");
      assertThat(details(e)).as("no RetryInfo").isNull();
    }
  }

  @Test
  void export_storeOverloaded_carriesRetryInfo() throws Exception {
    server.store.failure = () -> new StoreOverloadedException("too much waits", 1_500);

    StatusRuntimeException e =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> stub().export(request(span(1), span(2))));

    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    RetryInfo retry = details(e).getDetails(0).unpack(RetryInfo.class);
    assertThat(retry.getRetryDelay())
        .isEqualTo(Duration.newBuilder().setSeconds(1).setNanos(500_000_000).build());
    assertThat(server.metrics())
        .containsEntry(
            "ingest_spans_rejected_total{reason=\"overloaded\",transport=\"otlp_grpc\"}", 2.0);
  }

  @Test
  void export_storeUnavailable_isUnavailableWithRetryInfo() throws Exception {
    server.store.failure = () -> new StoreUnavailableException("disk full");

    StatusRuntimeException e =
        catchThrowableOfType(StatusRuntimeException.class, () -> stub().export(request(span(1))));

    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(details(e).getDetails(0).unpack(RetryInfo.class).getRetryDelay().getSeconds())
        .isEqualTo(5);
    assertThat(server.get("/healthz").statusCode()).isEqualTo(503);
  }

  @Test
  void export_sdkMeetsOverload_sendsAgainUntilItIsStored() {
    AtomicInteger refusals = new AtomicInteger(2);
    server.store.failure =
        () -> {
          if (refusals.decrementAndGet() == 0) {
            server.store.failure = null;
          }
          return new StoreOverloadedException("too much waits", 10);
        };
    String traceId;
    try (var provider =
        SdkTracerProvider.builder()
            .addSpanProcessor(
                BatchSpanProcessor.builder(
                        OtlpGrpcSpanExporter.builder()
                            .setEndpoint(server.uri(ListenerName.OTLP_GRPC, "").toString())
                            .build())
                    .build())
            .build()) {
      var span = provider.get("test").spanBuilder("retried").startSpan();
      span.end();
      traceId = span.getSpanContext().getTraceId();
      assertThat(provider.forceFlush().join(30, TimeUnit.SECONDS).isSuccess()).isTrue();
    }
    assertThat(server.spans(TraceId.parse(traceId))).hasSize(1);
    assertThat(refusals).hasValue(0);
  }

  @Test
  void otherMethod_isUnimplemented() {
    MethodDescriptor<byte[], byte[]> method = method("some.Service/Method");
    StatusRuntimeException e =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, new byte[0]));
    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  private TraceServiceGrpc.TraceServiceBlockingStub stub() {
    return TraceServiceGrpc.newBlockingStub(channel);
  }

  private Runnable raw(String encoding, byte[] message) {
    return () ->
        ClientCalls.blockingUnaryCall(
            channel,
            method("opentelemetry.proto.collector.trace.v1.TraceService/Export"),
            CallOptions.DEFAULT.withCompression(encoding),
            message);
  }

  private static StatusRuntimeException failure(Runnable call) {
    return catchThrowableOfType(StatusRuntimeException.class, call::run);
  }

  private static com.google.rpc.Status details(StatusRuntimeException e) {
    return e.getTrailers() != null
            && e.getTrailers()
                .containsKey(
                    io.grpc.Metadata.Key.of(
                        "grpc-status-details-bin", io.grpc.Metadata.BINARY_BYTE_MARSHALLER))
        ? StatusProto.fromThrowable(e)
        : null;
  }

  private static MethodDescriptor<byte[], byte[]> method(String name) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setFullMethodName(name)
        .setType(MethodDescriptor.MethodType.UNARY)
        .setRequestMarshaller(new Bytes())
        .setResponseMarshaller(new Bytes())
        .build();
  }

  static ExportTraceServiceRequest request(io.opentelemetry.proto.trace.v1.Span.Builder... spans) {
    var request = ExportTraceServiceRequest.newBuilder();
    var scope = request.addResourceSpansBuilder().addScopeSpansBuilder();
    for (var span : spans) {
      scope.addSpans(span);
    }
    return request.build();
  }

  static io.opentelemetry.proto.trace.v1.Span.Builder span(int number) {
    byte[] id = new byte[8];
    id[7] = (byte) number;
    return io.opentelemetry.proto.trace.v1.Span.newBuilder()
        .setTraceId(ByteString.fromHex(TRACE_ID))
        .setSpanId(ByteString.copyFrom(id))
        .setName("span " + number)
        .setStartTimeUnixNano(1_700_000_000_000_000_000L)
        .setEndTimeUnixNano(1_700_000_000_100_000_000L);
  }

  private static CompressorRegistry zstdToo() {
    CompressorRegistry compressors = CompressorRegistry.newEmptyInstance();
    compressors.register(Codec.Identity.NONE);
    compressors.register(new Codec.Gzip());
    compressors.register(new Zstd());
    return compressors;
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final class Zstd implements Codec {
    @Override
    public String getMessageEncoding() {
      return "zstd";
    }

    @Override
    public InputStream decompress(InputStream in) throws IOException {
      return new ZstdInputStream(in);
    }

    @Override
    public OutputStream compress(OutputStream out) throws IOException {
      return new ZstdOutputStream(out);
    }
  }
}
