// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.spring;

import io.grpc.Status;
import io.roentgen.grpc.RpcNames;
import io.roentgen.grpc.TraceFormat;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.io.Resource;

/**
 * The properties {@code roentgen.grpc.*}.
 *
 * @param enabled Whether calls are traced.
 * @param serviceName Name of this service in the map; spring.application.name unless set. The
 *     variable AWS_XRAY_TRACING_NAME goes before both.
 * @param serviceVersion Version of this service, shown with its segments.
 * @param origin What this process runs on, such as AWS::EKS::Container.
 * @param daemonAddress Where segments are sent: host:port, or tcp:host:port udp:host:port. The
 *     variable AWS_XRAY_DAEMON_ADDRESS unless set, and else 127.0.0.1:2000.
 * @param samplingRules Location of local sampling rules in the format of the X-Ray SDKs.
 * @param pollSamplingRules Whether sampling rules are fetched from the daemon, and local ones
 *     decide while there are none. Unless set they are, if segments go there and there are neither
 *     local rules nor a sampler.
 * @param propagation Which headers are read, written and relayed.
 * @param relayOnly Whether only headers are relayed, as a mesh makes the spans.
 * @param messageTicks Of how many first messages of a call the times are kept; 0 unless set.
 * @param queueCapacity How many spans may wait to be sent, 16384 unless set; more are dropped and
 *     counted.
 * @param inProgress When a call that goes on is told of.
 * @param rpcNames Which names of OpenTelemetry's conventions are used; as
 *     OTEL_SEMCONV_STABILITY_OPT_IN says unless set.
 * @param outcomes Which statuses are ok, errors, faults and throttles, where that is not as usual.
 */
@ConfigurationProperties("roentgen.grpc")
public record GrpcKitProperties(
    @DefaultValue("true") boolean enabled,
    @Nullable String serviceName,
    @Nullable String serviceVersion,
    @Nullable String origin,
    @Nullable String daemonAddress,
    @Nullable Resource samplingRules,
    @Nullable Boolean pollSamplingRules,
    @DefaultValue Propagation propagation,
    @DefaultValue("false") boolean relayOnly,
    @Nullable Integer messageTicks,
    @Nullable Integer queueCapacity,
    @DefaultValue InProgress inProgress,
    @Nullable RpcNames rpcNames,
    @DefaultValue Outcomes outcomes) {

  /**
   * Which headers are read, written and relayed.
   *
   * @param read Formats of a trace, in the order in which they are looked for; all unless set,
   *     X-Ray's first.
   * @param write Formats of a trace that are written, all of them; X-Ray's and W3C's unless set.
   * @param relay Other headers that calls made for a call get as it came with them; x-request-id
   *     unless set, and with relay-only also those of an Istio mesh.
   */
  public record Propagation(
      @Nullable List<TraceFormat> read,
      @Nullable List<TraceFormat> write,
      @Nullable List<String> relay) {}

  /**
   * When a call that goes on is told of.
   *
   * @param after After how long it is told of; 1s unless set.
   * @param every How often it is told of again; 30s unless set.
   */
  public record InProgress(@Nullable Duration after, @Nullable Duration every) {}

  /**
   * Which statuses are what, by methods: package.Service/Method, package.Service/* or *, in
   * brackets. What is said of fewer methods counts.
   *
   * @param ok Statuses with which a call of such methods went well.
   * @param error Statuses that are the caller's mistake.
   * @param fault Statuses that are the callee's failure.
   * @param throttle Statuses by which a call is refused for its rate, which is an error too.
   */
  public record Outcomes(
      @DefaultValue Map<String, List<Status.Code>> ok,
      @DefaultValue Map<String, List<Status.Code>> error,
      @DefaultValue Map<String, List<Status.Code>> fault,
      @DefaultValue Map<String, List<Status.Code>> throttle) {}
}
