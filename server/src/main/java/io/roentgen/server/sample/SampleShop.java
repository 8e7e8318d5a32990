// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.sample;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.roentgen.codec.otlp.DecodedRequest;
import io.roentgen.codec.otlp.OtlpDecoder;
import io.roentgen.codec.otlp.OtlpException;
import io.roentgen.model.Hex;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.TraceId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * An hour of a shop on gRPC whose payments go to a bank that is slow at times, written as an OTLP
 * export request and decoded like one that came in. The same hour gives the same spans.
 *
 * <p>Every span's resource has {@link #MARKER}. Some checkouts wait for the bank until the deadline
 * that the front gave them has passed; others fail or are refused for the usual reasons.
 */
final class SampleShop {
  /** The resource attribute that all of its spans have, with the value true. */
  static final String MARKER = "roentgen.sample_data";

  private static final JsonFactory JSON = new JsonFactory();
  private static final int TRACE_COUNT = 420;
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long HOUR_NANOS = 3_600_000 * NANOS_PER_MILLI;

  /** The last request is over before the end of the hour. */
  private static final long LAST_NANOS = 15_000 * NANOS_PER_MILLI;

  private static final double FRONT_DEADLINE_MILLIS = 2_000;
  private static final List<String> PRODUCTS = List.of("tea", "kettle", "cup", "sugar", "lamp");

  private final Random random;
  private final long endEpochNanos;
  private final Map<String, List<SpanText>> byService = new LinkedHashMap<>();
  private String slowTraceId = "";

  /**
   * The shop's spans.
   *
   * @param batch all of them
   * @param traceCount how many traces they make
   * @param slowTraceId a checkout that waited for the bank until its deadline had passed
   */
  record Hour(SpanBatch batch, int traceCount, TraceId slowTraceId) {}

  private record SpanText(
      Trace trace,
      String id,
      @Nullable String parent,
      Kind kind,
      String name,
      double atMillis,
      double millis,
      Map<String, Object> attributes,
      @Nullable String problem,
      @Nullable String exception) {}

  private record Trace(String id, long startEpochNanos) {}

  private enum Kind {
    INTERNAL(1),
    SERVER(2),
    CLIENT(3),
    PRODUCER(4),
    CONSUMER(5);

    private final int number;

    Kind(int number) {
      this.number = number;
    }
  }

  /** The gRPC statuses that occur, with whether a server's span of them is an error. */
  private enum Status {
    OK(0, false),
    CANCELLED(1, false),
    DEADLINE_EXCEEDED(4, true),
    NOT_FOUND(5, false),
    RESOURCE_EXHAUSTED(8, false),
    FAILED_PRECONDITION(9, false),
    INTERNAL(13, true);

    private final int code;
    private final boolean serverError;

    Status(int code, boolean serverError) {
      this.code = code;
      this.serverError = serverError;
    }
  }

  private SampleShop(long endEpochNanos) {
    this.endEpochNanos = endEpochNanos;
    random = new Random(endEpochNanos);
  }

  /** Returns the hour before {@code endEpochNanos}. */
  static Hour hourBefore(long endEpochNanos) {
    return new SampleShop(endEpochNanos).hour();
  }

  private Hour hour() {
    long step = (HOUR_NANOS - LAST_NANOS) / TRACE_COUNT;
    for (int i = 0; i < TRACE_COUNT; i++) {
      long start =
          endEpochNanos - HOUR_NANOS + i * step + (long) (random.nextDouble() * 0.8 * step);
      Trace trace = new Trace(traceId(start), start);
      // Two in five people buy; every seventeenth waits for the bank in vain.
      switch (i % 5) {
        case 0, 3 -> checkout(trace, i % 17 == 3);
        case 1 -> product(trace);
        default -> list(trace);
      }
    }
    byte[] request = request();
    DecodedRequest decoded;
    try {
      decoded = OtlpDecoder.decodeJson(request, 0, request.length);
    } catch (OtlpException e) {
      throw new IllegalStateException("sample data: not an export request", e);
    }
    if (decoded.rejectedSpans() > 0) {
      throw new IllegalStateException("sample data: " + decoded.errorMessage());
    }
    return new Hour(decoded.batch(), TRACE_COUNT, TraceId.parse(slowTraceId));
  }

