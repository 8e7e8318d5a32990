// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Tests of services that the gRPC kit traces: {@link io.roentgen.grpc.testing.RecordedSpans} keeps
 * their spans, {@link io.roentgen.grpc.testing.InProcess} runs them without a network.
 */
@NullMarked
package io.roentgen.grpc.testing;

import org.jspecify.annotations.NullMarked;
