// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** Reads OTLP, protobuf and JSON, into the model. */
@NullMarked
package io.roentgen.codec.otlp;

import org.jspecify.annotations.NullMarked;
