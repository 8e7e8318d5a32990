// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

/** Methods that every server may have beside its own. */
final class WellKnownMethods {
  static final String HEALTH_CHECK = "grpc.health.v1.Health/Check";
  static final String HEALTH_WATCH = "grpc.health.v1.Health/Watch";
  private static final String REFLECTION = "grpc.reflection.";

  private WellKnownMethods() {}

  static boolean isHealth(String fullMethodName) {
    return fullMethodName.equals(HEALTH_CHECK) || fullMethodName.equals(HEALTH_WATCH);
  }

  /** Of any version: {@code grpc.reflection.v1} and {@code v1alpha}. */
  static boolean isReflection(String fullMethodName) {
    return fullMethodName.startsWith(REFLECTION);
  }
}
