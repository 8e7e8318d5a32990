// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The {@code roentgen} command. */
@Command(
    name = "roentgen",
    description = "Self-hosted tracing that speaks the X-Ray API and OTLP.",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  roentgen up",
      "  roentgen traces --since 15m --status fault",
      "  roentgen trace 1-5759e988-bd862e3fe1be46a994272793",
      "  roentgen map --since 24h",
      "  roentgen insights --since 24h",
      "  roentgen sampling simulate --rules sampling-rules.json",
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong use."
    })
final class Main implements Callable<Integer> {
  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs the command line and exits with its code. */
  public static void main(String[] args) {
    System.exit(commandLine(Terminal.ofProcess(System.getenv())).execute(args));
  }

  static CommandLine commandLine(Terminal terminal) {
    return new CommandLine(new Main())
        .addSubcommand(new UpCommand(terminal))
        .addSubcommand(new TracesCommand(terminal))
        .addSubcommand(new TraceCommand(terminal))
        .addSubcommand(new ServicesCommand(terminal))
        .addSubcommand(new MapCommand(terminal))
        .addSubcommand(new InsightsCommand(terminal))
        .addSubcommand(
            new CommandLine(new SamplingCommand())
                .addSubcommand(new SamplingCommand.RulesCommand(terminal))
                .addSubcommand(new SamplingCommand.SimulateCommand(terminal)))
        .setUsageHelpWidth(terminal.columns())
        .setParameterExceptionHandler(Main::wrongUse)
        .setExecutionExceptionHandler(Main::failed);
  }

  private static int wrongUse(CommandLine.ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    command.getErr().println("roentgen: " + e.getMessage());
    command.getErr().println("try '" + command.getCommandSpec().qualifiedName() + " --help'");
    command.getErr().flush();
    return CommandLine.ExitCode.USAGE;
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult result)
      throws Exception {
    if (!(e instanceof CliException told)) {
      throw e;
    }
    command.getErr().println("roentgen: " + told.getMessage());
    command.getErr().flush();
    return told.exitCode();
  }

  /** Called when no subcommand is named: that is a wrong use, answered with the usage. */
  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return CommandLine.ExitCode.USAGE;
  }

  @Command(name = "version", description = "Print the version.", mixinStandardHelpOptions = true)
  int version() {
    spec.commandLine().printVersionHelp(spec.commandLine().getOut());
    return CommandLine.ExitCode.OK;
  }
}
