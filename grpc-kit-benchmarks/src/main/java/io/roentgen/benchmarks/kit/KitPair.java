// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.ServerInterceptor;
import io.grpc.stub.MetadataUtils;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.SegmentTransport;
import io.roentgen.grpc.prometheus.PrometheusMetrics;
import io.roentgen.grpc.server.Authentication;
import io.roentgen.grpc.server.CallLog;
import io.roentgen.grpc.server.DeadlineCheck;
import io.roentgen.grpc.server.ErrorMapping;
import io.roentgen.grpc.server.RateLimit;
import io.roentgen.grpc.server.RateLimiter;
import io.roentgen.grpc.server.ResponseLimit;
import io.roentgen.grpc.server.SelfValidating;
import io.roentgen.grpc.server.ServerSlots;
import io.roentgen.grpc.server.ServerTransport;
import io.roentgen.grpc.server.ShutdownGuard;
import io.roentgen.grpc.server.Slot;
import io.roentgen.grpc.server.User;
import io.roentgen.grpc.server.Validation;
import java.util.List;
import java.util.Map;
import java.util.ResourceBundle;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** This kit, in the ways that it is installed. */
final class KitPair {
  private static final String TOKEN = "5ef1f5b7-6c0d";

  private KitPair() {}

  static GrpcKit.Builder builder(CallSampler sampler) {
    return GrpcKit.builder("bench").environment(Map.of()).sampler(sampler).transport(new Nowhere());
  }

  static Pair of(GrpcKit.Builder builder) {
    return of(builder.build());
  }

  /** Installs it as its users do, with the bytes of messages counted where there is a transport. */
  static Pair of(GrpcKit kit) {
    return new Pair(
        List.of(kit.clientInterceptor()),
        List.of(kit.serverInterceptor()),
        kit::instrument,
        kit::instrument,
        () -> Math.max(0, kit.statistics().sent()),
        kit);
  }

  static Pair recorded() {
    Hanging transport = new Hanging();
    GrpcKit kit = builder(CallSampler.ALWAYS).transport(transport).build();
    return Pair.of(
        List.of(kit.clientInterceptor()),
        List.of(kit.serverInterceptor()),
        () -> kit.statistics().sent(),
        () -> {
          transport.goOn();
          kit.close();
        });
  }

  static Pair prometheus() {
    return of(
        builder(CallSampler.NEVER)
            .observer(PrometheusMetrics.registeredWith(new PrometheusRegistry())));
  }

  static Pair everything() {
    GrpcKit kit =
        builder(CallSampler.ALWAYS)
            .observer(PrometheusMetrics.registeredWith(new PrometheusRegistry()))
            .build();
    List<ServerInterceptor> server =
        ServerSlots.builder()
            .add(Slot.SHUTDOWN_GUARD, ShutdownGuard.create())
            .add(Slot.TRACE, kit.serverInterceptor())
            .add(Slot.LOG, CallLog.builder().logger(new Unread()).build().interceptor())
            .add(Slot.ERROR_MAPPING, ErrorMapping.builder().build())
            .add(
                Slot.AUTH,
                Authentication.bearer(
                        (token, method) -> token.equals(TOKEN) ? User.of("bench") : null)
                    .build())
            .add(Slot.RATE_LIMIT, RateLimit.of(RateLimiter.perCaller(1e9, 1_000_000)))
            .add(Slot.DEADLINE, DeadlineCheck.refusingExpired())
            .add(Slot.VALIDATION, Validation.of(SelfValidating.VALIDATOR))
            .add(Slot.HANDLER, ResponseLimit.ofBytes(ServerTransport.DEFAULT_MAX_MESSAGE_BYTES))
            .build()
            .interceptors();
    Metadata credentials = new Metadata();
    credentials.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + TOKEN);
    List<ClientInterceptor> client =
        List.of(kit.clientInterceptor(), MetadataUtils.newAttachHeadersInterceptor(credentials));
    Pair interceptors = Pair.of(client, server, () -> kit.statistics().sent(), kit);
    return new Pair(
        client,
        server,
        interceptors.channel(),
        builder -> interceptors.service().accept(kit.countBytes(builder)),
        interceptors.sent(),
        kit);
  }

  private static final class Nowhere implements SegmentTransport {
    @Override
    public void send(byte[] buffer, int length) {}

    @Override
    public void close() {}
  }

  /** A transport whose first document never leaves, so that no other is written. */
  private static final class Hanging implements SegmentTransport {
    private final CountDownLatch gone = new CountDownLatch(1);

    void goOn() {
      gone.countDown();
    }

    @Override
    public void send(byte[] buffer, int length) {
      try {
        gone.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {}
  }

  /** A log whose lines are made, and read by nobody. */
  private static final class Unread implements System.Logger {
    @Override
    public String getName() {
      return "bench";
    }

    @Override
    public boolean isLoggable(Level level) {
      return true;
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String text,
        @Nullable Throwable thrown) {}

    @Override
    public void log(
        Level level, @Nullable ResourceBundle bundle, @Nullable String format, Object... values) {}
  }
}
