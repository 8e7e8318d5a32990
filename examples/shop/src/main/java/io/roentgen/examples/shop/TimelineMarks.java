// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Marks what is done on Roentgen's time line, which matters to nobody but who looks at it. */
final class TimelineMarks {
  private static final System.Logger LOG = System.getLogger(TimelineMarks.class.getName());
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final URI marks;
  private final @Nullable String token;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();

  /**
   * Makes one.
   *
   * @param roentgen the server's main address, such as {@code http://127.0.0.1:8600}
   * @param token what the server wants, or null
   */
  TimelineMarks(String roentgen, @Nullable String token) {
    marks = URI.create(roentgen + "/api/marks");
    this.token = token;
  }

  /** Marks an action; what is in the way is logged. */
  void mark(Chaos.Action action, Instant time, Duration length, String text)
      throws InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(marks)
            .timeout(TIMEOUT)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json(action, time, length, text)));
    if (token != null) {
      request.header("authorization", "Bearer " + token);
    }
    try {
      HttpResponse<String> answer =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        LOG.log(
            System.Logger.Level.WARNING,
            "cannot mark {0} at {1}: {2}",
            action,
            marks,
            answer.body());
      }
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING, "cannot mark " + action + " at " + marks + "; going on", e);
    }
  }

  /** All texts are made here: none needs an escape. */
  static String json(Chaos.Action action, Instant time, Duration length, String text) {
    String end = length.isZero() ? "" : "\"end\":\"" + time.plus(length) + "\",";
    return "{\"time\":\""
        + time
        + "\","
        + end
        + "\"title\":\"chaos: "
        + action.kind().label()
        + ' '
        + action.victim()
        + "\",\"text\":\""
        + text
        + "\",\"service\":\""
        + action.victim()
        + "\",\"tags\":[\"chaos\",\""
        + action.kind().label()
        + "\"]}";
  }
}
