// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.RpcNames;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who may import whom, over the main classes of every module. There are no exemptions. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.roentgen");

  /** They start processes: the only ones with a main, the environment and shutdown hooks. */
  private static final Set<Modules> PROCESSES =
      EnumSet.of(
          Modules.SERVER,
          Modules.CLI,
          Modules.LOAD,
          Modules.DEMO,
          Modules.EXAMPLES,
          Modules.BENCHMARKS,
          Modules.GRPC_KIT_BENCHMARKS);

  @Test
  void classes_areFound_inEveryModule() {
    EnumSet<Modules> seen = EnumSet.noneOf(Modules.class);
    CLASSES.forEach(c -> Modules.owning(c.getPackageName()).ifPresent(seen::add));
    assertThat(seen).containsExactlyInAnyOrder(Modules.values());
  }

  @Test
  void classes_belongToAModule() {
    assertThat(CLASSES).allMatch(c -> Modules.owning(c.getPackageName()).isPresent());
  }

  @ParameterizedTest
  @EnumSource
  void imports_goToListedModulesOnly(Modules module) {
    check(
        noClasses()
            .that(module.classes())
            .should()
            .dependOnClassesThat(module.forbidden())
            .because("imports go one way; see Modules"));
  }

  @Test
  void model_knowsTheJdkOnly() {
    check(
        classes()
            .that(Modules.MODEL.classes())
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", "io.roentgen.model.."));
  }

  @Test
  void model_doesNoInputOrOutput() {
    check(
        noClasses()
            .that(Modules.MODEL.classes())
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "java.net..", "java.nio.channels..", "java.nio.file..", "java.sql.."));
  }

  @Test
  void sampling_knowsTheModelOnly() {
    check(
        classes()
            .that(Modules.SAMPLING.classes())
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..", "org.jspecify..", "io.roentgen.model..", "io.roentgen.sampling.."));
  }

  @Test
  void codecXray_knowsTheModelOnly() {
    check(
        classes()
            .that(Modules.CODEC_XRAY.classes())
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..", "org.jspecify..", "io.roentgen.model..", "io.roentgen.codec.xray.."));
  }

  @Test
  void grpcKitClient_knowsGrpcOnly() {
    check(
        classes()
            .that(Modules.GRPC_KIT_CLIENT.classes())
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..",
                "org.jspecify..",
                "io.grpc",
                "io.grpc.protobuf.services",
                "io.roentgen.grpc.client.."));
  }

  @Test
  void grpcKitResilience4j_knowsGrpcAndResilience4jOnly() {
    check(
        classes()
            .that(Modules.GRPC_KIT_RESILIENCE4J.classes())
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..",
                "org.jspecify..",
                "io.grpc",
                "io.github.resilience4j..",
                "io.roentgen.grpc.resilience4j.."));
  }

  @Test
  void codecOtlp_knowsTheModelProtosAndAJsonStreamOnly() {
    check(
        classes()
            .that(Modules.CODEC_OTLP.classes())
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..",
                "org.jspecify..",
                "com.fasterxml.jackson.core..",
                "com.google.protobuf..",
                "io.opentelemetry.proto..",
                "io.roentgen.model..",
                "io.roentgen.codec.otlp.."));
  }

  @Test
  void storeApi_knowsTheModelOnly() {
    check(
        classes()
            .that(Modules.STORE_API.classes())
            .should()
            .onlyDependOnClassesThat(
                DescribedPredicate.or(
                    Modules.in(Set.of(Modules.STORE_API, Modules.MODEL)),
                    JavaClass.Predicates.resideInAnyPackage("java..", "org.jspecify.."))));
  }

  @Test
  void engine_isKnownToStoreLakeOnly() {
    check(
        noClasses()
            .that(Modules.notIn(EnumSet.of(Modules.STORE_LAKE)))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.duckdb..", "org.apache.arrow.."));
  }

  @Test
  void otlpProtos_areKnownToCodecOtlpServerAndBenchmarksOnly() {
    check(
        noClasses()
            .that(Modules.notIn(EnumSet.of(Modules.CODEC_OTLP, Modules.SERVER, Modules.BENCHMARKS)))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.opentelemetry.proto.."));
  }

  @Test
  void main_isInProcessesOnly() {
    check(
        methods().that().haveName("main").should().beDeclaredInClassesThat(Modules.in(PROCESSES)));
  }

  /**
   * The kit is the one other place: its operators name the daemon and the service by the variables
   * of the X-Ray SDKs, {@code AWS_XRAY_DAEMON_ADDRESS} above all, which are read where the kit is
   * made, and the kit's parts by OpenTelemetry's switch for names.
   */
  @Test
  void environment_isReadByProcessesAndTheMakingOfTheKitOnly() {
    check(
        noClasses()
            .that(Modules.notIn(PROCESSES))
            .and(DescribedPredicate.not(JavaClass.Predicates.type(GrpcKit.Builder.class)))
            .and(DescribedPredicate.not(JavaClass.Predicates.type(RpcNames.class)))
            .should()
            .callMethod(System.class, "getenv")
            .orShould()
            .callMethod(System.class, "getenv", String.class));
  }

  @Test
  void exitAndHooks_areInProcessesOnly() {
    check(
        noClasses()
            .that(Modules.notIn(PROCESSES))
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "halt", int.class)
            .orShould()
            .callMethod(Runtime.class, "addShutdownHook", Thread.class));
  }

  @Test
  void spring_isKnownToItsStarterAndTheExamplesOnly() {
    check(
        noClasses()
            .that(Modules.notIn(EnumSet.of(Modules.SPRING_BOOT_STARTER, Modules.EXAMPLES)))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework.."));
  }

  @Test
  void grpcKit_knowsGrpcAndOurModulesOnly() {
    check(
        classes()
            .that(Modules.GRPC_KIT.classes())
            .should()
            .onlyDependOnClassesThat(
                DescribedPredicate.or(
                    Modules.in(
                        Set.of(
                            Modules.GRPC_KIT, Modules.MODEL, Modules.SAMPLING, Modules.CODEC_XRAY)),
                    // OpenTelemetry and Brave only to see whether they trace already.
                    JavaClass.Predicates.resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "io.grpc",
                        "io.opentelemetry.api.trace",
                        "brave",
                        "brave.propagation"))));
  }

  @Test
  void packages_haveNoCycles() {
    check(slices().matching("io.roentgen.(**)").should().beFreeOfCycles());
  }

  /** A rule over a module that has no code yet holds. */
  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CLASSES);
  }
}
