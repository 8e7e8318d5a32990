// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.common;

import io.grpc.Context;
import io.roentgen.grpc.ActiveSpan;
import io.roentgen.model.SpanId;
import io.roentgen.model.TraceId;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Logs of {@link System.Logger} as JSON, an object a line: {@code time}, {@code level}, {@code
 * msg}, {@code function}, {@code line}, {@code service}, and of a traced request {@code trace_id}
 * and {@code span_id}. Something thrown is {@code error}.
 */
public final class JsonLogs {
  /** Which service of this process logs, for a process that is several. */
  private static final Context.Key<String> SERVICE = Context.key("roentgen-examples-service");

  private static final List<String> LEVELS =
      List.of("trace", "debug", "info", "warning", "error", "fatal", "panic");

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /** Whose frames stand between a log line and who wrote it. */
  private static final List<String> BETWEEN =
      List.of(
          "java.util.logging.",
          "sun.util.logging.",
          "sun.logging.",
          "jdk.internal.logger.",
          "java.lang.System$Logger",
          "org.slf4j.",
          JsonLogs.class.getName() + "$");

  private JsonLogs() {}

  /**
   * Has everything that this process logs written so, to standard output, from {@code LOG_LEVEL}
   * on.
   */
  public static void install(Settings settings, String service) {
    String level = settings.text("LOG_LEVEL", "info");
    if (!LEVELS.contains(level.toLowerCase(Locale.ROOT))) {
      throw settings.bad("LOG_LEVEL", String.join(", ", LEVELS), null);
    }
    install(System.out, service);
    setLevel(level);
  }

  static void install(PrintStream out, String service) {
    LogManager.getLogManager().reset();
    Handler handler = new Lines(out);
    handler.setLevel(Level.ALL);
    handler.setFormatter(new Json(service));
    Logger.getLogger("").addHandler(handler);
    // Each call and query of theirs, at levels of their own.
    for (String noisy : List.of("io.grpc", "io.netty", "com.sun.net.httpserver", "sun.net.www")) {
      quiet(noisy);
    }
  }

  /** Has a library that says much at lower levels heard from warnings on only. */
  public static void quiet(String logger) {
    Logger quieted = Logger.getLogger(logger);
    quieted.setLevel(Level.WARNING);
    KEPT.add(quieted);
  }

  /** Loggers are forgotten with their level unless somebody holds them. */
  private static final List<Logger> KEPT = new CopyOnWriteArrayList<>();

  /**
   * Changes from which level on this process logs.
   *
   * @param level trace, debug, info, warning, error, fatal or panic; the last two are errors
   * @throws IllegalArgumentException if it is another
   */
  public static void setLevel(String level) {
    Level set =
        switch (level.toLowerCase(Locale.ROOT)) {
          case "trace" -> Level.FINER;
          case "debug" -> Level.FINE;
          case "info" -> Level.INFO;
          case "warning" -> Level.WARNING;
          case "error", "fatal", "panic" -> Level.SEVERE;
          default ->
              throw new IllegalArgumentException(
                  "level: " + level + " (expected: " + String.join(", ", LEVELS) + ")");
        };
    Logger.getLogger("").setLevel(set);
  }

  /** Returns a context in which log lines are those of {@code service}. */
  public static Context serviceContext(Context context, String service) {
    return context.withValue(SERVICE, service);
  }

  private static String name(Level level) {
    int value = level.intValue();
    if (value >= Level.SEVERE.intValue()) {
      return "error";
    }
    if (value >= Level.WARNING.intValue()) {
      return "warning";
    }
    if (value >= Level.INFO.intValue()) {
      return "info";
    }
    return value >= Level.FINE.intValue() ? "debug" : "trace";
  }

  /** One write a line, so that lines of several threads do not mix. */
  private static final class Lines extends Handler {
    private final PrintStream out;

    Lines(PrintStream out) {
      this.out = out;
    }

    @Override
    public void publish(LogRecord record) {
      if (isLoggable(record)) {
        out.println(getFormatter().format(record));
      }
    }

    @Override
    public void flush() {
      out.flush();
    }

    @Override
    public void close() {
      out.flush();
    }
  }

  private static final class Json extends Formatter {
    private final String service;

    Json(String service) {
      this.service = service;
    }

    @Override
    public String format(LogRecord record) {
      StringBuilder json = new StringBuilder(256).append('{');
      member(json, "time", TIME.format(record.getInstant()));
      member(json, "level", name(record.getLevel()));
      member(json, "msg", formatMessage(record));
      Optional<StackWalker.StackFrame> frame = caller();
      if (frame.isPresent()) {
        member(json, "function", frame.get().getClassName() + '.' + frame.get().getMethodName());
        json.append(",\"line\":").append(frame.get().getLineNumber());
      }
      String own = SERVICE.get();
      member(json, "service", own == null ? service : own);
      ActiveSpan span = ActiveSpan.current();
      TraceId trace = span.traceId();
      SpanId id = span.spanId();
      if (trace != null) {
        member(json, "trace_id", trace.toHex());
      }
      if (id != null) {
        member(json, "span_id", id.toHex());
      }
      Throwable thrown = record.getThrown();
      if (thrown != null) {
        StringWriter stack = new StringWriter();
        thrown.printStackTrace(new PrintWriter(stack));
        member(json, "error", stack.toString());
      }
      return json.append('}').toString();
    }

    private static Optional<StackWalker.StackFrame> caller() {
      return StackWalker.getInstance()
          .walk(
              frames ->
                  frames
                      .filter(frame -> BETWEEN.stream().noneMatch(frame.getClassName()::startsWith))
                      .findFirst());
    }

    private static void member(StringBuilder json, String name, String value) {
      json.append(json.length() == 1 ? "\"" : ",\"").append(name).append("\":");
      JsonText.append(json, value);
    }
  }

  /** Runs work whose log lines are those of {@code service}. */
  public static <T> T as(String service, Supplier<T> work) {
    Context context = serviceContext(Context.current(), service);
    Context before = context.attach();
    try {
      return work.get();
    } finally {
      context.detach(before);
    }
  }
}
