// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Running gRPC clients in production. {@link io.roentgen.grpc.client.ChannelDefaults} sets a
 * channel up; {@link io.roentgen.grpc.client.ServiceConfig} says how calls are balanced, retried
 * and timed out; {@link io.roentgen.grpc.client.Streams} and {@link io.roentgen.grpc.client.Watch}
 * read streams at the pace of their consumer; {@link io.roentgen.grpc.client.Retry} tries again by
 * hand.
 */
@NullMarked
package io.roentgen.grpc.client;

import org.jspecify.annotations.NullMarked;
