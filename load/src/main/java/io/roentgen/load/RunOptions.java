// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What all commands have. */
final class RunOptions {
  @Option(
      names = "--rate",
      paramLabel = "PER_SECOND",
      description = "Open loop: so many requests a second, whatever became of those before.")
  private @Nullable Double rate;

  @Option(
      names = "--users",
      paramLabel = "N",
      description = "Closed loop: so many users, who wait for their answers.")
  private @Nullable Integer users;

  @Option(names = "--seconds", paramLabel = "N", description = "Ends after so long, at most 14400.")
  private @Nullable Integer seconds;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "10000000",
      description = "Ends after so many requests (default: ten million).")
  private long count;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "Of one request (default: ${DEFAULT-VALUE}).")
  private double timeout;

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "How many requests of an open loop may wait at once (default: ${DEFAULT-VALUE}).")
  private int inFlight;

  @Option(
      names = {"-H", "--header"},
      paramLabel = "'NAME: VALUE'",
      description = "A header of each request; may be given again.")
  private List<String> headers = List.of();

  @Option(
      names = "--trace",
      paramLabel = "FORMAT",
      defaultValue = "none",
      description =
          "Starts a trace with each request: xray (X-Amzn-Trace-Id) or w3c (traceparent); none by"
              + " default. No spans are sent.")
  private String trace = "none";

  @Option(
      names = "--allow-remote",
      description = "Sends to other machines too. By default only to this one's loopback.")
  private boolean anywhere;

  @Option(
      names = "--max-errors",
      paramLabel = "PERCENT",
      defaultValue = "0",
      description = "Exit code 1 if more requests fail (default: ${DEFAULT-VALUE}).")
  private double maxErrors;

  @Option(names = "--quiet", description = "No line while it runs.")
  private boolean quiet;

  boolean anywhere() {
    return anywhere;
  }

  boolean quiet() {
    return quiet;
  }

  double maxErrors() {
    if (!(maxErrors >= 0 && maxErrors <= 100)) {
      throw new WrongUseException("--max-errors: " + maxErrors + " (expected: 0 to 100)");
    }
    return maxErrors;
  }

  Shape shape(Shape otherwise) {
    if (rate != null && users != null) {
      throw new WrongUseException("--rate and --users (expected: one of them)");
    }
    try {
      if (rate != null) {
        return new Shape.Open(rate);
      }
      if (users == null) {
        return otherwise;
      }
      return otherwise instanceof Shape.Closed closed
          ? new Shape.Closed(users, closed.shortestWait(), closed.longestWait())
          : new Shape.Closed(users);
    } catch (IllegalArgumentException e) {
      throw new WrongUseException("--" + e.getMessage(), e);
    }
  }

  Limits limits(int secondsOtherwise) {
    try {
      return new Limits(
          Duration.ofSeconds(seconds == null ? secondsOtherwise : seconds),
          count,
          inFlight,
          timeout());
    } catch (IllegalArgumentException e) {
      throw new WrongUseException("--" + e.getMessage(), e);
    }
  }

  Duration timeout() {
    if (!(timeout > 0 && timeout <= 3600)) {
      throw new WrongUseException("--timeout: " + timeout + " (expected: above 0, at most 3600)");
    }
    return Duration.ofNanos((long) (timeout * 1e9));
  }

  List<Map.Entry<String, String>> headers() {
    return Headers.parse(headers);
  }

  TraceStart trace() {
    return switch (trace) {
      case "none" -> TraceStart.NONE;
      case "xray" -> TraceStart.XRAY;
      case "w3c" -> TraceStart.W3C;
      default ->
          throw new WrongUseException("--trace: " + trace + " (expected: none, xray or w3c)");
    };
  }

  HttpCalls httpCalls() {
    return new HttpCalls(timeout(), headers(), trace());
  }
}
