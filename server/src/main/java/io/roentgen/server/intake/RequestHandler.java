// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.intake;

import com.linecorp.armeria.common.HttpResponse;
import io.roentgen.ingest.Transport;
import org.jspecify.annotations.Nullable;

/**
 * What one protocol does with its requests. Both steps may throw {@link RefusedException}.
 *
 * @param <T> what a body is decoded to
 */
public interface RequestHandler<T> {
  /**
   * Returns the transport under which requests are counted, or null for requests that bring no
   * spans.
   */
  @Nullable Transport transport();

  /** Returns how many bytes a body may have as it comes over the wire. */
  int maxBodyBytes();

  /** Decompresses and decodes; called on one of few platform threads, must not block. */
  T decode(RequestBody body);

  /** Does the work and returns the answer; called on a virtual thread, may block. */
  Reply complete(T decoded);

  /** Returns the answer to a request that is refused; may be called on any thread. */
  HttpResponse refuse(Refusal refusal);
}
