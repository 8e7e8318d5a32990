// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.spring;

import io.roentgen.grpc.GrpcKit;

/**
 * Sets what no property can, on the kit that the auto-configuration makes. A bean of this type is
 * called after all properties and before the kit is built; several are called in their order.
 */
@FunctionalInterface
public interface GrpcKitCustomizer {
  /** Changes what the kit is made with. */
  void customize(GrpcKit.Builder builder);
}
