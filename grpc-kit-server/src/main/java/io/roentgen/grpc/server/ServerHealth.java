// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import io.grpc.BindableService;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;

/**
 * The {@code grpc.health.v1.Health} service with Check and Watch. The server as a whole, named by
 * the empty string, is serving from the start. Safe for use by several threads.
 */
public final class ServerHealth {
  private final HealthStatusManager manager = new HealthStatusManager();

  /** Makes the health of one server. */
  public ServerHealth() {}

  /** Returns the service to add to the server. */
  public BindableService service() {
    return manager.getHealthService();
  }

  /** Says that a service takes calls; the empty name is the server as a whole. */
  public void serving(String service) {
    manager.setStatus(service, ServingStatus.SERVING);
  }

  /** Says that a service does not take calls now: something that it needs is away. */
  public void notServing(String service) {
    manager.setStatus(service, ServingStatus.NOT_SERVING);
  }

  /** Says that no service takes calls any more. This is the end: later changes are ignored. */
  public void stop() {
    manager.enterTerminalState();
  }
}
