// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

/**
 * The places of server interceptors, outermost first: a call goes through them from first to last,
 * its answer from last to first.
 */
public enum Slot {
  /** Knows of every open call, so that a shutdown can wait for them; {@link ShutdownGuard}. */
  SHUTDOWN_GUARD,
  /** Makes the span that all slots below belong to, and tells observers. */
  TRACE,
  /** Sees the status that the caller gets, as everything that changes it is further in. */
  METRICS,
  /** Likewise; {@link CallLog}. */
  LOG,
  /** Turns exceptions of everything below into statuses; {@link ErrorMapping}. */
  ERROR_MAPPING,
  /** Finds out who calls; {@link Authentication}. */
  AUTH,
  /** Limits calls, by caller if need be; {@link RateLimit}. */
  RATE_LIMIT,
  /** Refuses calls that cannot end in time; {@link DeadlineCheck}. */
  DEADLINE,
  /** Looks at requests; {@link Validation}. */
  VALIDATION,
  /** Closest to the service itself. */
  HANDLER
}
