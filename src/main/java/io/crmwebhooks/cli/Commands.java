package io.crmwebhooks.cli;

import io.crmwebhooks.cli.ExitCode.Explain;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** All commands. */
public final class Commands {
  private static final List<Class<?>> ALL =
      List.of(
          RunCommand.class,
          DemoCommand.class,
          CaptureCommand.class,
          TwentyCommand.class,
          WebhookCommand.class,
          SendTest.class,
          ListenCommand.class,
          VerifyCommand.class,
          DeliveryCommand.class,
          EventCommand.class,
          ChangeCommand.class,
          StatsCommand.class,
          ReplayCommand.class,
          ReconcileCommand.class,
          ReconcileCommand.CheckCommand.class,
          RoutesCommand.class,
          TokenCommand.class,
          SecretCommand.class,
          ConfigCommand.class,
          Completion.class,
          HelpCommand.class);

  private Commands() {}

  /**
   * Carries a command out, its output on stdout and stderr.
   *
   * @param environment variables that it heeds
   * @return one of {@link ExitCode}
   */
  public static int run(String[] arguments, Map<String, String> environment) {
    for (int i = 0; i < arguments.length; i++) {
      if (!isWhole(arguments[i])) {
        System.err.printf(
            "crm-webhooks: argument %d holds characters that cannot be read in this locale;"
                + " set LC_ALL=C.UTF-8 and write it in UTF-8%n",
            i + 1);
        return ExitCode.USAGE;
      }
    }
    return commandLine(environment, needed(arguments)).execute(arguments);
  }

  /**
   * Java puts a replacement character where the locale cannot read one, and that would be stored.
   */
  private static boolean isWhole(String argument) {
    return argument
        .codePoints()
        .noneMatch(c -> c == '\uFFFD' || Character.getType(c) == Character.SURROGATE);
  }

  /** Only the command that is asked for: to describe all of them takes as long as to run one. */
  private static List<Class<?>> needed(String[] arguments) {
    List<Class<?>> named =
        ALL.stream()
            .filter(command -> arguments.length > 0 && command != HelpCommand.class)
            .filter(command -> command.getAnnotation(Command.class).name().equals(arguments[0]))
            .toList();
    return named.isEmpty() ? ALL : named;
  }

  /**
   * The program, to be executed with arguments.
   *
   * @param environment variables that its commands heed
   */
  public static CommandLine commandLine(Map<String, String> environment) {
    return commandLine(environment, ALL);
  }

  private static CommandLine commandLine(Map<String, String> environment, List<Class<?>> commands) {
    CommandLine program = new CommandLine(new Program(environment, Commands::commandLine));
    commands.forEach(program::addSubcommand);
    describe(program.getCommandSpec());
    Explain explain = new Explain();
    return program
        .setExecutionExceptionHandler(explain)
        .setParameterExceptionHandler(explain)
        .setUsageHelpAutoWidth(true)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .registerConverter(UUID.class, Commands::uuid);
  }

  /** Gives a command and those below it what the help of each has. */
  private static void describe(CommandSpec command) {
    var help = command.usageMessage();
    if (help.footer().length > 0) {
      help.footerHeading(help.footer().length == 1 ? "%nExample:%n" : "%nExamples:%n");
    }
    if (!help.exitCodeList().isEmpty()) {
      help.exitCodeListHeading("%nExit codes:%n");
    }
    // A method finds its arguments by their place, which help that comes late would shift.
    if (command.findOption("--help") == null && !(command.userObject() instanceof Method)) {
      command.mixinStandardHelpOptions(true);
    }
    command.subcommands().values().forEach(each -> describe(each.getCommandSpec()));
  }

  private static UUID uuid(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("'" + text + "' is no UUID, as the lists show them");
    }
  }

  /** {@code crm-webhooks completion}. */
  @Command(
      name = "completion",
      description = "Prints the completion of commands and options for bash and zsh.",
      footer = {
        "  source <(bin/crm-webhooks completion)",
        "  bin/crm-webhooks completion > /etc/bash_completion.d/crm-webhooks"
      })
  static final class Completion implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
      var out = spec.commandLine().getOut();
      // Not the one that runs, which knows this command only.
      CommandLine program = commandLine(Program.of(spec).environment());
      out.print(AutoComplete.bash(program.getCommandName(), program));
      out.flush();
    }
  }
}
