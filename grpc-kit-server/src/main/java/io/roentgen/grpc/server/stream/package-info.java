// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Answers in streams, at the speed of those who read: {@link
 * io.roentgen.grpc.server.stream.ResponseStream}.
 */
@NullMarked
package io.roentgen.grpc.server.stream;

import org.jspecify.annotations.NullMarked;
