// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.sampling;

import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A rule's reservoir, shared evenly among the clients that report. A client counts from its first
 * report until it has not been heard of for a while. What the clients hold together is never more
 * than the reservoir: who comes new gets only what the others have not got, and his full share once
 * they have reported again and were given less. Not safe for use by several threads.
 */
final class SharedReservoir {
  /** Ids are made up by clients; beyond this many the newest get no share. */
  static final int MAX_CLIENTS = 10_000;

  private final Duration forgetAfter;

  /** By id, the one that reported longest ago first. */
  private final Map<String, Share> shares = new LinkedHashMap<>(16, 0.75f, true);

  private record Share(Instant reported, int quota) {}

  SharedReservoir(Duration forgetAfter) {
    this.forgetAfter = forgetAfter;
  }

  /** Notes that a client has reported, and returns its share in requests a second. */
  int share(String clientId, int reservoirSize, Instant now) {
    Iterator<Share> oldest = shares.values().iterator();
    while (oldest.hasNext() && oldest.next().reported.plus(forgetAfter).isBefore(now)) {
      oldest.remove();
    }
    shares.remove(clientId);
    if (shares.size() >= MAX_CLIENTS) {
      return 0;
    }
    int even = reservoirSize / (shares.size() + 1);
    int rest = reservoirSize % (shares.size() + 1);
    long held = 0;
    int favoured = 0;
    for (Share other : shares.values()) {
      held += other.quota;
      favoured += other.quota > even ? 1 : 0;
    }
    // What does not divide goes to those who have it already, or to who comes first.
    int fair = favoured < rest ? even + 1 : even;
    int quota = (int) Math.max(0, Math.min(fair, reservoirSize - held));
    shares.put(clientId, new Share(now, quota));
    return quota;
  }
}
