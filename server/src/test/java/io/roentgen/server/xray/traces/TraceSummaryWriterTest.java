// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.traces;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.roentgen.filter.Filter;
import io.roentgen.model.Outcome;
import io.roentgen.model.Span;
import io.roentgen.model.SpanId;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.model.Value;
import io.roentgen.store.Trace;
import io.roentgen.store.TraceQuery.TimeField;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a summary says of a trace, against the filters that ask for it. */
class TraceSummaryWriterTest {
  private final ObjectMapper json = new ObjectMapper();
  private final Random random = new Random(7);

  private JsonNode summary(Trace trace) throws IOException {
    var text = new StringWriter();
    try (JsonGenerator generator = new JsonFactory().createGenerator(text)) {
      new TraceSummaryWriter(trace).write(generator, TimeField.START, TimeRange.ALL);
    }
    return json.readTree(text.toString());
  }

  private static boolean matches(String filter, Trace trace) {
    return Filter.parse(filter, Filter.Groups.NONE).matches(trace);
  }

  private Trace trace(long id) {
    List<Span> spans = new ArrayList<>();
    int count = 1 + random.nextInt(5);
    for (int i = 1; i <= count; i++) {
      Span.Builder span =
          Span.builder(new TraceId(1, id), new SpanId(i))
              .name("n")
              .segment(random.nextBoolean())
              .startEpochNanos(1_000 + i)
              .outcome(
                  new Outcome(
                      random.nextInt(4) == 0, random.nextInt(4) == 0, random.nextInt(4) == 0));
      if (random.nextInt(4) != 0) {
        span.service("s" + random.nextInt(3)).serviceType(random.nextBoolean() ? "" : "AWS::EC2");
      }
      if (i > 1 || random.nextInt(6) == 0) {
        // Sometimes one that is not there.
        span.parentSpanId(
            new SpanId(random.nextInt(12) == 0 ? 99 : Math.max(1, random.nextInt(i))));
      }
      if (random.nextInt(8) != 0) {
        span.endEpochNanos(2_000 + i);
      } else {
        span.inProgress(true);
      }
      if (random.nextInt(4) == 0) {
        span.peerName("p").peerType(random.nextBoolean() ? "remote" : "AWS::SQS::Queue");
      }
      if (random.nextInt(4) == 0) {
        span.attribute("enduser.id", Value.of("u" + random.nextInt(2)));
      }
      if (random.nextInt(4) == 0) {
        span.attribute("k", Value.of(random.nextInt(3)));
      }
      if (random.nextInt(4) == 0) {
        span.attribute("http.response.status_code", Value.of(200 + random.nextInt(2)));
        span.attribute("url.full", Value.of("http://h/" + random.nextInt(2)));
      }
      spans.add(span.build());
    }
    return Trace.ofWritten(spans);
  }

  @Test
  void write_randomTraces_saysWhatFiltersFind() throws IOException {
    for (int i = 1; i <= 3_000; i++) {
      Trace trace = trace(i);
      JsonNode summary = summary(trace);
      assertThat(summary.path("IsPartial").asBoolean())
          .as("partial of %s", trace)
          .isEqualTo(matches("partial", trace));
      assertThat(summary.path("HasThrottle").asBoolean())
          .as("throttle of %s", trace)
          .isEqualTo(matches("throttle", trace));
      for (JsonNode service : summary.path("ServiceIds")) {
        String id =
            "name: \""
                + service.path("Name").asText()
                + (service.has("Type") ? "\", type: \"" + service.path("Type").asText() : "")
                + '"';
        assertThat(matches("service(id(" + id + "))", trace)).as("%s in %s", id, trace).isTrue();
      }
      for (String user : List.of("u0", "u1")) {
        boolean listed = summary.path("Users").findValuesAsText("UserName").contains(user);
        assertThat(listed).isEqualTo(matches("user = \"" + user + '"', trace));
      }
      for (int number = 0; number < 3; number++) {
        boolean listed =
            summary.path("Annotations").findValuesAsText("NumberValue").contains("" + number);
        assertThat(listed).isEqualTo(matches("annotation.k = " + number, trace));
      }
      JsonNode http = summary.path("Http");
      if (http.has("HttpStatus")) {
        assertThat(matches("http.status = " + http.path("HttpStatus").asInt(), trace)).isTrue();
      }
      if (http.has("HttpURL")) {
        assertThat(matches("http.url = \"" + http.path("HttpURL").asText() + '"', trace)).isTrue();
      }
    }
  }
}
