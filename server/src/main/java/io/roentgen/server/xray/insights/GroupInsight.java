// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.insights;

import io.roentgen.query.insight.Insight;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An insight and the name of the group in which it was found.
 *
 * @param examples traces that show it; none where that was not kept yet
 */
public record GroupInsight(String groupName, Insight insight, List<InsightExample> examples) {
  public GroupInsight(String groupName, Insight insight, @Nullable List<InsightExample> examples) {
    this.groupName = groupName;
    this.insight = insight;
    // Documents that were written before there were examples have none.
    this.examples = examples == null ? List.of() : List.copyOf(examples);
  }
}
