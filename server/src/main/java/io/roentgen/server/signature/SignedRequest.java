// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.signature;

import java.util.List;
import java.util.Map;

/**
 * What a signature is made of, but for the body.
 *
 * @param method in upper case
 * @param path as it came, with its percent signs
 * @param query as it came, without {@code ?}; empty if there is none
 * @param headers values by name in lower case, {@code host} among them
 */
public record SignedRequest(
    String method, String path, String query, Map<String, List<String>> headers) {}
