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

  /** Changes {@code groups}, whose expressions {@code filters} reads. */
  public GroupOperations(Groups groups, Filters filters, InstantSource clock) {
    this.groups = groups;
    this.filters = filters;
    this.clock = clock;
  }

  /** Adds them. */
  public static void addTo(
      OperationTable table, Groups groups, Filters filters, InstantSource clock) {
    new GroupOperations(groups, filters, clock).addTo(table);
  }

  /** Adds them. */
  public void addTo(OperationTable table) {
    table.add("CreateGroup", "/CreateGroup", (request, json) -> writeGroup(create(request), json));
    table.add("UpdateGroup", "/UpdateGroup", (request, json) -> writeGroup(update(request), json));
    table.add("DeleteGroup", "/DeleteGroup", (request, _) -> delete(request));
    table.add("GetGroup", "/GetGroup", this::getGroup);
    table.add("GetGroups", "/Groups", this::getGroups);
  }

  /** Returns the groups. */
  public Groups groups() {
    return groups;
  }

  /** Returns what reads expressions that may name the groups. */
  public Filters filters() {
    return filters;
  }

  /**
   * Makes a group.
   *
   * @throws XRayException if the request is refused; then nothing has changed
   */
  // One at a time, here and in update: two changes must not make a circle of groups together.
  public synchronized Group create(Members request) {
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
    groups.create(group, request.nameOf("GroupName"));
    return group;
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
          given.nameOf("NotificationsEnabled"),
          "true",
          "false, as " + given.spelled("InsightsEnabled") + " is not true");
    }
    boolean notifications = notify == null ? before.notificationsEnabled() : notify;
    return new Group.Insights(insights, insights && notifications);
  }

  /**
   * Changes a group; what the request leaves out stays as it is.
   *
   * @throws XRayException if the request is refused; then nothing has changed
   */
  public synchronized Group update(Members request) {
    Group group = groups.requiredNamed(request);
    String filter = filters.readOf(request, group.name());
    if (group.isDefault() && filter != null) {
      throw XRayException.invalid(
          request.nameOf("FilterExpression"), "given", "none, as the group Default has all traces");
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
    return changed;
  }

  /**
   * Deletes a group.
   *
   * @throws XRayException if the request is refused; then nothing has changed
   */
  public void delete(Members request) {
    Group group = groups.requiredNamed(request);
    if (group.isDefault()) {
      throw request.invalid("GroupName", group.name(), "another group, as this is always there");
    }
    groups.delete(group);
  }

  private void getGroup(Members request, JsonGenerator json) throws IOException {
    writeGroup(groups.requiredNamed(request), json);
  }

  private void writeGroup(Group group, JsonGenerator json) throws IOException {
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
