// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import io.roentgen.model.Span;
import io.roentgen.model.SpanEvent;
import io.roentgen.model.SpanId;
import io.roentgen.model.SpanKind;
import io.roentgen.model.StatusCode;
import io.roentgen.model.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A span that came by OTLP on its way to a segment or subsegment. Follows the awsxray exporter of
 * opentelemetry-collector-contrib, and besides: attribute names of the newer semantic conventions are understood
 * too; all scalar attributes are annotations; and what X-Ray has no member for is kept as metadata in the
 * namespace {@code otel}.
 */
final class OtlpSegment {
  private static final int MAX_FRAMES = 50;
  private static final Set<String> OWN_NAMESPACES = Set.of("default", "otel");
  private static final Set<String> SQL_SYSTEMS =
      Set.of(
          "db2",
          "derby",
          "hive",
          "ibm.db2",
          "mariadb",
          "microsoft.sql_server",
          "mssql",
          "mysql",
          "oracle",
          "oracle.db",
          "other_sql",
          "postgresql",
          "sqlite",
          "teradata");
  private static final Pattern JAVA_FRAME =
      Pattern.compile("at (?:[^/()\\s]+/)*([^()\\s]+)\\(([^():]+)(?::(\\d{1,9}))?\\)");
  private static final Pattern PYTHON_FRAME =
      Pattern.compile("File \"([^\"]+)\", line (\\d{1,9})(?:, in (.+))?");
  private static final Pattern SCRIPT_FRAME =
      Pattern.compile("at (?:(.+) \\()?([^()]+?):(\\d{1,9}):\\d{1,9}\\)?");

  private final Span span;
  private final boolean segment;
  private final JsonObject members;
  private final Map<String, Value> attributes;
  private final Map<String, Value> resource;
  private final Set<String> used = new HashSet<>();
  private final Set<String> usedOfResource = new HashSet<>();
  private final Map<String, Value> annotations = new LinkedHashMap<>();

  OtlpSegment(Span span, boolean segment, JsonObject members) {
    this.span = span;
    this.segment = segment;
    this.members = members;
    attributes = span.attributes();
    resource = span.resourceScope().resource().attributes();
  }

  void put() {
    if (!span.inProgress()) {
      // Clients take an end before the start for nonsense, where OTLP lets it pass.
      members.putSeconds("end_time", Math.max(span.startEpochNanos(), span.endEpochNanos()));
    }
    String name = name();
    members.putText("name", name);
    namespace();
    http();
    sql();
    table();
    aws();
    user();
    cause();
    SegmentWriter.putLinks(span, members);
    otelMetadata(name);
    rest();
  }

  /** Returns the annotations that {@link #put} made. */
  Map<String, Value> annotations() {
    return annotations;
  }

  private String name() {
    String name = null;
    if (segment) {
      name = firstText("aws.local.service");
      if (name == null && !span.service().isEmpty()) {
        name = span.service();
      }
    } else if (isRemote()) {
      name = firstText("aws.remote.service");
    }
    if (name == null) {
      name = firstText("peer.service");
    }
    if (name == null) {
      name = firstText("aws.service");
    }
    if (name == null) {
      name = databaseName();
    }
    if (name == null) {
      name = firstText("rpc.service", "http.host");
    }
    if (name == null && isRemote()) {
      name = firstText("server.address", "net.peer.name");
    }
    return SegmentNames.legalize(name == null ? span.name() : name, "span");
  }

  private @Nullable String databaseName() {
    String database = firstText("db.namespace", "db.name");
    if (database == null) {
      return null;
    }
    String host = firstText("db.connection_string", "server.address", "net.peer.name");
    if (host == null) {
      return database;
    }
    return database + '@' + (host.startsWith("jdbc:") ? host.substring("jdbc:".length()) : host);
  }

  private boolean isRemote() {
    return span.kind() == SpanKind.CLIENT
        || span.kind() == SpanKind.PRODUCER
        || span.kind() == SpanKind.CONSUMER;
  }

  private boolean isAwsCall() {
    String system = firstText("rpc.system", "rpc.system.name");
    return "aws-api".equals(system) || attributes.containsKey("aws.service");
  }

  private void namespace() {
    if (segment) {
      return;
    }
    if (isAwsCall()) {
      members.putText("namespace", "aws");
    } else if (span.kind() == SpanKind.CLIENT || span.kind() == SpanKind.PRODUCER) {
      members.putText("namespace", "remote");
    } else if (span.kind() == SpanKind.CONSUMER && attributes.containsKey("aws.remote.service")) {
      members.putText("namespace", "remote");
    }
  }

