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
import org.jspecify.annotations.Nullable;

/**
 * Decides by X-Ray's sampling rules. A gRPC call is a POST to {@code /package.Service/Method} at
 * its authority, so rules for HTTP apply to it.
 */
final class RuleSampler implements CallSampler {
  final ClientSampler sampler;

  RuleSampler(RuleSet local) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    String clientId = String.format("%016x%08x", random.nextLong(), random.nextInt());
    sampler =
        new ClientSampler(
            clientId,
            local,
            InstantSource.system(),
            () -> ThreadLocalRandom.current().nextDouble());
  }

  @Override
  public Sampled decide(String service, String name, @Nullable String authority) {
    SamplingDecision decision =
        sampler.decide(
            authority == null
                ? new SampledRequest(service, "", "", "", name, "", Map.of())
                : new SampledRequest(service, "", authority, "POST", '/' + name, "", Map.of()));
    return new Sampled(decision.sampled(), decision.ruleName());
  }
}
