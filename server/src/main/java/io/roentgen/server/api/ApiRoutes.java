// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.roentgen.filter.Filter;
import io.roentgen.filter.FilterException;
import io.roentgen.filter.FilterSearch;
import io.roentgen.ingest.Refused;
import io.roentgen.model.Hex;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.server.intake.Deadline;
import io.roentgen.server.intake.Refusal;
import io.roentgen.server.sample.SampleData;
import io.roentgen.server.xray.graph.Graphs;
import io.roentgen.server.xray.insights.InsightDocuments;
import io.roentgen.server.xray.sampling.Rules;
import io.roentgen.store.CursorException;
import io.roentgen.store.Operation;
import io.roentgen.store.SpanCondition;
import io.roentgen.store.StoreClosedException;
import io.roentgen.store.StoreCorruptedException;
import io.roentgen.store.StoreException;
import io.roentgen.store.StoreOverloadedException;
import io.roentgen.store.StoreStatus;
import io.roentgen.store.StoreUnavailableException;
import io.roentgen.store.Trace;
import io.roentgen.store.TracePage;
import io.roentgen.store.TraceQuery;
import io.roentgen.store.TraceStore;
import io.roentgen.store.TraceSummary;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routes below {@code /api}: traces by id and by search, services, operations, the service
 * graph, insights, sampling rules and their simulation, the server's status, and {@code
 * /api/openapi.yaml}, which describes them all.
 *
 * <p>Answers are JSON in the style that {@code openapi.yaml} lays down. What is refused is answered
 * with {@code {"error":{"code","message"}}}, and {@code parameter} in it where one is at fault.
 * Store calls run on the server's blocking task executor.
 */
public final class ApiRoutes {
  static final List<String> RANGE = List.of("start", "end");
  static final List<String> GRAPH = List.of("start", "end", "filter");
  static final List<String> SEARCH =
      List.of(
          "start",
          "end",
          "timeField",
          "service",
          "operation",
          "minDuration",
          "maxDuration",
          "status",
          "attribute",
          "filter",
          "limit",
          "cursor",
          "grpcStatus");

  private static final Logger logger = LoggerFactory.getLogger(ApiRoutes.class);
  private static final JsonFactory JSON = new JsonFactory();
  private static final int DEFAULT_LIMIT = 20;

  /** Traces that are looked at for a page, where the store alone cannot tell which match. */
  private static final int MAX_CANDIDATES = 5_000;

  /** A trace with more spans is not read only to tell how its root went. */
  private static final int MAX_STATUS_SPANS = 5_000;

  private static final Duration MAX_STATISTICS_TIME = Duration.ofSeconds(5);
  private static final Map<String, Boolean> BOOLEANS = new LinkedHashMap<>();
  private static final Duration MAX_SEARCH_TIME = Duration.ofSeconds(10);

  private static final Map<String, TraceQuery.TimeField> TIME_FIELDS = new LinkedHashMap<>();
  private static final Map<String, SpanCondition.Status> STATUSES = new LinkedHashMap<>();

  static {
    BOOLEANS.put("true", true);
    BOOLEANS.put("false", false);
    TIME_FIELDS.put("start", TraceQuery.TimeField.START);
    TIME_FIELDS.put("traceId", TraceQuery.TimeField.TRACE_ID);
    TIME_FIELDS.put("active", TraceQuery.TimeField.ACTIVE);
    TIME_FIELDS.put("segmentEnd", TraceQuery.TimeField.SEGMENT_END);
    for (SpanCondition.Status status : SpanCondition.Status.values()) {
      STATUSES.put(ModelJson.lower(status), status);
    }
  }

  private final TraceStore store;
  private final Filter.Groups groups;
  private final Supplier<ServerStatus> status;
  private final Clock clock;
  private final SampleData sampleData;
  private final LiveRoute live;
  private final List<Endpoint> endpoints;

  /**
   * Answers from {@code store}, {@code insights} and {@code rules}; {@code status} is asked on each
   * request for the server's status.
   *
   * @param graphs of what is in the store
   * @param sampleData what loads and removes traces to look at
   * @param groups those that filter expressions may name
   */
  public ApiRoutes(
      TraceStore store,
      Graphs graphs,
      Filter.Groups groups,
      Supplier<ServerStatus> status,
      SampleData sampleData,
      InsightDocuments insights,
      Rules rules) {
    this(store, graphs, groups, status, sampleData, insights, rules, Clock.systemUTC());
  }

