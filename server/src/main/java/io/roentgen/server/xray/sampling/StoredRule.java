// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.sampling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.roentgen.sampling.RateBoost;
import io.roentgen.sampling.RequestMatch;
import io.roentgen.sampling.SamplingRule;
import io.roentgen.server.xray.state.StateDocuments;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A rule as it is kept.
 *
 * @param createdAt 1970 for the default rule, as AWS has it
 * @param tags sorted
 */
record StoredRule(
    SamplingRule rule, Instant createdAt, Instant modifiedAt, SortedMap<String, String> tags) {
  StoredRule {
    tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
  }

  static StoredRule ofDefault() {
    return new StoredRule(
        SamplingRule.ofDefault(), Instant.EPOCH, Instant.EPOCH, Collections.emptySortedMap());
  }

  static StoredRule ofFile(SamplingRule rule, Instant readAt) {
    return new StoredRule(rule, readAt, readAt, Collections.emptySortedMap());
  }

  StoredRule with(SamplingRule changed, Instant now) {
    return new StoredRule(changed, createdAt, now, tags);
  }

  StoredRule withTags(Map<String, String> changed) {
    return new StoredRule(rule, createdAt, modifiedAt, new TreeMap<>(changed));
  }

  static StoredRule read(StateDocuments.State state) {
    JsonNode content = state.content();
    RequestMatch match =
        new RequestMatch(
            content.path("serviceName").asText(),
            content.path("serviceType").asText(),
            content.path("host").asText(),
            content.path("httpMethod").asText(),
            content.path("urlPath").asText(),
            content.path("resourceArn").asText(),
            StateDocuments.texts(content, "attributes"));
    JsonNode boost = content.path("rateBoost");
    SamplingRule rule =
        new SamplingRule(
            state.name(),
            content.path("priority").asInt(),
            content.path("reservoirSize").asInt(),
            content.path("fixedRate").asDouble(),
            match,
            boost.isMissingNode()
                ? null
                : new RateBoost(
                    boost.path("maxRate").asDouble(), boost.path("cooldownWindowMinutes").asInt()));
    return new StoredRule(
        rule,
        Instant.ofEpochMilli(content.path("createdAt").asLong()),
        Instant.ofEpochMilli(content.path("modifiedAt").asLong()),
        StateDocuments.texts(content, "tags"));
  }

  ObjectNode write() {
    ObjectNode content = StateDocuments.object();
    content.put("priority", rule.priority());
    content.put("reservoirSize", rule.reservoirSize());
    content.put("fixedRate", rule.fixedRate());
    RequestMatch match = rule.match();
    content.put("serviceName", match.serviceName());
    content.put("serviceType", match.serviceType());
    content.put("host", match.host());
    content.put("httpMethod", match.httpMethod());
    content.put("urlPath", match.urlPath());
    content.put("resourceArn", match.resourceArn());
    StateDocuments.putTexts(content, "attributes", match.attributes());
    @Nullable RateBoost boost = rule.rateBoost();
    if (boost != null) {
      content
          .putObject("rateBoost")
          .put("maxRate", boost.maxRate())
          .put("cooldownWindowMinutes", boost.cooldownWindowMinutes());
    }
    content.put("createdAt", createdAt.toEpochMilli());
    content.put("modifiedAt", modifiedAt.toEpochMilli());
    StateDocuments.putTexts(content, "tags", tags);
    return content;
  }
}
