// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.io.Console;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The {@code roentgen load} command. */
@Command(
    name = "roentgen load",
    description = {
      "Sends HTTP and gRPC load, bounded in time and count, and measures it from the times at which"
          + " requests were meant to start.",
      ""
    },
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {
      "",
      "Examples:",
      "  ./roentgen load http http://127.0.0.1:8080/api/greeting --rate 50 --seconds 30",
      "  ./roentgen load grpc 127.0.0.1:50051 shop.Cart/Get '{\"id\": \"7\"}' --users 4",
      "  ./roentgen load hey20 --seconds 60",
      "",
      "Each command has --help. Exit codes: 0 done, 1 more failed than --max-errors, 2 wrong use."
    })
final class Main implements Callable<Integer> {
  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs the command line and exits with its code. */
  public static void main(String[] args) {
    System.exit(commandLine(new Signals()).execute(args));
  }

  static CommandLine commandLine(RunCommand.Ending process) {
    CommandLine command =
        new CommandLine(new Main())
            .addSubcommand(new HttpCommand(process))
            .addSubcommand(new GrpcCommand(process));
    for (ProfileCommand.Profile profile : ProfileCommand.Profile.values()) {
      CommandLine sub = new CommandLine(new ProfileCommand(process, profile));
      sub.getCommandSpec().usageMessage().description(profile.description().replace("%", "%%"));
      command.addSubcommand(profile.command(), sub);
    }
    return command
        .setParameterExceptionHandler(Main::wrongUse)
        .setExecutionExceptionHandler(Main::failed);
  }

  private static int wrongUse(CommandLine.ParameterException e, String[] args) {
    return say(e.getCommandLine(), e.getMessage());
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult result)
      throws Exception {
    if (!(e instanceof WrongUseException)) {
      throw e;
    }
    return say(command, e.getMessage());
  }

  private static int say(CommandLine command, @Nullable String message) {
    command.getErr().println("roentgen load: " + message);
    command.getErr().println("try '" + command.getCommandSpec().qualifiedName() + " --help'");
    command.getErr().flush();
    return CommandLine.ExitCode.USAGE;
  }

  /** Called when no subcommand is named: that is a wrong use, answered with the usage. */
  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return CommandLine.ExitCode.USAGE;
  }

  /** Of a real process: Ctrl+C ends the run, and what was found is printed. */
  private static final class Signals implements RunCommand.Ending {
    private static final long LONGEST_SECONDS = 15;

    @Override
    public boolean hasTerminal() {
      return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    @Override
    public AutoCloseable onEnd(Runnable stop) {
      CountDownLatch printed = new CountDownLatch(1);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    stop.run();
                    try {
                      var _ = printed.await(LONGEST_SECONDS, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  }));
      return printed::countDown;
    }
  }
}
