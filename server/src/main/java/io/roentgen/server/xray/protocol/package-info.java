// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * The protocol of the X-Ray API (AWS rest-json), the same for every operation: how requests are
 * read and checked, how answers and errors look. {@link
 * io.roentgen.server.xray.protocol.OperationTable} says which operation answers at which path.
 */
@NullMarked
package io.roentgen.server.xray.protocol;

import org.jspecify.annotations.NullMarked;