  ApiRoutes(
      TraceStore store,
      Graphs graphs,
      Filter.Groups groups,
      Supplier<ServerStatus> status,
      SampleData sampleData,
      InsightDocuments insights,
      Rules rules,
      Clock clock) {
    this.store = Objects.requireNonNull(store, "store");
    this.groups = Objects.requireNonNull(groups, "groups");
    this.status = Objects.requireNonNull(status, "status");
    this.clock = Objects.requireNonNull(clock, "clock");
    var insightRoutes = new InsightRoutes(insights);
    var traceRoutes = new TraceRoutes(store, clock);
    var graphRoutes = new GraphRoutes(graphs, this::filter);
    var samplingRoutes = new SamplingRoutes(store, rules);
    this.sampleData = Objects.requireNonNull(sampleData, "sampleData");
    live = new LiveRoute(new LiveSource());
    List<Endpoint> all = new ArrayList<>(new StateRoutes(status, sampleData).endpoints());
    all.addAll(
        List.of(
            Endpoint.get("/api/traces", SEARCH, this::search),
            Endpoint.get("/api/traces/{id}", List.of(), traceRoutes::trace),
            Endpoint.get("/api/traces/{id}/skeleton", List.of(), traceRoutes::skeleton),
            Endpoint.get("/api/traces/{id}/spans/{spanId}", List.of(), traceRoutes::span),
            Endpoint.get("/api/traces/{id}/spans/{spanId}/raw", List.of(), traceRoutes::raw),
            Endpoint.get("/api/trace-statistics", GRAPH, this::traceStatistics),
            Endpoint.get("/api/services", RANGE, this::services),
            Endpoint.get("/api/services/{service}/operations", RANGE, this::operations),
            Endpoint.get("/api/graph", GRAPH, graphRoutes::graph),
            Endpoint.get("/api/graph/details", GraphRoutes.DETAILS, graphRoutes::details),
            Endpoint.get("/api/insights", InsightRoutes.SEARCH, insightRoutes::list),
            Endpoint.get("/api/insights/{id}", List.of(), insightRoutes::one),
            Endpoint.get("/api/sampling/rules", List.of(), samplingRoutes::rules),
            new Endpoint(
                HttpMethod.POST,
                SamplingRoutes.SIMULATION_PATH,
                SamplingRoutes.SIMULATION,
                samplingRoutes::simulate),
            Endpoint.get("/api/status", List.of(), this::status)));
    endpoints = List.copyOf(all);
  }

  /** What the live events are made of. */
  private final class LiveSource implements LiveRoute.Source {
    @Override
    public LiveRoute.Seen look() {
      ServerStatus.Ingest ingest = status.get().ingest();
      SampleData.Loaded sample = sampleData.loaded();
      return new LiveRoute.Seen(
          ingest.spanCount(),
          ingest.drops().stream().mapToLong(ServerStatus.Drop::count).sum()
              + ingest.refused().stream().mapToLong(Refused::count).sum(),
          sample == null ? 0 : sample.endEpochNanos());
    }

    @Override
    public String statusJson() {
      ByteArrayOutputStream text = new ByteArrayOutputStream(2048);
      try (JsonGenerator json = JSON.createGenerator(text)) {
        writeStatus(json);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write to memory", e);
      }
      return text.toString(StandardCharsets.UTF_8);
    }
  }

  private HttpResponse live(ServiceRequestContext context) {
    return HttpResponse.of(
        CompletableFuture.supplyAsync(
            () -> {
              try {
                var _ = new Parameters(context.queryParams(), List.of(), nowEpochNanos());
                return live.open(context, ApiRoutes::noStream);
              } catch (ApiException e) {
                return respond(e);
              } catch (StoreException e) {
                return respond(e);
              }
            },
            context.blockingTaskExecutor()));
  }

  private static HttpResponse noStream() {
    return error(
        headers(HttpStatus.SERVICE_UNAVAILABLE).set(HttpHeaderNames.RETRY_AFTER, "5"),
        "overloaded",
        null,
        "live events: read by "
            + LiveRoute.MAX_STREAMS
            + " already, or the server is stopping (expected: fewer; ask /api/status meanwhile)");
  }

  /** Ends what would go on for long: the streams of live events. The other routes go on. */
  public void endStreams() {
    live.close();
  }

