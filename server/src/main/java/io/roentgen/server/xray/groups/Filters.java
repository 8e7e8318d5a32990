// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.groups;

import io.roentgen.filter.Filter;
import io.roentgen.filter.FilterException;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.XRayException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads filter expressions, which may name groups. */
public final class Filters {
  private static final Logger logger = LoggerFactory.getLogger(Filters.class);
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
    return text == null ? Filter.EVERYTHING : parse(request.nameOf(MEMBER), text, known);
  }

  /**
   * Returns the expression that a request has for a group, as it was written, or null if it has
   * none.
   *
   * @throws XRayException if it is no expression, the group would then refer to itself, or another
   *     group that refers to it could then not be understood, as all together would be too long
   */
  @Nullable String readOf(Members request, String groupName) {
    String text = request.text(MEMBER);
    if (text != null) {
      String member = request.nameOf(MEMBER);
      var _ = parse(member, text, known);
      Filter.Groups then = known(groupName, text);
      try {
        var _ = Filter.parse("group.name = \"" + groupName + '"', then);
      } catch (FilterException e) {
        // Where that is does not tell where in the text that was given.
        throw XRayException.notUnderstood(member, new IllegalArgumentException(e.getMessage(), e));
      }
      for (Group other : groups.all()) {
        if (!other.name().equals(groupName)) {
          checkStillUnderstood(member, other, then);
        }
      }
    }
    return text;
  }

  private void checkStillUnderstood(String member, Group other, Filter.Groups then) {
    try {
      var _ = Filter.parse(other.filterExpression(), then);
    } catch (FilterException e) {
      try {
        var _ = Filter.parse(other.filterExpression(), known);
      } catch (FilterException alsoNow) {
        // It is not this change that makes it so.
        return;
      }
      throw XRayException.invalid(
          member
              + ": the group '"
              + other.name()
              + "' refers to this one, and its filter would be refused: "
              + e.getMessage());
    }
  }

  /** Returns the filter of a group, or one that matches everything for none. */
  public Filter of(@Nullable Group group) {
    return group == null
        ? Filter.EVERYTHING
        : parse("GroupName '" + group.name() + "'", group.filterExpression(), known);
  }

  /**
   * Returns the filters of groups that have one, by names of 64 hexadecimal digits that are others
   * for another filter, also if only a group that it refers to has changed. A group whose filter
   * cannot be understood any more is left out: it has no traces to be counted.
   */
  public Map<String, Filter> ofGroups() {
    Map<String, Filter> filters = new TreeMap<>();
    for (Group group : groups.all()) {
      if (!group.filterExpression().isEmpty()) {
        SortedMap<String, String> asked = new TreeMap<>();
        try {
          Filter filter = Filter.parse(group.filterExpression(), recording(asked));
          filters.put(digest(filter.text(), asked), filter);
        } catch (FilterException e) {
          logger.debug("no sums are kept of group={}", group.name(), e);
        }
      }
    }
    return filters;
  }

  /** Knows the groups as they are, and notes what it was asked and what it said. */
  private Filter.Groups recording(Map<String, String> asked) {
    return new Filter.Groups() {
      @Override
      public @Nullable String ofNameOrNull(String name) {
        return note("name " + name, known.ofNameOrNull(name));
      }

      @Override
      public @Nullable String ofArnOrNull(String arn) {
        return note("arn " + arn, known.ofArnOrNull(arn));
      }

      private @Nullable String note(String question, @Nullable String expression) {
        asked.put(question, expression == null ? "-" : "+" + expression);
        return expression;
      }
    };
  }

  private static String digest(String text, SortedMap<String, String> asked) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is in every JDK", e);
    }
    update(digest, text);
    asked.forEach(
        (question, expression) -> {
          update(digest, question);
          update(digest, expression);
        });
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void update(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    digest.update(bytes);
  }

  private static Filter parse(String what, String text, Filter.Groups known) {
    try {
      return Filter.parse(text, known);
    } catch (FilterException e) {
      throw XRayException.notUnderstood(what, e);
    }
  }
}
