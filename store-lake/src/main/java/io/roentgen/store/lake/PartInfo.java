// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.store.lake;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ArrayList;

/**
 * What the catalog says of a part.
 *
 * @param number its number, also the name of its folder
 * @param spanCount its rows
 * @param traceCount its traces
 * @param continuedCount how many of them have {@link TraceRow#continued}
 * @param firstSequence the least sequence of a span
 * @param lastSequence the greatest
 * @param minStart the earliest start of a span
 * @param maxStart the latest
 * @param maxEnd the latest end or start
 * @param firstMinute the start of the earliest minute that the part has calls or corrections of; the greatest number
 *     without any
 * @param lastMinute the start of the latest such minute; the least number without any
 * @param timeShift how far, at the most, start and end of a trace that earlier parts also hold are from those of any of
 *     its spans
 * @param bytes size of all its files
 * @param attributeColumns names of its attribute columns
 * @param checksums CRC32C by file name
 * @param spanChecksums CRC32C of each row group of {@link #SPANS} and of its footer
 */
record PartInfo(
    long number,
    long spanCount,
    long traceCount,
    long continuedCount,
    long firstSequence,
    long lastSequence,
    long minStart,
    long maxStart,
    long maxEnd,
    long firstMinute,
    long lastMinute,
    long timeShift,
    long bytes,
    List<String> attributeColumns,
    Map<String, Integer> checksums,
    List<Integer> spanChecksums) {
  static final String SPANS = "spans.parquet";
  static final String TRACES = "traces.parquet";
  static final String GRAPH = "graph.parquet";
  static final String OPERATIONS = "operations.parquet";
  static final String SCOPES = "scopes.parquet";
  static final String TRACE_INDEX = "traces.index";
  static final String VALUE_INDEX = "values.index";

  PartInfo {
    attributeColumns = List.copyOf(attributeColumns);
    spanChecksums = List.copyOf(spanChecksums);
    checksums = Collections.unmodifiableMap(new LinkedHashMap<>(checksums));
  }

  /** Returns the name of the part's folder. */
  String folder() {
    return folder(number);
  }

  /** Returns the name of the folder of the part with that number. */
  static String folder(long number) {
    return String.format("%012d", number);
  }

  void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeNumberField("number", number);
    json.writeNumberField("spanCount", spanCount);
    json.writeNumberField("traceCount", traceCount);
    json.writeNumberField("continuedCount", continuedCount);
    json.writeNumberField("firstSequence", firstSequence);
    json.writeNumberField("lastSequence", lastSequence);
    json.writeNumberField("minStart", minStart);
    json.writeNumberField("maxStart", maxStart);
    json.writeNumberField("maxEnd", maxEnd);
    json.writeNumberField("firstMinute", firstMinute);
    json.writeNumberField("lastMinute", lastMinute);
    json.writeNumberField("timeShift", timeShift);
    json.writeNumberField("bytes", bytes);
    json.writeArrayFieldStart("attributeColumns");
    for (String column : attributeColumns) {
      json.writeString(column);
    }
    json.writeEndArray();
    json.writeObjectFieldStart("checksums");
    for (Map.Entry<String, Integer> each : checksums.entrySet()) {
      json.writeNumberField(each.getKey(), each.getValue());
    }
    json.writeEndObject();
    json.writeArrayFieldStart("spanChecksums");
    for (int checksum : spanChecksums) {
      json.writeNumber(checksum);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** Reads the object at whose start {@code json} stands. */
  static PartInfo read(JsonParser json) throws IOException {
    Map<String, Long> numbers = new LinkedHashMap<>();
    List<String> columns = new ArrayList<>();
    Map<String, Integer> checksums = new LinkedHashMap<>();
    List<Integer> spanChecksums = new ArrayList<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String member = json.currentName();
      switch (json.nextToken()) {
        case VALUE_NUMBER_INT -> numbers.put(member, json.getLongValue());
        case START_ARRAY -> {
          while (json.nextToken() != JsonToken.END_ARRAY) {
            switch (member) {
              case "attributeColumns" -> columns.add(json.getText());
              case "spanChecksums" -> spanChecksums.add(json.getIntValue());
              default -> throw new IOException("part member '" + member + "'");
            }
          }
        }
        case START_OBJECT -> {
          while (json.nextToken() == JsonToken.FIELD_NAME) {
            String file = json.currentName();
            checksums.put(file, json.nextIntValue(0));
          }
        }
        default -> throw new IOException("part member '" + member + "'");
      }
    }
    return new PartInfo(
        number(numbers, "number"),
        number(numbers, "spanCount"),
        number(numbers, "traceCount"),
        number(numbers, "continuedCount"),
        number(numbers, "firstSequence"),
        number(numbers, "lastSequence"),
        number(numbers, "minStart"),
        number(numbers, "maxStart"),
        number(numbers, "maxEnd"),
        number(numbers, "firstMinute"),
        number(numbers, "lastMinute"),
        number(numbers, "timeShift"),
        number(numbers, "bytes"),
        columns,
        checksums,
        spanChecksums);
  }

  private static long number(Map<String, Long> numbers, String member) throws IOException {
    Long value = numbers.get(member);
    if (value == null) {
      throw new IOException("part without member '" + member + "'");
    }
    return value;
  }
}
