// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DaemonConfigFileTest {
  @TempDir private Path folder;

  @Test
  void read_versionTwo_takesAddressesAndMemory() throws IOException {
    DaemonConfigFile file =
        read(
            """
            # Maximum buffer size in MB (minimum 3).
            TotalBufferSizeMB: 24
            Socket:
              UDPAddress: "0.0.0.0:2000"
              TCPAddress: "0.0.0.0:2001"
            Version: 2
            """);
    assertThat(file)
        .isEqualTo(
            new DaemonConfigFile(
                2,
                Map.of(
                    Setting.XRAY_UDP, "0.0.0.0:2000",
                    Setting.XRAY_TCP, "0.0.0.0:2001",
                    Setting.UDP_QUEUE, "24MiB"),
                java.util.List.of()));
  }

  @Test
  void read_versionOne_takesAddressAndNamesTheRest() throws IOException {
    DaemonConfigFile file =
        read(
            """
            Socket:
              UDPAddress: "127.0.0.1:2000"
              BufferSizeKB: 64
            Processor:
              Routine: 8
              QueueSize: 20
              Region: "us-west-2"
            Logging:
              LogFormat: "text"
              LogLevel: "dev"
            MemoryLimit: 0
            NoVerifySSL: false
            LocalMode: true
            ResourceARN: ""
            RoleARN: ""
            Version: 1
            """);
    assertThat(file.version()).isEqualTo(1);
    assertThat(file.settings()).isEqualTo(Map.of(Setting.XRAY_UDP, "127.0.0.1:2000"));
    assertThat(file.ignoredKeys())
        .containsExactly(
            "Socket.BufferSizeKB",
            "Processor.Routine",
            "Processor.QueueSize",
            "Processor.Region",
            "Logging.LogFormat",
            "Logging.LogLevel",
            "NoVerifySSL",
            "LocalMode",
            "ResourceARN",
            "RoleARN");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          TotalBufferSizeMB: 24                              | Version: missing (expected: 1 or 2)
          Version: 3                                         | Version: 3 (expected: 1 or 2)
          {Version: 2, Sockets: {UDPAddress: "a:1"}}         | Sockets: no key of the X-Ray daemon
          {Version: 2, Socket: {UdpAddress: "a:1"}}          | Socket.UdpAddress: no key of the X-Ray daemon
          {Version: 2, Socket: {UDPAddress: 2000}}           | HOST:PORT, such as 127.0.0.1:2000
          {Version: 2, TotalBufferSizeMB: 2}                 | TotalBufferSizeMB: 2 (expected: 0, or 3 to
          {Version: 2, TotalBufferSizeMB: much}              | TotalBufferSizeMB
          {Version: 2, Version: 2}                           | not YAML
          [1, 2]                                             | no keys
          `{Version: `                                       | not YAML
          """)
  void read_bad_saysWhatAndWhere(String text, String message) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("cfg.yaml");
  }

  @Test
  void read_missingFile_saysSo() {
    Path file = folder.resolve("none.yaml");
    assertThatThrownBy(() -> DaemonConfigFile.read(file))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("cannot read daemon file " + file);
  }

  @Test
  void loadDaemonFile_settings_reachTheConfig() throws IOException {
    Path file = folder.resolve("cfg.yaml");
    Files.writeString(
        file, "TotalBufferSizeMB: 5\nSocket: {UDPAddress: '127.0.0.3:2100'}\nVersion: 2\n");
    ServerConfig config = new ServerSettings().loadDaemonFile(file).toConfig();
    assertThat(config.udp().queueBytes()).isEqualTo(5 << 20);
    assertThat(Ports.text(config.listeners().get(ListenerName.XRAY_UDP)))
        .isEqualTo("127.0.0.3:2100");
    assertThat(Ports.text(config.listeners().get(ListenerName.XRAY_TCP)))
        .isEqualTo("127.0.0.1:2000");
  }

  private DaemonConfigFile read(String text) throws IOException {
    Path file = folder.resolve("cfg.yaml");
    Files.writeString(file, text);
    return DaemonConfigFile.read(file);
  }
}
