// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import java.util.List;

/** A request that knows its own rules. */
public interface SelfValidating {
  /** Asks requests that are {@link SelfValidating}, and lets others pass. */
  RequestValidator VALIDATOR =
      request -> request instanceof SelfValidating self ? self.violations() : List.of();

  /** Returns what is wrong with this request; empty if nothing is. */
  List<FieldViolation> violations();
}
