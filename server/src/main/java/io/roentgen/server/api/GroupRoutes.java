// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.model.Hex;
import io.roentgen.server.xray.groups.Group;
import io.roentgen.server.xray.groups.GroupOperations;
import io.roentgen.server.xray.protocol.Members;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;

/** Groups: the same ones, and the same checks, as over the X-Ray API. */
final class GroupRoutes {
  static final String PATH = "/api/groups";
  static final String ONE_PATH = "/api/groups/{name}";

  private static final JsonFactory JSON = new JsonFactory();
  private static final Map<String, String> NAMES =
      Map.of(
          "GroupName", "name",
          "FilterExpression", "filter",
          "InsightsConfiguration", "insights",
          "InsightsEnabled", "enabled",
          "NotificationsEnabled", "notifications");

  private final GroupOperations operations;

  GroupRoutes(GroupOperations operations) {
    this.operations = operations;
  }

  void list(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart("groups");
    for (Group group : operations.groups().all()) {
      write(group, json);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  void create(ServiceRequestContext context, Parameters parameters, String body, JsonGenerator json)
      throws IOException {
    write(operations.create(read(body)), json);
  }

  void update(ServiceRequestContext context, Parameters parameters, String body, JsonGenerator json)
      throws IOException {
    Group group = named(context);
    write(operations.update(read(body).with("GroupName", group.name())), json);
  }

  void delete(ServiceRequestContext context, Parameters parameters, String body, JsonGenerator json)
      throws IOException {
    Group group = named(context);
    operations.delete(read("{}").with("GroupName", group.name()));
    write(group, json);
  }

  private static Members read(String body) throws IOException {
    try (JsonParser parser = JSON.createParser(body)) {
      return Members.read(parser, NAMES);
    }
  }

  private Group named(ServiceRequestContext context) {
    String name = Objects.requireNonNull(context.pathParam("name"), "name");
    Group group = operations.groups().find(name);
    if (group == null) {
      throw new ApiException(
          HttpStatus.NOT_FOUND,
          "group_not_found",
          "name",
          "name: '" + Hex.quote(name) + "' (expected: the name of a group that is there)");
    }
    return group;
  }

  private void write(Group group, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", group.name());
    json.writeStringField("arn", operations.groups().arn(group));
    json.writeStringField("filter", group.filterExpression());
    json.writeObjectFieldStart("insights");
    json.writeBooleanField("enabled", group.insights().insightsEnabled());
    json.writeBooleanField("notifications", group.insights().notificationsEnabled());
    json.writeEndObject();
    json.writeEndObject();
  }
}
