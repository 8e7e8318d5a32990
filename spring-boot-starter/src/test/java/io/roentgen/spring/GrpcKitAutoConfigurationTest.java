// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ClientInterceptor;
import io.grpc.ServerInterceptor;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.SegmentTransport;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class GrpcKitAutoConfigurationTest {
  private final Documents documents = new Documents();
  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(GrpcKitAutoConfiguration.class))
          .withBean(SegmentTransport.class, () -> documents)
          .withPropertyValues("spring.application.name=orders");

  @Test
  void context_nothingSet_hasAKitAndBothInterceptors() {
    runner.run(
        context -> {
          assertThat(context).hasSingleBean(GrpcKit.class);
          assertThat(context).hasSingleBean(ServerInterceptor.class);
          assertThat(context).hasSingleBean(ClientInterceptor.class);
        });
  }

  @Test
  void context_closed_closesTheKit() {
    runner.run(context -> assertThat(documents.isClosed()).isFalse());
    assertThat(documents.isClosed()).isTrue();
  }

  @Test
  void enabled_false_nothingIsThere() {
    runner
        .withPropertyValues("roentgen.grpc.enabled=false")
        .run(
            context -> {
              assertThat(context).doesNotHaveBean(GrpcKit.class);
              assertThat(context).doesNotHaveBean(ServerInterceptor.class);
              assertThat(context).doesNotHaveBean(ClientInterceptor.class);
            });
  }

  @Test
  void kit_ofTheUser_isTheOneThatIsUsed() {
    GrpcKit own =
        GrpcKit.builder("own").transport(new Documents()).sampler(CallSampler.NEVER).build();
    runner
        .withBean("own", GrpcKit.class, () -> own)
        .run(
            context -> {
              assertThat(context.getBean(GrpcKit.class)).isSameAs(own);
              assertThat(context.getBean(GrpcKitAutoConfiguration.OutermostServer.class))
                  .isEqualTo(new GrpcKitAutoConfiguration.OutermostServer(own.serverInterceptor()));
            });
  }

  @Test
  void properties_allSet_makeAKit(@TempDir Path folder) throws Exception {
    Path rules = folder.resolve("rules.json");
    Files.writeString(rules, "{\"version\":2,\"default\":{\"fixed_target\":1,\"rate\":0.1}}");
    runner
        .withPropertyValues(
            "roentgen.grpc.service-name=shop",
            "roentgen.grpc.service-version=1.2",
            "roentgen.grpc.origin=AWS::EKS::Container",
            "roentgen.grpc.daemon-address=tcp:localhost:2000 udp:localhost:2001",
            "roentgen.grpc.sampling-rules=" + rules.toUri(),
            "roentgen.grpc.propagation.read=w3c,b3-single",
            "roentgen.grpc.propagation.write=w3c",
            "roentgen.grpc.propagation.relay=x-request-id,x-tenant",
            "roentgen.grpc.message-ticks=10",
            "roentgen.grpc.queue-capacity=100",
            "roentgen.grpc.in-progress.after=5s",
            "roentgen.grpc.in-progress.every=1m",
            "roentgen.grpc.rpc-names=both")
        .run(context -> assertThat(context).hasSingleBean(GrpcKit.class));
  }

  @Test
  void relayOnly_noTracing_makesAKitWithoutNameOrSpans() {
    runner
        .withPropertyValues("roentgen.grpc.relay-only=true", "spring.application.name=")
        .run(
            context -> {
              GrpcKit kit = context.getBean(GrpcKit.class);
              kit.close();
              assertThat(documents.isClosed()).isFalse();
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "daemon-address=here | daemon-address | daemon address: 'here'",
        "message-ticks=5000 | message-ticks | (expected: 0 to 1000)",
        "queue-capacity=0 | queue-capacity | (expected: 1 to 16777216)",
        "in-progress.after=0s | in-progress | (expected: more than 0)",
        "sampling-rules=file:/no/such/file | sampling-rules | cannot read",
        "sampling-rules=classpath:no-rules.json | sampling-rules | samplingRules",
        "propagation.relay=x-amzn-trace-id | propagation.relay | x-amzn-trace-id (expected",
        "service-name=or$ders | service-name | letters, digits",
        "service-name= | service-name | spring.application.name",
      })
  void property_badValue_failsTheStartAndIsNamed(String set, String property, String message) {
    runner
        .withPropertyValues("spring.application.name=", "roentgen.grpc." + set)
        .withPropertyValues(
            set.startsWith("service-name") ? "a=b" : "spring.application.name=orders")
        .run(
            context ->
                assertThat(refusal(context.getStartupFailure()))
                    .satisfies(
                        refused -> {
                          assertThat(refused.getName()).isEqualTo("roentgen.grpc." + property);
                          assertThat(refused.getReason()).contains(message);
                        }));
  }

  private static InvalidConfigurationPropertyValueException refusal(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof InvalidConfigurationPropertyValueException refused
          && refused.getCause() == null) {
        return refused;
      }
    }
    throw new AssertionError("no refusal", failure);
  }

  @Test
  void relayOnly_withADaemon_failsTheStart() {
    runner
        .withPropertyValues(
            "roentgen.grpc.relay-only=true", "roentgen.grpc.daemon-address=localhost:2000")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasStackTraceContaining("roentgen.grpc.relay-only")
                    .hasStackTraceContaining("relayOnly: with daemon"));
  }

  @Test
  void property_unknownFormat_failsTheStartAndIsNamed() {
    runner
        .withPropertyValues("roentgen.grpc.propagation.read=jaeger")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasStackTraceContaining("roentgen.grpc.propagation.read"));
  }

  @Test
  void customizer_changesTheKit() {
    runner
        .withBean(GrpcKitCustomizer.class, () -> builder -> builder.queueCapacity(0))
        .run(context -> assertThat(context).getFailure().hasStackTraceContaining("queueCapacity"));
  }
}
