// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

/**
 * What became of spans since the start; {@link GrpcCall#UNKNOWN} for what a source cannot tell.
 *
 * @param open how many are started and not ended
 * @param sent how many were handed to the network
 * @param dropped how many were not, as the queue was full, the kit closed or sending failed
 */
public record SpanStatistics(long open, long sent, long dropped) {}
