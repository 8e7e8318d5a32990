// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.roentgen.server.xray.state.Account;
import io.roentgen.store.lake.LakeConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ServerSettingsTest {
  private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH);

  @TempDir private Path folder;

  private final ServerSettings settings = new ServerSettings();

  @Test
  void toConfig_nothingSet_isLocalOnTheKnownPorts() {
    ServerConfig config = settings.toConfig();
    InetAddress local = InetAddress.ofLiteral("127.0.0.1");
    assertThat(config.listeners())
        .isEqualTo(
            Map.of(
                ListenerName.HTTP, new InetSocketAddress(local, 8600),
                ListenerName.OTLP_GRPC, new InetSocketAddress(local, 4317),
                ListenerName.OTLP_HTTP, new InetSocketAddress(local, 4318),
                ListenerName.XRAY_TCP, new InetSocketAddress(local, 2000),
                ListenerName.XRAY_UDP, new InetSocketAddress(local, 2000)));
    assertThat(config.limits())
        .isEqualTo(new ServerConfig.Limits(64 << 20, 64 << 20, 50, 10_000, Duration.ofSeconds(30)));
    assertThat(config.udp()).isEqualTo(new ServerConfig.UdpLimits(24 << 20, 16 << 20, 65_535, 2));
    assertThat(config.security()).isEqualTo(new ServerConfig.Security(null, null, false, null));
    assertThat(config.storage())
        .isEqualTo(
            new ServerConfig.Storage(
                Path.of("data"),
                Duration.ofDays(30),
                Long.MAX_VALUE,
                64 << 20,
                Duration.ofMinutes(5),
                64 << 20,
                512 << 20));
    assertThat(config.account()).isEqualTo(new Account("us-east-1", "000000000000"));
    assertThat(config.storage().toLakeConfig().withClock(CLOCK))
        .isEqualTo(LakeConfig.of(Path.of("data")).withClock(CLOCK));
  }

  @ParameterizedTest
  @EnumSource
  void setting_everyKey_isTakenByNameAndRefusesNonsense(Setting setting) {
    settings.set(setting.key(), "\0nonsense:", "test");
    assertThatThrownBy(settings::toConfig)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("; from test");
  }

  @Test
  void toConfig_listeners_takeOffAndOwnAddress() {
    settings
        .set(Setting.OTLP_GRPC, "off", "test")
        .set(Setting.XRAY_UDP, "[::1]:2001", "test")
        .set(Setting.XRAY_TCP, "127.0.0.2:0", "test");
    assertThat(settings.toConfig().listeners())
        .doesNotContainKey(ListenerName.OTLP_GRPC)
        .containsEntry(
            ListenerName.XRAY_UDP, new InetSocketAddress(InetAddress.ofLiteral("::1"), 2001))
        .containsEntry(
            ListenerName.XRAY_TCP, new InetSocketAddress(InetAddress.ofLiteral("127.0.0.2"), 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          server.http                | 65536   | 0 to 65535, HOST:PORT, or off
          server.http                | off     | expected: a port
          ingest.max-request-bytes   | 2GiB    | a size such as 64MiB
          ingest.max-request-bytes   | 64 MB   | a size such as 64MiB
          ingest.udp.queue-bytes     | 2MiB    | 3145728 to
          server.request-timeout     | 0s      | a duration such as 30s
          server.insecure            | yes     | true or false
          ingest.xray.max-documents  | 0       | a number, 1 to 100000
          server.xray-region                | US East | 1 to 32 of the characters a-z
          server.xray-account-id            | 12345   | 12 digits
          server.tls-cert            | cert    | server.tls-key: (empty)
          """)
  void toConfig_badValue_saysKeyAndWhatIsExpected(String key, String value, String expected) {
    settings.set(key, value, "option --x");
    assertThatThrownBy(settings::toConfig)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(expected);
  }

  @Test
  void toConfig_badPort_isOneSentenceWithItsSource() {
    settings.set(Setting.HTTP, "http", "option --http");
    assertThatThrownBy(settings::toConfig)
        .hasMessage(
            "server.http: http (expected: 0 to 65535, HOST:PORT, or off); from option --http");
  }

  @Test
  void toConfig_openAddressWithoutToken_isRefused() {
    settings.set(Setting.BIND_ADDRESS, "0.0.0.0", "option --bind-address");
    assertThatThrownBy(settings::toConfig)
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "server.http: 0.0.0.0:8600 can be reached from outside (expected: a loopback address,"
                + " or --token-file FILE, or --insecure to let anyone in)");
    settings.set(Setting.INSECURE, "true", "option --insecure");
    assertThat(settings.toConfig().isOpen(ListenerName.HTTP)).isTrue();
  }

  @Test
  void load_properties_laterWins() throws IOException {
    Path file = folder.resolve("server.properties");
    Files.writeString(file, "server.http = 9600\nstore.path = /tmp/x\n");
    ServerConfig config =
        settings.load(file).set(Setting.STORE_PATH, "/tmp/y", "option --data").toConfig();
    assertThat(config.listeners().get(ListenerName.HTTP).getPort()).isEqualTo(9600);
    assertThat(config.storage().path()).isEqualTo(Path.of("/tmp/y"));
  }

  @Test
  void load_unknownKey_isRefusedWithTheFile() throws IOException {
    Path file = folder.resolve("server.properties");
    Files.writeString(file, "server.htpp = 9600\n");
    assertThatThrownBy(() -> settings.load(file))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("server.htpp: no such setting")
        .hasMessageContaining(file.toString());
  }
}
