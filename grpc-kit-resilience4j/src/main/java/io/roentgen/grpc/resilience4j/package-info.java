// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Circuit breakers, bulkheads and rate limiters of resilience4j around the calls of a gRPC client:
 * {@link io.roentgen.grpc.resilience4j.CircuitBreakers} and {@link
 * io.roentgen.grpc.resilience4j.Limits} make the interceptors.
 */
@NullMarked
package io.roentgen.grpc.resilience4j;

import org.jspecify.annotations.NullMarked;
