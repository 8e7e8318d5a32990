// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * OpenTelemetry for the gRPC kit: {@link io.roentgen.grpc.opentelemetry.OpenTelemetrySpans} makes
 * the spans of calls through its API.
 */
@NullMarked
package io.roentgen.grpc.opentelemetry;

import org.jspecify.annotations.NullMarked;
