// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** The operations of the X-Ray API that answer with services and their calls. */
@NullMarked
package io.roentgen.server.xray.graph;

import org.jspecify.annotations.NullMarked;
