// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Keeps the documents of a kit in place of sending them, and checks that each can be read. */
final class Documents implements SegmentTransport {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<String> sent = new ArrayList<>();

  @Override
  public synchronized void send(byte[] document, int length) {
    sent.add(new String(document, 0, length, StandardCharsets.UTF_8));
  }

  @Override
  public void close() {}

  /** Returns all documents that a kit has made so far. */
  List<JsonNode> all(GrpcKit kit) {
    try {
      if (!kit.flush(Duration.ofSeconds(20))) {
        throw new AssertionError("not flushed in time: " + kit.statistics());
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    List<JsonNode> read = new ArrayList<>();
    synchronized (this) {
      for (String text : sent) {
        try {
          read.add(JSON.readTree(text));
        } catch (JsonProcessingException e) {
          throw new UncheckedIOException(text, e);
        }
      }
    }
    return read;
  }

  /** Returns the only segment or subsegment of that name, wherever it is embedded. */
  JsonNode only(GrpcKit kit, String name) {
    List<JsonNode> found = find(kit, node -> node.path("name").asText().equals(name));
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " of " + name + " in " + all(kit));
    }
    return found.get(0);
  }

  /** Returns all segments and subsegments, each with what is embedded in it. */
  List<JsonNode> find(GrpcKit kit, Predicate<JsonNode> which) {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode document : all(kit)) {
      collect(document, which, found);
    }
    return found;
  }

  private static void collect(JsonNode node, Predicate<JsonNode> which, List<JsonNode> found) {
    if (which.test(node)) {
      found.add(node);
    }
    node.path("subsegments").forEach(child -> collect(child, which, found));
  }
}
