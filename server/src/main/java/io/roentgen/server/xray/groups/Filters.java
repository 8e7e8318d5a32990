// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.groups;

import io.roentgen.filter.Filter;
import io.roentgen.filter.FilterException;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.XRayException;
import org.jspecify.annotations.Nullable;

/** Reads filter expressions, which may name groups. */
public final class Filters {
  private static final String MEMBER = "FilterExpression";

  private final Filter.Groups known;

  /** Reads those that may name {@code groups}. */
  public Filters(Groups groups) {
    known =
        new Filter.Groups() {
          @Override
          public @Nullable String ofNameOrNull(String name) {
            Group group = groups.find(name);
            return group == null ? null : group.filterExpression();
          }

          @Override
          public @Nullable String ofArnOrNull(String arn) {
            Group group = groups.findByArn(arn);
            return group == null ? null : group.filterExpression();
          }
        };
  }

  /** Returns the groups that expressions may name. */
  public Filter.Groups groups() {
    return known;
  }

  /** Returns the filter that a request has; one that matches everything if it has none. */
  public Filter read(Members request) {
    String text = request.text(MEMBER);
    return text == null ? Filter.EVERYTHING : parse(MEMBER, text);
  }

  /** Returns the filter of a group, or one that matches everything for none. */
  public Filter of(@Nullable Group group) {
    return group == null
        ? Filter.EVERYTHING
        : parse("GroupName '" + group.name() + "'", group.filterExpression());
  }

  private Filter parse(String what, String text) {
    try {
      return Filter.parse(text, known);
    } catch (FilterException e) {
      throw XRayException.invalid(what + ": " + e.getMessage());
    }
  }
}
