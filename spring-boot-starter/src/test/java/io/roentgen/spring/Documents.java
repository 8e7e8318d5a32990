// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.spring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.roentgen.grpc.SegmentTransport;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps documents in place of sending them. */
final class Documents implements SegmentTransport {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<JsonNode> sent = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  @Override
  public void send(byte[] buffer, int length) throws IOException {
    sent.add(JSON.readTree(buffer, 0, length));
  }

  @Override
  public void close() {
    closed = true;
  }

  boolean isClosed() {
    return closed;
  }

  List<JsonNode> sent() {
    return List.copyOf(sent);
  }
}
