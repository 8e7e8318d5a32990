// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * gRPC interceptors for services that trace with the AWS X-Ray SDK. The starting point is {@link
 * io.roentgen.grpc.xraysdk.XRaySdkTracing}.
 */
@NullMarked
package io.roentgen.grpc.xraysdk;

import org.jspecify.annotations.NullMarked;