  private String traceId(long startEpochNanos) {
    // The time in front, as X-Ray makes ids.
    return String.format("%08x", startEpochNanos / (1_000 * NANOS_PER_MILLI))
        + Hex.format(random.nextLong()).substring(8)
        + spanId();
  }

  private String spanId() {
    long id = random.nextLong();
    return Hex.format(id == 0 ? 1 : id);
  }

  /** Returns a time around {@code millis}, at times much longer, as services have it. */
  private double around(double millis) {
    return millis * (0.7 + 0.6 * random.nextDouble() + Math.pow(random.nextDouble(), 8) * 2);
  }

  // ------------------------------------------------------------------------------- what people do

  private void list(Trace trace) {
    double query = around(7);
    double call = query + around(4) + 3;
    double all = call + around(6) + 2;
    String front = http(trace, "GET", "/products", 200, all, null);
    String stock =
        grpc(trace, "front", front, "stock", "shop.Stock/List", 2, call, 1_000, Status.OK, null);
    sql(trace, "stock", stock, "SELECT", "products", 4, query, null);
  }

  private void product(Trace trace) {
    boolean missing = random.nextInt(9) == 0;
    double query = around(3);
    double call = query + around(2) + 3;
    double all = call + around(4) + 2;
    String front = http(trace, "GET", "/products/{id}", missing ? 404 : 200, all, null);
    String stock =
        grpc(
            trace,
            "front",
            front,
            "stock",
            "shop.Stock/Find",
            2,
            call,
            1_000,
            missing ? Status.NOT_FOUND : Status.OK,
            missing ? "no such product" : null);
    sql(trace, "stock", stock, "SELECT", "products", 3.5, query, null);
  }

  private void checkout(Trace trace, boolean inVain) {
    int luck = random.nextInt(100);
    if (luck < 6 && !inVain) {
      brokenReservation(trace);
      return;
    }
    boolean declined = luck < 16 && !inVain;
    boolean twice = luck >= 90;
    boolean slow = luck >= 80 && luck < 86;

    double reserveFirst = twice ? around(6) + 4 : 0;
    double pause = twice ? 50 + around(20) : 0;
    double update = around(9);
    double reserve = update + around(4) + 3;
    double reserveEnd = 4 + reserveFirst + pause + reserve;
    double chargeAt = reserveEnd + around(2);
    double deadline = FRONT_DEADLINE_MILLIS - 3;
    double chargeDeadline = deadline - chargeAt;
    double bank =
        inVain
            ? chargeDeadline + 150 + around(300)
            : slow ? chargeDeadline - 90 - around(250) : around(85);
    double charge = inVain ? chargeDeadline + 1 : bank + around(6) + 5;
    Status paid =
        inVain ? Status.DEADLINE_EXCEEDED : declined ? Status.FAILED_PRECONDITION : Status.OK;
    boolean ok = paid == Status.OK;
    double publish = around(2);
    double place = chargeAt + charge + (ok ? publish + around(2) : 0.4);
    double all = place + around(4) + 3;
    String message = inVain ? "deadline exceeded" : declined ? "card declined" : null;

    String front = http(trace, "POST", "/checkout", ok ? 200 : inVain ? 504 : 402, all, null);
    String checkout =
        grpc(
            trace,
            "front",
            front,
            "checkout",
            "shop.Checkout/PlaceOrder",
            2,
            place,
            FRONT_DEADLINE_MILLIS,
            paid,
            message);

    String stock;
    if (twice) {
      stock = reserveTwice(trace, checkout, reserveFirst, pause, reserve, deadline);
    } else {
      stock =
          grpc(
              trace,
              "checkout",
              checkout,
              "stock",
              "shop.Stock/Reserve",
              4,
              reserve,
              deadline - 1,
              Status.OK,
              null);
    }
    sql(trace, "stock", stock, "UPDATE", "products", reserveEnd - update - 2, update, null);

    String payment =
        client(
            trace,
            "checkout",
            checkout,
            "payment",
            "shop.Payment/Charge",
            chargeAt,
            charge,
            chargeDeadline,
            paid,
            message);
    // A server that is left waiting learns of it, but goes on until the bank has answered.
    double paymentWork = inVain ? bank + 6 : charge - 1.5;
    String served =
        server(
            trace,
            payment,
            "payment",
            "shop.Payment/Charge",
            chargeAt + 1,
            paymentWork,
            chargeDeadline - 1,
            inVain ? Status.CANCELLED : paid,
            message);
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("http.request.method", "POST");
    attributes.put("url.full", "https://bank.example/v2/authorize");
    attributes.put("server.address", "bank.example");
    attributes.put("http.response.status_code", declined ? 402L : 200L);
    add(
        trace,
        "payment",
        served,
        Kind.CLIENT,
        "POST /v2/authorize",
        chargeAt + 3,
        bank,
        attributes,
        declined ? "" : null,
        null);
    if (inVain) {
      slowTraceId = trace.id;
    }
    if (ok) {
      order(trace, checkout, chargeAt + charge + 0.5, publish);
    }
  }