  private void http() {
    move(List.of("http", "request", "method"), "http.request.method", "http.method");
    move(List.of("http", "request", "url"), "url.full", "http.url");
    move(List.of("http", "request", "user_agent"), "user_agent.original", "http.user_agent");
    if (members.has("http") && !members.hasAt(List.of("http", "request", "url"))) {
      String url = url();
      if (url != null) {
        members.object("http").object("request").putText("url", url);
      }
    }
    boolean given = move(List.of("http", "request", "client_ip"), "client.address", "http.client_ip");
    if (segment && given && firstText("network.peer.address", "net.sock.peer.addr", "net.peer.ip") == null) {
      members.object("http").object("request").putJson("x_forwarded_for", "true");
    } else if (segment && !given && members.has("http")) {
      move(
          List.of("http", "request", "client_ip"),
          "network.peer.address",
          "net.sock.peer.addr",
          "net.peer.ip");
    }
    moveNumber(List.of("http", "response", "status"), "http.response.status_code", "http.status_code");
    moveNumber(
        List.of("http", "response", "content_length"),
        "http.response.body.size",
        "http.response_content_length");
  }

  private @Nullable String url() {
    String host =
        isRemote()
            ? firstText("http.host", "server.address", "net.peer.name", "net.peer.ip")
            : firstText("http.host", "server.address", "http.server_name", "net.host.name");
    if (host == null) {
      return null;
    }
    String scheme = orElse(firstText("url.scheme", "http.scheme"), "http");
    StringBuilder url = new StringBuilder(scheme).append("://").append(host);
    Long port =
        firstNumber(isRemote() ? "net.peer.port" : "net.host.port", "server.port");
    if (port != null && port != 80 && port != 443 && host.indexOf(':') < 0) {
      url.append(':').append(port);
    }
    String target = firstText("http.target");
    if (target == null) {
      target = orElse(firstText("url.path"), "/");
      String query = firstText("url.query");
      if (query != null && !query.isEmpty()) {
        target = target + '?' + query;
      }
    }
    return url.append(target).toString();
  }

  private void sql() {
    String system = firstText("db.system.name", "db.system");
    if (system == null || !SQL_SYSTEMS.contains(system.toLowerCase(Locale.ROOT))) {
      return;
    }
    JsonObject sql = members.object("sql");
    sql.putText("url", span.name());
    String host =
        orElse(firstText("db.connection_string", "server.address", "net.peer.name"), "localhost");
    String database = firstText("db.namespace", "db.name");
    sql.putText("connection_string", database == null ? host : host + '/' + database);
    used.add("db.connection_string");
    move(List.of("sql", "database_type"), "db.system.name", "db.system");
    move(List.of("sql", "user"), "db.user");
    move(List.of("sql", "sanitized_query"), "db.query.text", "db.statement");
  }

  /** Puts the attributes that stand for a member of an X-Ray document by the decoder's own table. */
  private void table() {
    for (SegmentMembers.Attribute known : SegmentMembers.attributes()) {
      String block = known.path().get(0);
      boolean details = block.equals("aws") && known.path().size() > 2;
      // Databases that are not SQL have no block; details of the machine come with the resource.
      if (!block.equals("sql") && !details && !members.hasAt(known.path())) {
        Value value = attributes.get(known.key());
        if (value != null && known.type().fits(value)) {
          members.putValueAt(known.path(), value);
          used.add(known.key());
        }
      }
    }
  }

  private void aws() {
    if (isAwsCall() && !segment) {
      move(List.of("aws", "operation"), "rpc.method");
    }
    move(List.of("aws", "request_id"), "aws.requestId");
    move(List.of("aws", "queue_url"), "aws.queue.url", "messaging.url");
    move(List.of("aws", "table_name"), "aws.table.name");
    if (attributes.get("aws.dynamodb.table_names") instanceof Value.ArrayValue tables
        && !members.hasAt(List.of("aws", "table_name"))) {
      used.add("aws.dynamodb.table_names");
      if (tables.values().size() == 1) {
        members.object("aws").putValue("table_name", tables.values().get(0));
      } else {
        members.object("aws").putValue("table_names", tables);
      }
    }
    if (!segment) {
      return;
    }
    if (resource.get("service.version") instanceof Value.StringValue version
        && !members.has("service")) {
      members.object("service").putText("version", version.value());
      usedOfResource.add("service.version");
    }
    usedOfResource.add("service.name");
    boolean onAws =
        "aws".equals(resourceText("cloud.provider"))
            || orElse(resourceText("cloud.platform"), "").startsWith("aws_");
    if (!onAws) {
      return;
    }
    for (SegmentMembers.Attribute known : SegmentMembers.attributes()) {
      Value value = resource.get(known.key());
      boolean details = known.path().get(0).equals("aws") && known.path().size() > 2;
      if (details && value != null && known.type().fits(value)) {
        members.putValueAt(known.path(), value);
        usedOfResource.add(known.key());
      }
    }
    String account = resourceText("cloud.account.id");
    if (account != null && !members.hasAt(List.of("aws", "account_id"))) {
      members.object("aws").putText("account_id", account);
      usedOfResource.add("cloud.account.id");
    }
    if (!members.has("origin")) {
      String origin = origin();
      if (origin != null) {
        members.putText("origin", origin);
      }
    }
  }

