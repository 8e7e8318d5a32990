// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Makes random segment documents: what the schema says, and what it does not. */
final class RandomDocument {
  private static final String[] KNOWN = {
    "name", "id", "http", "request", "response", "status", "url", "method", "aws", "xray", "ec2", "sql", "cause",
    "user", "service", "version", "metadata", "annotations", "roentgen.order", "roentgen.x",
    "roentgen.roentgen.order", "type", "inferred", "precursor_ids", "table_name", "content_length"
  };
  private static final String[] ANNOTATION_KEYS = {
    "plan", "tries", "url.full", "http.request.method", "a.b", "ключ", "", "xray.namespace", "service.version",
    "roentgen.order"
  };
  private static final String[] NAMESPACES = {"\"aws\"", "\"remote\"", "\"local\"", "null", "5"};
  private static final String[] NAMES = {
    "orders", "DynamoDB", "S3", "SQS", "Lambda", "db@host.example", "Ünï cödé", "a:b/c%d&e#f=g+h\\\\i-j@k", "名前"
  };

  private final Random random;
  private final Set<String> ids = new HashSet<>();

  RandomDocument(long seed) {
    random = new Random(seed);
  }

  /** Returns a document that the decoder must take. */
  String next() {
    boolean subsegment = random.nextInt(4) == 0;
    List<String> members = common(!subsegment, 0);
    members.add(quoted("trace_id") + ":" + quoted("1-5759e988-bd862e3fe1be46a994272793"));
    if (subsegment) {
      members.add(quoted("type") + ":" + quoted("subsegment"));
      members.add(quoted("parent_id") + ":" + quoted(id()));
    } else if (random.nextBoolean()) {
      members.add(
          quoted("parent_id") + ":" + pick(quoted(id()), quoted(id()), "null", quoted("")));
    }
    return object(members);
  }

  private List<String> common(boolean segment, int depth) {
    List<String> members = new ArrayList<>();
    members.add(quoted("id") + ":" + quoted(id()));
    members.add(quoted("name") + ":" + quotedName(pick(NAMES)));
    members.add(quoted("start_time") + ":" + time());
    switch (random.nextInt(4)) {
      case 0 -> {
        members.add("\"in_progress\":true");
        maybe(members, "end_time", "null");
      }
      case 1 -> {
        members.add("\"end_time\":" + time());
        maybe(members, "in_progress", pick("true", "false", "null", "\"yes\""));
      }
      default -> members.add("\"end_time\":" + time());
    }
    for (String flag : new String[] {"error", "fault", "throttle"}) {
      maybe(members, flag, pick("true", "false", "null", "1"));
    }
    maybe(members, "namespace", pick(NAMESPACES));
    maybe(members, "origin", pick("\"AWS::EC2::Instance\"", "\"\"", "7", quoted("x".repeat(300))));
    maybe(members, "user", pick(text(), value(2)));
    maybe(members, "inferred", "true");
    maybe(members, "http", block("request", "method", "url", "user_agent", "client_ip",
        "x_forwarded_for", "traced", "response", "status", "content_length"));
    maybe(members, "aws", block("xray", "sdk", "sdk_version", "ec2", "instance_id", "availability_zone",
        "operation", "table_name", "table_names", "queue_url", "bucket_name", "retries", "ecs",
        "container_id", "eks", "pod", "function_name", "topic_arn"));
    maybe(members, "sql", block("url", "connection_string", "sanitized_query", "user", "preparation"));
    maybe(members, "service", block("version", "runtime", "compiler"));
    maybe(members, "annotations", annotations());
    maybe(members, "metadata", random.nextInt(3) == 0 ? grpc() : value(4));
    maybe(members, "cause", pick(quoted(id()), value(4)));
    maybe(members, "links", links());
    if (!segment) {
      maybe(members, "precursor_ids", "[" + quoted(id()) + "]");
    }
    if (random.nextInt(4) == 0) {
      members.add(quoted("roentgen.order") + ":" + value(1));
    }
    if (random.nextInt(4) == 0) {
      members.add(quoted("roentgen.roentgen.order") + ":" + value(1));
    }
    if (random.nextInt(4) == 0) {
      members.add(quoted("roentgen.outcome") + ":" + value(1));
    }
    if (random.nextInt(3) == 0) {
      members.add(quoted("unknown" + random.nextInt(9)) + ":" + value(3));
    }
    if (depth < 4 && random.nextInt(2) == 0) {
      List<String> children = new ArrayList<>();
      int count = random.nextInt(4);
      for (int i = 0; i < count; i++) {
        List<String> child = common(false, depth + 1);
        maybe(child, "type", quoted("subsegment"));
        maybe(child, "parent_id", pick(quoted(id()), "null", "5"));
        maybe(child, "trace_id", value(1));
        children.add(object(child));
      }
      members.add(quoted("subsegments") + ":[" + String.join(",", children) + "]");
    } else {
      maybe(members, "subsegments", pick("null", "[]", "{}", "3"));
    }
    return members;
  }

  private void maybe(List<String> members, String name, String value) {
    if (random.nextInt(3) == 0) {
      members.add(quoted(name) + ":" + value);
    }
  }

