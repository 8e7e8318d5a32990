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

  private final Groups groups;
  private final Filter.Groups known;

  /** Reads those that may name {@code groups}. */
  public Filters(Groups groups) {
    this.groups = groups;
    known = known(null, "");
  }

  /** Knows the groups as they are, but for one that has another expression. */
  private Filter.Groups known(@Nullable String changedName, String changedExpression) {
    return new Filter.Groups() {
      @Override
      public @Nullable String ofNameOrNull(String name) {
        return name.equals(changedName) ? changedExpression : expression(groups.find(name));
      }

      @Override
      public @Nullable String ofArnOrNull(String arn) {
        return expression(groups.findByArn(arn));
      }

      private @Nullable String expression(@Nullable Group group) {
        return group == null
            ? null
            : group.name().equals(changedName) ? changedExpression : group.filterExpression();
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
    return text == null ? Filter.EVERYTHING : parse(MEMBER, text, known);
  }

  /**
   * Returns the expression that a request has for a group, as it was written, or null if it has
   * none.
   *
   * @throws XRayException if it is no expression, or the group would then refer to itself
   */
  @Nullable String readOf(Members request, String groupName) {
    String text = request.text(MEMBER);
    if (text != null) {
      var _ = parse(MEMBER, text, known);
      Filter.Groups then = known(groupName, text);
      var _ = parse(MEMBER, "group.name = \"" + groupName + '"', then);
    }
    return text;
  }

  /** Returns the filter of a group, or one that matches everything for none. */
  public Filter of(@Nullable Group group) {
    return group == null
        ? Filter.EVERYTHING
        : parse("GroupName '" + group.name() + "'", group.filterExpression(), known);
  }

  private static Filter parse(String what, String text, Filter.Groups known) {
    try {
      return Filter.parse(text, known);
    } catch (FilterException e) {
      throw XRayException.invalid(what + ": " + e.getMessage());
    }
  }
}
