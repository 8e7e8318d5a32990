// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.prometheus;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.grpc.CallObserver;
import io.roentgen.grpc.GrpcCall;
import io.roentgen.grpc.GrpcCall.Side;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Counts calls, measures how long they take and how many are under way, for Prometheus:
 *
 * <ul>
 *   <li>{@value #REQUESTS}{@code _total{method,code}}
 *   <li>{@value #DURATION}{@code {method}}, with the trace and span id of sampled calls as
 *       exemplars
 *   <li>{@value #ACTIVE}{@code {method}}
 * </ul>
 *
 * <p>and the same of calls that this process makes to others, with names that begin with {@code
 * grpc_client_}. Streams count as one call, which takes until they end.
 *
 * <p>Label {@code method} is the full name, {@code package.Service/Method}: of all generated
 * methods (as gRPC's proposal A66 knows them: their descriptors are sampled to local tracing), and
 * of others while there are fewer than {@value #MAX_HAND_MADE} in all. The rest is {@value #OTHER},
 * so that no caller of a server that takes any name can make series at will.
 *
 * <p>Calls allocate nothing here once their method was seen, but for an exemplar a second in each
 * bucket.
 *
 * <pre>{@code
 * GrpcKit.builder("orders").observer(PrometheusMetrics.registeredWith(registry)).build();
 * }</pre>
 */
public final class PrometheusMetrics implements CallObserver {
  /** Name of the counter, without its {@code _total}. */
  public static final String REQUESTS = "grpc_requests";

  /** Name of the histogram. */
  public static final String DURATION = "grpc_request_duration_seconds";

  /** Name of the gauge. */
  public static final String ACTIVE = "grpc_active_requests";

  /** Up to how many methods, on each side, those not generated are told apart. */
  public static final int MAX_HAND_MADE = 200;

  /** What the method is called that is not told apart. */
  public static final String OTHER = "other";

  /** Upper bounds of the histogram's buckets unless said otherwise, in seconds. */
  private static final double[] BUCKETS = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};

  private final SideMetrics server;
  private final SideMetrics client;

  private PrometheusMetrics(PrometheusRegistry registry, double[] buckets) {
    server = new SideMetrics("grpc_", "gRPC calls to this process", buckets);
    client = new SideMetrics("grpc_client_", "gRPC calls of this process", buckets);
    registry.register(server);
    registry.register(client);
  }

  /** Returns metrics with the usual buckets: .005 .01 .025 .05 .1 .25 .5 1 2.5 5 10. */
  public static PrometheusMetrics registeredWith(PrometheusRegistry registry) {
    return registeredWith(registry, BUCKETS);
  }

  /**
   * Returns metrics with other buckets.
   *
   * @param buckets upper bounds in seconds, ascending, without infinity
   */
  public static PrometheusMetrics registeredWith(PrometheusRegistry registry, double... buckets) {
    Objects.requireNonNull(registry, "registry");
    double below = 0;
    for (double bucket : buckets) {
      if (!(bucket > below && bucket < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "buckets: " + bucket + " after " + below + " (expected: ascending, above 0)");
      }
      below = bucket;
    }
    if (buckets.length == 0) {
      throw new IllegalArgumentException("buckets: none (expected: at least one)");
    }
    return new PrometheusMetrics(registry, buckets.clone());
  }

  @Override
  public void started(GrpcCall call) {
    of(call.side()).started(call.method());
  }

  @Override
  public void ended(GrpcCall call) {
    Status status = call.status();
    ActiveSpan span = call.span();
    boolean sampled = span.isSampled();
    of(call.side())
        .ended(
            call.method(),
            status == null ? Status.Code.UNKNOWN : status.getCode(),
            call.durationNanos(),
            sampled ? span.traceId() : null,
            sampled ? span.spanId() : null);
  }

  void ended(
      Side side,
      MethodDescriptor<?, ?> method,
      Status.Code code,
      long durationNanos,
      @Nullable TraceId trace,
      @Nullable SpanId span) {
    of(side).ended(method, code, durationNanos, trace, span);
  }

  void started(Side side, MethodDescriptor<?, ?> method) {
    of(side).started(method);
  }

  private SideMetrics of(Side side) {
    return side == Side.SERVER ? server : client;
  }
}
