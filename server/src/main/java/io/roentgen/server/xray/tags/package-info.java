// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** Tags of groups and sampling rules; {@link io.roentgen.server.xray.tags.TagOperations}. */
@NullMarked
package io.roentgen.server.xray.tags;

import org.jspecify.annotations.NullMarked;
