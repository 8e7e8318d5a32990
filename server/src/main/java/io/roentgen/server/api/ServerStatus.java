// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.api;

import io.roentgen.ingest.Arrival;
import io.roentgen.ingest.Refused;
import io.roentgen.ingest.Transport;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the server knows of itself at one moment; what the store knows is asked of the store.
 *
 * @param version the server's version
 * @param startEpochNanos when the server started
 * @param listeners where it can be reached, sorted by name
 * @param ingest what came in since the start
 * @param disk where the data is, or null if it is not on disk
 * @param settings the configuration in effect
 */
public record ServerStatus(
    String version,
    long startEpochNanos,
    List<Listener> listeners,
    Ingest ingest,
    @Nullable Disk disk,
    List<InEffect> settings) {
  public ServerStatus {
    listeners = List.copyOf(listeners);
    settings = List.copyOf(settings);
  }

  /**
   * A port.
   *
   * @param name what it is for, such as {@code http}, {@code xray-udp} or {@code otlp-grpc}
   * @param address host and port, such as {@code 127.0.0.1:8600}
   * @param tls whether it speaks TLS
   */
  public record Listener(String name, String address, boolean tls) {}

  /**
   * What came in.
   *
   * @param spanCount spans accepted since the start
   * @param spansPerSecond mean rate over the last minute, or since the start where that is shorter
   * @param drops spans and requests refused or lost since the start; sorted by transport, then
   *     reason
   * @param accepted spans accepted by transport, all transports
   * @param arrivals what came last over each transport that brought anything
   * @param refused the newest of what was refused, newest first
   */
  public record Ingest(
      long spanCount,
      double spansPerSecond,
      List<Drop> drops,
      Map<Transport, Long> accepted,
      List<Arrival> arrivals,
      List<Refused> refused) {
    public Ingest {
      drops = List.copyOf(drops);
      var sorted = new EnumMap<Transport, Long>(Transport.class);
      sorted.putAll(accepted);
      accepted = Collections.unmodifiableMap(sorted);
      arrivals = List.copyOf(arrivals);
      refused = List.copyOf(refused);
    }
  }

  /**
   * A setting as it holds.
   *
   * @param key its name
   * @param value its value as it would be written; none is a secret, as these are in files
   * @param source where it was set, or null if it is the default
   * @param meaning what it does
   */
  public record InEffect(String key, String value, @Nullable String source, String meaning) {}

  /**
   * Refused or lost for one reason.
   *
   * @param transport how it came, such as {@code udp}
   * @param reason the label of a {@link io.roentgen.model.Rejection}
   * @param count how many
   */
  public record Drop(String transport, String reason, long count) {}

  /**
   * The disk that holds the data.
   *
   * @param dataFolder absolute path of the data folder
   * @param totalBytes size of its file system
   * @param usableBytes what the server can still write there
   */
  public record Disk(String dataFolder, long totalBytes, long usableBytes) {}
}
