// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * An order service: all four kinds of call, with rules, authentication, pages, watches and errors
 * that clients can read; three backends behind one name, and what load balancing does to them.
 */
@NullMarked
package io.roentgen.examples.orders;

import org.jspecify.annotations.NullMarked;
