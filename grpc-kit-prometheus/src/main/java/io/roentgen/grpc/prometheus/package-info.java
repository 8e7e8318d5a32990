// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** Metrics of gRPC calls for Prometheus: {@link io.roentgen.grpc.prometheus.PrometheusMetrics}. */
@NullMarked
package io.roentgen.grpc.prometheus;

import org.jspecify.annotations.NullMarked;
