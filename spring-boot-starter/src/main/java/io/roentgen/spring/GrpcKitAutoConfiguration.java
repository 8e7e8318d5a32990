// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.spring;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.roentgen.grpc.CallObserver;
import io.roentgen.grpc.CallOutcomes;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.DaemonAddress;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.Propagation;
import io.roentgen.grpc.SegmentTransport;
import io.roentgen.grpc.SpanSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.core.io.Resource;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.grpc.client.GlobalClientInterceptor;
import org.springframework.grpc.server.GlobalServerInterceptor;
import org.springframework.grpc.server.ServerBuilderCustomizer;

/**
 * Traces the calls of Spring Boot's gRPC servers and clients. Beans of the types {@link
 * SegmentTransport}, {@link CallSampler}, {@link SpanSource}, {@link CallObserver} and {@link
 * GrpcKitCustomizer} are used; the kit itself is made unless there is one, and closed with the
 * context, after servers and channels. {@link CallOutcomes} are a bean too, for whatever else goes
 * by them.
 */
@AutoConfiguration
@ConditionalOnClass({GrpcKit.class, ServerInterceptor.class})
@Conditional(GrpcKitAutoConfiguration.EnabledIsBoolean.class)
@ConditionalOnBooleanProperty(name = "roentgen.grpc.enabled", matchIfMissing = true)
@EnableConfigurationProperties(GrpcKitProperties.class)
public final class GrpcKitAutoConfiguration {
  private static final String PREFIX = "roentgen.grpc.";

  @Bean
  @ConditionalOnMissingBean
  CallOutcomes roentgenCallOutcomes(GrpcKitProperties properties) {
    return OutcomeProperties.read(properties.outcomes());
  }

  @Bean
  @ConditionalOnMissingBean
  GrpcKit grpcKit(
      GrpcKitProperties properties,
      CallOutcomes outcomes,
      Environment environment,
      ObjectProvider<SegmentTransport> transport,
      ObjectProvider<CallSampler> sampler,
      ObjectProvider<SpanSource> spans,
      ObjectProvider<CallObserver> observers,
      ObjectProvider<GrpcKitCustomizer> customizers) {
    String name = serviceName(properties, environment);
    GrpcKit.Builder builder = GrpcKit.builder(name);
    place(builder, properties);
    if (properties.relayOnly()) {
      List<String> relay = properties.propagation().relay();
      set("propagation.relay", relay, () -> builder.relayOnly(or(relay, Propagation.MESH_HEADERS)));
    } else {
      trace(builder, properties);
      transport.ifAvailable(builder::transport);
      sampler.ifAvailable(builder::sampler);
      SpanSource source = spans.getIfAvailable();
      if (source != null) {
        builder.spans(source);
      } else if (!outcomes.equals(CallOutcomes.defaults())) {
        builder.outcomes(outcomes);
      }
    }
    observers.orderedStream().forEach(builder::observer);
    customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
    try {
      return builder.build();
    } catch (IllegalStateException e) {
      throw properties.relayOnly() ? refused("relay-only", true, e) : together(properties, e);
    } catch (IllegalArgumentException e) {
      // What else may be wrong stands in the environment, and the message quotes it.
      throw String.valueOf(e.getMessage()).startsWith("service: '" + name + "'")
          ? refused("service-name", name, e)
          : e;
    }
  }

  /** What excludes each other, of which one may be a bean and the other a property. */
  private static RuntimeException together(
      GrpcKitProperties properties, IllegalStateException why) {
    boolean polls = String.valueOf(why.getMessage()).startsWith("pollSamplingRules:");
    return polls ? refused("poll-sampling-rules", properties.pollSamplingRules(), why) : why;
  }

  private static String serviceName(GrpcKitProperties properties, Environment environment) {
    String name = properties.serviceName();
    if (name == null || name.isEmpty()) {
      name = environment.getProperty("spring.application.name", "");
    }
    String variable = environment.getProperty(GrpcKit.NAME_VARIABLE, "");
    if (name.isEmpty() && variable.isEmpty() && !properties.relayOnly()) {
      throw new InvalidConfigurationPropertyValueException(
          PREFIX + "service-name", "", "Set it or spring.application.name: services have names.");
    }
    return name;
  }

  /** What a kit that only relays refuses. */
  private static void place(GrpcKit.Builder builder, GrpcKitProperties properties) {
    String daemon = properties.daemonAddress();
    if (daemon != null && !daemon.isEmpty()) {
      set("daemon-address", daemon, () -> builder.daemon(DaemonAddress.parse(daemon)));
    }
    Resource rules = properties.samplingRules();
    if (rules != null) {
      set("sampling-rules", rules, () -> builder.samplingRules(read(rules)));
    }
    Boolean poll = properties.pollSamplingRules();
    if (poll != null) {
      builder.pollSamplingRules(poll);
    }
  }