  /** A path with its method, the query parameters that it takes and what answers it. */
  record Endpoint(HttpMethod method, String path, List<String> parameters, Handler handler) {
    static Endpoint get(String path, List<String> parameters, ReadHandler handler) {
      return new Endpoint(
          HttpMethod.GET,
          path,
          parameters,
          (context, values, _, json) -> handler.answer(context, values, json));
    }
  }

  /** Writes the answer to a request that was taken. */
  interface Handler {
    void answer(
        ServiceRequestContext context, Parameters parameters, String body, JsonGenerator json)
        throws IOException;
  }

  /** Writes the answer to a request without a body. */
  interface ReadHandler {
    void answer(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
        throws IOException;
  }

  List<Endpoint> endpoints() {
    return endpoints;
  }

  /**
   * Adds the routes to a server. Unknown paths below {@code /api} are answered in the API's style,
   * too.
   */
  public void addTo(ServerBuilder server) {
    for (Endpoint endpoint : endpoints) {
      server
          .route()
          .path(endpoint.path())
          .methods(endpoint.method())
          .build((context, request) -> blocking(context, request, endpoint));
    }
    server.route().get(LiveRoute.PATH).build((context, _) -> live(context));
    byte[] description = description();
    server
        .route()
        .get("/api/openapi.yaml")
        .build(
            (_, _) ->
                HttpResponse.of(
                    HttpStatus.OK,
                    MediaType.parse("application/yaml"),
                    HttpData.wrap(description)));
    server.serviceUnder("/api/", (context, _) -> respond(unknown(context)));
  }

  private static byte[] description() {
    try (InputStream in =
        Objects.requireNonNull(
            ApiRoutes.class.getResourceAsStream("/openapi.yaml"), "openapi.yaml")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read openapi.yaml from the class path", e);
    }
  }

  private ApiException unknown(ServiceRequestContext context) {
    List<HttpMethod> expected =
        endpoints.stream()
            .filter(each -> each.path().equals(context.path()))
            .map(Endpoint::method)
            .toList();
    if (expected.isEmpty()
        ? context.method() != HttpMethod.GET
        : !expected.contains(context.method())) {
      String methods =
          expected.isEmpty()
              ? "GET"
              : String.join(", ", expected.stream().map(HttpMethod::name).toList());
      return new ApiException(
          HttpStatus.METHOD_NOT_ALLOWED,
          "method_not_allowed",
          null,
          "method: " + context.method() + " (expected: " + methods + ")");
    }
    return new ApiException(
        HttpStatus.NOT_FOUND,
        "unknown_path",
        null,
        "path: '" + Hex.quote(context.path()) + "' (expected: one that /api/openapi.yaml lists)");
  }

  private HttpResponse blocking(
      ServiceRequestContext context, HttpRequest request, Endpoint endpoint) {
    if (endpoint.method() == HttpMethod.GET) {
      return HttpResponse.of(
          CompletableFuture.supplyAsync(
              () -> answer(context, endpoint, ""), context.blockingTaskExecutor()));
    }
    // The server bounds how long it may be.
    return HttpResponse.of(
        request
            .aggregate()
            .thenApplyAsync(
                whole -> answer(context, endpoint, whole.contentUtf8()),
                context.blockingTaskExecutor()));
  }

  private HttpResponse answer(ServiceRequestContext context, Endpoint endpoint, String body) {
    try {
      Parameters parameters =
          new Parameters(context.queryParams(), endpoint.parameters(), nowEpochNanos());
      ByteArrayOutputStream answer = new ByteArrayOutputStream(4096);
      try (JsonGenerator json = JSON.createGenerator(answer)) {
        endpoint.handler().answer(context, parameters, body, json);
      }
      return HttpResponse.of(headers(HttpStatus.OK).build(), HttpData.wrap(answer.toByteArray()));
    } catch (ApiException e) {
      return respond(e);
    } catch (StoreException e) {
      return respond(e);
    } catch (Deadline.PassedException e) {
      return respond(
          new ApiException(
              HttpStatus.BAD_REQUEST, "invalid_parameter", "end", String.valueOf(e.getMessage())));
    } catch (IOException | RuntimeException e) {
      logger.error("api request failed path={}", endpoint.path(), e);
      return error(
          headers(HttpStatus.INTERNAL_SERVER_ERROR),
          "internal",
          null,
          "the server could not answer; its log says why");
    }
  }

