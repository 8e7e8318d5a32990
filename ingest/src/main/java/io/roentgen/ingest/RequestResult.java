// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest;

/** How a request ended; a label of {@link IngestMetrics#REQUESTS}. */
public enum RequestResult {
  /** All spans are durable. */
  ACCEPTED("accepted"),
  /** Some spans are durable and the others were refused for what they are. */
  PARTIAL("partial"),
  /** The request could not be understood, or is larger than allowed. */
  REJECTED("rejected"),
  /** Refused for load; the sender was told to come again. */
  OVERLOADED("overloaded"),
  /** The store cannot write; the sender was told to come again. */
  UNAVAILABLE("unavailable"),
  /** Without the token. */
  UNAUTHENTICATED("unauthenticated"),
  /** The sender went away, or we failed. */
  FAILED("failed");

  private final String label;

  RequestResult(String label) {
    this.label = label;
  }

  /** Returns the name as metrics have it. */
  public String label() {
    return label;
  }
}
