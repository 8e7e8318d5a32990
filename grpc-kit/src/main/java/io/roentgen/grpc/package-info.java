// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Tracing of gRPC calls: {@link io.roentgen.grpc.GrpcKit} makes the interceptors, {@link
 * io.roentgen.grpc.CallObserver} is told of calls, {@link io.roentgen.grpc.ActiveSpan} is what a
 * handler may say something about.
 */
@NullMarked
package io.roentgen.grpc;

import org.jspecify.annotations.NullMarked;