  private @Nullable String origin() {
    return switch (orElse(resourceText("cloud.platform"), "")) {
      case "aws_app_runner" -> "AWS::AppRunner::Service";
      case "aws_eks" -> "AWS::EKS::Container";
      case "aws_elastic_beanstalk" -> "AWS::ElasticBeanstalk::Environment";
      case "aws_ecs" ->
          switch (orElse(resourceText("aws.ecs.launchtype"), "").toLowerCase(Locale.ROOT)) {
            case "ec2" -> "AWS::ECS::EC2";
            case "fargate" -> "AWS::ECS::Fargate";
            default -> "AWS::ECS::Container";
          };
      case "aws_ec2" -> "AWS::EC2::Instance";
      default -> null;
    };
  }

  private void user() {
    if (!members.has("user")) {
      move(List.of("user"), "user.id");
    }
  }

  private void cause() {
    List<JsonObject> exceptions = new ArrayList<>();
    SpanId id = span.spanId();
    for (SpanEvent event : span.events()) {
      if (event.name().equals("exception")) {
        id = SegmentWriter.derivedId(id);
        exceptions.add(exception(id, event.attributes()));
      }
    }
    if (exceptions.isEmpty()
        && span.statusCode() == StatusCode.ERROR
        && !span.statusMessage().isEmpty()) {
      JsonObject exception = new JsonObject();
      exception.putText("id", SegmentWriter.derivedId(id).toHex());
      exception.putText("message", span.statusMessage());
      exceptions.add(exception);
    }
    if (!exceptions.isEmpty()) {
      members.object("cause").putJson("exceptions", JsonObject.array(exceptions));
    }
  }

  private JsonObject exception(SpanId id, Map<String, Value> event) {
    JsonObject exception = new JsonObject();
    exception.putText("id", id.toHex());
    if (event.get("exception.type") instanceof Value.StringValue type) {
      exception.putText("type", type.value());
    }
    if (event.get("exception.message") instanceof Value.StringValue message) {
      exception.putText("message", message.value());
    }
    if (!segment && (span.kind() == SpanKind.CLIENT || span.kind() == SpanKind.PRODUCER)) {
      exception.putJson("remote", "true");
    }
    if (event.get("exception.stacktrace") instanceof Value.StringValue stack) {
      frames(stack.value(), exception);
    }
    return exception;
  }

  /** Puts the frames of the exception itself: a Java stack ends where its cause begins. */
  private static void frames(String stack, JsonObject exception) {
    List<JsonObject> frames = new ArrayList<>();
    int truncated = 0;
    for (String line : (Iterable<String>) stack.lines()::iterator) {
      if (line.startsWith("Caused by:")) {
        break;
      }
      JsonObject frame = frame(line.strip());
      if (frame != null && frames.size() < MAX_FRAMES) {
        frames.add(frame);
      } else if (frame != null) {
        truncated++;
      }
    }
    if (!frames.isEmpty()) {
      exception.putJson("stack", JsonObject.array(frames));
    }
    if (truncated > 0) {
      exception.putJson("truncated", Integer.toString(truncated));
    }
  }

  private static @Nullable JsonObject frame(String line) {
    Matcher java = JAVA_FRAME.matcher(line);
    if (java.matches()) {
      return frame(java.group(1), java.group(2), java.group(3));
    }
    Matcher python = PYTHON_FRAME.matcher(line);
    if (python.matches()) {
      return frame(python.group(3), python.group(1), python.group(2));
    }
    Matcher script = SCRIPT_FRAME.matcher(line);
    return script.matches() ? frame(script.group(1), script.group(2), script.group(3)) : null;
  }

  private static JsonObject frame(@Nullable String label, String path, @Nullable String number) {
    JsonObject frame = new JsonObject();
    frame.putText("path", path);
    if (number != null) {
      frame.putJson("line", Long.toString(Long.parseLong(number)));
    }
    if (label != null) {
      frame.putText("label", label);
    }
    return frame;
  }