  /** The stock has too much to do; the second attempt is served. */
  private String reserveTwice(
      Trace trace, String parent, double first, double pause, double second, double deadline) {
    double millis = first + pause + second;
    Map<String, Object> attributes = rpc("shop.Stock/Reserve", deadline - 1, millis, Status.OK);
    attributes.put("server.address", "stock");
    attributes.put("grpc.attempts", 2L);
    String call =
        add(
            trace,
            "checkout",
            parent,
            Kind.CLIENT,
            "shop.Stock/Reserve",
            4,
            millis,
            attributes,
            null,
            null);
    attempt(trace, call, 1, 4, first, "RESOURCE_EXHAUSTED");
    attempt(trace, call, 2, 4 + first + pause, second, "OK");
    server(
        trace,
        call,
        "stock",
        "shop.Stock/Reserve",
        5,
        first - 2,
        deadline - 2,
        Status.RESOURCE_EXHAUSTED,
        "too many reservations at once");
    return server(
        trace,
        call,
        "stock",
        "shop.Stock/Reserve",
        5 + first + pause,
        second - 2,
        deadline - 2 - first - pause,
        Status.OK,
        null);
  }

  private void attempt(
      Trace trace, String call, int number, double at, double millis, String status) {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("grpc.previous_attempts", number - 1L);
    attributes.put("grpc.status", status);
    boolean ok = status.equals("OK");
    add(
        trace,
        "checkout",
        call,
        Kind.INTERNAL,
        "attempt " + number,
        at,
        millis,
        attributes,
        ok ? null : "",
        null);
  }

  private void brokenReservation(Trace trace) {
    double update = around(30);
    double reserve = update + around(4) + 3;
    double place = reserve + around(5) + 4;
    String problem = "could not serialize access due to concurrent update";
    String front = http(trace, "POST", "/checkout", 500, place + around(4) + 3, null);
    String checkout =
        grpc(
            trace,
            "front",
            front,
            "checkout",
            "shop.Checkout/PlaceOrder",
            2,
            place,
            FRONT_DEADLINE_MILLIS,
            Status.INTERNAL,
            "reservation failed");
    String stock =
        grpc(
            trace,
            "checkout",
            checkout,
            "stock",
            "shop.Stock/Reserve",
            4,
            reserve,
            FRONT_DEADLINE_MILLIS - 4,
            Status.INTERNAL,
            problem);
    sql(trace, "stock", stock, "UPDATE", "products", 6.5, update, problem);
  }

  /** The order goes through a queue to the service that sends mail. */
  private void order(Trace trace, String checkout, double at, double millis) {
    Map<String, Object> sent = new LinkedHashMap<>();
    sent.put("messaging.system", "kafka");
    sent.put("messaging.destination.name", "orders");
    sent.put("messaging.operation.type", "send");
    String producer =
        add(
            trace,
            "checkout",
            checkout,
            Kind.PRODUCER,
            "send orders",
            at,
            millis,
            sent,
            null,
            null);
    Map<String, Object> received = new LinkedHashMap<>(sent);
    received.put("messaging.operation.type", "process");
    double processAt = at + millis + around(40);
    double process = around(25);
    String consumer =
        add(
            trace,
            "mail",
            producer,
            Kind.CONSUMER,
            "process orders",
            processAt,
            process,
            received,
            null,
            null);
    sql(trace, "mail", consumer, "INSERT", "mails", processAt + 1.5, process * 0.4, null);
  }

