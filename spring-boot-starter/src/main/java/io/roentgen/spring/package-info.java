// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * The gRPC kit in Spring Boot: {@link io.roentgen.spring.GrpcKitAutoConfiguration} makes it of
 * {@link io.roentgen.spring.GrpcKitProperties}.
 */
@NullMarked
package io.roentgen.spring;

import org.jspecify.annotations.NullMarked;
