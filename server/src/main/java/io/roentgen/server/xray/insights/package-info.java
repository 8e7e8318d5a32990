// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Watches groups for services that do worse than they used to, and tells of it by the X-Ray API.
 */
@NullMarked
package io.roentgen.server.xray.insights;

import org.jspecify.annotations.NullMarked;
