// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** The X-Ray API: AWS rest-json, version 2016-04-12. */
@NullMarked
package io.roentgen.server.xray;

import org.jspecify.annotations.NullMarked;
