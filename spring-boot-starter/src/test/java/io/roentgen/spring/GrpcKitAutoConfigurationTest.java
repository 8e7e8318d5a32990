// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.ClientInterceptor;
import io.grpc.ServerInterceptor;
import io.grpc.Status.Code;
import io.roentgen.grpc.CallOutcomes;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.SegmentTransport;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
        "in-progress.after=0s | in-progress.after | (expected: more than 0)",
        "in-progress.every=-1s | in-progress.every | (expected: more than 0)",
        "propagation.relay=no good | propagation.relay | no good",
        "sampling-rules=file:/no/such/file | sampling-rules | cannot read",
        "sampling-rules=classpath:no-rules.json | sampling-rules | samplingRules",
        "propagation.relay=x-amzn-trace-id | propagation.relay | x-amzn-trace-id (expected",
        "outcomes.fault[shop.Cart]=NOT_FOUND | outcomes.fault[shop.Cart] | package.Service/Method",
        "outcomes.ok.shop.Cart/*=NOT_FOUND | outcomes.ok[shop.Cart] | methods stand in brackets",
        "outcomes.error[*]=OK | outcomes.error[*] | those of calls that failed",
        "outcomes.throttle[*]= | outcomes.throttle[*] | codes: none",
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
                          assertThat(refused.getValue()).asString().isNotEqualTo("null");
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "enabled=maybe | maybe",
        "relay-only=maybe | maybe",
        "poll-sampling-rules=maybe | maybe",
        "message-ticks=many | many",
        "queue-capacity=1e9 | 1e9",
        "in-progress.after=soon | soon",
        "rpc-names=newer | newer",
        "propagation.write=xray,jaeger | jaeger",
      })
  void property_ofAnotherType_failsTheStartWithNameAndValue(String set, String value) {
    String property = set.substring(0, set.indexOf('='));
    runner
        .withPropertyValues("roentgen.grpc." + set)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .satisfies(
                        failure ->
                            assertThat(causes(failure))
                                .anySatisfy(
                                    cause ->
                                        assertThat(cause).contains("roentgen.grpc." + property))
                                .anySatisfy(cause -> assertThat(cause).contains(value))));
  }

  private static List<String> causes(Throwable failure) {
    List<String> messages = new ArrayList<>();
    for (Throwable at = failure; at != null; at = at.getCause()) {
      messages.add(String.valueOf(at.getMessage()));
    }
    return messages;
  }

  @Test
  void outcomes_perMethodServiceAndAll_areThoseOfTheBean() {
    runner
        .withPropertyValues(
            "roentgen.grpc.outcomes.fault[test.Text/*]=not-found,ABORTED",
            "roentgen.grpc.outcomes.ok[test.Text/Say]=ABORTED",
            "roentgen.grpc.outcomes.error[*]=unavailable",
            "roentgen.grpc.outcomes.throttle[test.Text/Say]=INTERNAL")
        .run(
            context -> {
              CallOutcomes outcomes = context.getBean(CallOutcomes.class);
              assertThat(outcomes.of(Text.SAY, Code.NOT_FOUND).fault()).isTrue();
              assertThat(outcomes.of(Text.SAY, Code.ABORTED).isOk()).isTrue();
              assertThat(outcomes.of(Text.SAY, Code.UNAVAILABLE).error()).isTrue();
              assertThat(outcomes.of(Text.SAY, Code.UNAVAILABLE).fault()).isFalse();
              assertThat(outcomes.of(Text.SAY, Code.INTERNAL).throttle()).isTrue();
              assertThat(outcomes.of(Text.SAY, Code.DATA_LOSS).fault()).isTrue();
            });
  }

  @Test
  void outcomes_beanOfTheUser_isTheOneThatIsUsed() {
    CallOutcomes own = CallOutcomes.defaults().fault("*", Code.NOT_FOUND);
    runner
        .withBean(CallOutcomes.class, () -> own)
        .run(context -> assertThat(context.getBean(CallOutcomes.class)).isSameAs(own));
  }

  @Test
  void outcomes_ofOneStatusTwice_failTheStartAndBothAreNamed() {
    runner
        .withPropertyValues(
            "roentgen.grpc.outcomes.ok[*]=NOT_FOUND",
            "roentgen.grpc.outcomes.fault[*]=ABORTED,NOT_FOUND")
        .run(
            context ->
                assertThat(refusal(context.getStartupFailure()))
                    .satisfies(
                        refused -> {
                          assertThat(refused.getName())
                              .isEqualTo("roentgen.grpc.outcomes.fault[*]");
                          assertThat(refused.getReason())
                              .isEqualTo("NOT_FOUND: said by outcomes.ok[*] too");
                        }));
  }

  @Test
  void outcomes_noStatus_failTheStartAndTheyAreNamed() {
    runner
        .withPropertyValues("roentgen.grpc.outcomes.ok[*]=MISSING")
        .run(
            context ->
                assertThat(causes(context.getStartupFailure()))
                    .anySatisfy(
                        message -> assertThat(message).contains("'roentgen.grpc.outcomes.ok[*]'"))
                    .anySatisfy(message -> assertThat(message).contains("[MISSING]")));
  }

  @Test
  void environment_badValue_isNotTakenForTheNames() {
    runner
        .withBean(
            GrpcKitCustomizer.class,
            () -> builder -> builder.environment(Map.of("AWS_XRAY_DAEMON_ADDRESS", "here")))
        .run(
            context ->
                assertThat(causes(context.getStartupFailure()))
                    .anySatisfy(message -> assertThat(message).contains("daemon address: 'here'"))
                    .noneSatisfy(message -> assertThat(message).contains("service-name")));
    runner
        .withBean(
            GrpcKitCustomizer.class,
            () -> builder -> builder.environment(Map.of("AWS_XRAY_TRACING_NAME", "or$ders")))
        .run(
            context ->
                assertThat(causes(context.getStartupFailure()))
                    .anySatisfy(message -> assertThat(message).contains("service: 'or$ders'"))
                    .noneSatisfy(message -> assertThat(message).contains("service-name")));
  }

  @Test
  void pollSamplingRules_besideASampler_failsTheStartAndIsNamed() {
    runner
        .withBean(CallSampler.class, () -> CallSampler.ALWAYS)
        .withPropertyValues("roentgen.grpc.poll-sampling-rules=true")
        .run(
            context ->
                assertThat(refusal(context.getStartupFailure()))
                    .satisfies(
                        refused -> {
                          assertThat(refused.getName())
                              .isEqualTo("roentgen.grpc.poll-sampling-rules");
                          assertThat(refused.getValue()).isEqualTo(true);
                          assertThat(refused.getReason()).contains("with sampler");
                        }));
  }

  @Test
  void metadata_eachProperty_isDescribedThereAndInTheReadme() throws Exception {
    JsonNode metadata;
    try (InputStream in =
        GrpcKitProperties.class.getResourceAsStream(
            "/META-INF/spring-configuration-metadata.json")) {
      metadata = new ObjectMapper().readTree(in);
    }
    List<String> names = new ArrayList<>();
    for (JsonNode property : metadata.get("properties")) {
      names.add(property.get("name").asText());
      assertThat(property.path("description").asText()).as(names.getLast()).isNotBlank();
      assertThat(property.path("type").asText()).as(names.getLast()).isNotBlank();
    }
    assertThat(names)
        .containsExactlyInAnyOrder(
            "roentgen.grpc.daemon-address",
            "roentgen.grpc.enabled",
            "roentgen.grpc.in-progress.after",
            "roentgen.grpc.in-progress.every",
            "roentgen.grpc.message-ticks",
            "roentgen.grpc.origin",
            "roentgen.grpc.outcomes.error",
            "roentgen.grpc.outcomes.fault",
            "roentgen.grpc.outcomes.ok",
            "roentgen.grpc.outcomes.throttle",
            "roentgen.grpc.poll-sampling-rules",
            "roentgen.grpc.propagation.read",
            "roentgen.grpc.propagation.relay",
            "roentgen.grpc.propagation.write",
            "roentgen.grpc.queue-capacity",
            "roentgen.grpc.relay-only",
            "roentgen.grpc.rpc-names",
            "roentgen.grpc.sampling-rules",
            "roentgen.grpc.service-name",
            "roentgen.grpc.service-version");
    String readme = Files.readString(Path.of("README.md"));
    for (String name : names) {
      // Those of in-progress share a line, and those of outcomes.
      String last = name.substring(name.lastIndexOf('.'));
      boolean shares = Set.of(".every", ".error", ".fault", ".throttle").contains(last);
      String written = "`" + (shares ? last : name) + "`";
      assertThat(readme).contains(written);
    }
  }

  @Test
  void customizer_changesTheKit() {
    runner
        .withBean(GrpcKitCustomizer.class, () -> builder -> builder.queueCapacity(0))
        .run(context -> assertThat(context).getFailure().hasStackTraceContaining("queueCapacity"));
  }
}
