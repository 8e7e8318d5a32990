// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.protocol;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import io.roentgen.ingest.RequestResult;
import io.roentgen.ingest.Transport;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * An operation that reads its request token by token, since that may be large. Both steps may
 * refuse with {@link io.roentgen.server.intake.RefusedException}, the second with {@link
 * XRayException} as well.
 *
 * @param <T> what its request is decoded to
 */
public interface XRayOperation<T> {
  /** How many bytes a request may have, unless an operation says otherwise. */
  int MAX_REQUEST_BYTES = 1 << 20;

  /** Returns the transport if the operation brings spans. */
  default @Nullable Transport transport() {
    return null;
  }

  /** Returns how many bytes a request may have, compressed and decompressed. */
  default int maxRequestBytes() {
    return MAX_REQUEST_BYTES;
  }

  /**
   * Reads a request; {@code json} is before its first token, and an empty body comes as an empty
   * object. Unknown members are to be passed over. Must not block.
   */
  T read(JsonParser json) throws IOException;

  /** Does the work and writes the members of the answer into the object that is open. */
  RequestResult answer(T request, JsonGenerator json) throws IOException;
}
