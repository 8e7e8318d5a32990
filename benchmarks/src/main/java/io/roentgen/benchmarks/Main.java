// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import io.roentgen.model.TimeRange;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the benchmarks and prints one table. */
@Command(
    name = "roentgen bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs the benchmarks and prints one table; benchmarks/README.md says what each row means.",
      "Without --only the table is also written to benchmarks/RESULTS.md."
    })
final class Main implements Callable<Integer> {
  private static final double MAX_SECONDS = 3_600;

  @Option(
      names = "--scale",
      paramLabel = "0.01..1",
      defaultValue = "0.05",
      description =
          "How much of the reference data: 1 is a million traces of 10 spans. Default: ${DEFAULT-VALUE}")
  private double scale;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "How long each measurement that repeats itself takes. Default: ${DEFAULT-VALUE}")
  private double seconds;

  @Option(
      names = "--streams",
      paramLabel = "N",
      defaultValue = "8",
      description = "How many requests are under way at a time. Default: ${DEFAULT-VALUE}")
  private int streams;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "NAME",
      converter = Part.Converter.class,
      description =
          "Only these: decode, start, ingest, query, loaded, udp, zipkin; query and loaded include"
              + " ingest.")
  private @Nullable List<Part> only;

  @Option(names = "--json", description = "Print the rows as JSON; RESULTS.md stays Markdown.")
  private boolean json;

  @Option(
      names = "--results",
      paramLabel = "FILE",
      description = "Write the table to this file, with --only too.")
  private @Nullable Path results;

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description =
          "Where temporary files go, on the disk that is to be measured. Default:"
              + " benchmarks/target/bench")
  private @Nullable Path folder;

  @Spec private CommandLine.Model.CommandSpec spec;

  /** What can be run alone. */
  enum Part {
    DECODE,
    START,
    INGEST,
    QUERY,
    LOADED,
    UDP,
    ZIPKIN;

    /** Reads a name in any case. */
    static final class Converter implements CommandLine.ITypeConverter<Part> {
      @Override
      public Part convert(String text) {
        for (Part part : values()) {
          if (part.name().equalsIgnoreCase(text)) {
            return part;
          }
        }
        throw new CommandLine.TypeConversionException(
            "'" + text + "' (expected: decode, start, ingest, query, loaded, udp or zipkin)");
      }
    }
  }

  private interface Step {
    List<Row> run() throws IOException, InterruptedException;
  }

  private final List<Row> rows = new ArrayList<>();
  private boolean failed;

  private Main() {}

  /** Runs the command line and exits with its code; {@code --jmh} hands the rest to JMH. */
  public static void main(String[] args) throws IOException {
    if (args.length > 0 && args[0].equals("--jmh")) {
      org.openjdk.jmh.Main.main(List.of(args).subList(1, args.length).toArray(String[]::new));
      return;
    }
    Main main = new Main();
    main.arguments = String.join(" ", args);
    System.exit(new CommandLine(main).execute(args));
  }

  private String arguments = "";

  @Override
  public Integer call() throws IOException, InterruptedException {
    validate();
    Path root = root();
    Path target = root.resolve("benchmarks").resolve("target");
    Set<Part> parts = only == null ? EnumSet.allOf(Part.class) : EnumSet.copyOf(only);
    Path parent = folder == null ? target.resolve("bench") : folder;
    try (Workspace workspace = Workspace.create(parent)) {
      Map<String, String> facts =
          Machine.describe(root, workspace, ("./roentgen bench " + arguments).strip());
      ReferenceData data = ReferenceData.ofScale(new Topology(), scale);
      runAll(parts, workspace, target.resolve("zipkin"), data);
      String page = page(facts, data);
      System.out.print(json ? Table.json(rows) : page);
      Path file = results;
      if (file == null && only == null) {
        file = root.resolve("benchmarks").resolve("RESULTS.md");
      }
      if (file != null) {
        Files.writeString(file, page + keptSection(file));
        Progress.say("written: " + file);
      }
    }
    return failed ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
  }

  /** Returns what the gRPC kit's own benchmark has put at the end of the page. */
  private static String keptSection(Path file) throws IOException {
    String before = Files.exists(file) ? Files.readString(file) : "";
    int at = before.indexOf("\n## gRPC kit");
    return at < 0 ? "" : before.substring(at);
  }

  private void validate() {
    if (!(scale >= 0.01 && scale <= 1)) {
      throw wrong("--scale: " + scale + " (expected: 0.01 to 1)");
    }
    if (!(seconds >= 0.1 && seconds <= MAX_SECONDS)) {
      throw wrong("--seconds: " + seconds + " (expected: 0.1 to " + MAX_SECONDS + ")");
    }
    if (streams < 1 || streams > 256) {
      throw wrong("--streams: " + streams + " (expected: 1 to 256)");
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private void runAll(Set<Part> parts, Workspace workspace, Path cache, ReferenceData data)
      throws IOException, InterruptedException {
    if (parts.contains(Part.DECODE)) {
      step("decode", () -> DecodeRun.run(data, seconds));
    }
    if (parts.contains(Part.START)) {
      step("start", () -> StartRun.run(workspace));
    }
    if (parts.contains(Part.INGEST) || parts.contains(Part.QUERY) || parts.contains(Part.LOADED)) {
      List<IngestRun> done = new ArrayList<>();
      step(
          "ingest",
          () -> {
            IngestRun run = IngestRun.run(workspace, data, streams);
            done.add(run);
            return run.rows();
          });
      for (IngestRun ingested : done) {
        if (parts.contains(Part.QUERY)) {
          step("query", () -> QueryRun.run(ingested.folder(), data, seconds));
        }
        if (parts.contains(Part.LOADED)) {
          step("loaded", () -> LoadedRun.run(workspace, ingested, data, streams, seconds));
        }
        Workspace.delete(ingested.folder());
      }
    }
    if (parts.contains(Part.UDP)) {
      step("udp", () -> UdpRun.run(workspace, seconds));
    }
    if (parts.contains(Part.ZIPKIN)) {
      step("zipkin", () -> ZipkinRun.run(workspace, cache, data, streams, seconds));
    }
  }

  /** Runs a part; when it fails the table says so and the others go on. */
  private void step(String name, Step step) throws InterruptedException {
    try {
      rows.addAll(step.run());
    } catch (IOException | RuntimeException e) {
      failed = true;
      Progress.say(name + " failed: " + e);
      String message = String.valueOf(e.getMessage()).replace('\n', ' ');
      rows.add(Row.missing(name, "Failed: " + message));
    }
  }

  private String page(Map<String, String> facts, ReferenceData data) {
    StringBuilder page = new StringBuilder("# Benchmark results\n\n");
    facts.forEach(
        (name, text) -> page.append("- ").append(name).append(": ").append(text).append('\n'));
    TimeRange range = data.range();
    page.append(
        String.format(
            Locale.ROOT,
            "- reference data: %,d traces, %,d spans, %d days; %s%n%n",
            data.traceCount(),
            data.spanCount(),
            (range.endEpochNanos() - range.startEpochNanos()) / 86_400_000_000_000L,
            data.topology()));
    return page.append(Table.markdown(rows)).toString();
  }

  /** Returns the folder of the checkout: three above the library that this class is in. */
  private static Path root() {
    try {
      Path library =
          Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Path benchmarks = library.toAbsolutePath();
      while (!benchmarks.getFileName().toString().equals("benchmarks")) {
        benchmarks = benchmarks.getParent();
        if (benchmarks == null || benchmarks.getFileName() == null) {
          throw new IllegalStateException(
              library + ": not in a checkout (expected: benchmarks/target/lib/...)");
        }
      }
      return benchmarks.resolveSibling("");
    } catch (URISyntaxException e) {
      throw new IllegalStateException("cannot tell where the benchmarks are", e);
    }
  }
}
