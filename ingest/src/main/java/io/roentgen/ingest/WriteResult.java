// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest;

/** What became of a batch that was handed to the store. */
public sealed interface WriteResult {
  /** All its spans are durable. */
  record Written() implements WriteResult {}

  /** Nothing was kept; try again after that many milliseconds. */
  record Overloaded(String message, long retryAfterMillis) implements WriteResult {}

  /** Nothing was kept, since the store cannot write now; the message says why. */
  record Unavailable(String message, long retryAfterMillis) implements WriteResult {}
}
