// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import io.roentgen.server.ConfigException;
import io.roentgen.server.ListenerName;
import io.roentgen.server.RoentgenServer;
import io.roentgen.server.ServerConfig;
import io.roentgen.server.ServerSettings;
import io.roentgen.server.ServerStartException;
import io.roentgen.server.Setting;
import io.roentgen.store.StoreException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code roentgen up}. */
@Command(
    name = "up",
    description = "Start the server, and run until told to stop (SIGTERM, Ctrl-C).",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    footer = {
      "",
      "PORT is a port (0 for a free one), HOST:PORT, or off. Options win over files.",
      "A port that others can reach wants --token-file, or --insecure.",
      "",
      "Examples:",
      "  roentgen up",
      "  roentgen up --data /var/lib/roentgen --retention 7d --disk-limit 50GiB",
      "  roentgen up --host 0.0.0.0 --token-file token --tls-cert cert.pem --tls-key key.pem",
      "  roentgen up --set ingest.udp.sockets=4"
    })
final class UpCommand implements Callable<Integer> {
  private static final int LABEL_WIDTH = 11;

  @Spec private CommandSpec spec;

  private final Terminal terminal;
  private final List<Consumer<ServerSettings>> options = new ArrayList<>();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Properties file with settings by their keys, such as store.retention=7d.")
  private @Nullable Path config;

  @Option(
      names = "--daemon-config",
      paramLabel = "FILE",
      description = "An AWS X-Ray daemon's cfg.yaml, for its addresses.")
  private @Nullable Path daemonConfig;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any setting by its key. May be repeated.")
  private Map<String, String> settings = new LinkedHashMap<>();

  UpCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "Data folder, made if it is not there. Default: ./data.")
  void data(String value) {
    option(Setting.STORE_PATH, value, "--data");
  }

  @Option(
      names = "--retention",
      paramLabel = "DURATION",
      description = "How long traces are kept, such as 7d. Default: 30d.")
  void retention(String value) {
    option(Setting.STORE_RETENTION, value, "--retention");
  }

  @Option(
      names = "--disk-limit",
      paramLabel = "SIZE",
      description = "What the data may take, such as 50GiB; the oldest traces go first. No limit.")
  void diskLimit(String value) {
    option(Setting.STORE_DISK_LIMIT, value, "--disk-limit");
  }

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Address of all ports that do not name their own. Default: 127.0.0.1.")
  void host(String value) {
    option(Setting.BIND_ADDRESS, value, "--host");
  }

  @Option(
      names = {"-p", "--http"},
      paramLabel = "PORT",
      description = "Main port: API, X-Ray API, OTLP. Default: 8600.")
  void port(String value) {
    option(Setting.HTTP, value, "--http");
  }

  @Option(
      names = "--otlp-grpc",
      paramLabel = "PORT",
      description = "Where OTLP/gRPC exporters send by default. Default: 4317.")
  void otlpGrpc(String value) {
    option(Setting.OTLP_GRPC, value, "--otlp-grpc");
  }

  @Option(
      names = "--otlp-http",
      paramLabel = "PORT",
      description = "Where OTLP/HTTP exporters send by default. Default: 4318.")
  void otlpHttp(String value) {
    option(Setting.OTLP_HTTP, value, "--otlp-http");
  }

  @Option(
      names = "--xray-udp",
      paramLabel = "PORT",
      description = "Where X-Ray SDKs send segments. Default: 2000.")
  void xrayUdp(String value) {
    option(Setting.XRAY_UDP, value, "--xray-udp");
  }

  @Option(
      names = "--xray-tcp",
      paramLabel = "PORT",
      description = "Where X-Ray SDKs ask for sampling rules. Default: 2000.")
  void xrayTcp(String value) {
    option(Setting.XRAY_TCP, value, "--xray-tcp");
  }

  @Option(
      names = "--sampling-rules",
      paramLabel = "FILE",
      description = "A local rule file of the X-Ray SDKs, whose rules clients then get from here.")
  void samplingRules(String value) {
    option(Setting.SAMPLING_RULES, value, "--sampling-rules");
  }

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "File with the token that requests must carry.")
  void tokenFile(String value) {
    option(Setting.TOKEN_FILE, value, "--token-file");
  }

  @Option(
      names = "--access-keys-file",
      paramLabel = "FILE",
      description = "File with access keys: the X-Ray API then wants signed requests.")
  void accessKeysFile(String value) {
    option(Setting.ACCESS_KEYS_FILE, value, "--access-keys-file");
  }

  @Option(names = "--insecure", description = "Let anyone in who reaches a port that is not local.")
  void insecure(boolean value) {
    option(Setting.INSECURE, Boolean.toString(value), "--insecure");
  }

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "PEM file with the certificate chain; all TCP ports then speak TLS.")
  void tlsCert(String value) {
    option(Setting.TLS_CERT, value, "--tls-cert");
  }

  @Option(names = "--tls-key", paramLabel = "FILE", description = "PEM file with the private key.")
  void tlsKey(String value) {
    option(Setting.TLS_KEY, value, "--tls-key");
  }

  private void option(Setting setting, String value, String name) {
    options.add(all -> all.set(setting, value, "option " + name));
  }

  @Override
  public Integer call() throws InterruptedException {
    ServerConfig configured;
    try {
      configured = config();
    } catch (ConfigException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    }
    try (RoentgenServer server = start(configured)) {
      announce(server, configured);
      server.awaitShutdown();
    }
    return ExitCode.OK;
  }

  private static RoentgenServer start(ServerConfig config) {
    try {
      return RoentgenServer.start(config);
    } catch (ConfigException | ServerStartException | StoreException e) {
      throw CliException.failure(String.valueOf(e.getMessage()), e);
    }
  }

  /** Returns what files and options say. */
  ServerConfig config() {
    ServerSettings all = new ServerSettings();
    if (daemonConfig != null) {
      all.loadDaemonFile(daemonConfig);
    }
    if (config != null) {
      all.load(config);
    }
    settings.forEach((key, value) -> all.set(key, value, "option --set"));
    options.forEach(option -> option.accept(all));
    return all.toConfig();
  }

  private void announce(RoentgenServer server, ServerConfig config) {
    PrintWriter out = spec.commandLine().getOut();
    out.println("roentgen " + Version.current() + " is up; Ctrl-C stops it");
    for (ListenerName name : ListenerName.values()) {
      if (config.listeners().containsKey(name)) {
        out.println("  " + terminal.fit(name.label(), LABEL_WIDTH) + text(name, server, config));
      }
    }
    Path data = config.storage().path().toAbsolutePath().normalize();
    out.println("  " + terminal.fit("data", LABEL_WIDTH) + data);
    out.flush();
  }

  private static String text(ListenerName name, RoentgenServer server, ServerConfig config) {
    InetSocketAddress address = server.address(name);
    String host = address.getAddress().getHostAddress();
    String text = (host.contains(":") ? '[' + host + ']' : host) + ':' + address.getPort();
    return switch (name) {
      case HTTP, OTLP_HTTP -> (config.security().tls() == null ? "http://" : "https://") + text;
      case OTLP_GRPC, XRAY_TCP, XRAY_UDP -> text;
    };
  }
}
