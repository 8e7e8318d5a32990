// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

/**
 * Whether a request is traced, and by which rule.
 *
 * @param ruleName the rule that decided; empty if none matched, and then nothing is traced
 * @param source where the rule is from
 */
public record SamplingDecision(boolean sampled, String ruleName, Source source) {
  /** Where a rule is from. */
  public enum Source {
    /** Fetched from the server. */
    SERVER,
    /** Known from the start, for when the server's are not known or too old. */
    LOCAL
  }
}
