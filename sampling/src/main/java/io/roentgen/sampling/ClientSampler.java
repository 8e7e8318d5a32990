// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides in a client which requests are traced, by the server's rules: the first that matches; of
 * its reservoir what the server has granted each second, or one request while it has granted
 * nothing yet; of the other requests the rule's rate. While the server's rules are not known or
 * older than {@link #RULES_VALID}, local ones decide, each with its whole reservoir.
 *
 * <p>Does no I/O and starts no thread. Whoever uses it fetches rules about every {@link
 * #RULES_INTERVAL} and gives them to {@link #takeRules}; and sends {@link #report} every {@link
 * SamplingTargets#INTERVAL}, and gives the answer to {@link #takeTarget}. A decision that came with
 * the request is his to honour. Safe for use by several threads.
 */
public final class ClientSampler {
  /** How often clients fetch rules. */
  public static final Duration RULES_INTERVAL = Duration.ofMinutes(5);

  /** How long rules count after they were fetched. */
  public static final Duration RULES_VALID = Duration.ofHours(1);

  private final String clientId;
  private final InstantSource clock;
  private final DoubleSupplier random;
  private final Uses local;
  private final AtomicReference<@Nullable Fetched> fetched = new AtomicReference<>();

  private record Fetched(Uses uses, Instant at) {}

  /** Rules, and the use of each by name. */
  private record Uses(RuleSet rules, Map<String, RuleUse> byName) {
    @Nullable SamplingDecision decideOrNull(
        SampledRequest request, SamplingDecision.Source source) {
      @Nullable SamplingRule rule = rules.find(request).orElse(null);
      @Nullable RuleUse use = rule == null ? null : byName.get(rule.name());
      return rule == null || use == null
          ? null
          : new SamplingDecision(use.decide(), rule.name(), source);
    }
  }

  /**
   * Makes one that knows local rules only.
   *
   * @param clientId made up, 24 hex digits as the X-Ray API wants it; tells this client from others
   * @param local what decides without the server, such as {@link RuleFile#parse} returns
   * @param random gives numbers of 0 to 1, 1 excluded, from several threads
   */
  public ClientSampler(String clientId, RuleSet local, InstantSource clock, DoubleSupplier random) {
    SamplingRule.require(
        clientId.matches("[0-9a-f]{24}"), "clientId", clientId, "24 of 0-9 and a-f");
    this.clientId = clientId;
    this.clock = clock;
    this.random = random;
    Map<String, RuleUse> uses = new HashMap<>();
    for (SamplingRule rule : local.rules()) {
      uses.put(rule.name(), new RuleUse(rule, clock, random).alone());
    }
    this.local = new Uses(local, uses);
  }

  /** Decides about a request that nobody has decided about, and counts it. */
  public SamplingDecision decide(SampledRequest request) {
    @Nullable Fetched now = fetched.get();
    @Nullable SamplingDecision decision = null;
    if (now != null && !clock.instant().isAfter(now.at.plus(RULES_VALID))) {
      decision = now.uses.decideOrNull(request, SamplingDecision.Source.SERVER);
    }
    if (decision == null) {
      decision = local.decideOrNull(request, SamplingDecision.Source.LOCAL);
    }
    return decision == null
        ? new SamplingDecision(false, "", SamplingDecision.Source.LOCAL)
        : decision;
  }

  /**
   * Takes rules that were fetched just now in place of those before. Counts and shares of rules
   * that go on are kept, those of others are forgotten.
   */
  public synchronized void takeRules(RuleSet rules) {
    Instant now = clock.instant();
    @Nullable Fetched before = fetched.get();
    Map<String, RuleUse> uses = new LinkedHashMap<>();
    for (SamplingRule rule : rules.rules()) {
      @Nullable RuleUse known = before == null ? null : before.uses.byName.get(rule.name());
      if (known == null) {
        uses.put(rule.name(), new RuleUse(rule, clock, random));
      } else {
        known.change(rule);
        uses.put(rule.name(), known);
      }
    }
    fetched.set(new Fetched(new Uses(rules, uses), now));
  }

  /** Takes what the server said to a report; targets of rules that are not known are ignored. */
  public void takeTarget(SamplingTarget target) {
    @Nullable Fetched now = fetched.get();
    @Nullable RuleUse use = now == null ? null : now.uses.byName.get(target.ruleName());
    if (use != null) {
      use.take(target);
    }
  }

  /**
   * Returns what was done by each of the server's rules since the last call, in their order; those
   * without a request are left out. The server takes 25 at a time. Sampled counts have the borrowed
   * in them.
   */
  public List<ClientReport> report() {
    @Nullable Fetched now = fetched.get();
    return now == null
        ? List.of()
        : now.uses.byName.values().stream()
            .map(use -> use.report(clientId))
            .flatMap(Optional::stream)
            .toList();
  }
}
