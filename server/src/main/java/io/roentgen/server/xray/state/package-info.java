// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** Small state of the X-Ray API: documents of the store as JSON, and names of resources. */
@NullMarked
package io.roentgen.server.xray.state;

import org.jspecify.annotations.NullMarked;
