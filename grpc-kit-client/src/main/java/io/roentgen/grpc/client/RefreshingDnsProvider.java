// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.ProxiedSocketAddress;
import io.grpc.ProxyDetector;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.Security;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Resolves {@code dns:///HOST:PORT} again and again, so that backends added behind a headless
 * service get calls without a connection having to break first. gRPC's own resolver looks only
 * then.
 *
 * <pre>{@code
 * NameResolverRegistry.getDefaultRegistry().register(RefreshingDnsProvider.create());
 * ManagedChannelBuilder.forTarget("dns:///orders.shop.svc.cluster.local:50051")
 * }</pre>
 *
 * <p>Once registered it serves every {@code dns} target, also those without a scheme. A proxy that
 * gRPC's detector names is used as before; service configs in TXT records are not read. The JDK
 * keeps answers for 30 s by itself (security property {@code networkaddress.cache.ttl}); if that is
 * longer than the interval a warning says so.
 */
public final class RefreshingDnsProvider extends NameResolverProvider {
  /** How often names are looked up: every 30 s. */
  public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(30);

  /** The shortest interval: 5 s, also between look-ups after broken connections. */
  public static final Duration MIN_INTERVAL = Duration.ofSeconds(5);

  /** Finds the addresses of a host. */
  @FunctionalInterface
  public interface HostLookup {
    /**
     * Returns the addresses, at least one; may block.
     *
     * @throws UnknownHostException if the host has none
     */
    List<InetAddress> addresses(String host) throws UnknownHostException;
  }

  private static final Logger LOG = System.getLogger(RefreshingDnsProvider.class.getName());
  private static final String SCHEME = "dns";
  private static final int DEFAULT_PORT = 443;
  private static final int JDK_CACHE_SECONDS = 30;

  private final Duration interval;
  private final HostLookup lookup;
  private final LongSupplier nanoClock;

  private RefreshingDnsProvider(Duration interval, HostLookup lookup, LongSupplier nanoClock) {
    this.interval = interval;
    this.lookup = lookup;
    this.nanoClock = nanoClock;
  }

  /** Returns a provider that looks every 30 s. */
  public static RefreshingDnsProvider create() {
    return every(DEFAULT_INTERVAL);
  }

  /**
   * Returns a provider that looks every {@code interval}, and warns if the JDK keeps answers
   * longer.
   *
   * @throws IllegalArgumentException if it is under 5 s
   */
  public static RefreshingDnsProvider every(Duration interval) {
    String warning = cacheWarning(interval, Security.getProperty("networkaddress.cache.ttl"));
    if (warning != null) {
      LOG.log(Level.WARNING, warning);
    }
    return with(interval, host -> List.of(InetAddress.getAllByName(host)), System::nanoTime);
  }

  /**
   * Returns a provider with its own look-up and clock, for tests and for other DNS clients.
   *
   * @param nanoClock any nanosecond counter that only goes up, such as {@code System::nanoTime}
   * @throws IllegalArgumentException if the interval is under 5 s
   */
  public static RefreshingDnsProvider with(
      Duration interval, HostLookup lookup, LongSupplier nanoClock) {
    Arguments.check(interval.compareTo(MIN_INTERVAL) >= 0, "interval", interval, "5 s or more");
    return new RefreshingDnsProvider(interval, lookup, nanoClock);
  }

  static @Nullable String cacheWarning(Duration interval, @Nullable String ttl) {
    long seconds = JDK_CACHE_SECONDS;
    if (ttl != null) {
      try {
        seconds = Long.parseLong(ttl.strip());
      } catch (NumberFormatException e) {
        return null; // The JDK takes its own default then and is not our subject.
      }
    }
    if (seconds >= 0 && seconds <= interval.toSeconds()) {
      return null;
    }
    return "networkaddress.cache.ttl: "
        + (ttl == null ? "unset, which is " + seconds + " s" : ttl)
        + " (expected: at most the interval, "
        + interval.toSeconds()
        + " s); the JDK hides new backends that long";
  }

  @Override
  protected boolean isAvailable() {
    return true;
  }

  /** Above gRPC's own resolver, which has 5. */
  @Override
  protected int priority() {
    return 6;
  }

  @Override
  public String getDefaultScheme() {
    return SCHEME;
  }

  @Override
  public Set<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
    return Set.of(InetSocketAddress.class);
  }

  /**
   * Returns a resolver of a {@code dns} target, null for others.
   *
   * @throws IllegalArgumentException if the target names no host
   */
  @Override
  @SuppressWarnings("NullAway") // The contract wants null, the base class is not annotated.
  public NameResolver newNameResolver(URI target, NameResolver.Args args) {
    if (!SCHEME.equals(target.getScheme())) {
      return null;
    }
    String path = target.getPath();
    Arguments.check(
        path != null && path.startsWith("/"),
        "target",
        Arguments.quoted(target.toString()),
        "dns:///HOST:PORT");
    String name = path.substring(1);
    int defaultPort = args.getDefaultPort() > 0 ? args.getDefaultPort() : DEFAULT_PORT;
    InetSocketAddress host = Addresses.parse(name, defaultPort);
    return new PollingNameResolver(
        target.toString(),
        name,
        args,
        new Looking(host, args.getProxyDetector()),
        new PollingNameResolver.Pace(interval, MIN_INTERVAL),
        nanoClock);
  }

  private final class Looking implements PollingNameResolver.Lookup {
    private final InetSocketAddress host;
    private final ProxyDetector proxies;

    Looking(InetSocketAddress host, ProxyDetector proxies) {
      this.host = host;
      this.proxies = proxies;
    }

    @Override
    public List<EquivalentAddressGroup> backends() throws Exception {
      ProxiedSocketAddress proxied = proxies.proxyFor(host);
      if (proxied != null) {
        return List.of(new EquivalentAddressGroup(proxied));
      }
      List<EquivalentAddressGroup> backends = new ArrayList<>();
      for (InetAddress address : lookup.addresses(host.getHostString())) {
        backends.add(new EquivalentAddressGroup(new InetSocketAddress(address, host.getPort())));
      }
      return backends;
    }

    /** Name servers turn the order from answer to answer. */
    @Override
    public boolean isSame(
        List<EquivalentAddressGroup> before, List<EquivalentAddressGroup> backends) {
      return new HashSet<>(before).equals(new HashSet<>(backends));
    }
  }
}
