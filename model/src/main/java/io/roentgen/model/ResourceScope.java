// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.model;

/**
 * A scope within a resource: what is said once for many spans. Stored once, referred to by each span.
 *
 * @param resource the resource
 * @param scope the scope in it
 */
public record ResourceScope(Resource resource, Scope scope) {
  /** For spans that came with neither, as X-Ray documents do. */
  public static final ResourceScope EMPTY = new ResourceScope(Resource.EMPTY, Scope.EMPTY);
}
