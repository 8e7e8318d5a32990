// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.groups;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.roentgen.server.xray.state.StateDocuments;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A filter expression with a name.
 *
 * @param name unique; {@value #DEFAULT} for the group of all traces, which is always there
 * @param id makes the ARN of a group differ from that of an earlier one of that name; empty for the
 *     default group
 * @param filterExpression empty for all traces
 * @param filterChangedAt when {@code filterExpression} became what it is
 * @param tags sorted
 */
public record Group(
    String name,
    String id,
    String filterExpression,
    Instant filterChangedAt,
    Insights insights,
    SortedMap<String, String> tags) {
  /** The name of the group of all traces. */
  public static final String DEFAULT = "Default";

  /**
   * Whether anomalies are looked for in its traces, and told of.
   *
   * @param notificationsEnabled only with insights
   */
  public record Insights(boolean insightsEnabled, boolean notificationsEnabled) {
    static final Insights OFF = new Insights(false, false);
  }

  public Group {
    tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
  }

  static Group ofDefault() {
    return new Group(DEFAULT, "", "", Instant.EPOCH, Insights.OFF, Collections.emptySortedMap());
  }

  /** Returns whether this is the group of all traces. */
  public boolean isDefault() {
    return name.equals(DEFAULT);
  }

  Group withFilter(String expression, Instant now) {
    return expression.equals(filterExpression)
        ? this
        : new Group(name, id, expression, now, insights, tags);
  }

  Group withInsights(Insights changed) {
    return new Group(name, id, filterExpression, filterChangedAt, changed, tags);
  }

  Group withTags(Map<String, String> changed) {
    return new Group(name, id, filterExpression, filterChangedAt, insights, new TreeMap<>(changed));
  }

  /** Returns what stands behind {@code arn:aws:xray:REGION:ACCOUNT:}. */
  String resource() {
    return isDefault() ? "group/" + DEFAULT : "group/" + name + "/" + id;
  }

  static Group read(StateDocuments.State state) {
    JsonNode content = state.content();
    return new Group(
        state.name(),
        content.path("id").asText(),
        content.path("filterExpression").asText(),
        Instant.ofEpochMilli(content.path("filterChangedAt").asLong()),
        new Insights(
            content.path("insightsEnabled").asBoolean(),
            content.path("notificationsEnabled").asBoolean()),
        StateDocuments.texts(content, "tags"));
  }

  ObjectNode write() {
    ObjectNode content = StateDocuments.object();
    content.put("id", id);
    content.put("filterExpression", filterExpression);
    content.put("filterChangedAt", filterChangedAt.toEpochMilli());
    content.put("insightsEnabled", insights.insightsEnabled);
    content.put("notificationsEnabled", insights.notificationsEnabled);
    StateDocuments.putTexts(content, "tags", tags);
    return content;
  }
}