  private void otelMetadata(String name) {
    JsonObject otel = new JsonObject();
    if (!name.equals(span.name())) {
      otel.putText("name", span.name());
    }
    if (span.kind() != SpanKind.UNSPECIFIED) {
      otel.putText("kind", span.kind().name());
    }
    if (!span.statusMessage().isEmpty()) {
      otel.putText("status_message", span.statusMessage());
    }
    if (!span.traceState().isEmpty()) {
      otel.putText("trace_state", span.traceState());
    }
    if (!span.events().isEmpty()) {
      List<JsonObject> events = new ArrayList<>();
      for (SpanEvent event : span.events()) {
        JsonObject object = new JsonObject();
        object.putSeconds("time", event.epochNanos());
        object.putText("name", event.name());
        if (!event.attributes().isEmpty()) {
          object.putObject("attributes", JsonObject.of(event.attributes()));
        }
        events.add(object);
      }
      otel.putJson("events", JsonObject.array(events));
    }
    if (!otel.isEmpty()) {
      members.object("metadata").putObject("otel", otel);
    }
  }

  /** Puts all other attributes: what a filter can find into the annotations, what it cannot into metadata. */
  private void rest() {
    String metadata = "aws.xray.metadata.";
    for (Map.Entry<String, Value> attribute : attributes.entrySet()) {
      String key = attribute.getKey();
      if (used.contains(key)) {
        continue;
      }
      String namespace = key.startsWith(metadata) ? key.substring(metadata.length()) : "";
      if (!namespace.isEmpty()
          && !OWN_NAMESPACES.contains(namespace)
          && attribute.getValue() instanceof Value.StringValue text
          && isObject(text.value())) {
        members.object("metadata").putJson(namespace, text.value());
      } else {
        annotate(key, key, attribute.getValue());
      }
    }
    if (segment) {
      for (Map.Entry<String, Value> attribute : resource.entrySet()) {
        if (!usedOfResource.contains(attribute.getKey())) {
          String key = "otel.resource." + attribute.getKey();
          annotate(key, key, attribute.getValue());
        }
      }
    }
  }

  private void annotate(String key, String metadataKey, Value value) {
    boolean scalar =
        value instanceof Value.StringValue
            || value instanceof Value.LongValue
            || value instanceof Value.BooleanValue
            || (value instanceof Value.DoubleValue number && Double.isFinite(number.value()));
    String legal = legalKey(key);
    if (scalar && !members.hasAt(List.of("annotations", legal))) {
      members.object("annotations").putValue(legal, value);
      annotations.put(legal, value);
    } else {
      members.object("metadata").object("default").putValue(metadataKey, value);
    }
  }

  private static String legalKey(String key) {
    StringBuilder legal = new StringBuilder(key.length());
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      boolean allowed =
          (c >= '0' && c <= '9')
              || (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || c == '.'
              || c == '_';
      legal.append(allowed ? c : '_');
    }
    return legal.isEmpty() ? "_" : legal.toString();
  }

  private static boolean isObject(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    JsonTape tape = new JsonTape(SegmentDecoder.MAX_DEPTH);
    return tape.parse(bytes, 0, bytes.length)
        && tape.type(JsonTape.ROOT) == JsonTape.OBJECT
        // X-Ray documents are one line.
        && text.indexOf('\n') < 0
        && text.indexOf('\r') < 0;
  }

  /** Sets a member, unless it is set, to the first of these attributes that is a text. */
  private boolean move(List<String> path, String... keys) {
    if (members.hasAt(path)) {
      return true;
    }
    for (String key : keys) {
      if (attributes.get(key) instanceof Value.StringValue text) {
        members.putValueAt(path, text);
        used.add(key);
        return true;
      }
    }
    return false;
  }

  private void moveNumber(List<String> path, String... keys) {
    for (String key : keys) {
      if (attributes.get(key) instanceof Value.LongValue number) {
        members.putValueAt(path, number);
        used.add(key);
        return;
      }
    }
  }

  private @Nullable String firstText(String... keys) {
    for (String key : keys) {
      if (attributes.get(key) instanceof Value.StringValue text && !text.value().isEmpty()) {
        return text.value();
      }
    }
    return null;
  }

  private @Nullable Long firstNumber(String... keys) {
    for (String key : keys) {
      if (attributes.get(key) instanceof Value.LongValue number) {
        return number.value();
      }
    }
    return null;
  }

  private @Nullable String resourceText(String key) {
    return resource.get(key) instanceof Value.StringValue text ? text.value() : null;
  }

  private static String orElse(@Nullable String text, String otherwise) {
    return text == null ? otherwise : text;
  }
}
