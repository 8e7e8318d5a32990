// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** What people and programs mark on the time line, such as deployments. */
@NullMarked
package io.roentgen.server.marks;

import org.jspecify.annotations.NullMarked;
