// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest;

/** The way by which spans arrive; a label of the metrics and of log lines. */
public enum Transport {
  XRAY_UDP("xray_udp"),
  XRAY_HTTP("xray_http"),
  OTLP_GRPC("otlp_grpc"),
  OTLP_HTTP("otlp_http");

  private final String label;

  Transport(String label) {
    this.label = label;
  }

  /** Returns the name as metrics and logs have it. */
  public String label() {
    return label;
  }
}