  private long nowEpochNanos() {
    Instant now = clock.instant();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  private static HttpResponse respond(ApiException e) {
    return error(
        headers(e.status()),
        e.code(),
        e.parameter(),
        Objects.requireNonNull(e.getMessage()),
        e.position());
  }

  /** Returns the answer to a request that none of the routes got to see. */
  public static HttpResponse refuse(Refusal refusal) {
    return switch (refusal) {
      case Refusal.Unauthenticated _ ->
          error(
              headers(HttpStatus.UNAUTHORIZED).set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer"),
              "unauthenticated",
              null,
              refusal.message());
      case Refusal.Unavailable(String message, long retryAfterMillis) ->
          error(
              headers(HttpStatus.SERVICE_UNAVAILABLE)
                  .set(
                      HttpHeaderNames.RETRY_AFTER,
                      Long.toString(Refusal.retryAfterSeconds(retryAfterMillis))),
              "timeout",
              null,
              message);
      default -> error(headers(HttpStatus.NOT_FOUND), "unknown_path", null, refusal.message());
    };
  }

  private static HttpResponse respond(StoreException e) {
    String message = Objects.requireNonNull(e.getMessage());
    return switch (e) {
      case StoreClosedException _ ->
          error(
              headers(HttpStatus.SERVICE_UNAVAILABLE),
              "stopping",
              null,
              "the server is stopping; try again when it is up");
      case StoreUnavailableException _ ->
          error(headers(HttpStatus.SERVICE_UNAVAILABLE), "store_unavailable", null, message);
      case StoreOverloadedException overloaded -> {
        long seconds = Math.max(1, (overloaded.retryAfterMillis() + 999) / 1000);
        yield error(
            headers(HttpStatus.TOO_MANY_REQUESTS)
                .set(HttpHeaderNames.RETRY_AFTER, Long.toString(seconds)),
            "overloaded",
            null,
            message);
      }
      case StoreCorruptedException _ -> {
        logger.error("api request met a corrupted store", e);
        yield error(headers(HttpStatus.INTERNAL_SERVER_ERROR), "store_corrupted", null, message);
      }
    };
  }

  private static ResponseHeadersBuilder headers(HttpStatus status) {
    return ResponseHeaders.builder(status)
        .contentType(MediaType.JSON_UTF_8)
        .set(HttpHeaderNames.CACHE_CONTROL, "no-store");
  }

  private static HttpResponse error(
      ResponseHeadersBuilder headers, String code, @Nullable String parameter, String message) {
    return error(headers, code, parameter, message, null);
  }

  private static HttpResponse error(
      ResponseHeadersBuilder headers,
      String code,
      @Nullable String parameter,
      String message,
      ApiException.@Nullable Position position) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(body)) {
      json.writeStartObject();
      json.writeObjectFieldStart("error");
      json.writeStringField("code", code);
      json.writeStringField("message", message);
      if (parameter != null) {
        json.writeStringField("parameter", parameter);
      }
      if (position != null) {
        json.writeObjectFieldStart("position");
        json.writeNumberField("line", position.line());
        json.writeNumberField("column", position.column());
        if (position.hint() != null) {
          json.writeStringField("hint", position.hint());
        }
        json.writeEndObject();
      }
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to memory", e);
    }
    return HttpResponse.of(headers.build(), HttpData.wrap(body.toByteArray()));
  }

