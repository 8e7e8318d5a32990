// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Grpc;
import io.grpc.internal.GrpcUtil;
import org.junit.jupiter.api.Test;

/** The tests run against the oldest and the newest gRPC too: that it is these, this shows. */
class ITGrpcVersion {
  @Test
  void grpc_onTheClassPath_isTheOneThatIsMeant() {
    String expected = System.getProperty("expected.grpc.version");
    for (Class<?> type : new Class<?>[] {Grpc.class, GrpcUtil.class}) {
      assertThat(type.getProtectionDomain().getCodeSource().getLocation().getPath())
          .contains("-" + expected + ".jar");
    }
  }
}
