// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.e2e;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.HandlerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The proxies of a service mesh, as far as tracing goes: each makes the span of a request that goes
 * through it, from the B3 headers that it came with, and writes its own id into them. What connects
 * the spans of two proxies around a service is the service's alone: it passes the headers on.
 */
final class Mesh implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final String TRACE = "x-b3-traceid";
  private static final String SPAN = "x-b3-spanid";
  private static final String PARENT = "x-b3-parentspanid";
  private static final String SAMPLED = "x-b3-sampled";
  private static final String REQUEST = "x-request-id";

  /** What an HTTP client sets itself. */
  private static final Set<String> OWN = Set.of("host", "connection", "content-length", "upgrade");

  private final Map<String, ResourceSpans.Builder> spans = new HashMap<>();
  private final Map<String, Map<String, String>> seen = new HashMap<>();
  private final List<Runnable> parts = Collections.synchronizedList(new ArrayList<>());
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /**
   * Starts a proxy for HTTP.
   *
   * @param service whose proxy it is
   * @return its port
   */
  int http(String service, String target) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ExecutorService threads = Executors.newCachedThreadPool();
    server.setExecutor(threads);
    server.createContext("/", exchange -> forward(service, target, exchange));
    server.start();
    parts.add(
        () -> {
          server.stop(0);
          threads.shutdownNow();
        });
    return server.getAddress().getPort();
  }

  private void forward(String service, String target, HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.get(0)));
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("http://" + target + exchange.getRequestURI()))
              .timeout(TIMEOUT);
      String path = "GET " + exchange.getRequestURI().getPath();
      begin(service, SpanKind.SPAN_KIND_SERVER, path, headers::get, headers::put);
      headers.forEach(
          (name, value) -> {
            if (!OWN.contains(name.toLowerCase(Locale.ROOT))) {
              request.header(name, value);
            }
          });
      HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
      end(headers.get(SPAN));
      exchange.sendResponseHeaders(response.statusCode(), response.body().length);
      exchange.getResponseBody().write(response.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Starts a proxy for gRPC.
   *
   * @param service whose proxy it is
   * @param kind {@code CLIENT} for what the service sends, {@code SERVER} for what it gets
   * @param target {@code host:port}
   * @return its port
   */
  int grpc(String service, SpanKind kind, String target) throws IOException {
    ManagedChannel channel = NettyChannelBuilder.forTarget(target).usePlaintext().build();
    parts.add(channel::shutdownNow);
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .fallbackHandlerRegistry(
                new HandlerRegistry() {
                  @Override
                  public ServerMethodDefinition<?, ?> lookupMethod(
                      String method, @Nullable String authority) {
                    return ServerMethodDefinition.create(
                        Bytes.method(MethodDescriptor.MethodType.UNKNOWN, method),
                        new Forwarding(service, kind, channel));
                  }
                })
            .build()
            .start();
    parts.add(server::shutdownNow);
    return server.getPort();
  }

  private final class Forwarding implements ServerCallHandler<byte[], byte[]> {
    private final String service;
    private final SpanKind kind;
    private final Channel channel;

    Forwarding(String service, SpanKind kind, Channel channel) {
      this.service = service;
      this.kind = kind;
      this.channel = channel;
    }

    @Override
    public ServerCall.Listener<byte[]> startCall(
        ServerCall<byte[], byte[]> call, Metadata headers) {
      String method = call.getMethodDescriptor().getFullMethodName();
      // Clients watch the health of who they call: no request of anybody.
      boolean traced = !method.startsWith("grpc.health.");
      if (traced) {
        begin(
            service,
            kind,
            method,
            name -> headers.get(key(name)),
            (name, value) -> {
              headers.discardAll(key(name));
              headers.put(key(name), value);
            });
      }
      ClientCall<byte[], byte[]> onward =
          channel.newCall(call.getMethodDescriptor(), CallOptions.DEFAULT);
      onward.start(
          new ClientCall.Listener<>() {
            @Override
            public void onHeaders(Metadata answered) {
              call.sendHeaders(answered);
            }

            @Override
            public void onMessage(byte[] message) {
              call.sendMessage(message);
              onward.request(1);
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
              if (traced) {
                end(headers.get(key(SPAN)));
              }
              call.close(status, trailers);
            }
          },
          headers);
      onward.request(1);
      call.request(1);
      return new ServerCall.Listener<>() {
        @Override
        public void onMessage(byte[] message) {
          onward.sendMessage(message);
          call.request(1);
        }

        @Override
        public void onHalfClose() {
          onward.halfClose();
        }

        @Override
        public void onCancel() {
          onward.cancel("the caller has gone", null);
        }
      };
    }

    private static Metadata.Key<String> key(String name) {
      return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }
  }

  private synchronized void begin(
      String service,
      SpanKind kind,
      String name,
      Function<String, @Nullable String> headers,
      BiConsumer<String, String> write) {
    Map<String, String> came = new TreeMap<>();
    for (String each :
        List.of(REQUEST, TRACE, SPAN, PARENT, SAMPLED, "x-b3-flags", "x-ot-span-context")) {
      String value = headers.apply(each);
      if (value != null) {
        came.put(each, value);
      }
    }
    String parent = came.get(SPAN);
    String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong() | 1);
    Span.Builder span =
        spans
            .computeIfAbsent(service, Mesh::resource)
            .getScopeSpansBuilder(0)
            .addSpansBuilder()
            .setSpanId(bytes(id))
            .setName(name)
            .setKind(kind)
            .setStartTimeUnixNano(now());
    if (parent == null) {
      long second = TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis());
      write.accept(
          TRACE,
          String.format("%08x", second)
              + UUID.randomUUID().toString().replace("-", "").substring(8));
      write.accept(SAMPLED, "1");
      write.accept(REQUEST, UUID.randomUUID().toString());
    } else {
      span.setParentSpanId(bytes(parent));
      write.accept(PARENT, parent);
    }
    write.accept(SPAN, id);
    span.setTraceId(bytes(headers.apply(TRACE)));
    seen.put(service + ' ' + kind + ' ' + id, came);
  }

  private synchronized void end(String id) {
    for (ResourceSpans.Builder resource : spans.values()) {
      for (Span.Builder span : resource.getScopeSpansBuilder(0).getSpansBuilderList()) {
        if (span.getSpanId().equals(bytes(id))) {
          span.setEndTimeUnixNano(now());
        }
      }
    }
  }

  private static ResourceSpans.Builder resource(String service) {
    ResourceSpans.Builder resource = ResourceSpans.newBuilder();
    resource
        .getResourceBuilder()
        .addAttributes(
            KeyValue.newBuilder()
                .setKey("service.name")
                .setValue(AnyValue.newBuilder().setStringValue(service)));
    resource.addScopeSpansBuilder();
    return resource;
  }

  private static long now() {
    return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  /** Returns what the proxies of a service saw of the mesh's headers, as they came. */
  synchronized List<Map<String, String>> seenBy(String service, SpanKind kind) {
    return seen.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(service + ' ' + kind + ' '))
        .map(Map.Entry::getValue)
        .toList();
  }

  /** Returns all spans. */
  synchronized byte[] export() {
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    spans.values().forEach(request::addResourceSpans);
    return request.build().toByteArray();
  }

  @Override
  public void close() {
    parts.forEach(Runnable::run);
    client.shutdownNow();
  }
}
