// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

/** The table was over its capacity for longer than its user waits. */
final class ThroughputExceededException extends RuntimeException {
  ThroughputExceededException(String message) {
    super(message);
  }
}