  /** Only what is set, as spans of another kind than X-Ray's refuse the rest. */
  private static void trace(GrpcKit.Builder builder, GrpcKitProperties properties) {
    GrpcKitProperties.Propagation headers = properties.propagation();
    set(
        "propagation.relay",
        headers.relay(),
        () ->
            builder.propagation(
                Propagation.of(
                    or(headers.read(), Propagation.DEFAULT_READ),
                    or(headers.write(), Propagation.DEFAULT_WRITE),
                    or(headers.relay(), Propagation.DEFAULT_RELAY))));
    Integer ticks = properties.messageTicks();
    if (ticks != null) {
      set("message-ticks", ticks, () -> builder.messageTicks(ticks));
    }
    Integer capacity = properties.queueCapacity();
    if (capacity != null) {
      set("queue-capacity", capacity, () -> builder.queueCapacity(capacity));
    }
    Duration after = properties.inProgress().after();
    Duration every = properties.inProgress().every();
    if (after != null) {
      set(
          "in-progress.after",
          after,
          () -> builder.inProgress(after, GrpcKit.DEFAULT_IN_PROGRESS_EVERY));
    }
    if (every != null) {
      Duration first = after == null ? GrpcKit.DEFAULT_IN_PROGRESS_AFTER : after;
      set("in-progress.every", every, () -> builder.inProgress(first, every));
    }
    if (properties.rpcNames() != null) {
      builder.rpcNames(properties.rpcNames());
    }
    if (properties.origin() != null) {
      builder.origin(properties.origin());
    }
    if (properties.serviceVersion() != null) {
      builder.version(properties.serviceVersion());
    }
  }

  private static <T> List<T> or(@Nullable List<T> set, List<T> otherwise) {
    return set == null ? otherwise : set;
  }

  private static String read(Resource rules) {
    try {
      return rules.getContentAsString(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + rules.getDescription() + ": " + e, e);
    }
  }

  /** Sets something; a refusal is said of the property, as Spring Boot shows it at the start. */
  private static void set(String property, @Nullable Object value, Runnable setter) {
    try {
      setter.run();
    } catch (IllegalArgumentException e) {
      throw refused(property, value, e);
    }
  }

  static InvalidConfigurationPropertyValueException refused(
      String property, @Nullable Object value, RuntimeException why) {
    InvalidConfigurationPropertyValueException refused =
        new InvalidConfigurationPropertyValueException(
            PREFIX + property, value, String.valueOf(why.getMessage()));
    refused.addSuppressed(why);
    return refused;
  }

  /** Traces the calls that are served. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({GlobalServerInterceptor.class, ServerBuilderCustomizer.class})
  static class Servers {
    @Bean
    @GlobalServerInterceptor
    OutermostServer roentgenServerInterceptor(GrpcKit kit) {
      return new OutermostServer(kit.serverInterceptor());
    }

    @Bean
    <T extends ServerBuilder<T>> ServerBuilderCustomizer<T> roentgenByteCounter(GrpcKit kit) {
      return kit::countBytes;
    }
  }

  /** Traces the calls that are made. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(GlobalClientInterceptor.class)
  static class Clients {
    @Bean
    @GlobalClientInterceptor
    OutermostClient roentgenClientInterceptor(GrpcKit kit) {
      return new OutermostClient(kit.clientInterceptor());
    }
  }

  /**
   * Spring's exception handler has the highest precedence that {@code @Order} can give; what comes
   * before it, and so sees the status that it makes of an exception, must be {@link
   * PriorityOrdered}.
   */
  record OutermostServer(ServerInterceptor interceptor)
      implements ServerInterceptor, PriorityOrdered {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return interceptor.interceptCall(call, headers, next);
    }

    @Override
    public int getOrder() {
      return Ordered.HIGHEST_PRECEDENCE;
    }
  }

  /** As {@link OutermostServer}, for calls that are made. */
  record OutermostClient(ClientInterceptor interceptor)
      implements ClientInterceptor, PriorityOrdered {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return interceptor.interceptCall(method, options, next);
    }

    @Override
    public int getOrder() {
      return Ordered.HIGHEST_PRECEDENCE;
    }
  }

  /**
   * Refuses what is neither true nor false, which the condition after it takes for false and says
   * nothing.
   */
  @Order(Ordered.HIGHEST_PRECEDENCE)
  static final class EnabledIsBoolean implements Condition {
    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      String value = context.getEnvironment().getProperty(PREFIX + "enabled", "true");
      if (!value.equalsIgnoreCase("true") && !value.equalsIgnoreCase("false")) {
        throw new InvalidConfigurationPropertyValueException(
            PREFIX + "enabled", value, "enabled: " + value + " (expected: true or false)");
      }
      return true;
    }
  }
}
