// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.arch;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The modules, each with the package it owns and the modules it may import. Imports go up this list
 * only.
 */
enum Modules {
  MODEL("io.roentgen.model"),
  SAMPLING("io.roentgen.sampling", MODEL),
  CODEC_XRAY("io.roentgen.codec.xray", MODEL),
  GRPC_KIT_CLIENT("io.roentgen.grpc.client"),
  GRPC_KIT_RESILIENCE4J("io.roentgen.grpc.resilience4j"),
  GRPC_KIT("io.roentgen.grpc", MODEL, SAMPLING, CODEC_XRAY),
  GRPC_KIT_SERVER("io.roentgen.grpc.server", MODEL, GRPC_KIT),
  GRPC_KIT_PROMETHEUS("io.roentgen.grpc.prometheus", MODEL, GRPC_KIT),
  GRPC_KIT_XRAY_SDK("io.roentgen.grpc.xraysdk", MODEL, CODEC_XRAY, GRPC_KIT),
  GRPC_KIT_PROTOVALIDATE("io.roentgen.grpc.protovalidate", GRPC_KIT_SERVER),
  GRPC_KIT_OPENTELEMETRY("io.roentgen.grpc.opentelemetry", MODEL, GRPC_KIT),
  GRPC_KIT_TESTING("io.roentgen.grpc.testing", MODEL, GRPC_KIT),
  SPRING_BOOT_STARTER("io.roentgen.spring", GRPC_KIT),
  CODEC_OTLP("io.roentgen.codec.otlp", MODEL),
  STORE_API("io.roentgen.store", MODEL),
  FILTER("io.roentgen.filter", MODEL, STORE_API),
  STORE_TESTKIT("io.roentgen.store.testkit", MODEL, STORE_API),
  STORE_MEMORY("io.roentgen.store.memory", MODEL, STORE_API),
  STORE_LAKE("io.roentgen.store.lake", MODEL, STORE_API),
  INGEST("io.roentgen.ingest", MODEL, STORE_API, CODEC_XRAY, CODEC_OTLP),
  QUERY("io.roentgen.query", MODEL, STORE_API, FILTER),
  SERVER(
      "io.roentgen.server",
      MODEL,
      STORE_API,
      FILTER,
      SAMPLING,
      CODEC_XRAY,
      CODEC_OTLP,
      STORE_MEMORY,
      STORE_LAKE,
      INGEST,
      QUERY),
  CLI("io.roentgen.cli", MODEL, STORE_API, QUERY, SERVER),
  LOAD("io.roentgen.load"),
  EXAMPLES(
      "io.roentgen.examples",
      MODEL,
      CODEC_XRAY,
      GRPC_KIT,
      GRPC_KIT_SERVER,
      GRPC_KIT_CLIENT,
      GRPC_KIT_PROMETHEUS,
      GRPC_KIT_OPENTELEMETRY,
      GRPC_KIT_XRAY_SDK),
  DEMO("io.roentgen.demo", LOAD, EXAMPLES),
  GRPC_KIT_BENCHMARKS(
      "io.roentgen.benchmarks.kit",
      GRPC_KIT,
      GRPC_KIT_SERVER,
      GRPC_KIT_PROMETHEUS,
      GRPC_KIT_PROTOVALIDATE,
      GRPC_KIT_OPENTELEMETRY),
  BENCHMARKS(
      "io.roentgen.benchmarks",
      MODEL,
      STORE_API,
      FILTER,
      STORE_TESTKIT,
      CODEC_XRAY,
      CODEC_OTLP,
      STORE_MEMORY,
      STORE_LAKE,
      INGEST,
      QUERY,
      SERVER);

  private final String rootPackage;
  private final Set<Modules> imports;

  Modules(String rootPackage, Modules... imports) {
    this.rootPackage = rootPackage;
    this.imports = imports.length == 0 ? Set.of() : Set.copyOf(Arrays.asList(imports));
  }

  /** Returns the module that owns the package: the one with the longest matching root. */
  static Optional<Modules> owning(String packageName) {
    Modules best = null;
    for (Modules module : values()) {
      if (module.isRootOf(packageName)
          && (best == null || best.rootPackage.length() < module.rootPackage.length())) {
        best = module;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Classes of this module. */
  DescribedPredicate<JavaClass> classes() {
    return in(EnumSet.of(this));
  }

  /** Classes of modules that this one must not import. */
  DescribedPredicate<JavaClass> forbidden() {
    EnumSet<Modules> others = EnumSet.allOf(Modules.class);
    others.remove(this);
    others.removeAll(imports);
    return in(others);
  }

  /** Classes of any of the modules. */
  static DescribedPredicate<JavaClass> in(Set<Modules> modules) {
    return DescribedPredicate.describe(
        "are of " + modules,
        javaClass -> owning(javaClass.getPackageName()).filter(modules::contains).isPresent());
  }

  /** Classes of any module but these. */
  static DescribedPredicate<JavaClass> notIn(Set<Modules> modules) {
    return in(EnumSet.complementOf(EnumSet.copyOf(modules)));
  }

  private boolean isRootOf(String packageName) {
    return packageName.equals(rootPackage) || packageName.startsWith(rootPackage + ".");
  }
}
