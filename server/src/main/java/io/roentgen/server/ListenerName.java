// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

/**
 * The listeners of a server. Every TCP listener answers everything; they differ in who looks for
 * them where.
 */
public enum ListenerName {
  HTTP("http", Setting.HTTP),
  OTLP_GRPC("otlp-grpc", Setting.OTLP_GRPC),
  OTLP_HTTP("otlp-http", Setting.OTLP_HTTP),
  XRAY_TCP("xray-tcp", Setting.XRAY_TCP),
  XRAY_UDP("xray-udp", Setting.XRAY_UDP);

  private final String label;
  private final Setting setting;

  ListenerName(String label, Setting setting) {
    this.label = label;
    this.setting = setting;
  }

  /** Returns the name as logs and the status have it. */
  public String label() {
    return label;
  }

  /** Returns the setting that says where it listens. */
  public Setting setting() {
    return setting;
  }

  boolean tcp() {
    return this != XRAY_UDP;
  }
}
