// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The names that stand for something known of a trace, a service, a call or a root cause. */
enum Keyword implements Operand {
  OK(Kind.FLAG, "ok", Context.TRACE, Context.SERVICE, Context.EDGE),
  ERROR(Kind.FLAG, "error", Context.TRACE, Context.SERVICE, Context.EDGE),
  FAULT(Kind.FLAG, "fault", Context.TRACE, Context.SERVICE, Context.EDGE),
  THROTTLE(Kind.FLAG, "throttle", Context.TRACE, Context.SERVICE, Context.EDGE),
  PARTIAL(Kind.FLAG, "partial", Context.TRACE, Context.SERVICE),
  INFERRED(Kind.FLAG, "inferred", Context.TRACE, Context.SERVICE, Context.CAUSE_SERVICE),
  ROOT(Kind.FLAG, "root", Context.SERVICE),
  FIRST(Kind.FLAG, "first", causes()),
  LAST(Kind.FLAG, "last", causes()),
  REMOTE(Kind.FLAG, "remote", Context.CAUSE_ENTITY, Context.SLOW_ENTITY),
  RESPONSE_TIME(Kind.SECONDS, "responsetime", Context.TRACE, Context.SERVICE, Context.EDGE),
  DURATION(Kind.SECONDS, "duration", Context.TRACE, Context.SERVICE, Context.EDGE),
  HTTP_STATUS(Kind.NUMBER, "http.status", Context.TRACE, Context.SERVICE, Context.EDGE),
  INDEX(Kind.NUMBER, "index", causes()),
  COVERAGE(Kind.SHARE, "coverage", Context.SLOW_ENTITY),
  HTTP_URL(Kind.TEXT, "http.url", Context.TRACE, Context.SERVICE, Context.EDGE),
  HTTP_METHOD(Kind.TEXT, "http.method", Context.TRACE, Context.SERVICE, Context.EDGE),
  HTTP_USER_AGENT(Kind.TEXT, "http.useragent", Context.TRACE, Context.SERVICE, Context.EDGE),
  HTTP_CLIENT_IP(Kind.TEXT, "http.clientip", Context.TRACE, Context.SERVICE, Context.EDGE),
  USER(Kind.TEXT, "user", Context.TRACE, Context.SERVICE, Context.EDGE),
  NAME(
      Kind.TEXT,
      "name",
      Context.SERVICE,
      Context.CAUSE_SERVICE,
      Context.CAUSE_ENTITY,
      Context.SLOW_ENTITY,
      Context.CAUSE_EXCEPTION),
  TYPE(Kind.TEXT, "type", Context.SERVICE, Context.CAUSE_SERVICE),
  MESSAGE(Kind.TEXT, "message", Context.CAUSE_EXCEPTION),
  AVAILABILITY_ZONE(Kind.TEXT, "availabilityzone", Context.TRACE, Context.SERVICE, Context.EDGE),
  INSTANCE_ID(Kind.TEXT, "instance.id", Context.TRACE, Context.SERVICE, Context.EDGE),
  RESOURCE_ARN(Kind.TEXT, "resource.arn", Context.TRACE, Context.SERVICE, Context.EDGE),
  GRPC_STATUS(Kind.GRPC_STATUS, "grpc.status", Context.TRACE, Context.SERVICE, Context.EDGE),
  GRPC_SERVICE(Kind.TEXT, "grpc.service", Context.TRACE, Context.SERVICE, Context.EDGE),
  GRPC_METHOD(Kind.TEXT, "grpc.method", Context.TRACE, Context.SERVICE, Context.EDGE);

  /** What a keyword may be compared with. */
  enum Kind {
    FLAG,
    SECONDS,
    NUMBER,
    SHARE,
    TEXT,
    GRPC_STATUS
  }

  private static final Map<String, Keyword> BY_TEXT = new HashMap<>();

  static {
    for (Keyword keyword : values()) {
      BY_TEXT.put(keyword.text, keyword);
    }
  }

  private final Kind kind;
  private final String text;
  private final Set<Context> contexts;

  Keyword(Kind kind, String text, Context... contexts) {
    this.kind = kind;
    this.text = text;
    this.contexts = EnumSet.copyOf(Arrays.asList(contexts));
  }

  private static Context[] causes() {
    return new Context[] {
      Context.CAUSE_SERVICE, Context.CAUSE_ENTITY, Context.SLOW_ENTITY, Context.CAUSE_EXCEPTION
    };
  }

  /** Returns the keyword that a word in any case spells, or null. */
  static @Nullable Keyword ofOrNull(String word) {
    return BY_TEXT.get(word.toLowerCase(Locale.ROOT));
  }

  /** Returns the keywords that may be used there. */
  static List<Keyword> of(Context context) {
    return Arrays.stream(values()).filter(keyword -> keyword.isFor(context)).toList();
  }

  Kind kind() {
    return kind;
  }

  /** Returns its spelling in lower case. */
  String text() {
    return text;
  }

  boolean isFor(Context context) {
    return contexts.contains(context);
  }
}
