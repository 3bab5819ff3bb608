package io.crmwebhooks.cli;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.TypeConversionException;

/** All commands. */
public final class Commands {
  private static final List<Class<?>> ALL =
      List.of(
          RunCommand.class,
          DemoCommand.class,
          CaptureCommand.class,
          WebhookCommand.class,
          SendTest.class,
          ListenCommand.class,
          VerifyCommand.class,
          DeliveryCommand.class,
          EventCommand.class,
          StatsCommand.class,
          ReplayCommand.class,
          ReconcileCommand.class,
          CheckCommand.class,
          TokenCommand.class,
          SecretCommand.class,
          CompletionCommand.class,
          HelpCommand.class);

  private Commands() {}

  /**
   * Carries a command out, its output on stdout and stderr.
   *
   * @param environment variables that it heeds
   * @return one of {@link ExitCode}
   */
  public static int run(String[] arguments, Map<String, String> environment) {
    Optional<String> problem = Arguments.problemOf(arguments);
    if (problem.isPresent()) {
      System.err.println("crm-webhooks: " + problem.get());
      return ExitCode.USAGE;
    }
    return commandLine(environment, needed(arguments)).execute(arguments);
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
    return program
        .setExecutionExceptionHandler(new Explain())
        .setParameterExceptionHandler(new WrongUsage())
        .setUsageHelpAutoWidth(true)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .registerConverter(UUID.class, Commands::uuid);
  }

  private static UUID uuid(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("'" + text + "' is no UUID, as the lists show them");
    }
  }
}
