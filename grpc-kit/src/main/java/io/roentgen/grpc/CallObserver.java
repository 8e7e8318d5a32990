// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

/**
 * Told when a gRPC call begins and ends, as a client or as a server: what metrics and logs are made
 * of.
 *
 * <p>For each call {@link #started} is called once, before anything else happens to it; then {@link
 * #ended} once, by whichever comes first of close, cancel and complete. Both must return quickly
 * and must not block; they run on the call's own threads, of many calls at a time. What they throw
 * is logged once, counted, and does not reach the call.
 */
public interface CallObserver {
  /** A call begins: its method, authority, deadline and span are known. */
  default void started(GrpcCall call) {}

  /** A call is over: {@link GrpcCall#status} is known, and nothing of it changes any more. */
  default void ended(GrpcCall call) {}
}
