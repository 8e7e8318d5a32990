// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * A shop of six services behind a frontend, with Redis, a product table whose capacity is limited,
 * and chaos.
 */
@NullMarked
package io.roentgen.examples.shop;

import org.jspecify.annotations.NullMarked;