  // ------------------------------------------------------------------------------------- spans

  private String http(
      Trace trace, String method, String route, int status, double millis, @Nullable String text) {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("http.request.method", method);
    attributes.put("http.route", route);
    String product = PRODUCTS.get(random.nextInt(PRODUCTS.size()));
    attributes.put("url.path", route.replace("{id}", status == 404 ? "teapot" : product));
    attributes.put("http.response.status_code", (long) status);
    attributes.put("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64) Firefox/141.0");
    attributes.put("shop.customer", "customer-" + (100 + random.nextInt(40)));
    if (method.equals("POST")) {
      attributes.put("shop.items", 1L + random.nextInt(6));
    }
    return add(
        trace,
        "front",
        null,
        Kind.SERVER,
        method + " " + route,
        0,
        millis,
        attributes,
        status >= 500 ? "" : null,
        text);
  }

  /** A call, and how it is served; returns the id of the latter's span. */
  private String grpc(
      Trace trace,
      String caller,
      String parent,
      String callee,
      String method,
      double at,
      double millis,
      double deadline,
      Status status,
      @Nullable String message) {
    String call =
        client(trace, caller, parent, callee, method, at, millis, deadline, status, message);
    return server(
        trace, call, callee, method, at + 0.8, millis - 1.3, deadline - 0.8, status, message);
  }

  private String client(
      Trace trace,
      String caller,
      String parent,
      String callee,
      String method,
      double at,
      double millis,
      double deadline,
      Status status,
      @Nullable String message) {
    Map<String, Object> attributes = rpc(method, deadline, millis, status);
    attributes.put("server.address", callee);
    String problem = status == Status.OK ? null : String.valueOf(message);
    return add(trace, caller, parent, Kind.CLIENT, method, at, millis, attributes, problem, null);
  }

  private String server(
      Trace trace,
      String parent,
      String service,
      String method,
      double at,
      double millis,
      double deadline,
      Status status,
      @Nullable String message) {
    Map<String, Object> attributes = rpc(method, deadline, millis, status);
    String problem = status.serverError ? String.valueOf(message) : null;
    return add(trace, service, parent, Kind.SERVER, method, at, millis, attributes, problem, null);
  }

  /** As the gRPC kit names what it knows of a call. */
  private static Map<String, Object> rpc(
      String method, double deadline, double millis, Status status) {
    int slash = method.indexOf('/');
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("rpc.system", "grpc");
    attributes.put("rpc.service", method.substring(0, slash));
    attributes.put("rpc.method", method.substring(slash + 1));
    attributes.put("rpc.grpc.status_code", (long) status.code);
    attributes.put("grpc.deadline_ms", (long) deadline);
    attributes.put("grpc.deadline_left_ms", (long) Math.floor(deadline - millis));
    return attributes;
  }

  private void sql(
      Trace trace,
      String service,
      String parent,
      String verb,
      String table,
      double at,
      double millis,
      @Nullable String problem) {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("db.system.name", "postgresql");
    attributes.put("db.namespace", "shop");
    attributes.put("server.address", "db.shop.example");
    attributes.put("db.operation.name", verb);
    attributes.put("db.collection.name", table);
    attributes.put(
        "db.query.text",
        switch (verb) {
          case "SELECT" -> "SELECT id, name, price FROM " + table + " WHERE name = $1";
          case "UPDATE" -> "UPDATE " + table + " SET reserved = reserved + $1 WHERE id = $2";
          default -> "INSERT INTO " + table + " (customer, subject) VALUES ($1, $2)";
        });
    add(
        trace,
        service,
        parent,
        Kind.CLIENT,
        verb + " " + table,
        at,
        millis,
        attributes,
        problem,
        problem == null
            ? null
            : "org.postgresql.util.PSQLException: ERROR: "
                + problem
                + "\n\tat org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse"
                + "(QueryExecutorImpl.java:2733)\n\tat shop.stock.Products.reserve"
                + "(Products.java:88)\n\tat shop.stock.StockService.reserve(StockService.java:41)");
  }