  private void search(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    TimeRange range = parameters.range();
    String storeCursor = null;
    String cursor = parameters.text("cursor");
    if (cursor != null) {
      SearchCursor decoded = SearchCursor.decodeOrNull(cursor);
      if (decoded == null) {
        throw badCursor(cursor);
      }
      range = decoded.range();
      storeCursor = decoded.store();
    }
    TraceQuery.TimeField timeField = parameters.choice("timeField", TIME_FIELDS);
    Long minDuration = parameters.duration("minDuration");
    Long maxDuration = parameters.duration("maxDuration");
    if (minDuration != null && maxDuration != null && maxDuration < minDuration) {
      throw ApiException.invalid(
          "maxDuration", String.valueOf(parameters.text("maxDuration")), "at least minDuration");
    }
    TraceQuery query =
        new TraceQuery(
            range,
            timeField == null ? TraceQuery.TimeField.START : timeField,
            new SpanCondition(
                parameters.text("service"),
                parameters.text("operation"),
                minDuration,
                maxDuration,
                parameters.choice("status", STATUSES),
                parameters.pairs("attribute")),
            parameters.number("limit", 1, TraceQuery.MAX_LIMIT, DEFAULT_LIMIT),
            storeCursor);
    String expression = parameters.text("filter");
    boolean withStatus = Boolean.TRUE.equals(parameters.choice("grpcStatus", BOOLEANS));
    List<TraceSummary> summaries;
    Map<TraceId, String> grpcStatuses = new HashMap<>();
    int lookedAt = 0;
    String next;
    try {
      if (expression == null) {
        TracePage page = store.reader().search(query);
        summaries = page.traces();
        next = page.next();
        if (withStatus) {
          grpcStatuses(summaries, grpcStatuses);
        }
      } else {
        List<TraceSummary> found = new ArrayList<>();
        Deadline deadline = Deadline.of(context);
        FilterSearch.Progress progress =
            FilterSearch.run(
                store.reader(),
                query,
                filter(expression),
                MAX_CANDIDATES,
                deadline.left(MAX_SEARCH_TIME),
                trace -> {
                  deadline.checkWanted();
                  found.add(trace.summary());
                  if (withStatus) {
                    grpcStatus(trace, grpcStatuses);
                  }
                });
        summaries = found;
        next = progress.next();
        lookedAt = progress.lookedAtCount();
      }
    } catch (CursorException e) {
      throw badCursor(String.valueOf(cursor));
    }

    ModelJson model = new ModelJson(json);
    json.writeStartObject();
    json.writeArrayFieldStart("traces");
    for (TraceSummary summary : summaries) {
      model.summary(summary, grpcStatuses.get(summary.traceId()));
    }
    json.writeEndArray();
    if (expression != null) {
      json.writeNumberField("lookedAtCount", lookedAt);
    }
    if (next != null) {
      json.writeStringField("nextCursor", new SearchCursor(range, next).encode());
    }
    range(model, range);
    json.writeEndObject();
  }

  private Filter filter(String expression) {
    try {
      return Filter.parse(expression, groups);
    } catch (FilterException e) {
      throw new ApiException(
          HttpStatus.BAD_REQUEST,
          "invalid_parameter",
          "filter",
          "filter: " + e.getMessage(),
          new ApiException.Position(e.line(), e.column(), e.hint()));
    }
  }

  /**
   * Puts in the gRPC status of each request that has one; very large traces are not read for it.
   */
  private void grpcStatuses(List<TraceSummary> summaries, Map<TraceId, String> statuses) {
    List<TraceId> ids =
        summaries.stream()
            .filter(summary -> summary.spanCount() <= MAX_STATUS_SPANS)
            .map(TraceSummary::traceId)
            .toList();
    for (Trace trace : store.reader().findAll(ids)) {
      grpcStatus(trace, statuses);
    }
  }

  private static void grpcStatus(Trace trace, Map<TraceId, String> statuses) {
    String status = TraceRoutes.grpcStatus(RequestAttributes.root(trace));
    if (status != null) {
      statuses.put(trace.traceId(), status);
    }
  }

  private void traceStatistics(
      ServiceRequestContext context, Parameters parameters, JsonGenerator json) throws IOException {
    TimeRange range = parameters.range();
    String expression = parameters.text("filter");
    Filter filter = expression == null ? null : filter(expression);
    Deadline deadline = Deadline.of(context);
    var statistics = new TraceStatistics();
    TraceQuery query = TraceQuery.of(range, SpanCondition.ANY, TraceQuery.MAX_LIMIT);
    long reached = range.startEpochNanos();
    int lookedAt = 0;
    String next;
    do {
      deadline.checkWanted();
      if (filter == null) {
        TracePage page = store.reader().search(query);
        page.traces().forEach(statistics::add);
        lookedAt += page.traces().size();
        next = page.next();
        reached =
            next == null ? range.startEpochNanos() : page.traces().getLast().startEpochNanos();
      } else {
        FilterSearch.Progress progress =
            FilterSearch.run(
                store.reader(),
                query,
                filter,
                MAX_CANDIDATES - lookedAt,
                deadline.left(MAX_STATISTICS_TIME),
                trace -> statistics.add(trace.summary()));
        lookedAt += progress.lookedAtCount();
        next = progress.next();
        reached = progress.reachedEpochNanos();
      }
      query = query.from(next);
    } while (next != null
        && lookedAt < MAX_CANDIDATES
        && !deadline.left(MAX_STATISTICS_TIME).isZero());
    ModelJson model = new ModelJson(json);
    json.writeStartObject();
    statistics.write(model, json);
    json.writeNumberField("lookedAtCount", lookedAt);
    json.writeBooleanField("limitReached", next != null);
    model.nanos("startEpochNanos", reached);
    model.nanos("endEpochNanos", range.endEpochNanos());
    json.writeEndObject();
  }

