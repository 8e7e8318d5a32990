// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** The platform: services A to H, a gateway, a page, a queue and databases. */
@NullMarked
package io.roentgen.examples.platform;

import org.jspecify.annotations.NullMarked;
