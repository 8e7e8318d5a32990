// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.shop;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisException;

/** What is known of visitors, in Redis, which is asked up to three times. */
final class Sessions {
  private static final int TRIES = 3;

  private final Redis redis;

  Sessions(Redis redis) {
    this.redis = redis;
  }

  /** Returns what is known of a visitor; a new one is known from then on. */
  Map<String, String> open(String id) {
    Map<String, String> known = tried(() -> redis.map(key(id)));
    if (known.isEmpty()) {
      save(id, Map.of("visits", "1"));
    }
    return new LinkedHashMap<>(known);
  }

  /** Adds to what is known of a visitor. */
  void save(String id, Map<String, String> values) {
    if (!values.isEmpty()) {
      tried(
          () -> {
            redis.put(key(id), values);
            return id;
          });
    }
  }

  private static String key(String id) {
    return "session:" + id;
  }

  private static <T> T tried(Supplier<T> call) {
    @Nullable JedisException last = null;
    for (int i = 0; i < TRIES; i++) {
      try {
        return call.get();
      } catch (JedisException e) {
        if (last != null) {
          e.addSuppressed(last);
        }
        last = e;
      }
    }
    throw new SessionsException(last);
  }

  /** Visitors cannot be told apart now. */
  static final class SessionsException extends RuntimeException {
    SessionsException(@Nullable Throwable cause) {
      super("the session store does not answer", cause);
    }
  }
}
