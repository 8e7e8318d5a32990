// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import io.roentgen.ingest.udp.UdpConfig;
import io.roentgen.server.api.ServerStatus;
import io.roentgen.server.xray.state.Account;
import io.roentgen.store.lake.LakeConfig;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a server is to run. {@link ServerSettings} makes one from options and files.
 *
 * @param listeners where each listener binds; one that is missing is off. Port 0 takes a free one
 * @param security who may send and ask
 * @param limits what a request may be
 * @param udp how datagrams are taken; its address is that of the listener
 * @param storage where and how much is kept
 * @param account what the names of X-Ray resources are made of
 * @param samplingRules local rule file of the X-Ray SDKs, whose rules are served beside those made
 *     over the API; or null for none
 * @param settings what all this was made of, for people to look at
 */
public record ServerConfig(
    Map<ListenerName, InetSocketAddress> listeners,
    Security security,
    Limits limits,
    UdpLimits udp,
    Storage storage,
    Account account,
    @Nullable Path samplingRules,
    List<ServerStatus.InEffect> settings) {
  public ServerConfig {
    settings = List.copyOf(settings);
    var sorted = new EnumMap<ListenerName, InetSocketAddress>(ListenerName.class);
    sorted.putAll(listeners);
    listeners = Collections.unmodifiableMap(sorted);
    if (!listeners.containsKey(ListenerName.HTTP)) {
      throw new ConfigException(
          Setting.HTTP.key() + ": off (expected: a port, as the CLI and the API need it)");
    }
    listeners.forEach(
        (name, address) -> {
          if (address.isUnresolved()) {
            throw new ConfigException(
                name.setting().key()
                    + ": "
                    + address.getHostString()
                    + " (expected: an address, or a name that resolves to one)");
          }
          if (!address.getAddress().isLoopbackAddress()
              && security.tokenFile() == null
              && !security.insecure()) {
            throw new ConfigException(
                name.setting().key()
                    + ": "
                    + address.getAddress().getHostAddress()
                    + ":"
                    + address.getPort()
                    + " can be reached from outside (expected: a loopback address, or --token-file"
                    + " FILE, or --insecure to let anyone in)");
          }
        });
  }

  /** Returns whether a listener can be reached from other machines. */
  boolean isOpen(ListenerName name) {
    InetSocketAddress address = listeners.get(name);
    return address != null && !address.getAddress().isLoopbackAddress();
  }

  /**
   * Who may send and ask.
   *
   * @param tokenFile file with the token that each TCP request must carry, or null for none
   * @param accessKeysFile file with access keys, with one of which requests to the X-Ray API must
   *     be signed, except at the daemon's port; or null for none
   * @param insecure whether listeners that are not local may be without a token
   * @param tls certificate and key of the TCP listeners, or null for plain text
   */
  public record Security(
      @Nullable Path tokenFile,
      @Nullable Path accessKeysFile,
      boolean insecure,
      @Nullable Tls tls) {}

  /** PEM files with a certificate chain and its private key. */
  public record Tls(Path certificate, Path key) {}

  /**
   * What a request may be.
   *
   * @param maxRequestBytes compressed and decompressed
   * @param maxAdmittedBytes of all requests in work
   * @param maxDocuments in one PutTraceSegments request
   * @param maxConnections open at once
   * @param requestTimeout from its first byte to its answer
   */
  public record Limits(
      int maxRequestBytes,
      long maxAdmittedBytes,
      int maxDocuments,
      int maxConnections,
      Duration requestTimeout) {}

  /**
   * Where and how much is kept.
   *
   * @param path the data folder
   * @param retention spans that ended longer ago are deleted
   * @param diskLimitBytes the oldest spans are deleted when all files take more; {@link
   *     Long#MAX_VALUE} for no limit
   * @param liveBytes spans in memory before they become a part file
   * @param liveAge how long spans stay in memory at most
   * @param pendingBytes what may wait for the log before writes are refused
   * @param engineMemoryBytes memory of the query engine, beside the heap
   */
  public record Storage(
      Path path,
      Duration retention,
      long diskLimitBytes,
      long liveBytes,
      Duration liveAge,
      long pendingBytes,
      long engineMemoryBytes) {
    LakeConfig toLakeConfig() {
      return new LakeConfig(
          path,
          new LakeConfig.Live(liveBytes, liveAge, pendingBytes),
          new LakeConfig.Keep(retention, diskLimitBytes),
          engineMemoryBytes,
          InstantSource.system());
    }
  }

  /** What {@link UdpConfig} has beside the address. */
  public record UdpLimits(
      long queueBytes, int receiveBufferBytes, int maxDatagramBytes, int socketCount) {
    UdpConfig at(InetSocketAddress address) {
      UdpConfig defaults = UdpConfig.at(address);
      return new UdpConfig(
          address,
          socketCount,
          receiveBufferBytes,
          maxDatagramBytes,
          queueBytes,
          defaults.decoderCount(),
          defaults.batchDocuments(),
          defaults.lingerNanos());
    }
  }
}
