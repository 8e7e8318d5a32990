// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.HttpConnectProxiedSocketAddress;
import io.grpc.Status;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NameResolversTest {
  private final Resolving resolving = new Resolving();
  private final List<InetAddress> hosts = new ArrayList<>();
  private int lookups;

  private RefreshingDnsProvider dns(Duration interval) {
    return RefreshingDnsProvider.with(
        interval,
        host -> {
          lookups++;
          if (hosts.isEmpty()) {
            throw new UnknownHostException(host);
          }
          return List.copyOf(hosts);
        },
        resolving.clock);
  }

  private static InetAddress host(int last) throws UnknownHostException {
    return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) last});
  }

  @Test
  void dns_newBackend_isSeenAtTheNextInterval() throws Exception {
    hosts.add(host(1));
    resolving.start(dns(Duration.ofSeconds(30)), "dns:///orders:50051");
    assertThat(resolving.backends).containsExactly("[/10.0.0.1:50051]");

    hosts.add(host(2));
    resolving.clock.advance(Duration.ofSeconds(29));
    assertThat(resolving.backends).hasSize(1);
    resolving.clock.advance(Duration.ofSeconds(1));
    assertThat(resolving.backends)
        .containsExactly("[/10.0.0.1:50051]", "[/10.0.0.1:50051] [/10.0.0.2:50051]");
    assertThat(resolving.resolver.getServiceAuthority()).isEqualTo("orders:50051");
  }

  @Test
  void dns_laterFailure_keepsBackendsAndWarnsOnce() throws Exception {
    hosts.add(host(1));
    resolving.start(dns(Duration.ofSeconds(30)), "dns:///orders:50051");
    try (LogLines log = new LogLines(PollingNameResolver.class)) {
      hosts.clear();
      resolving.clock.advance(Duration.ofSeconds(45));
      assertThat(lookups).isEqualTo(5);
      assertThat(log.lines())
          .containsExactly(
              "WARNING cannot resolve name again, its known backends stay name=dns:///orders:50051");
      hosts.add(host(3));
      resolving.clock.advance(Duration.ofSeconds(5));
      assertThat(log.lines())
          .last()
          .isEqualTo("INFO name resolved again name=dns:///orders:50051 failures=4");
    }
    assertThat(resolving.errors).isEmpty();
    assertThat(resolving.backends).containsExactly("[/10.0.0.1:50051]", "[/10.0.0.3:50051]");
  }

  @Test
  void dns_firstFailure_isReportedAndTriedEachFiveSeconds() throws Exception {
    resolving.start(dns(Duration.ofSeconds(30)), "dns:///orders:50051");
    assertThat(resolving.errors).hasSize(1);
    Status error = resolving.errors.get(0);
    assertThat(error.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(error.getDescription())
        .isEqualTo("cannot resolve dns:///orders:50051: UnknownHostException: orders");
    hosts.add(host(1));
    resolving.clock.advance(Duration.ofSeconds(5));
    assertThat(resolving.backends).containsExactly("[/10.0.0.1:50051]");
  }

  @Test
  void dns_brokenConnection_looksAtOnceButNotMoreThanEachFiveSeconds() throws Exception {
    hosts.add(host(1));
    resolving.start(dns(Duration.ofSeconds(30)), "dns:///orders:50051");
    resolving.clock.advance(Duration.ofSeconds(6));
    resolving.refresh();
    assertThat(lookups).isEqualTo(2);
    for (int i = 0; i < 10; i++) {
      resolving.refresh();
    }
    assertThat(lookups).isEqualTo(2);
    resolving.clock.advance(Duration.ofSeconds(5));
    assertThat(lookups).isEqualTo(3);
    assertThat(resolving.clock.pending()).isEqualTo(1);
  }

  @Test
  void dns_resultRefusedByBalancer_isTriedSoonAgain() throws Exception {
    hosts.add(host(1));
    resolving.answer = Status.UNAVAILABLE;
    resolving.start(dns(Duration.ofSeconds(30)), "dns:///orders:50051");
    resolving.clock.advance(Duration.ofSeconds(5));
    assertThat(lookups).isEqualTo(2);
  }

  @Test
  void dns_sameBackends_areToldOnce_inWhateverOrder() throws Exception {
    hosts.addAll(List.of(host(1), host(2)));
    resolving.start(dns(Duration.ofSeconds(30)), "dns:///orders:50051");
    resolving.clock.advance(Duration.ofSeconds(30));
    Collections.reverse(hosts);
    resolving.clock.advance(Duration.ofSeconds(30));
    assertThat(lookups).isEqualTo(3);
    assertThat(resolving.backends).containsExactly("[/10.0.0.1:50051] [/10.0.0.2:50051]");

    resolving.answer = Status.UNAVAILABLE;
    hosts.add(host(3));
    resolving.clock.advance(Duration.ofSeconds(30));
    resolving.answer = Status.OK;
    resolving.clock.advance(Duration.ofSeconds(5));
    assertThat(resolving.backends).as("told again what was refused").hasSize(3);
    resolving.clock.advance(Duration.ofMinutes(5));
    assertThat(resolving.backends).hasSize(3);
  }

  @Test
  void dns_afterShutdown_doesNothing() throws Exception {
    hosts.add(host(1));
    resolving.start(dns(Duration.ofSeconds(30)), "dns:///orders:50051");
    resolving.shutdown();
    resolving.refresh();
    resolving.clock.advance(Duration.ofHours(1));
    assertThat(lookups).isEqualTo(1);
    assertThat(resolving.clock.pending()).isZero();
  }

  @Test
  void dns_behindProxy_asksTheProxyOnly() throws Exception {
    resolving.proxies =
        target ->
            HttpConnectProxiedSocketAddress.newBuilder()
                .setProxyAddress(new InetSocketAddress(host(9), 3128))
                .setTargetAddress((InetSocketAddress) target)
                .build();
    resolving.start(dns(Duration.ofSeconds(30)), "dns:///orders:50051");
    assertThat(lookups).isZero();
    assertThat(resolving.backends).singleElement().asString().contains("10.0.0.9:3128");
  }

  @Test
  void dns_intervalUnderFiveSeconds_isRefused() {
    assertThatThrownBy(() -> dns(Duration.ofSeconds(1)))
        .hasMessage("interval: PT1S (expected: 5 s or more)");
  }

  @Test
  void dns_noPort_takesTheDefault() throws Exception {
    hosts.add(host(1));
    resolving.start(dns(Duration.ofSeconds(30)), "dns:///orders");
    assertThat(resolving.backends).containsExactly("[/10.0.0.1:80]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dns:///", "dns:orders", "dns:///a:b", "dns:///a:0", "dns:///a/b"})
  void dns_badTarget_isRefused(String target) {
    assertThatThrownBy(() -> resolving.create(dns(Duration.ofSeconds(30)), target))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(expected: ");
  }

  @ParameterizedTest
  @CsvSource({
    "PT30S, , false",
    "PT30S, 30, false",
    "PT30S, 0, false",
    "PT30S, x, false",
    "PT5S, , true",
    "PT30S, 60, true",
    "PT30S, -1, true"
  })
  void dns_jdkCacheLongerThanInterval_warns(Duration interval, String ttl, boolean warns) {
    String warning = RefreshingDnsProvider.cacheWarning(interval, ttl);
    if (warns) {
      assertThat(warning).startsWith("networkaddress.cache.ttl: ").contains("(expected: ");
    } else {
      assertThat(warning).isNull();
    }
  }

  @Test
  void dns_everyFiveSeconds_warnsOfTheJdkCache() {
    try (LogLines log = new LogLines(RefreshingDnsProvider.class)) {
      RefreshingDnsProvider.every(Duration.ofSeconds(5));
      assertThat(log.lines()).singleElement().asString().startsWith("WARNING networkaddress.cache");
      RefreshingDnsProvider.create();
      assertThat(log.lines()).hasSize(1);
    }
  }

  @Test
  void statics_knownName_areItsBackendsInOrder() {
    resolving.start(
        StaticNameResolverProvider.of(
            "order-service", List.of("10.0.0.1:1", "10.0.0.2:2", "[::1]:3")),
        "static:///order-service");
    assertThat(resolving.backends)
        .containsExactly("[/10.0.0.1:1] [/10.0.0.2:2] [/[0:0:0:0:0:0:0:1]:3]");
    assertThat(resolving.resolver.getServiceAuthority()).isEqualTo("order-service");
  }

  @Test
  void statics_unknownName_isRefusedWithThoseKnown() {
    StaticNameResolverProvider provider =
        StaticNameResolverProvider.of(Map.of("b", List.of("h:1"), "a", List.of("h:1")));
    assertThatThrownBy(() -> resolving.create(provider, "static:///c"))
        .hasMessage("target: static:///c (expected: static:/// and one of [a, b])");
    assertThatThrownBy(() -> resolving.create(provider, "static:c"))
        .hasMessageStartingWith("target: static:c (expected: ");
  }

  @Test
  void statics_badConfiguration_isRefused() {
    assertThatThrownBy(() -> StaticNameResolverProvider.of("a", List.of()))
        .hasMessage("a: [] (expected: at least one backend)");
    assertThatThrownBy(() -> StaticNameResolverProvider.of("a/b", List.of("h:1")))
        .hasMessageStartingWith("name: a/b (expected: one word");
    assertThatThrownBy(() -> StaticNameResolverProvider.of("a", List.of("h")))
        .hasMessage("address: h (expected: HOST:PORT or [IPV6]:PORT, port 1 to 65535)");
  }

  @Test
  void providers_otherSchemes_areLeftToOthers() {
    assertThat(resolving.create(dns(Duration.ofSeconds(30)), "xds:///a")).isNull();
    assertThat(resolving.create(StaticNameResolverProvider.of("a", List.of("h:1")), "dns:///a"))
        .isNull();
    assertThat(resolving.create(FileNameResolverProvider.create(), "dns:///a")).isNull();
  }

  @Test
  void file_badTarget_isRefused() {
    for (String target : List.of("file:///", "file:relative", "file://host/path")) {
      assertThatThrownBy(() -> resolving.create(FileNameResolverProvider.create(), target))
          .hasMessage("target: " + target + " (expected: file:/// and an absolute path)");
    }
    assertThatThrownBy(() -> FileNameResolverProvider.every(Duration.ofMillis(1)))
        .hasMessage("interval: PT0.001S (expected: 0.1 s or more)");
  }

  @Test
  void fileText_commentsAndBlanks_areSkipped() {
    assertThat(FileNameResolverProvider.parse("# all\r\n\n a:1 \n[::1]:2"))
        .extracting(InetSocketAddress::getHostString)
        .containsExactly("a", "::1");
  }

  @Test
  void fileText_bad_isRefusedWithItsLine() {
    assertThatThrownBy(() -> FileNameResolverProvider.parse("a:1\nb c:2"))
        .hasMessageStartingWith("line 2 address: b c:2 (expected: ");
    assertThatThrownBy(() -> FileNameResolverProvider.parse("# nothing"))
        .hasMessage("backends: none (expected: at least one HOST:PORT line)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        ":1",
        "a:",
        "a:-1",
        "a:65536",
        "a:99999999999",
        "a:1x",
        "a:1:2",
        "::1",
        "[::1",
        "[]:1",
        "[::1]1",
        "[::1]:",
        "a b:1",
        "a/b:1",
        "a@b:1"
      })
  void address_bad_isRefused(String text) {
    assertThatThrownBy(() -> Addresses.parse(text, 80))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("address: " + text + " (expected: HOST:PORT");
  }

  @ParameterizedTest
  @CsvSource({"a, a, 80", "a:65535, a, 65535", "[::1], ::1, 80", "[::1]:9, ::1, 9"})
  void address_good_isHostAndPort(String text, String host, int port) {
    InetSocketAddress address = Addresses.parse(text, 80);
    assertThat(address.getHostString()).isEqualTo(host);
    assertThat(address.getPort()).isEqualTo(port);
    assertThat(address.isUnresolved()).isTrue();
  }
}
