// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.roentgen.model.Rejection;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns about rejections: the first of a kind at once, then one line a minute with the count since
 * the last, as long as there are any.
 */
final class RejectionLog {
  private static final Logger logger = LoggerFactory.getLogger(RejectionLog.class);
  private static final long PERIOD_NANOS = 60_000_000_000L;

  @GuardedBy("this")
  private final Map<Kind, Pending> pending = new HashMap<>();

  void rejected(Transport transport, Rejection reason, long count, String example) {
    long now = System.nanoTime();
    Pending told;
    synchronized (this) {
      Kind kind = new Kind(transport, reason);
      Pending before = pending.get(kind);
      if (before != null && now - before.sinceNanos < PERIOD_NANOS) {
        pending.put(kind, new Pending(before.sinceNanos, before.count + count, example));
        return;
      }
      told = new Pending(now, (before == null ? 0 : before.count) + count, example);
      pending.put(kind, new Pending(now, 0, example));
    }
    warn(new Kind(transport, reason), told);
  }

  void flush() {
    Map<Kind, Pending> rest;
    synchronized (this) {
      rest = Map.copyOf(pending);
      pending.clear();
    }
    rest.forEach(
        (kind, left) -> {
          if (left.count > 0) {
            warn(kind, left);
          }
        });
  }

  private static void warn(Kind kind, Pending told) {
    logger.warn(
        "spans rejected transport={} reason={} count={} example=\"{}\"",
        kind.transport.label(),
        kind.reason.label(),
        told.count,
        told.example);
  }

  private record Kind(Transport transport, Rejection reason) {}

  private record Pending(long sinceNanos, long count, String example) {}
}
