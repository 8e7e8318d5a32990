// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Resolves {@code static:///NAME} to backends given by the program.
 *
 * <pre>{@code
 * NameResolverRegistry.getDefaultRegistry().register(
 *     StaticNameResolverProvider.of(
 *         "order-service", List.of("10.0.0.1:50051", "10.0.0.2:50051", "10.0.0.3:50051")));
 * ManagedChannelBuilder.forTarget("static:///order-service")
 * }</pre>
 *
 * <p>A host that is a name and not an address is looked up each time a channel starts and when one
 * of its connections broke.
 */
public final class StaticNameResolverProvider extends NameResolverProvider {
  static final String SCHEME = "static";
  private static final PollingNameResolver.Pace ONCE_A_DAY =
      new PollingNameResolver.Pace(Duration.ofDays(1), Duration.ofSeconds(5));

  private final Map<String, List<InetSocketAddress>> backends;

  private StaticNameResolverProvider(Map<String, List<InetSocketAddress>> backends) {
    this.backends = backends;
  }

  /**
   * Returns a provider of one name.
   *
   * @param addresses {@code host:port} each, at least one
   * @throws IllegalArgumentException if one is no address or there is none
   */
  public static StaticNameResolverProvider of(String name, Collection<String> addresses) {
    return of(Map.of(name, List.copyOf(addresses)));
  }

  /**
   * Returns a provider of several names.
   *
   * @throws IllegalArgumentException as {@link #of(String, Collection)}
   */
  public static StaticNameResolverProvider of(Map<String, List<String>> addressesByName) {
    Map<String, List<InetSocketAddress>> parsed = new LinkedHashMap<>();
    addressesByName.forEach(
        (name, addresses) -> {
          Arguments.check(
              !name.isEmpty() && name.indexOf('/') < 0,
              "name",
              Arguments.quoted(name),
              "one word, as in static:///order-service");
          Arguments.check(!addresses.isEmpty(), name, addresses, "at least one backend");
          List<InetSocketAddress> list = new ArrayList<>();
          for (String address : addresses) {
            list.add(Addresses.parse(address, 0));
          }
          parsed.put(name, List.copyOf(list));
        });
    return new StaticNameResolverProvider(parsed);
  }

  @Override
  protected boolean isAvailable() {
    return true;
  }

  @Override
  protected int priority() {
    return 5;
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
   * Returns a resolver of a {@code static} target, null for others.
   *
   * @throws IllegalArgumentException if the name has no backends here
   */
  @Override
  @SuppressWarnings("NullAway") // The contract wants null, the base class is not annotated.
  public NameResolver newNameResolver(URI target, NameResolver.Args args) {
    if (!SCHEME.equals(target.getScheme())) {
      return null;
    }
    String path = target.getPath();
    String name = path == null || path.isEmpty() ? "" : path.substring(1);
    List<InetSocketAddress> addresses = backends.get(name);
    if (addresses == null) {
      throw Arguments.refusal(
          "target",
          Arguments.quoted(target.toString()),
          "static:/// and one of " + new TreeSet<>(backends.keySet()));
    }
    return new PollingNameResolver(
        target.toString(), name, args, () -> resolved(addresses), ONCE_A_DAY, System::nanoTime);
  }

  /** One group for each backend; blocks where a host is a name. */
  static List<EquivalentAddressGroup> resolved(List<InetSocketAddress> addresses)
      throws UnknownHostException {
    List<EquivalentAddressGroup> groups = new ArrayList<>();
    for (InetSocketAddress address : addresses) {
      List<SocketAddress> all = new ArrayList<>();
      for (InetAddress inet : InetAddress.getAllByName(address.getHostString())) {
        all.add(new InetSocketAddress(inet, address.getPort()));
      }
      groups.add(new EquivalentAddressGroup(all));
    }
    return groups;
  }
}
