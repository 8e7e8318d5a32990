// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.protocol;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.server.ServiceRequestContext;

/** Says who may call operations. Both steps refuse with {@code RefusedException}. */
@FunctionalInterface
public interface RequestAccess {
  /** Lets everyone in who has come so far. */
  RequestAccess OPEN = (_, _) -> (_, _, _) -> {};

  /** Looks at the headers, before anything is read; returns what is to look at the body. */
  BodyCheck check(ServiceRequestContext ctx, HttpRequest request);

  /** Looks at a body. */
  @FunctionalInterface
  interface BodyCheck {
    /** Looks at the bytes as they came over the wire; must not block. */
    void check(byte[] bytes, int offset, int length);
  }
}
