// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.codec.xray.SegmentDocument;
import io.roentgen.codec.xray.SegmentWriter;
import io.roentgen.model.Hex;
import io.roentgen.model.Span;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.StoreClosedException;
import io.roentgen.store.StoreCorruptedException;
import io.roentgen.store.StoreException;
import io.roentgen.store.StoreOverloadedException;
import io.roentgen.store.StoreUnavailableException;
import io.roentgen.store.Trace;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceStore;
import io.roentgen.store.TraceSummary;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operations of the X-Ray API that read traces: {@code BatchGetTraces} and {@code
 * GetTraceSummaries}.
 *
 * <p>Store calls run on the server's blocking task executor. Where AWS documents no limit, ours
 * are: {@value #MAX_TRACE_IDS} ids a call, and pages of about {@value #PAGE_BYTES} bytes or {@value
 * #PAGE_SUMMARIES} summaries.
 */
public final class XRayReadRoutes {
  static final int MAX_TRACE_IDS = 1_000;
  static final int PAGE_BYTES = 1 << 20;
  static final int PAGE_SUMMARIES = 100;

  private static final Logger logger = LoggerFactory.getLogger(XRayReadRoutes.class);
  private static final JsonFactory JSON = new JsonFactory();
  private static final int MAX_REQUEST_BYTES = 1 << 20;
  private static final int MAX_TRACE_ID_LENGTH = 35;

  /** Traces loaded at a time, so that a page of large ones is not in memory as a whole. */
  private static final int LOAD_COUNT = 20;

  private static final Map<String, TraceQuery.TimeField> TIME_RANGE_TYPES =
      Map.of(
          "TraceId", TraceQuery.TimeField.TRACE_ID,
          "Event", TraceQuery.TimeField.ACTIVE,
          "Service", TraceQuery.TimeField.SEGMENT_END);

  private final TraceStore store;
  private final int pageBytes;
  private final int pageSummaries;

  /** Answers from {@code store}. */
  public XRayReadRoutes(TraceStore store) {
    this(store, PAGE_BYTES, PAGE_SUMMARIES);
  }

  XRayReadRoutes(TraceStore store, int pageBytes, int pageSummaries) {
    this.store = Objects.requireNonNull(store, "store");
    this.pageBytes = pageBytes;
    this.pageSummaries = pageSummaries;
  }

  /** Writes the answer to a request that was taken. */
  private interface Operation {
    void answer(RequestMembers request, JsonGenerator json) throws IOException;
  }

  /** Adds {@code POST /Traces} and {@code POST /TraceSummaries} to a server. */
  public void addTo(ServerBuilder server) {
    server
        .route()
        .post("/Traces")
        .build((context, request) -> handle(context, request, this::batchGetTraces));
    server
        .route()
        .post("/TraceSummaries")
        .build((context, request) -> handle(context, request, this::getTraceSummaries));
  }

  private static HttpResponse handle(
      ServiceRequestContext context, HttpRequest request, Operation operation) {
    context.setMaxRequestLength(MAX_REQUEST_BYTES);
    return HttpResponse.of(
        request
            .aggregate()
            .thenApplyAsync(whole -> answer(whole, operation), context.blockingTaskExecutor())
            .exceptionally(XRayReadRoutes::unreadable));
  }

  private static HttpResponse unreadable(Throwable thrown) {
    Throwable cause = Exceptions.peel(thrown);
    if (cause instanceof ContentTooLargeException) {
      return respond(
          new XRayException(
              HttpStatus.REQUEST_ENTITY_TOO_LARGE,
              "InvalidRequestException",
              "body: too long (expected: at most " + MAX_REQUEST_BYTES + " bytes)"));
    }
    return Exceptions.throwUnsafely(cause);
  }

  private static HttpResponse answer(AggregatedHttpRequest request, Operation operation) {
    try {
      RequestMembers members = new RequestMembers(body(request));
      ByteArrayOutputStream body = new ByteArrayOutputStream(4096);
      try (JsonGenerator json = JSON.createGenerator(body)) {
        operation.answer(members, json);
      }
      return HttpResponse.of(headers(HttpStatus.OK).build(), HttpData.wrap(body.toByteArray()));
    } catch (XRayException e) {
      return respond(e);
    } catch (StoreException e) {
      return respond(e);
    } catch (IOException | RuntimeException e) {
      logger.error("x-ray request failed path={}", request.path(), e);
      return respond(failure("the server could not answer; its log says why"));
    }
  }

  private static byte[] body(AggregatedHttpRequest request) {
    byte[] content = request.content().array();
    String encoding = request.headers().get(HttpHeaderNames.CONTENT_ENCODING);
    if (encoding == null || encoding.equals("identity")) {
      return content;
    }
    if (!encoding.equals("gzip")) {
      throw XRayException.invalid(
          "Content-Encoding: '" + Hex.quote(encoding) + "' (expected: gzip or none)");
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(content))) {
      byte[] plain = in.readNBytes(MAX_REQUEST_BYTES + 1);
      if (plain.length > MAX_REQUEST_BYTES) {
        throw XRayException.invalid(
            "body: too long (expected: at most " + MAX_REQUEST_BYTES + " bytes)");
      }
      return plain;
    } catch (IOException e) {
      throw XRayException.invalid("body: not gzip, as its Content-Encoding says");
    }
  }

  private static HttpResponse respond(StoreException e) {
    String message = Objects.requireNonNull(e.getMessage());
    return switch (e) {
      case StoreClosedException _ -> respond(unavailable("the server is stopping"));
      case StoreUnavailableException _ -> respond(unavailable(message));
      case StoreOverloadedException _ -> respond(XRayException.throttled(message));
      case StoreCorruptedException _ -> {
        logger.error("x-ray request met a corrupted store", e);
        yield respond(failure(message));
      }
    };
  }

  private static XRayException unavailable(String message) {
    return new XRayException(
        HttpStatus.SERVICE_UNAVAILABLE, "ServiceUnavailableException", message);
  }

  private static XRayException failure(String message) {
    return new XRayException(HttpStatus.INTERNAL_SERVER_ERROR, "InternalServerException", message);
  }

  private static HttpResponse respond(XRayException e) {
    String message = Objects.requireNonNull(e.getMessage());
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(body)) {
      json.writeStartObject();
      json.writeStringField("__type", e.code());
      json.writeStringField("Message", message);
      json.writeStringField("message", message);
      json.writeEndObject();
    } catch (IOException impossible) {
      throw new UncheckedIOException("cannot write to memory", impossible);
    }
    return HttpResponse.of(
        headers(e.status()).set("x-amzn-ErrorType", e.code()).build(),
        HttpData.wrap(body.toByteArray()));
  }

  private static ResponseHeadersBuilder headers(HttpStatus status) {
    return ResponseHeaders.builder(status)
        .contentType(MediaType.JSON)
        .set("x-amzn-RequestId", UUID.randomUUID().toString());
  }

  private void batchGetTraces(RequestMembers request, JsonGenerator json) throws IOException {
    List<String> ids = request.texts("TraceIds", MAX_TRACE_IDS, MAX_TRACE_ID_LENGTH);
    int at = 0;
    String token = request.text("NextToken");
    if (token != null) {
      at = position(PageToken.decode("BatchGetTraces", request, token), ids.size());
    }
    // Each trace once, however often and in whatever spellings it is asked for.
    Set<TraceId> written = parse(ids.subList(0, at));
    List<String> unknown = new ArrayList<>();
    long bytes = 0;
    json.writeStartObject();
    json.writeArrayFieldStart("Traces");
    while (at < ids.size() && bytes < pageBytes) {
      List<String> some = ids.subList(at, Math.min(ids.size(), at + LOAD_COUNT));
      Map<TraceId, Trace> found = load(some);
      for (int i = 0; i < some.size() && bytes < pageBytes; i++) {
        at++;
        TraceId id = TraceId.parseOrNull(some.get(i));
        Trace trace = id == null ? null : found.get(id);
        if (trace == null) {
          unknown.add(some.get(i));
        } else if (written.add(trace.traceId())) {
          bytes += trace(trace, json);
        }
      }
    }
    json.writeEndArray();
    json.writeArrayFieldStart("UnprocessedTraceIds");
    for (String each : unknown) {
      json.writeString(each);
    }
    json.writeEndArray();
    if (at < ids.size()) {
      json.writeStringField(
          "NextToken", PageToken.encode("BatchGetTraces", request, Integer.toString(at)));
    }
    json.writeEndObject();
  }

  private static int position(String text, int count) {
    try {
      int position = Integer.parseInt(text);
      if (position > 0 && position < count) {
        return position;
      }
    } catch (NumberFormatException notOurs) {
      throw PageToken.refused();
    }
    throw PageToken.refused();
  }

  private Map<TraceId, Trace> load(List<String> ids) {
    Map<TraceId, Trace> found = new HashMap<>();
    for (Trace trace : store.reader().findAll(parse(ids))) {
      found.put(trace.traceId(), trace);
    }
    return found;
  }

  /** Returns those that are spelt as trace ids are. */
  private static Set<TraceId> parse(List<String> ids) {
    Set<TraceId> parsed = new LinkedHashSet<>();
    for (String id : ids) {
      TraceId traceId = TraceId.parseOrNull(id);
      if (traceId != null) {
        parsed.add(traceId);
      }
    }
    return parsed;
  }

  /** Writes a trace and returns about how many bytes it took. */
  private static long trace(Trace trace, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("Id", trace.traceId().toXRay());
    long end = Long.MIN_VALUE;
    for (Span span : trace.spans()) {
      if (!span.inProgress()) {
        end = Math.max(end, span.endEpochNanos());
      }
    }
    if (end != Long.MIN_VALUE) {
      long start = trace.spans().getFirst().startEpochNanos();
      json.writeNumberField("Duration", TraceSummaryWriter.seconds(Math.max(0, end - start)));
    }
    // Nothing was refused for the size of its trace, which is what the flag would say.
    json.writeBooleanField("LimitExceeded", false);
    long bytes = 0;
    json.writeArrayFieldStart("Segments");
    List<SegmentDocument> segments = new ArrayList<>(SegmentWriter.documents(trace.spans()));
    segments.addAll(SegmentWriter.inferredDocuments(trace.spans()));
    for (SegmentDocument segment : segments) {
      json.writeStartObject();
      json.writeStringField("Id", segment.id().toHex());
      json.writeStringField("Document", segment.document());
      json.writeEndObject();
      bytes += segment.document().length();
    }
    json.writeEndArray();
    json.writeEndObject();
    return bytes;
  }

  private void getTraceSummaries(RequestMembers request, JsonGenerator json) throws IOException {
    long start = request.epochNanos("StartTime");
    long end = request.epochNanos("EndTime");
    if (end <= start) {
      throw XRayException.invalid("EndTime: not after StartTime (expected: after StartTime)");
    }
    TraceQuery.TimeField timeField = timeField(request.text("TimeRangeType"));
    // Every trace is an allowed answer to a request for a subset, so the strategy is only checked.
    String strategy = request.text("SamplingStrategy", "Name");
    if (strategy != null && !strategy.equals("PartialScan") && !strategy.equals("FixedRate")) {
      throw XRayException.invalid(
          "SamplingStrategy.Name: '"
              + Hex.quote(strategy)
              + "' (expected: PartialScan or FixedRate)");
    }
    String filter = request.text("FilterExpression");
    if (filter != null && !filter.isBlank()) {
      throw XRayException.invalid(
          "FilterExpression: not supported yet (expected: none); filter expressions come with the"
              + " filter module");
    }
    String token = request.text("NextToken");
    TimeRange range = new TimeRange(start, end);
    TraceQuery query =
        new TraceQuery(
            range,
            timeField,
            SpanCondition.ANY,
            pageSummaries,
            token == null ? null : PageToken.decode("GetTraceSummaries", request, token));
    TracePage page;
    try {
      page = store.reader().search(query);
    } catch (IllegalArgumentException e) {
      if (token == null) {
        throw e;
      }
      throw PageToken.refused();
    }

    json.writeStartObject();
    json.writeArrayFieldStart("TraceSummaries");
    List<TraceSummary> found = page.traces();
    for (int at = 0; at < found.size(); at += LOAD_COUNT) {
      List<TraceId> some =
          found.subList(at, Math.min(found.size(), at + LOAD_COUNT)).stream()
              .map(TraceSummary::traceId)
              .toList();
      for (Trace trace : store.reader().findAll(some)) {
        new TraceSummaryWriter(trace).write(json, timeField, range);
      }
    }
    json.writeEndArray();
    String next = page.next();
    long reached = next == null || found.isEmpty() ? start : found.getLast().startEpochNanos();
    json.writeNumberField("ApproximateTime", TraceSummaryWriter.seconds(reached));
    json.writeNumberField("TracesProcessedCount", found.size());
    if (next != null) {
      json.writeStringField("NextToken", PageToken.encode("GetTraceSummaries", request, next));
    }
    json.writeEndObject();
  }

  private static TraceQuery.TimeField timeField(@Nullable String type) {
    if (type == null) {
      return TraceQuery.TimeField.TRACE_ID;
    }
    TraceQuery.TimeField timeField = TIME_RANGE_TYPES.get(type);
    if (timeField == null) {
      throw XRayException.invalid(
          "TimeRangeType: '" + Hex.quote(type) + "' (expected: TraceId, Event or Service)");
    }
    return timeField;
  }
}
