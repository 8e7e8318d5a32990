// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.demo;

import io.roentgen.examples.common.JsonLogs;
import io.roentgen.examples.common.Settings;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The {@code roentgen demo} command. */
@Command(
    name = "roentgen demo",
    description = {
      "Starts Roentgen if it does not run, the example applications and load on them, and shows how"
          + " it goes until Ctrl+C, which ends it all.",
      ""
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    footer = {
      "",
      "Examples:",
      "  ./roentgen demo",
      "  ./roentgen demo orders archive",
      "  ./roentgen demo all --chaos --users 4",
      "",
      "Settings of the applications are taken from the environment; see their READMEs.",
      "Exit codes: 0 done, 1 failed, 2 wrong use."
    })
final class Main implements Callable<Integer> {
  private static final long LONGEST_END_SECONDS = 60;

  @Parameters(
      arity = "0..*",
      paramLabel = "PART",
      description = "platform, shop, orders, archive or all (default: all).")
  private List<String> names = List.of("all");

  @Option(
      names = "--users",
      paramLabel = "N",
      description = "Of the platform and of the shop each, 1 to 1000 (default: 15 and 6).")
  private int users;

  @Option(
      names = "--chaos",
      description = "Kills, slows and throttles the shop's services now and then.")
  private boolean chaos;

  @Option(
      names = "--processes",
      description = "Each service of the platform and of the shop has a JVM of its own.")
  private boolean processes;

  @Option(
      names = "--console",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8600",
      description = "Where Roentgen runs, or is started (default: ${DEFAULT-VALUE}).")
  private URI console = URI.create("http://127.0.0.1:8600");

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "Of a Roentgen that is started (default: target/demo/data).")
  private @Nullable Path data;

  @Option(
      names = "--free-ports",
      description = "Any ports in place of the usual ones, and a Roentgen of its own.")
  private boolean freePorts;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "Ends by itself after so long (default: it does not).")
  private int seconds;

  @Spec private CommandSpec spec;

  /** Where the launcher has put things. */
  private final Path root;

  private Main(Path root) {
    this.root = root;
  }

  /** Runs the command line and exits with its code. */
  public static void main(String[] args) {
    Path root = Path.of(System.getProperty("roentgen.root", ""));
    System.exit(commandLine(root).execute(args));
  }

  static CommandLine commandLine(Path root) {
    return new CommandLine(new Main(root))
        .setParameterExceptionHandler((e, arguments) -> say(e.getCommandLine(), e, 2))
        .setExecutionExceptionHandler(Main::failed);
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult result)
      throws Exception {
    if (e instanceof CommandLine.ParameterException || e instanceof IllegalArgumentException) {
      return say(command, e, 2);
    }
    if (e instanceof DemoException) {
      return say(command, e, 1);
    }
    throw e;
  }

  private static int say(CommandLine command, Exception e, int code) {
    command.getErr().println("roentgen demo: " + e.getMessage());
    command.getErr().flush();
    return code;
  }

  @Override
  public Integer call() throws Exception {
    Set<Part> parts = parts();
    if (users < 0 || users > 1_000) {
      throw wrong("--users: " + users + " (expected: 1 to 1000)");
    }
    if (seconds < 0) {
      throw wrong("--seconds: " + seconds + " (expected: 1 or more)");
    }
    if (!"http".equals(console.getScheme()) || console.getHost() == null) {
      throw wrong("--console: " + console + " (expected: such as http://127.0.0.1:8600)");
    }
    if (chaos && !parts.contains(Part.SHOP)) {
      throw wrong("--chaos: without shop (expected: shop or all, whose services it ends)");
    }
    Path folder = root.resolve("target").resolve("demo");
    Files.createDirectories(folder);
    PrintStream out = System.out;
    logTo(folder.resolve("applications.log"));
    return run(parts, folder, out);
  }

  private static void logTo(Path file) throws IOException {
    // The live line has the terminal to itself.
    PrintStream log = new PrintStream(Files.newOutputStream(file), true, StandardCharsets.UTF_8);
    System.setOut(log);
  }

  private CommandLine.ParameterException wrong(String message) {
    return new CommandLine.ParameterException(spec.commandLine(), message);
  }

  private Set<Part> parts() {
    EnumSet<Part> parts = EnumSet.noneOf(Part.class);
    for (String name : names) {
      parts.addAll(
          name.equals("all")
              ? EnumSet.allOf(Part.class)
              : EnumSet.of(
                  Part.of(name)
                      .orElseThrow(
                          () ->
                              wrong(
                                  "part: " + name + " (expected: " + Part.labels() + " or all)"))));
    }
    return parts;
  }

  private int run(Set<Part> parts, Path folder, PrintStream out)
      throws DemoException, InterruptedException {
    Settings environment = Settings.of(System.getenv());
    Settings settings = environment.with("LOG_LEVEL", environment.text("LOG_LEVEL", "warning"));
    JsonLogs.install(settings, "demo");
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  stop.countDown();
                  try {
                    var _ = ended.await(LONGEST_END_SECONDS, TimeUnit.SECONDS);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
    Roentgen.Start start =
        new Roentgen.Start(
            Path.of(System.getProperty("java.home"), "bin", "java"),
            root.resolve("cli").resolve("target").resolve("lib"),
            data == null ? folder.resolve("data") : data,
            folder.resolve("roentgen.log"),
            freePorts);
    String xray =
        environment.has("AWS_XRAY_DAEMON_ADDRESS")
            ? environment.text("AWS_XRAY_DAEMON_ADDRESS", "")
            : null;
    Demo.Choice choice = new Demo.Choice(parts, users, chaos, processes, freePorts);
    try (Roentgen roentgen = Roentgen.find(console, xray, start);
        Demo demo = new Demo(settings, roentgen, choice, out)) {
      demo.start();
      out.println(
          "console:  "
              + roentgen.console()
              + (roentgen.isOurs() ? "" : " (ran already)")
              + "   logs: "
              + folder
              + "   Ctrl+C ends it");
      watch(roentgen, demo, stop, out);
      return 0;
    } finally {
      ended.countDown();
    }
  }

  /** Prints the line until told to stop: in place on a terminal, else every ten seconds. */
  private void watch(Roentgen roentgen, Demo demo, CountDownLatch stop, PrintStream out)
      throws DemoException, InterruptedException {
    boolean terminal =
        Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    long before = 0;
    for (int second = 1; !stop.await(1, TimeUnit.SECONDS); second++) {
      long requests = demo.requests();
      OptionalLong spans = roentgen.spans();
      String line =
          String.format(
              Locale.ROOT,
              "%d s: %d requests (%d/s), %d errors, %s spans",
              second,
              requests,
              requests - before,
              demo.failed(),
              spans.isPresent() ? String.valueOf(spans.getAsLong()) : "?");
      before = requests;
      if (terminal) {
        out.print('\r' + line + "   ");
        out.flush();
      } else if (second % 10 == 0 || second == seconds) {
        out.println(line);
      }
      if (!roentgen.isAlive()) {
        throw new DemoException("Roentgen has ended; see target/demo/roentgen.log");
      }
      if (second == seconds) {
        break;
      }
    }
    out.println();
    out.println("ending ...");
  }

  /** The version that the build has written into the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"roentgen demo " + Optional.ofNullable(version).orElse("(not packed)")};
    }
  }
}
