// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.insights;

import io.roentgen.query.insight.Insight;

/** An insight and the name of the group in which it was found. */
record GroupInsight(String groupName, Insight insight) {}
