// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest;

import io.roentgen.model.TraceId;

/**
 * Spans that became durable lately.
 *
 * @param transport how they came
 * @param epochNanos when
 * @param spanCount how many at once
 * @param traceId the trace of one of them
 * @param service its service, or empty
 * @param name its name
 */
public record Arrival(
    Transport transport,
    long epochNanos,
    int spanCount,
    TraceId traceId,
    String service,
    String name) {}
