// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Requests validated by the rules in their proto files: {@link
 * io.roentgen.grpc.protovalidate.ProtoRules}.
 */
@NullMarked
package io.roentgen.grpc.protovalidate;

import org.jspecify.annotations.NullMarked;
