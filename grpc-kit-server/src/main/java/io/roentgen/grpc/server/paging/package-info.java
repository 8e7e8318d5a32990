// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** Answers in pages: {@link io.roentgen.grpc.server.paging.PageTokens} reads requests for them. */
@NullMarked
package io.roentgen.grpc.server.paging;

import org.jspecify.annotations.NullMarked;
