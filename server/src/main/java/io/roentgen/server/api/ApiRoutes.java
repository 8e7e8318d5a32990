// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
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
import io.roentgen.filter.TraceContent;
import io.roentgen.filter.TraceField;
import io.roentgen.ingest.Refused;
import io.roentgen.model.Hex;
import io.roentgen.model.TimeRange;
import io.roentgen.model.TraceId;
import io.roentgen.server.console.ConsoleSession;
import io.roentgen.server.intake.Deadline;
import io.roentgen.server.intake.Encoding;
import io.roentgen.server.intake.Refusal;
import io.roentgen.server.intake.RefusedException;
import io.roentgen.server.marks.Marks;
import io.roentgen.server.sample.SampleData;
import io.roentgen.server.xray.graph.Graphs;
import io.roentgen.server.xray.groups.Group;
import io.roentgen.server.xray.groups.GroupOperations;
import io.roentgen.server.xray.insights.InsightDocuments;
import io.roentgen.server.xray.protocol.XRayException;
import io.roentgen.server.xray.sampling.SamplingOperations;
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
import java.io.OutputStream;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routes below {@code /api}: traces by id and by search, compared and analysed, services,
 * operations, the service graph, insights, groups, sampling rules and their simulation, marks, the
 * server's status, and {@code /api/openapi.yaml}, which describes them all.
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
          "grpcStatus",
          "field");
  private static final List<String> STATISTICS = List.of("start", "end", "filter", "columns");

  /** Columns of a search result beyond those that it always has. */
  private static final int MAX_FIELDS = 8;

  /** Values of one field that a row has room for. */
  private static final int MAX_FIELD_VALUES = 5;

  private static final Logger logger = LoggerFactory.getLogger(ApiRoutes.class);
  private static final JsonFactory JSON = new JsonFactory();
  private static final int DEFAULT_LIMIT = 20;
  private static final Pattern GROUP = Pattern.compile("group\\.name = \"([A-Za-z0-9-]+)\"");

  /** Shorter answers go out in a few packets anyway. */
  private static final int MIN_GZIP_BYTES = 4 * 1024;

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
  private final GroupOperations groups;
  private final Supplier<ServerStatus> status;
  private final Clock clock;
  private final SampleData sampleData;
  private final LiveRoute live;
  private final List<Endpoint> endpoints;

  /**
   * Answers from {@code store} and {@code insights}, and changes groups and sampling rules; {@code
   * status} is asked on each request for the server's status.
   *
   * @param graphs of what is in the store
   * @param sampleData what loads and removes traces to look at
   * @param groups those that filter expressions may name
   */
  public ApiRoutes(
      TraceStore store,
      Graphs graphs,
      GroupOperations groups,
      Supplier<ServerStatus> status,
      SampleData sampleData,
      InsightDocuments insights,
      SamplingOperations sampling) {
    this(store, graphs, groups, status, sampleData, insights, sampling, Clock.systemUTC());
  }

  ApiRoutes(
      TraceStore store,
      Graphs graphs,
      GroupOperations groups,
      Supplier<ServerStatus> status,
      SampleData sampleData,
      InsightDocuments insights,
      SamplingOperations sampling,
      Clock clock) {
    this.store = Objects.requireNonNull(store, "store");
    this.groups = Objects.requireNonNull(groups, "groups");
    this.status = Objects.requireNonNull(status, "status");
    this.clock = Objects.requireNonNull(clock, "clock");
    var insightRoutes = new InsightRoutes(insights);
    var traceRoutes = new TraceRoutes(store, clock);
    var graphRoutes = new GraphRoutes(store, graphs, this::filter);
    var filterRoutes = new FilterRoutes(store, graphs, groups.filters().groups(), this::filter);
    var groupRoutes = new GroupRoutes(groups);
    var samplingRoutes = new SamplingRoutes(store, sampling);
    var analysisRoutes = new AnalysisRoutes(store, this::filter);
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
            Endpoint.get(
                "/api/traces/{id}/spans/{spanId}/rank", TraceRoutes.RANK, traceRoutes::rank),
            Endpoint.get("/api/traces/{id}/raw", TraceRoutes.RAW, traceRoutes::rawTrace),
            Endpoint.get("/api/trace-statistics", STATISTICS, this::traceStatistics),
            Endpoint.get("/api/compare", AnalysisRoutes.COMPARE, analysisRoutes::compare),
            Endpoint.get("/api/analytics", AnalysisRoutes.ANALYTICS, analysisRoutes::analytics),
            Endpoint.get("/api/trace-fields", FilterRoutes.FIELDS, filterRoutes::fields),
            Endpoint.get(
                "/api/trace-fields/values", FilterRoutes.FIELD_VALUES, filterRoutes::fieldValues),
            Endpoint.get("/api/filter/parse", FilterRoutes.PARSE, filterRoutes::parse),
            Endpoint.get(
                "/api/filter/completions", FilterRoutes.COMPLETIONS, filterRoutes::completions),
            Endpoint.get("/api/services", RANGE, this::services),
            Endpoint.get("/api/services/{service}/operations", RANGE, this::operations),
            Endpoint.get("/api/graph", GRAPH, graphRoutes::graph),
            Endpoint.get("/api/graph/details", GraphRoutes.DETAILS, graphRoutes::details),
            Endpoint.get("/api/graph/errors", GraphRoutes.ERRORS, graphRoutes::errors),
            Endpoint.get("/api/insights", InsightRoutes.SEARCH, insightRoutes::list),
            Endpoint.get("/api/insights/{id}", List.of(), insightRoutes::one),
            Endpoint.get(GroupRoutes.PATH, List.of(), groupRoutes::list),
            Endpoint.of(HttpMethod.POST, GroupRoutes.PATH, groupRoutes::create),
            Endpoint.of(HttpMethod.PUT, GroupRoutes.ONE_PATH, groupRoutes::update),
            Endpoint.of(HttpMethod.DELETE, GroupRoutes.ONE_PATH, groupRoutes::delete),
            Endpoint.get(SamplingRoutes.PATH, List.of(), samplingRoutes::rules),
            Endpoint.of(HttpMethod.POST, SamplingRoutes.PATH, samplingRoutes::create),
            Endpoint.of(HttpMethod.PUT, SamplingRoutes.ONE_PATH, samplingRoutes::update),
            Endpoint.of(HttpMethod.DELETE, SamplingRoutes.ONE_PATH, samplingRoutes::delete),
            Endpoint.get("/api/sampling/statistics", RANGE, samplingRoutes::statistics),
            new Endpoint(
                HttpMethod.POST,
                SamplingRoutes.SIMULATION_PATH,
                SamplingRoutes.SIMULATION,
                samplingRoutes::simulate),
            Endpoint.get("/api/status", List.of(), this::status)));
    all.addAll(new MarkRoutes(new Marks(store::documents), clock).endpoints());
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

    /** One without parameters in its query. */
    static Endpoint of(HttpMethod method, String path, Handler handler) {
      return new Endpoint(method, path, List.of(), handler);
    }

    boolean isAt(String requestPath) {
      return requestPath.matches(path.replaceAll("\\{[a-zA-Z]+}", "[^/]+"));
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
    List<HttpMethod> here =
        endpoints.stream()
            .filter(endpoint -> endpoint.isAt(context.path()))
            .map(Endpoint::method)
            .toList();
    List<HttpMethod> expected = here.isEmpty() ? List.of(HttpMethod.GET) : here;
    if (!expected.contains(context.method())) {
      return new ApiException(
          HttpStatus.METHOD_NOT_ALLOWED,
          "method_not_allowed",
          null,
          "method: " + context.method() + " (expected: " + methods(expected) + ")");
    }
    return new ApiException(
        HttpStatus.NOT_FOUND,
        "unknown_path",
        null,
        "path: '" + Hex.quote(context.path()) + "' (expected: one that /api/openapi.yaml lists)");
  }

  private static String methods(List<HttpMethod> methods) {
    return methods.stream().map(HttpMethod::name).collect(Collectors.joining(" or "));
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
      if (endpoint.method() != HttpMethod.GET
          && ConsoleSession.isCrossSite(context.request().headers())) {
        // Where the server has no token, any page that a browser shows could else change things.
        throw new ApiException(
            HttpStatus.FORBIDDEN,
            "cross_site",
            null,
            "request: from a page of another server (expected: of this one, or no browser)");
      }
      Parameters parameters =
          new Parameters(context.queryParams(), endpoint.parameters(), nowEpochNanos());
      ByteArrayOutputStream answer = new ByteArrayOutputStream(4096);
      try (JsonGenerator json = JSON.createGenerator(answer)) {
        endpoint.handler().answer(context, parameters, body, json);
      }
      return respond(context, answer);
    } catch (ApiException e) {
      return respond(e);
    } catch (StoreException e) {
      return respond(e);
    } catch (XRayException e) {
      return respond(refused(e));
    } catch (RefusedException e) {
      return respond(badBody(e));
    } catch (JsonProcessingException e) {
      return respond(badBody(e));
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

  private static HttpResponse respond(ServiceRequestContext context, ByteArrayOutputStream answer)
      throws IOException {
    ResponseHeadersBuilder headers =
        headers(HttpStatus.OK).set(HttpHeaderNames.VARY, "accept-encoding");
    if (answer.size() < MIN_GZIP_BYTES || !Encoding.acceptsGzip(context.request().headers())) {
      return HttpResponse.of(headers.build(), HttpData.wrap(answer.toByteArray()));
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream(answer.size() / 2);
    try (var gzip = new FastGzip(packed)) {
      answer.writeTo(gzip);
    }
    headers.set(HttpHeaderNames.CONTENT_ENCODING, "gzip");
    return HttpResponse.of(headers.build(), HttpData.wrap(packed.toByteArray()));
  }

  /** Packs at the cheapest level: three quarters of the bytes go at a third of the usual time. */
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, 16 * 1024);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  /** Returns as a refusal of this API what shared checks refuse. */
  private static ApiException refused(XRayException e) {
    ApiException.Position position =
        e.getCause() instanceof FilterException at
            ? new ApiException.Position(at.line(), at.column(), at.hint())
            : null;
    return new ApiException(
        e.status(),
        "invalid_parameter",
        e.member(),
        Objects.requireNonNull(e.getMessage()),
        position);
  }

  private static ApiException badBody(Exception e) {
    String message =
        e instanceof JsonProcessingException json
            ? "body: "
                + json.getOriginalMessage()
                + (json.getLocation() == null
                    ? ""
                    : ", line "
                        + json.getLocation().getLineNr()
                        + ", column "
                        + json.getLocation().getColumnNr())
                + " (expected: a JSON object)"
            : Objects.requireNonNull(e.getMessage());
    return new ApiException(HttpStatus.BAD_REQUEST, "invalid_body", null, message);
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
    List<TraceField> fields = fields(parameters);
    List<TraceSummary> summaries;
    var details = new RowDetails(withStatus, fields);
    int lookedAt = 0;
    String next;
    try {
      if (expression == null) {
        TracePage page = store.reader().search(query);
        summaries = page.traces();
        next = page.next();
        readDetails(summaries, details);
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
                  details.add(trace);
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
      TraceId id = summary.traceId();
      model.summary(summary, details.grpcStatuses.get(id), details.values.get(id));
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
    return filter("filter", expression);
  }

  private Filter filter(String parameter, String expression) {
    try {
      Matcher group = GROUP.matcher(expression);
      Group named = group.matches() ? groups.groups().find(group.group(1)) : null;
      // The same, but under the name by which its sums are kept.
      return Filter.parse(
          named == null || named.isDefault() ? expression : named.filterExpression(),
          groups.filters().groups());
    } catch (FilterException e) {
      throw new ApiException(
          HttpStatus.BAD_REQUEST,
          "invalid_parameter",
          parameter,
          parameter + ": " + e.getMessage(),
          new ApiException.Position(e.line(), e.column(), e.hint()));
    }
  }

  private static List<TraceField> fields(Parameters parameters) {
    List<TraceField> fields = new ArrayList<>();
    for (String text : parameters.texts("field")) {
      TraceField field = FilterRoutes.field(text);
      if (fields.size() == MAX_FIELDS) {
        throw ApiException.invalid("field", text, "at most " + MAX_FIELDS + " fields");
      }
      fields.add(field);
    }
    return fields;
  }

  /** What rows tell beyond summaries, for which traces are read. */
  private static final class RowDetails {
    private final boolean withStatus;
    private final List<TraceField> fields;
    private final Map<TraceId, String> grpcStatuses = new HashMap<>();
    private final Map<TraceId, Map<String, Map<String, String>>> values = new HashMap<>();

    RowDetails(boolean withStatus, List<TraceField> fields) {
      this.withStatus = withStatus;
      this.fields = fields;
    }

    boolean isWanted() {
      return withStatus || !fields.isEmpty();
    }

    void add(Trace trace) {
      String status = withStatus ? TraceRoutes.grpcStatus(RequestAttributes.root(trace)) : null;
      if (status != null) {
        grpcStatuses.put(trace.traceId(), status);
      }
      if (fields.isEmpty()) {
        return;
      }
      TraceContent content = new TraceContent(trace);
      Map<String, Map<String, String>> row = new LinkedHashMap<>();
      for (TraceField field : fields) {
        Map<String, String> some = new LinkedHashMap<>();
        field.valuesOf(content).entrySet().stream()
            .limit(MAX_FIELD_VALUES)
            .forEach(each -> some.put(each.getKey(), each.getValue()));
        row.put(field.text(), some);
      }
      values.put(trace.traceId(), row);
    }
  }

  /** Puts in what rows tell beyond summaries; very large traces are not read for it. */
  private void readDetails(List<TraceSummary> summaries, RowDetails details) {
    if (!details.isWanted()) {
      return;
    }
    List<TraceId> ids =
        summaries.stream()
            .filter(summary -> summary.spanCount() <= MAX_STATUS_SPANS)
            .map(TraceSummary::traceId)
            .toList();
    store.reader().findAll(ids).forEach(details::add);
  }

  private void traceStatistics(
      ServiceRequestContext context, Parameters parameters, JsonGenerator json) throws IOException {
    TimeRange range = parameters.range();
    String expression = parameters.text("filter");
    Filter filter = expression == null ? null : filter(expression);
    Deadline deadline = Deadline.of(context);
    var statistics =
        new TraceStatistics(range, parameters.number("columns", 1, TraceStatistics.MAX_COLUMNS, 0));
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
