// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.roentgen.sampling.ClientSampler;
import io.roentgen.sampling.RuleSet;
import io.roentgen.sampling.SampledRequest;
import io.roentgen.sampling.SamplingDecision;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides by X-Ray's sampling rules. A gRPC call is a POST to {@code /package.Service/Method} at
 * its authority, so rules for HTTP apply to it.
 */
final class RuleSampler implements CallSampler {
  final ClientSampler sampler;
  private final String origin;

  RuleSampler(RuleSet local, String origin) {
    this(local, origin, InstantSource.system(), () -> ThreadLocalRandom.current().nextDouble());
  }

  /**
   * Makes one that has local rules only.
   *
   * @param origin what this process runs on, which is the type of its service; may be empty
   * @param random gives numbers of 0 to 1, 1 excluded, from several threads
   */
  RuleSampler(RuleSet local, String origin, InstantSource clock, DoubleSupplier random) {
    this.origin = origin;
    ThreadLocalRandom ids = ThreadLocalRandom.current();
    String clientId = String.format("%016x%08x", ids.nextLong(), ids.nextInt());
    sampler = new ClientSampler(clientId, local, clock, random);
  }

  @Override
  public Sampled decide(String service, String name, @Nullable String authority) {
    SamplingDecision decision =
        sampler.decide(
            authority == null
                ? new SampledRequest(service, origin, "", "", name, "", Map.of())
                : new SampledRequest(service, origin, authority, "POST", '/' + name, "", Map.of()));
    return new Sampled(decision.sampled(), decision.ruleName());
  }
}
