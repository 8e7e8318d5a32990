// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.server;

import org.jspecify.annotations.Nullable;

/**
 * Says whose a token is: by a key, a table, or another service. Called on the thread of the call,
 * for many calls at a time; may block, if the server's executor is made for that.
 */
@FunctionalInterface
public interface TokenValidator {
  /**
   * Returns the user, or null if the token is no good: unknown, expired, not for this method.
   *
   * @param token what follows the scheme in the header, not empty
   * @param fullMethodName the method that is called, such as {@code ecommerce.v1.Orders/Create}
   * @throws Exception if it cannot be told; the call is refused then, and the exception logged
   */
  @Nullable User validate(String token, String fullMethodName) throws Exception;
}
