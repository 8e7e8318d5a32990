// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** An operation whose request is small enough to be read as a whole: all that bring no spans. */
@FunctionalInterface
public interface MembersOperation {
  /**
   * Does the work and writes the members of the answer into the object that is open. All of the
   * request is to be checked before anything is changed, since a refused call changes nothing.
   *
   * @throws XRayException if the request is refused
   * @throws io.roentgen.store.StoreException if the store cannot
   */
  void answer(Members request, JsonGenerator json) throws IOException;
}