  private static ApiException badCursor(String cursor) {
    return ApiException.invalid(
        "cursor", cursor, "nextCursor of a search with the same filters, unchanged");
  }

  private void services(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    TimeRange range = parameters.range();
    List<String> services = store.reader().services(range);
    json.writeStartObject();
    json.writeArrayFieldStart("services");
    for (String service : services) {
      json.writeString(service);
    }
    json.writeEndArray();
    range(new ModelJson(json), range);
    json.writeEndObject();
  }

  private void operations(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    TimeRange range = parameters.range();
    String service = Objects.requireNonNull(context.pathParam("service"), "service");
    List<Operation> operations = store.reader().operations(service, range);
    json.writeStartObject();
    json.writeStringField("service", service);
    json.writeArrayFieldStart("operations");
    for (Operation operation : operations) {
      json.writeStartObject();
      json.writeStringField("name", operation.name());
      json.writeStringField("kind", ModelJson.lower(operation.kind()));
      json.writeEndObject();
    }
    json.writeEndArray();
    range(new ModelJson(json), range);
    json.writeEndObject();
  }

  private void status(ServiceRequestContext context, Parameters parameters, JsonGenerator json)
      throws IOException {
    writeStatus(json);
  }

  private void writeStatus(JsonGenerator json) throws IOException {
    ServerStatus server = status.get();
    StoreStatus stored = store.status();
    json.writeStartObject();
    json.writeStringField("version", server.version());
    new ModelJson(json).nanos("startEpochNanos", server.startEpochNanos());
    json.writeArrayFieldStart("listeners");
    for (ServerStatus.Listener listener : server.listeners()) {
      json.writeStartObject();
      json.writeStringField("name", listener.name());
      json.writeStringField("address", listener.address());
      json.writeBooleanField("tls", listener.tls());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeObjectFieldStart("ingest");
    json.writeNumberField("spanCount", server.ingest().spanCount());
    json.writeNumberField("spansPerSecond", server.ingest().spansPerSecond());
    json.writeArrayFieldStart("drops");
    for (ServerStatus.Drop drop : server.ingest().drops()) {
      json.writeStartObject();
      json.writeStringField("transport", drop.transport());
      json.writeStringField("reason", drop.reason());
      json.writeNumberField("count", drop.count());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeObjectFieldStart("store");
    json.writeNumberField("liveSpanCount", stored.liveSpanCount());
    json.writeNumberField("liveBytes", stored.liveBytes());
    json.writeNumberField("walBytes", stored.walBytes());
    json.writeNumberField("partCount", stored.partCount());
    json.writeNumberField("partSpanCount", stored.partSpanCount());
    json.writeNumberField("partBytes", stored.partBytes());
    if (stored.diskLimitBytes() != Long.MAX_VALUE) {
      json.writeNumberField("diskLimitBytes", stored.diskLimitBytes());
    }
    json.writeNumberField("deletedSpanCount", stored.deletedSpanCount());
    json.writeNumberField("corruptedPartCount", stored.corruptedPartCount());
    json.writeEndObject();
    SampleData.Loaded sample = sampleData.loaded();
    if (sample != null) {
      json.writeObjectFieldStart("sampleData");
      json.writeNumberField("traceCount", sample.traceCount());
      json.writeNumberField("spanCount", sample.spanCount());
      json.writeEndObject();
    }
    ServerStatus.Disk disk = server.disk();
    if (disk != null) {
      json.writeObjectFieldStart("disk");
      json.writeStringField("dataFolder", disk.dataFolder());
      json.writeNumberField("totalBytes", disk.totalBytes());
      json.writeNumberField("usableBytes", disk.usableBytes());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  static void range(ModelJson model, TimeRange range) throws IOException {
    model.nanos("startEpochNanos", range.startEpochNanos());
    model.nanos("endEpochNanos", range.endEpochNanos());
  }
}
