// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** Two gRPC services on the AWS X-Ray SDK, and the interceptors that record their calls. */
@NullMarked
package io.roentgen.examples.interceptor;

import org.jspecify.annotations.NullMarked;
