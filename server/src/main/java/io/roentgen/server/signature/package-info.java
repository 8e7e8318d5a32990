// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Signatures of requests as AWS's clients make them (Signature Version 4), and the keys they are
 * made with; {@link io.roentgen.server.signature.SignatureVerifier} checks them.
 */
@NullMarked
package io.roentgen.server.signature;

import org.jspecify.annotations.NullMarked;
