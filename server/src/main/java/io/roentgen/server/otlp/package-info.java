// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** OTLP over gRPC and HTTP; {@link io.roentgen.server.otlp.OtlpRoutes} adds both to a server. */
@NullMarked
package io.roentgen.server.otlp;

import org.jspecify.annotations.NullMarked;
