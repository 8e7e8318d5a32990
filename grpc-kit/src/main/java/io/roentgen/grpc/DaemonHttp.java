// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.roentgen.sampling.SamplingMessages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks the daemon over HTTP. Of the JDK's clients the older, as it starts no thread and needs no
 * module that small images leave out. The address is looked up for each connection.
 */
final class DaemonHttp implements DaemonRules.Daemon {
  /** As long as the X-Ray SDKs wait. */
  static final Duration TIMEOUT = Duration.ofSeconds(2);

  private static final int OK = 200;

  private final String host;
  private final int port;
  private final long timeoutNanos;
  private volatile @Nullable HttpURLConnection current;
  private volatile boolean closed;

  /**
   * Makes one that has not connected.
   *
   * @param timeout for connecting, for each read and for the whole answer
   */
  DaemonHttp(String host, int port, Duration timeout) {
    this.host = host;
    this.port = port;
    timeoutNanos = timeout.toNanos();
  }

  @Override
  public String post(String path, String body) throws IOException {
    long until = System.nanoTime() + timeoutNanos;
    // Not by URI, which refuses hosts with an underscore, as containers may have them.
    URL url = new URL("http", host, port, path);
    // A daemon is beside the process or in its network.
    HttpURLConnection connection = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
    current = connection;
    try {
      if (closed) {
        throw new IOException("closed");
      }
      int millis = (int) TimeUnit.NANOSECONDS.toMillis(timeoutNanos);
      connection.setConnectTimeout(millis);
      connection.setReadTimeout(millis);
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      connection.setRequestMethod("POST");
      connection.setRequestProperty("Content-Type", "application/json");
      connection.setDoOutput(true);
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      // Of a known length, it is not sent again silently, which would count a report twice.
      connection.setFixedLengthStreamingMode(bytes.length);
      try (OutputStream out = connection.getOutputStream()) {
        out.write(bytes);
      }
      int status = connection.getResponseCode();
      if (status != OK) {
        throw new IOException("HTTP status " + status + " (expected: 200)");
      }
      try (InputStream in = connection.getInputStream()) {
        return read(in, until);
      }
    } catch (IOException e) {
      connection.disconnect();
      throw e;
    } finally {
      current = null;
    }
  }

  private static String read(InputStream in, long until) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    while (true) {
      int length = in.read(buffer);
      if (length < 0) {
        return answer.toString(StandardCharsets.UTF_8);
      }
      answer.write(buffer, 0, length);
      if (answer.size() > SamplingMessages.MAX_LENGTH) {
        throw new IOException(
            "answer: more bytes (expected: at most " + SamplingMessages.MAX_LENGTH + ")");
      }
      if (System.nanoTime() - until >= 0) {
        throw new IOException("answer: not whole in time");
      }
    }
  }

  /** Breaks off what goes on. */
  @Override
  public void close() {
    closed = true;
    HttpURLConnection connection = current;
    if (connection != null) {
      connection.disconnect();
    }
  }

  @Override
  public String toString() {
    return "http://" + (host.indexOf(':') < 0 ? host : '[' + host + ']') + ':' + port;
  }
}