  private String add(
      Trace trace,
      String service,
      @Nullable String parent,
      Kind kind,
      String name,
      double atMillis,
      double millis,
      Map<String, Object> attributes,
      @Nullable String problem,
      @Nullable String exception) {
    String id = spanId();
    byService
        .computeIfAbsent(service, _ -> new ArrayList<>())
        .add(
            new SpanText(
                trace,
                id,
                parent,
                kind,
                name,
                atMillis,
                Math.max(0.05, millis),
                attributes,
                problem,
                exception));
    return id;
  }

  // ---------------------------------------------------------------------------------- the request

  private byte[] request() {
    var bytes = new ByteArrayOutputStream(1 << 20);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeArrayFieldStart("resourceSpans");
      for (Map.Entry<String, List<SpanText>> each : byService.entrySet()) {
        json.writeStartObject();
        json.writeObjectFieldStart("resource");
        Map<String, Object> resource = new LinkedHashMap<>();
        resource.put("service.name", each.getKey());
        resource.put("service.version", "1.4.2");
        resource.put("deployment.environment.name", "sample");
        resource.put(MARKER, true);
        attributes(resource, json);
        json.writeEndObject();
        json.writeArrayFieldStart("scopeSpans");
        json.writeStartObject();
        json.writeObjectFieldStart("scope");
        json.writeStringField("name", "io.roentgen.sample");
        json.writeEndObject();
        json.writeArrayFieldStart("spans");
        for (SpanText span : each.getValue()) {
          span(span, json);
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to memory", e);
    }
    return bytes.toByteArray();
  }

  private static void span(SpanText span, JsonGenerator json) throws IOException {
    long start = span.trace.startEpochNanos + (long) (span.atMillis * NANOS_PER_MILLI);
    long end = start + (long) (span.millis * NANOS_PER_MILLI);
    json.writeStartObject();
    json.writeStringField("traceId", span.trace.id);
    json.writeStringField("spanId", span.id);
    if (span.parent != null) {
      json.writeStringField("parentSpanId", span.parent);
    }
    json.writeStringField("name", span.name);
    json.writeNumberField("kind", span.kind.number);
    json.writeStringField("startTimeUnixNano", Long.toString(start));
    json.writeStringField("endTimeUnixNano", Long.toString(end));
    attributes(span.attributes, json);
    if (span.problem != null) {
      json.writeObjectFieldStart("status");
      json.writeNumberField("code", 2);
      json.writeStringField("message", span.problem);
      json.writeEndObject();
    }
    if (span.exception != null) {
      int colon = span.exception.indexOf(": ");
      int line = span.exception.indexOf('\n');
      Map<String, Object> attributes = new LinkedHashMap<>();
      attributes.put("exception.type", span.exception.substring(0, colon));
      attributes.put("exception.message", span.exception.substring(colon + 2, line));
      attributes.put("exception.stacktrace", span.exception);
      json.writeArrayFieldStart("events");
      json.writeStartObject();
      json.writeStringField("timeUnixNano", Long.toString(end));
      json.writeStringField("name", "exception");
      attributes(attributes, json);
      json.writeEndObject();
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  private static void attributes(Map<String, Object> attributes, JsonGenerator json)
      throws IOException {
    json.writeArrayFieldStart("attributes");
    for (Map.Entry<String, Object> each : attributes.entrySet()) {
      json.writeStartObject();
      json.writeStringField("key", each.getKey());
      json.writeObjectFieldStart("value");
      switch (each.getValue()) {
        case Long number -> json.writeStringField("intValue", number.toString());
        case Boolean flag -> json.writeBooleanField("boolValue", flag);
        default -> json.writeStringField("stringValue", each.getValue().toString());
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
