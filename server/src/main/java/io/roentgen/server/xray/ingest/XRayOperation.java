// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.ingest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import io.roentgen.ingest.RequestResult;
import io.roentgen.ingest.Transport;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One operation of the X-Ray API. Both steps may refuse with {@link
 * io.roentgen.server.intake.RefusedException}.
 *
 * @param <T> what its request is decoded to
 */
interface XRayOperation<T> {
  /** Returns the transport if the operation brings spans. */
  default @Nullable Transport transport() {
    return null;
  }

  /** Returns how many bytes a request may have. */
  default int maxRequestBytes() {
    return 1 << 20;
  }

  /**
   * Reads a request; {@code json} is before its first token, and an empty body comes as an empty
   * object. Unknown members are to be passed over.
   */
  T read(JsonParser json) throws IOException;

  /** Does the work and writes the members of the answer into the object that is open. */
  RequestResult answer(T request, JsonGenerator json) throws IOException;
}
