// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A root cause in the shape that X-Ray's API gives it, to be compared with {@code rootcause.json}.
 */
final class CauseJsonWriter {
  private CauseJsonWriter() {}

  static Json json(RootCause cause) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put(
        "Services", array(cause.services().stream().map(CauseJsonWriter::service).toList()));
    members.put("ClientImpacting", new Json.Bool(cause.clientImpacting()));
    return new Json.Members(members);
  }

  private static Json array(List<Json> elements) {
    return new Json.Array(elements);
  }

  private static Json service(RootCause.CauseService service) {
    Map<String, Json> members = new LinkedHashMap<>();
    Json name = new Json.Text(service.node().name());
    members.put("Name", name);
    members.put("Names", array(List.of(name)));
    members.put("Type", new Json.Text(service.node().type()));
    if (service.accountId() != null) {
      members.put("AccountId", new Json.Text(service.accountId()));
    }
    members.put("Inferred", new Json.Bool(service.inferred()));
    List<Json> entities = new ArrayList<>();
    for (RootCause.Entity entity : service.entityPath()) {
      entities.add(entity(entity));
    }
    members.put("EntityPath", array(entities));
    return new Json.Members(members);
  }

  private static Json entity(RootCause.Entity entity) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("Name", new Json.Text(entity.name()));
    members.put("Remote", new Json.Bool(entity.remote()));
    if (entity.coverage() != null) {
      members.put("Coverage", new Json.Numeric(entity.coverage().toString()));
    }
    List<Json> exceptions = new ArrayList<>();
    for (RootCause.Thrown thrown : entity.exceptions()) {
      exceptions.add(
          new Json.Members(
              Map.of(
                  "Name", new Json.Text(thrown.name()),
                  "Message", new Json.Text(thrown.message()))));
    }
    members.put("Exceptions", array(exceptions));
    return new Json.Members(members);
  }
}
