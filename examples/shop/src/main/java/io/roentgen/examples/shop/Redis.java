// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import com.github.fppt.jedismock.RedisServer;
import io.roentgen.examples.common.Settings;
import io.roentgen.examples.common.Spans;
import io.roentgen.examples.common.Tracing;
import io.roentgen.grpc.ActiveSpan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;

/**
 * Sets, maps and a queue in Redis. Each command is a subsegment. What is written is gone after a
 * day. Safe for use by several threads.
 */
final class Redis implements AutoCloseable {
  private static final String NAME = "redis";
  private static final long TTL_SECONDS = 24 * 60 * 60;
  private static final int TIMEOUT_MILLIS = 1_000;
  private static final int CONNECTIONS = 8;
  private static final int DEFAULT_PORT = 6379;
  private static final Pattern ADDRESS =
      Pattern.compile("redis://([^/:@?#]+|\\[[0-9A-Fa-f:]+])(?::(\\d{1,5}))?(?:/0?)?");

  private final Tracing tracing;
  private final RedisClient client;

  /** Connects when it is needed, and again whenever it was away. */
  Redis(Tracing tracing, HostAndPort endpoint) {
    this.tracing = tracing;
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(CONNECTIONS);
    pool.setJmxEnabled(false);
    // Else each connection from before an outage fails somebody's request after it.
    pool.setTestOnBorrow(true);
    client =
        RedisClient.builder()
            .hostAndPort(endpoint)
            .clientConfig(
                DefaultJedisClientConfig.builder()
                    .connectionTimeoutMillis(TIMEOUT_MILLIS)
                    .socketTimeoutMillis(TIMEOUT_MILLIS)
                    .build())
            .poolConfig(pool)
            .build();
  }

  /**
   * Returns where it is: {@code host:port}, or an address such as {@code redis://host:6379/0}.
   *
   * @throws IllegalArgumentException if it cannot be used; database 0 alone can
   */
  static HostAndPort endpoint(Settings settings) {
    String value = settings.text(Shop.REDIS_ENDPOINT, "127.0.0.1:6379");
    if (!value.contains("://")) {
      return HostAndPort.from(settings.target(Shop.REDIS_ENDPOINT, value));
    }
    Matcher address = ADDRESS.matcher(value);
    int port =
        !address.matches()
            ? -1
            : address.group(2) == null ? DEFAULT_PORT : Integer.parseInt(address.group(2));
    if (port < 0 || port > 65535) {
      throw settings.bad(Shop.REDIS_ENDPOINT, "host:port or redis://host:port/0", null);
    }
    return new HostAndPort(address.group(1), port);
  }

  /** A server in this process that speaks Redis' protocol, on a free port of this machine. */
  static final class Embedded implements AutoCloseable {
    private final RedisServer server;

    private Embedded(RedisServer server) {
      this.server = server;
    }

    static Embedded start() throws IOException {
      return new Embedded(RedisServer.newRedisServer().start());
    }

    /** Returns {@code host:port}. */
    String endpoint() {
      return "127.0.0.1:" + server.getBindPort();
    }

    @Override
    public void close() {
      try {
        server.stop();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot stop the embedded Redis", e);
      }
    }
  }

  /** Returns the members of a set, sorted; empty if there is none. */
  SortedSet<String> members(String key) {
    return traced("SMEMBERS", () -> new TreeSet<>(client.smembers(key)));
  }

  /** Adds to a set; returns whether it was not there yet. */
  boolean add(String key, String member) {
    boolean added = traced("SADD", () -> client.sadd(key, member)) > 0;
    expire(key);
    return added;
  }

  /** Returns a map; empty if there is none. */
  Map<String, String> map(String key) {
    return traced("HGETALL", () -> client.hgetAll(key));
  }

  /** Puts these into a map, beside what is there. */
  void put(String key, Map<String, String> values) {
    traced("HSET", () -> client.hset(key, values));
    expire(key);
  }

  void delete(String key) {
    traced("DEL", () -> client.del(key));
  }

  /** Puts a message into a queue, which keeps the newest {@code max}. */
  void push(String queue, String message, long max) {
    client.lpush(queue, message);
    client.ltrim(queue, 0, max - 1);
  }

  private void expire(String key) {
    traced("EXPIRE", () -> client.expire(key, TTL_SECONDS));
  }

  private <T extends @Nullable Object> T traced(String command, Supplier<T> call) {
    ActiveSpan span = Spans.cache(tracing, NAME, command);
    try {
      return call.get();
    } catch (RuntimeException e) {
      span.recordException(e);
      throw e;
    } finally {
      span.end();
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
