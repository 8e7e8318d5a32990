// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.roentgen.model.Hex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A configuration file of the AWS X-Ray daemon, version 1 or 2, so that whoever replaces the daemon
 * can keep it.
 *
 * <p>Taken over are the two addresses and the memory for datagrams: {@code Socket.UDPAddress},
 * {@code Socket.TCPAddress} and {@code TotalBufferSizeMB} ({@code MemoryLimit} in version 1; 0
 * means our default). The other keys that the daemon knows speak of sending to AWS or of its log,
 * which is not done here: they are allowed, and listed in {@link #ignoredKeys}. A key that the
 * daemon does not know is refused, as it does.
 *
 * <p>Source: aws-xray-daemon 3.6.6 and its earlier files.
 *
 * @param version 1 or 2
 * @param settings what it sets
 * @param ignoredKeys keys that were there and change nothing, in the order of the file
 */
public record DaemonConfigFile(
    int version, Map<Setting, String> settings, List<String> ignoredKeys) {
  private static final long MAX_FILE_BYTES = 1 << 20;
  private static final int MIN_BUFFER_MB = 3;
  private static final int MAX_BUFFER_MB = 1 << 20;

  private static final Set<String> SECTIONS = Set.of("Socket", "Logging", "Processor", "Profile");

  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "Concurrency",
          "Endpoint",
          "LocalMode",
          "LogRotation",
          "Logging.LogFormat",
          "Logging.LogLevel",
          "Logging.LogPath",
          "Logging.LogRotation",
          "NoVerifySSL",
          "Processor.BatchProcessorQueueSize",
          "Processor.BatchSize",
          "Processor.Endpoint",
          "Processor.IdleTimeoutMillisecond",
          "Processor.QueueSize",
          "Processor.Region",
          "Processor.Routine",
          "Profile.CPU",
          "Profile.Memory",
          "ProxyAddress",
          "Region",
          "ResourceARN",
          "RoleARN",
          "Socket.BufferSizeKB");

  public DaemonConfigFile {
    settings = Collections.unmodifiableMap(new EnumMap<>(settings));
    ignoredKeys = List.copyOf(ignoredKeys);
  }

  /**
   * Reads a file.
   *
   * @throws ConfigException if it cannot be read, is not YAML, has no {@code Version} or another
   *     than 1 and 2, or holds an unknown key or a value that cannot be
   */
  public static DaemonConfigFile read(Path file) {
    JsonNode root;
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new ConfigException(
            "cannot read daemon file " + file + ": more than " + MAX_FILE_BYTES + " bytes");
      }
      root = mapper().readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      throw new ConfigException(
          "cannot read daemon file "
              + file
              + ": not YAML"
              + (at == null ? "" : " at " + at.getLineNr() + ":" + at.getColumnNr())
              + ": "
              + e.getOriginalMessage(),
          e);
    } catch (IOException e) {
      throw new ConfigException("cannot read daemon file " + file + ": " + e, e);
    }
    return new Reading(file).read(root);
  }

  private static YAMLMapper mapper() {
    return YAMLMapper.builder(
            YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
        .build();
  }

  private static final class Reading {
    private final Path file;
    private final Map<Setting, String> settings = new EnumMap<>(Setting.class);
    private final List<String> ignored = new ArrayList<>();
    private int version;

    Reading(Path file) {
      this.file = file;
    }

    DaemonConfigFile read(JsonNode root) {
      if (!root.isObject()) {
        throw new ConfigException(
            "daemon file " + file + ": no keys (expected: Version: 2 and others)");
      }
      for (Map.Entry<String, JsonNode> entry : root.properties()) {
        if (SECTIONS.contains(entry.getKey()) && entry.getValue().isObject()) {
          for (Map.Entry<String, JsonNode> inner : entry.getValue().properties()) {
            take(entry.getKey() + "." + inner.getKey(), inner.getValue());
          }
        } else if (SECTIONS.contains(entry.getKey()) && entry.getValue().isNull()) {
          ignored.add(entry.getKey());
        } else {
          take(entry.getKey(), entry.getValue());
        }
      }
      if (version == 0) {
        throw new ConfigException("Version: missing (expected: 1 or 2); from " + file);
      }
      return new DaemonConfigFile(version, settings, ignored);
    }

    private void take(String key, JsonNode value) {
      switch (key) {
        case "Version" -> {
          version = value.asInt();
          if (version != 1 && version != 2) {
            throw invalid(key, value, "1 or 2");
          }
        }
        case "Socket.UDPAddress" -> address(Setting.XRAY_UDP, key, value);
        case "Socket.TCPAddress" -> address(Setting.XRAY_TCP, key, value);
        case "TotalBufferSizeMB", "MemoryLimit" -> {
          int megabytes = value.asInt(-1);
          if (megabytes != 0 && (megabytes < MIN_BUFFER_MB || megabytes > MAX_BUFFER_MB)) {
            throw invalid(key, value, "0, or " + MIN_BUFFER_MB + " to " + MAX_BUFFER_MB);
          }
          if (megabytes != 0) {
            settings.put(Setting.UDP_QUEUE, megabytes + "MiB");
          }
        }
        default -> {
          if (!WITHOUT_EFFECT.contains(key)) {
            throw new ConfigException(
                Hex.quote(key)
                    + ": no key of the X-Ray daemon (expected: Socket.UDPAddress,"
                    + " Socket.TCPAddress, TotalBufferSizeMB, ...); from "
                    + file);
          }
          ignored.add(key);
        }
      }
    }

    private void address(Setting setting, String key, JsonNode value) {
      String text = value.asText();
      if (!value.isTextual() || text.lastIndexOf(':') < 1) {
        throw invalid(key, value, "HOST:PORT, such as 127.0.0.1:2000");
      }
      settings.put(setting, text);
    }

    private ConfigException invalid(String key, JsonNode value, String expected) {
      return new ConfigException(
          key + ": " + Hex.quote(value.toString()) + " (expected: " + expected + "); from " + file);
    }
  }
}
