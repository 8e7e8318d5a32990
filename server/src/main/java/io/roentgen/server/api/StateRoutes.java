// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.ingest.Arrival;
import io.roentgen.ingest.Refused;
import io.roentgen.ingest.Transport;
import io.roentgen.server.sample.SampleData;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What comes in, the settings, and sample data. */
final class StateRoutes {
  static final String SAMPLE_DATA_PATH = "/api/sample-data";

  private static final long HOUR_NANOS = 3_600_000_000_000L;

  private final Supplier<ServerStatus> status;
  private final SampleData sampleData;

  StateRoutes(Supplier<ServerStatus> status, SampleData sampleData) {
    this.status = status;
    this.sampleData = sampleData;
  }

  List<ApiRoutes.Endpoint> endpoints() {
    return List.of(
        ApiRoutes.Endpoint.get("/api/ingest", List.of(), this::ingest),
        ApiRoutes.Endpoint.get("/api/settings", List.of(), this::settings),
        ApiRoutes.Endpoint.get(SAMPLE_DATA_PATH, List.of(), this::sampleData),
        ApiRoutes.Endpoint.of(HttpMethod.POST, SAMPLE_DATA_PATH, this::load),
        ApiRoutes.Endpoint.of(HttpMethod.DELETE, SAMPLE_DATA_PATH, this::remove));
  }

  private void ingest(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    ServerStatus.Ingest ingest = status.get().ingest();
    ModelJson model = new ModelJson(json);
    json.writeStartObject();
    json.writeArrayFieldStart("transports");
    for (Map.Entry<Transport, Long> accepted : ingest.accepted().entrySet()) {
      String transport = accepted.getKey().label();
      json.writeStartObject();
      json.writeStringField("transport", transport);
      json.writeNumberField("spanCount", accepted.getValue());
      json.writeArrayFieldStart("drops");
      for (ServerStatus.Drop drop : ingest.drops()) {
        if (drop.transport().equals(transport)) {
          json.writeStartObject();
          json.writeStringField("reason", drop.reason());
          json.writeNumberField("count", drop.count());
          json.writeEndObject();
        }
      }
      json.writeEndArray();
      for (Arrival arrival : ingest.arrivals()) {
        if (arrival.transport() == accepted.getKey()) {
          json.writeObjectFieldStart("lastArrival");
          model.nanos("epochNanos", arrival.epochNanos());
          json.writeNumberField("spanCount", arrival.spanCount());
          json.writeStringField("traceId", arrival.traceId().toHex());
          json.writeStringField("xrayTraceId", arrival.traceId().toXRay());
          json.writeStringField("service", arrival.service());
          json.writeStringField("name", arrival.name());
          json.writeEndObject();
        }
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("refused");
    for (Refused refused : ingest.refused()) {
      json.writeStartObject();
      json.writeStringField("transport", refused.transport().label());
      json.writeStringField("reason", refused.reason());
      model.nanos("epochNanos", refused.epochNanos());
      json.writeNumberField("count", refused.count());
      json.writeStringField("message", refused.message());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void settings(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart("settings");
    for (ServerStatus.InEffect setting : status.get().settings()) {
      json.writeStartObject();
      json.writeStringField("key", setting.key());
      json.writeStringField("value", setting.value());
      if (setting.source() != null) {
        json.writeStringField("source", setting.source());
      }
      json.writeStringField("meaning", setting.meaning());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void sampleData(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    write(sampleData.loaded(), json);
  }

  private void load(
      ServiceRequestContext context, Parameters parameters, String body, JsonGenerator json)
      throws IOException {
    checkEmpty(body);
    write(sampleData.load(), json);
  }

  private void remove(
      ServiceRequestContext context, Parameters parameters, String body, JsonGenerator json)
      throws IOException {
    checkEmpty(body);
    sampleData.remove();
    write(null, json);
  }

  private static void checkEmpty(String body) {
    if (!body.isBlank()) {
      throw ApiException.invalid("body", body, "none");
    }
  }

  private static void write(SampleData.@Nullable Loaded loaded, JsonGenerator json)
      throws IOException {
    json.writeStartObject();
    json.writeBooleanField("loaded", loaded != null);
    if (loaded != null) {
      ModelJson model = new ModelJson(json);
      model.nanos("startEpochNanos", loaded.endEpochNanos() - HOUR_NANOS);
      model.nanos("endEpochNanos", loaded.endEpochNanos());
      json.writeNumberField("traceCount", loaded.traceCount());
      json.writeNumberField("spanCount", loaded.spanCount());
      json.writeStringField("slowTraceId", loaded.slowTraceId().toXRay());
    }
    json.writeEndObject();
  }
}
