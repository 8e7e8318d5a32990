// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** Groups: saved filter expressions with a name; {@link io.roentgen.server.xray.groups.Groups}. */
@NullMarked
package io.roentgen.server.xray.groups;

import org.jspecify.annotations.NullMarked;
