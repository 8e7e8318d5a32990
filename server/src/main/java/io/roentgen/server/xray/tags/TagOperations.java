// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.tags;

import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.model.Hex;
import io.roentgen.server.xray.protocol.Members;
import io.roentgen.server.xray.protocol.OperationTable;
import io.roentgen.server.xray.protocol.PageToken;
import io.roentgen.server.xray.protocol.XRayException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** {@code TagResource}, {@code UntagResource} and {@code ListTagsForResource}. */
public final class TagOperations {
  private static final int MAX_ARN_LENGTH = 1_011;

  private final List<TaggedResources> resources;

  private TagOperations(List<TaggedResources> resources) {
    this.resources = List.copyOf(resources);
  }

  /** Adds them for all of {@code resources}. */
  public static void addTo(OperationTable table, List<TaggedResources> resources) {
    var tags = new TagOperations(resources);
    table.add("TagResource", "/TagResource", tags::tagResource);
    table.add("UntagResource", "/UntagResource", tags::untagResource);
    table.add("ListTagsForResource", "/ListTagsForResource", tags::listTagsForResource);
  }

  private static String arn(Members request) {
    return request.requiredText("ResourceARN", 1, MAX_ARN_LENGTH);
  }

  private void tagResource(Members request, JsonGenerator json) {
    String arn = arn(request);
    Map<String, String> more = Tags.required(request);
    change(
        arn,
        tags -> {
          Map<String, String> all = new TreeMap<>(tags);
          all.putAll(more);
          Tags.checkCount(all, arn);
          return all;
        });
  }

  private void untagResource(Members request, JsonGenerator json) {
    List<String> keys = Tags.requiredKeys(request);
    change(
        arn(request),
        tags -> {
          Map<String, String> rest = new TreeMap<>(tags);
          keys.forEach(rest::remove);
          return rest;
        });
  }

  private void change(String arn, UnaryOperator<Map<String, String>> change) {
    for (TaggedResources each : resources) {
      if (each.changeTags(arn, change)) {
        return;
      }
    }
    throw notFound(arn);
  }

  private void listTagsForResource(Members request, JsonGenerator json) throws IOException {
    String arn = arn(request);
    PageToken.refuseAny(request);
    for (TaggedResources each : resources) {
      SortedMap<String, String> tags = each.tags(arn);
      if (tags != null) {
        json.writeArrayFieldStart("Tags");
        for (Map.Entry<String, String> tag : tags.entrySet()) {
          json.writeStartObject();
          json.writeStringField("Key", tag.getKey());
          json.writeStringField("Value", tag.getValue());
          json.writeEndObject();
        }
        json.writeEndArray();
        return;
      }
    }
    throw notFound(arn);
  }

  private static XRayException notFound(String arn) {
    return XRayException.notFound(
        "ResourceARN: '"
            + Hex.quote(arn)
            + "' (expected: the ARN of a group or sampling rule that is there)",
        arn);
  }
}
