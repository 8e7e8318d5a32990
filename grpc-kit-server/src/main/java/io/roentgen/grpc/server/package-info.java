// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Running a gRPC service: {@link io.roentgen.grpc.server.ServerSlots} puts interceptors into order,
 * {@link io.roentgen.grpc.server.GracefulShutdown} ends the server without losing calls, {@link
 * io.roentgen.grpc.server.ServerTransport} sets the limits of its connections.
 */
@NullMarked
package io.roentgen.grpc.server;

import org.jspecify.annotations.NullMarked;
