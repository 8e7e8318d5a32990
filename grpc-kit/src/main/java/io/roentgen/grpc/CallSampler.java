// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import org.jspecify.annotations.Nullable;

/**
 * Decides whether a call that nobody has decided about is traced. Must be quick, and safe for use
 * by several threads.
 */
public interface CallSampler extends AutoCloseable {
  /** Traces everything. */
  CallSampler ALWAYS = (service, name, authority) -> Sampled.YES;

  /** Traces nothing that no caller asks for. */
  CallSampler NEVER = (service, name, authority) -> Sampled.NO;

  /**
   * What was decided.
   *
   * @param isSampled whether the call is traced
   * @param rule the rule that decided; empty if it has no name
   */
  record Sampled(boolean isSampled, String rule) {
    static final Sampled YES = new Sampled(true, "");
    static final Sampled NO = new Sampled(false, "");
  }

  /**
   * Decides.
   *
   * @param service name of this process; of a call that is served that of the service, see {@link
   *     ServiceNaming}
   * @param name the full name of the method, or what is done if it is no gRPC call
   * @param authority the host that is called, as the caller named it; null if it is no gRPC call
   */
  Sampled decide(String service, String name, @Nullable String authority);

  /** Stops what keeps the rules up to date, if anything does. */
  @Override
  default void close() {}
}
