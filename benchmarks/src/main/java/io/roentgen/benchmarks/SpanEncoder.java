// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

/** Collects spans into one request of a tracing API. */
interface SpanEncoder {
  /** Adds a span; what it holds is copied. */
  void add(GeneratedSpan span);

  /** Returns how many spans have been added since the last request. */
  int spanCount();

  /** Returns the request's body with the spans added, and begins the next one. */
  byte[] finish();
}
