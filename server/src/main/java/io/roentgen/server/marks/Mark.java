// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.marks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.roentgen.model.TimeRange;
import io.roentgen.server.xray.state.StateDocuments;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened, such as a deployment, an alarm or an experiment.
 *
 * @param id unique; ids sort as the starts do
 * @param endEpochNanos when it was over, after the start; null if it took no time
 * @param title one line
 * @param text more about it; may be empty
 * @param service the name of the service that it happened to; empty for none or all
 * @param tags to choose by, in the order in which they were given
 */
public record Mark(
    String id,
    long startEpochNanos,
    @Nullable Long endEpochNanos,
    String title,
    String text,
    String service,
    List<String> tags) {
  public Mark {
    if (endEpochNanos != null && endEpochNanos <= startEpochNanos) {
      throw new IllegalArgumentException(
          "endEpochNanos: " + endEpochNanos + " (expected: > " + startEpochNanos + ")");
    }
    tags = List.copyOf(tags);
  }

  /** Returns whether any part of it is in {@code range}. */
  boolean isIn(TimeRange range) {
    return startEpochNanos < range.endEpochNanos()
        && (startEpochNanos >= range.startEpochNanos()
            || (endEpochNanos != null && endEpochNanos > range.startEpochNanos()));
  }

  static Mark read(StateDocuments.State state) {
    JsonNode content = state.content();
    List<String> tags = new ArrayList<>();
    content.path("tags").forEach(tag -> tags.add(tag.asText()));
    return new Mark(
        state.name(),
        content.path("start").asLong(),
        content.has("end") ? (Long) content.path("end").asLong() : null,
        content.path("title").asText(),
        content.path("text").asText(),
        content.path("service").asText(),
        tags);
  }

  ObjectNode write() {
    ObjectNode content = StateDocuments.object().put("start", startEpochNanos);
    if (endEpochNanos != null) {
      content.put("end", endEpochNanos);
    }
    content.put("title", title).put("text", text).put("service", service);
    ArrayNode array = content.putArray("tags");
    tags.forEach(array::add);
    return content;
  }
}
