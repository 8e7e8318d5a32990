// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.groups;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.OperationTable;
import io.roentgen.server.xray.protocol.PageToken;
import io.roentgen.server.xray.protocol.XRayException;
import io.roentgen.server.xray.tags.Tags;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.SortedMap;
import java.util.regex.Pattern;

/**
 * {@code CreateGroup}, {@code UpdateGroup}, {@code DeleteGroup}, {@code GetGroup} and {@code
 * GetGroups}.
 */
public final class GroupOperations {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9-]+");
  private static final String ID_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final int ID_LENGTH = 26;
  private static final int MAX_TOKEN_LENGTH = 100;

  private final Groups groups;
  private final Filters filters;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  private GroupOperations(Groups groups, Filters filters, InstantSource clock) {
    this.groups = groups;
    this.filters = filters;
    this.clock = clock;
  }

  /** Adds them. */
  public static void addTo(
      OperationTable table, Groups groups, Filters filters, InstantSource clock) {
    var operations = new GroupOperations(groups, filters, clock);
    table.add("CreateGroup", "/CreateGroup", operations::createGroup);
    table.add("UpdateGroup", "/UpdateGroup", operations::updateGroup);
    table.add("DeleteGroup", "/DeleteGroup", operations::deleteGroup);
    table.add("GetGroup", "/GetGroup", operations::getGroup);
    table.add("GetGroups", "/Groups", operations::getGroups);
  }

  // One at a time, here and in updateGroup: two changes must not make a circle of groups together.
  private synchronized void createGroup(Members request, JsonGenerator json) throws IOException {
    String name = request.requiredText("GroupName", 1, Groups.MAX_NAME_LENGTH);
    if (!NAME.matcher(name).matches()) {
      throw request.invalid("GroupName", name, "letters, digits and -");
    }
    if (name.equals(Group.DEFAULT)) {
      throw request.invalid("GroupName", name, "another name, as this group is always there");
    }
    String filter = filters.readOf(request, name);
    Group.Insights insights = insights(request, Group.Insights.OFF);
    SortedMap<String, String> tags = Tags.ofNew(request, name);
    Group group =
        new Group(name, newId(), filter == null ? "" : filter, clock.instant(), insights, tags);
    groups.create(group);
    json.writeFieldName("Group");
    write(group, json);
  }

  private String newId() {
    var id = new StringBuilder(ID_LENGTH);
    for (int i = 0; i < ID_LENGTH; i++) {
      id.append(ID_DIGITS.charAt(random.nextInt(ID_DIGITS.length())));
    }
    return id.toString();
  }

  private static Group.Insights insights(Members request, Group.Insights before) {
    Members given = request.object("InsightsConfiguration");
    if (given == null) {
      return before;
    }
    Boolean enabled = given.flag("InsightsEnabled");
    Boolean notify = given.flag("NotificationsEnabled");
    boolean insights = enabled == null ? before.insightsEnabled() : enabled;
    if (!insights && Boolean.TRUE.equals(notify)) {
      throw XRayException.invalid(
          "InsightsConfiguration.NotificationsEnabled",
          "true",
          "false, as InsightsEnabled is not true");
    }
    boolean notifications = notify == null ? before.notificationsEnabled() : notify;
    return new Group.Insights(insights, insights && notifications);
  }

  private synchronized void updateGroup(Members request, JsonGenerator json) throws IOException {
    Group group = groups.requiredNamed(request);
    String filter = filters.readOf(request, group.name());
    if (group.isDefault() && filter != null) {
      throw XRayException.invalid(
          "FilterExpression: given (expected: none, as the group Default has all traces)");
    }
    // Checked before anything is changed, and worked out anew on what is there when it is.
    var _ = insights(request, group.insights());
    Group changed =
        groups.change(
            group,
            now ->
                (filter == null ? now : now.withFilter(filter, clock.instant()))
                    .withInsights(insights(request, now.insights())));
    if (changed == null) {
      throw request.invalid("GroupName", group.name(), "the name of a group that is there");
    }
    json.writeFieldName("Group");
    write(changed, json);
  }

  private void deleteGroup(Members request, JsonGenerator json) {
    Group group = groups.requiredNamed(request);
    if (group.isDefault()) {
      throw request.invalid("GroupName", group.name(), "another group, as this is always there");
    }
    groups.delete(group);
  }

  private void getGroup(Members request, JsonGenerator json) throws IOException {
    Group group = groups.requiredNamed(request);
    json.writeFieldName("Group");
    write(group, json);
  }

  private void getGroups(Members request, JsonGenerator json) throws IOException {
    var _ = request.text("NextToken", 1, MAX_TOKEN_LENGTH);
    PageToken.refuseAny(request);
    json.writeArrayFieldStart("Groups");
    for (Group group : groups.all()) {
      write(group, json);
    }
    json.writeEndArray();
  }

  private void write(Group group, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("GroupName", group.name());
    json.writeStringField("GroupARN", groups.arn(group));
    if (!group.filterExpression().isEmpty()) {
      json.writeStringField("FilterExpression", group.filterExpression());
    }
    json.writeObjectFieldStart("InsightsConfiguration");
    json.writeBooleanField("InsightsEnabled", group.insights().insightsEnabled());
    json.writeBooleanField("NotificationsEnabled", group.insights().notificationsEnabled());
    json.writeEndObject();
    json.writeEndObject();
  }
}
