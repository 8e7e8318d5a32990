// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.model.Hex;
import io.roentgen.model.TimeRange;
import io.roentgen.server.marks.Mark;
import io.roentgen.server.marks.Marks;
import io.roentgen.server.xray.protocol.Members;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What people and programs mark on the time line. */
final class MarkRoutes {
  static final String PATH = "/api/marks";
  static final String ONE_PATH = "/api/marks/{id}";

  private static final JsonFactory JSON = new JsonFactory();
  private static final List<String> SEARCH = List.of("start", "end", "tag");
  private static final int MAX_TITLE_LENGTH = 200;
  private static final int MAX_TEXT_LENGTH = 2_000;
  private static final int MAX_SERVICE_LENGTH = 200;
  private static final int MAX_TAGS = 16;
  private static final int MAX_TAG_LENGTH = 64;
  private static final Map<String, String> NAMES = names();

  private final Marks marks;
  private final Clock clock;

  MarkRoutes(Marks marks, Clock clock) {
    this.marks = marks;
    this.clock = clock;
  }

  /** Those of a mark that is made; as they are spelled here, unlike those of the X-Ray API. */
  private static Map<String, String> names() {
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : List.of("time", "end", "title", "text", "service", "tags")) {
      names.put(name, name);
    }
    return names;
  }

  List<ApiRoutes.Endpoint> endpoints() {
    return List.of(
        ApiRoutes.Endpoint.get(PATH, SEARCH, this::list),
        ApiRoutes.Endpoint.of(HttpMethod.POST, PATH, this::create),
        ApiRoutes.Endpoint.of(HttpMethod.DELETE, ONE_PATH, this::delete));
  }

  private void list(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    TimeRange range = parameters.range();
    json.writeStartObject();
    json.writeArrayFieldStart("marks");
    for (Mark mark : marks.in(range, Set.copyOf(parameters.texts("tag")))) {
      write(mark, json);
    }
    json.writeEndArray();
    ApiRoutes.range(new ModelJson(json), range);
    json.writeEndObject();
  }

  private void create(
      ServiceRequestContext context, Parameters parameters, String body, JsonGenerator json)
      throws IOException {
    Members members;
    try (JsonParser parser = JSON.createParser(body)) {
      members = Members.read(parser, NAMES);
    }
    Instant now = clock.instant();
    long nowEpochNanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
    Long time = time(members, "time", nowEpochNanos);
    long start = time == null ? nowEpochNanos : time;
    Long end = time(members, "end", nowEpochNanos);
    if (end != null && end <= start) {
      throw ApiException.invalid(
          "end",
          String.valueOf(members.scalar("end")),
          time == null ? "after time, which is now unless given" : "after time");
    }
    Mark mark =
        new Mark(
            Marks.newId(start),
            start,
            end,
            members.requiredText("title", 1, MAX_TITLE_LENGTH),
            orEmpty(members.text("text", 0, MAX_TEXT_LENGTH)),
            orEmpty(members.text("service", 0, MAX_SERVICE_LENGTH)),
            tags(members));
    marks.add(mark);
    write(mark, json);
  }

  private static @Nullable Long time(Members members, String name, long nowEpochNanos) {
    String text = members.scalar(name);
    if (text == null) {
      return null;
    }
    Long nanos = TimeParser.epochNanosOrNull(text, nowEpochNanos);
    if (nanos == null) {
      throw ApiException.invalid(name, text, TimeParser.EXPECTED);
    }
    return nanos;
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static List<String> tags(Members members) {
    return members.has("tags")
        ? List.copyOf(
            new LinkedHashSet<>(members.requiredTexts("tags", 0, MAX_TAGS, MAX_TAG_LENGTH)))
        : List.of();
  }

  private void delete(
      ServiceRequestContext context, Parameters parameters, String body, JsonGenerator json)
      throws IOException {
    if (!body.isBlank()) {
      throw ApiException.invalid("body", body, "none");
    }
    String id = Objects.requireNonNull(context.pathParam("id"), "id");
    Mark mark = marks.find(id);
    if (mark == null || !marks.delete(id)) {
      throw new ApiException(
          HttpStatus.NOT_FOUND,
          "mark_not_found",
          "id",
          "id: '" + Hex.quote(id) + "' (expected: the id of a mark that is there)");
    }
    write(mark, json);
  }

  private static void write(Mark mark, JsonGenerator json) throws IOException {
    ModelJson model = new ModelJson(json);
    json.writeStartObject();
    json.writeStringField("id", mark.id());
    model.nanos("startEpochNanos", mark.startEpochNanos());
    Long end = mark.endEpochNanos();
    if (end != null) {
      model.nanos("endEpochNanos", end);
    }
    json.writeStringField("title", mark.title());
    if (!mark.text().isEmpty()) {
      json.writeStringField("text", mark.text());
    }
    if (!mark.service().isEmpty()) {
      json.writeStringField("service", mark.service());
    }
    json.writeArrayFieldStart("tags");
    for (String tag : mark.tags()) {
      json.writeString(tag);
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
