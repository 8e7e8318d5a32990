// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

/**
 * What became of one request.
 *
 * @param code an HTTP status, the name of a gRPC status, or what went wrong, in a few words
 * @param failed whether it was not what is expected
 * @param atNanos when it was answered, by {@link System#nanoTime()}; {@link #NOW} if just now
 */
record Answer(String code, boolean failed, long atNanos) {
  static final long NOW = Long.MIN_VALUE;

  static Answer expected(String code) {
    return new Answer(code, false, NOW);
  }

  static Answer failed(String code) {
    return new Answer(code, true, NOW);
  }
}
