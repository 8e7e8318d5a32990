// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import io.roentgen.model.Hex;
import io.roentgen.server.ServerConfig.Limits;
import io.roentgen.server.ServerConfig.Security;
import io.roentgen.server.ServerConfig.Storage;
import io.roentgen.server.ServerConfig.Tls;
import io.roentgen.server.ServerConfig.UdpLimits;
import io.roentgen.server.api.ServerStatus;
import io.roentgen.server.xray.state.Account;
import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects settings from files and options and makes a {@link ServerConfig} of them; what is set
 * later wins. The one place where text becomes configuration, so that every source takes the same
 * values and fails with the same messages.
 *
 * <pre>{@code
 * ServerConfig config = new ServerSettings().set(Setting.HTTP, "0", "option --port").toConfig();
 * }</pre>
 */
public final class ServerSettings {
  private static final Logger logger = LoggerFactory.getLogger(ServerSettings.class);
  private static final Pattern SIZE =
      Pattern.compile("(\\d{1,15})\\s*(B|KiB|MiB|GiB|TiB)?", Pattern.CASE_INSENSITIVE);
  private static final Pattern DURATION =
      Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h|d)", Pattern.CASE_INSENSITIVE);
  private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,32}");
  private static final Pattern ACCOUNT = Pattern.compile("\\d{12}");
  private static final String PORT_EXPECTED = "0 to 65535, HOST:PORT, or off";
  private static final int MAX_PORT = 65_535;

  private final Map<Setting, Sourced> values = new EnumMap<>(Setting.class);

  private record Sourced(String text, String source) {}

  /** Sets a value; {@code source} is told in messages, such as {@code option --port}. */
  public ServerSettings set(Setting setting, String text, String source) {
    values.put(setting, new Sourced(text, source));
    return this;
  }

  /**
   * Sets a value by its key.
   *
   * @throws ConfigException if there is no such key
   */
  public ServerSettings set(String key, String text, String source) {
    for (Setting setting : Setting.values()) {
      if (setting.key().equals(key)) {
        return set(setting, text, source);
      }
    }
    throw new ConfigException(
        Hex.quote(key)
            + ": no such setting (expected: one that the documentation lists); from "
            + source);
  }

  /**
   * Reads a properties file, in UTF-8.
   *
   * @throws ConfigException if it cannot be read or holds an unknown key
   */
  public ServerSettings load(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new ConfigException("cannot read settings " + file + ": " + e.getMessage(), e);
    }
    for (String key : properties.stringPropertyNames()) {
      set(key, properties.getProperty(key), file.toString());
    }
    return this;
  }

  /**
   * Takes what an AWS X-Ray daemon's {@code cfg.yaml} says of addresses and memory.
   *
   * @throws ConfigException as {@link DaemonConfigFile#read} says
   */
  public ServerSettings loadDaemonFile(Path file) {
    DaemonConfigFile daemon = DaemonConfigFile.read(file);
    daemon.settings().forEach((setting, text) -> set(setting, text, file.toString()));
    if (!daemon.ignoredKeys().isEmpty()) {
      logger.info(
          "daemon file has keys without effect here file={} keys={}", file, daemon.ignoredKeys());
    }
    return this;
  }

  /**
   * Returns the configuration.
   *
   * @throws ConfigException if a value cannot be; the first that is wrong, in the order of {@link
   *     Setting}
   */
  public ServerConfig toConfig() {
    String bindAddress = text(Setting.BIND_ADDRESS);
    var listeners = new EnumMap<ListenerName, InetSocketAddress>(ListenerName.class);
    for (ListenerName name : ListenerName.values()) {
      InetSocketAddress address = address(name.setting(), bindAddress);
      if (address != null) {
        listeners.put(name, address);
      }
    }
    Security security =
        new Security(
            path(Setting.TOKEN_FILE),
            path(Setting.ACCESS_KEYS_FILE),
            flag(Setting.INSECURE),
            tls());
    Limits limits =
        new Limits(
            (int) size(Setting.MAX_REQUEST, 1024, 1L << 30),
            size(Setting.MAX_ADMITTED, 1 << 20, 1L << 40),
            (int) number(Setting.XRAY_MAX_DOCUMENTS, 1, 100_000),
            (int) number(Setting.MAX_CONNECTIONS, 1, 1_000_000),
            duration(Setting.REQUEST_TIMEOUT));
    UdpLimits udp =
        new UdpLimits(
            size(Setting.UDP_QUEUE, 3 << 20, 1L << 40),
            (int) size(Setting.UDP_RECEIVE_BUFFER, 64 * 1024, 1 << 30),
            (int) size(Setting.UDP_MAX_DATAGRAM, 1024, 65_535),
            (int) number(Setting.UDP_SOCKETS, 1, 64));
    return new ServerConfig(
        listeners,
        security,
        limits,
        udp,
        storage(),
        account(),
        path(Setting.SAMPLING_RULES),
        inEffect());
  }

  private List<ServerStatus.InEffect> inEffect() {
    List<ServerStatus.InEffect> all = new ArrayList<>();
    for (Setting setting : Setting.values()) {
      Sourced set = values.get(setting);
      all.add(
          new ServerStatus.InEffect(
              setting.key(), text(setting), set == null ? null : set.source, setting.meaning()));
    }
    return all;
  }

  private Account account() {
    if (!REGION.matcher(text(Setting.XRAY_REGION)).matches()) {
      throw invalid(Setting.XRAY_REGION, "1 to 32 of the characters a-z, 0-9 and -");
    }
    if (!ACCOUNT.matcher(text(Setting.XRAY_ACCOUNT)).matches()) {
      throw invalid(Setting.XRAY_ACCOUNT, "12 digits");
    }
    return new Account(text(Setting.XRAY_REGION), text(Setting.XRAY_ACCOUNT));
  }

  private Storage storage() {
    Path path = path(Setting.STORE_PATH);
    if (path == null) {
      throw invalid(Setting.STORE_PATH, "a folder");
    }
    boolean unlimited = text(Setting.STORE_DISK_LIMIT).equalsIgnoreCase("none");
    return new Storage(
        path,
        duration(Setting.STORE_RETENTION),
        unlimited ? Long.MAX_VALUE : size(Setting.STORE_DISK_LIMIT, 64 << 20, 1L << 50),
        size(Setting.STORE_LIVE_BYTES, 1 << 20, 1L << 36),
        duration(Setting.STORE_LIVE_AGE),
        size(Setting.STORE_PENDING_BYTES, 1 << 20, 1L << 36),
        size(Setting.STORE_ENGINE_MEMORY, 64 << 20, 1L << 40));
  }

  private @Nullable Tls tls() {
    Path certificate = path(Setting.TLS_CERT);
    Path key = path(Setting.TLS_KEY);
    if (certificate == null && key == null) {
      return null;
    }
    if (certificate == null) {
      throw invalid(Setting.TLS_CERT, "a PEM file, as " + Setting.TLS_KEY.key() + " is set");
    }
    if (key == null) {
      throw invalid(Setting.TLS_KEY, "a PEM file, as " + Setting.TLS_CERT.key() + " is set");
    }
    return new Tls(readable(Setting.TLS_CERT, certificate), readable(Setting.TLS_KEY, key));
  }

  private Path readable(Setting setting, Path file) {
    if (!Files.isReadable(file)) {
      throw invalid(setting, "a file that can be read");
    }
    return file;
  }

  private String text(Setting setting) {
    Sourced set = values.get(setting);
    return set == null ? setting.defaultText() : set.text.strip();
  }

  private ConfigException invalid(Setting setting, String expected) {
    Sourced set = values.get(setting);
    String text = text(setting);
    return new ConfigException(
        setting.key()
            + ": "
            + (text.isEmpty() ? "(empty)" : Hex.quote(text))
            + " (expected: "
            + expected
            + ")"
            + (set == null ? "; the default" : "; from " + set.source));
  }

  private @Nullable InetSocketAddress address(Setting setting, String bindAddress) {
    String text = text(setting);
    if (text.equalsIgnoreCase("off")) {
      return null;
    }
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? bindAddress : text.substring(0, colon);
    int port;
    try {
      port = Integer.parseInt(text.substring(colon + 1));
    } catch (NumberFormatException _) {
      throw invalid(setting, PORT_EXPECTED);
    }
    if (port < 0 || port > MAX_PORT) {
      throw invalid(setting, PORT_EXPECTED);
    }
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    if (host.isEmpty()) {
      throw invalid(colon < 0 ? Setting.BIND_ADDRESS : setting, "an address before the port");
    }
    try {
      return new InetSocketAddress(InetAddress.getAllByName(host)[0], port);
    } catch (UnknownHostException _) {
      throw invalid(
          colon < 0 ? Setting.BIND_ADDRESS : setting,
          "an address of this machine, or a name that resolves to one");
    }
  }

  private @Nullable Path path(Setting setting) {
    String text = text(setting);
    if (text.isEmpty()) {
      return null;
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException _) {
      throw invalid(setting, "a path");
    }
  }

  private boolean flag(Setting setting) {
    return switch (text(setting).toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw invalid(setting, "true or false");
    };
  }

  private long number(Setting setting, long min, long max) {
    try {
      long number = Long.parseLong(text(setting));
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException _) {
      // told below
    }
    throw invalid(setting, "a number, " + min + " to " + max);
  }

  private long size(Setting setting, long min, long max) {
    Matcher size = SIZE.matcher(text(setting));
    if (size.matches()) {
      String unit = size.group(2) == null ? "b" : size.group(2).toLowerCase(Locale.ROOT);
      int shift =
          switch (unit) {
            case "kib" -> 10;
            case "mib" -> 20;
            case "gib" -> 30;
            case "tib" -> 40;
            default -> 0;
          };
      long count = Long.parseLong(size.group(1));
      if (count <= max >> shift && count << shift >= min) {
        return count << shift;
      }
    }
    throw invalid(setting, "a size such as 64MiB, " + min + " to " + max + " bytes");
  }

  private Duration duration(Setting setting) {
    Matcher duration = DURATION.matcher(text(setting));
    if (duration.matches()) {
      long count = Long.parseLong(duration.group(1));
      Duration value =
          switch (duration.group(2).toLowerCase(Locale.ROOT)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
          };
      if (value.isPositive()) {
        return value;
      }
    }
    throw invalid(setting, "a duration such as 30s or 5m, more than 0");
  }
}
