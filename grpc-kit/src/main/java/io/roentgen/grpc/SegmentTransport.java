// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import java.io.IOException;

/**
 * Takes segment documents to where they belong. Used by one thread, the kit's, which waits for it:
 * meanwhile spans gather in the queue.
 */
public interface SegmentTransport extends AutoCloseable {
  /**
   * Sends a document.
   *
   * @param buffer holds it from index 0, as UTF-8; used for the next one afterwards
   * @param length of the document, in bytes
   * @throws IOException if it did not go out; it is dropped and counted, the next one is tried
   */
  void send(byte[] buffer, int length) throws IOException;

  @Override
  void close();
}