  private String block(String... names) {
    if (random.nextInt(8) == 0) {
      return value(2);
    }
    List<String> members = new ArrayList<>();
    for (String name : names) {
      if (random.nextInt(3) == 0) {
        members.add(
            quoted(name)
                + ":"
                + switch (random.nextInt(5)) {
                  case 0 -> value(3);
                  case 1 -> Integer.toString(random.nextInt(600));
                  case 2 -> pick("true", "false");
                  case 3 -> object(uniqueMembers(2));
                  default -> text();
                });
      }
    }
    return object(members);
  }

  private String annotations() {
    if (random.nextInt(8) == 0) {
      return value(1);
    }
    List<String> members = new ArrayList<>();
    if (random.nextInt(4) == 0) {
      members.add(quoted("rpc_grpc_status_code") + ":" + random.nextInt(18));
    }
    for (String key : ANNOTATION_KEYS) {
      if (random.nextInt(3) == 0) {
        members.add(quoted(key) + ":" + value(1));
      }
    }
    return object(members);
  }

  private String grpc() {
    return "{\"default\":{\"rpc.response.status_code\":" + pick("\"NOT_FOUND\"", "13", "{}") + "}}";
  }

  private String links() {
    if (random.nextInt(4) == 0) {
      return value(2);
    }
    List<String> links = new ArrayList<>();
    int count = random.nextInt(3);
    for (int i = 0; i < count; i++) {
      List<String> members = new ArrayList<>();
      members.add("\"trace_id\":" + pick(quoted("1-5759e988-bd862e3fe1be46a994272793"), quoted("x")));
      members.add("\"id\":" + quoted(id()));
      maybe(members, "attributes", object(uniqueMembers(1)));
      maybe(members, "other", value(1));
      links.add(object(members));
    }
    return "[" + String.join(",", links) + "]";
  }

  private List<String> uniqueMembers(int depth) {
    List<String> members = new ArrayList<>();
    Set<String> names = new HashSet<>();
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      String name = pick(KNOWN);
      if (names.add(name)) {
        members.add(quoted(name) + ":" + value(depth - 1));
      }
    }
    return members;
  }

  private String value(int depth) {
    int kind = random.nextInt(depth > 0 ? 8 : 6);
    return switch (kind) {
      case 0 -> "null";
      case 1 -> pick("true", "false");
      case 2, 3 -> number();
      case 4, 5 -> text();
      case 6 -> object(uniqueMembers(depth));
      default -> {
        List<String> elements = new ArrayList<>();
        int count = random.nextInt(3);
        for (int i = 0; i < count; i++) {
          elements.add(value(depth - 1));
        }
        yield "[" + String.join(",", elements) + "]";
      }
    };
  }

  private String number() {
    return switch (random.nextInt(10)) {
      case 0 -> Long.toString(random.nextLong());
      case 1 -> Double.toString(random.nextGaussian());
      case 2 -> Double.toString(Double.longBitsToDouble(random.nextLong() & ~(1L << 62)));
      case 3 -> random.nextLong() + "" + random.nextInt(1000);
      case 4 -> random.nextInt(100) + "." + random.nextInt(1000) + "E" + (random.nextInt(900) - 450);
      case 5 -> pick("0", "-0", "-0.0", "0e0", "0.000", "1e999999999", "-1E-999999999", "1e400");
      case 6 -> "0." + (random.nextLong() >>> 1) + (random.nextLong() >>> 1);
      case 7 -> pick("9223372036854775807", "-9223372036854775808", "9223372036854775808", "1.0", "10e2");
      default -> Integer.toString(random.nextInt(1000));
    };
  }

  private String time() {
    long seconds = 1_480_000_000L + random.nextInt(100);
    return switch (random.nextInt(6)) {
      case 0 -> Long.toString(seconds);
      case 1 -> seconds + "." + (100_000 + random.nextInt(900_000));
      case 2 -> Double.toString(seconds + random.nextInt(1000) / 1000.0);
      case 3 -> seconds + "." + String.format("%09d", random.nextInt(1_000_000_000));
      case 4 -> seconds + ".12345678901" + random.nextInt(1000);
      default -> pick("0", "0.0", "1.5E9", "1480000000e0", "14800000000.0e-1", "9223372036.854775807");
    };
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(12);
    for (int i = 0; i < length; i++) {
      int c =
          switch (random.nextInt(6)) {
            case 0 -> random.nextInt(0x20);
            case 1 -> 0x80 + random.nextInt(0x700);
            case 2 -> 0x1f600 + random.nextInt(40);
            case 3 -> "\"\\/{}[]:,".charAt(random.nextInt(9));
            default -> 'a' + random.nextInt(26);
          };
      text.appendCodePoint(c);
    }
    return quoted(text.toString());
  }

  /** Quotes a text, with escapes where they must be and where they need not. */
  private String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              if (c < ' ' || c == '"' || c == '\\' || random.nextInt(20) == 0) {
                for (char unit : Character.toChars(c)) {
                  json.append(String.format("\\u%04x", (int) unit));
                }
              } else {
                json.appendCodePoint(c);
              }
            });
    return json.append('"').toString();
  }

  private String quotedName(String name) {
    return "\"" + name + "\"";
  }

  private String id() {
    String id;
    do {
      id = String.format("%016x", random.nextLong() >>> random.nextInt(60) | 1);
    } while (!ids.add(id));
    return id;
  }

  private String object(List<String> members) {
    String space = pick("", "", " ", "\n ", "\t");
    List<String> shuffled = new ArrayList<>(members);
    Collections.shuffle(shuffled, random);
    return "{" + space + String.join(space + "," + space, shuffled) + space + "}";
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
