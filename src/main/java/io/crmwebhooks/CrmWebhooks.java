package io.crmwebhooks;

import io.crmwebhooks.cli.Arguments;
import io.crmwebhooks.cli.CaptureCommand;
import io.crmwebhooks.cli.CheckCommand;
import io.crmwebhooks.cli.CompletionCommand;
import io.crmwebhooks.cli.DeliveryCommand;
import io.crmwebhooks.cli.DemoCommand;
import io.crmwebhooks.cli.EventCommand;
import io.crmwebhooks.cli.ExitCode;
import io.crmwebhooks.cli.Explain;
import io.crmwebhooks.cli.ListenCommand;
import io.crmwebhooks.cli.ReconcileCommand;
import io.crmwebhooks.cli.ReplayCommand;
import io.crmwebhooks.cli.RunCommand;
import io.crmwebhooks.cli.SecretCommand;
import io.crmwebhooks.cli.SendTest;
import io.crmwebhooks.cli.StatsCommand;
import io.crmwebhooks.cli.TokenCommand;
import io.crmwebhooks.cli.VerifyCommand;
import io.crmwebhooks.cli.WebhookCommand;
import io.crmwebhooks.cli.WrongUsage;
import io.crmwebhooks.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.TypeConversionException;

/** The program: {@code bin/crm-webhooks <command>}. */
@Command(
    name = "crm-webhooks",
    description = "Turns every committed change of a CRM on PostgreSQL into signed webhooks.",
    mixinStandardHelpOptions = true,
    versionProvider = CrmWebhooks.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:not done: unknown id, not accepted, not in this state",
      "2:wrong usage, or a value that is refused",
      "3:the server or the database cannot be reached",
      "4:the token is missing, wrong or not allowed to do this",
      "5:reconcile and check only: something is lost, or does not agree"
    })
public final class CrmWebhooks {
  private static final List<Class<?>> COMMANDS =
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

  private final Map<String, String> environment;

  private CrmWebhooks(Map<String, String> environment) {
    this.environment = environment;
  }

  /** Exit codes: {@link io.crmwebhooks.cli.ExitCode}. */
  public static void main(String[] args) {
    Optional<String> problem = Arguments.problemOf(args);
    if (problem.isPresent()) {
      System.err.println("crm-webhooks: " + problem.get());
      System.exit(ExitCode.USAGE);
    }
    System.exit(commandLine(System.getenv(), needed(args)).execute(args));
  }

  /** Only the command that is asked for: to describe all of them takes as long as to run one. */
  private static List<Class<?>> needed(String[] args) {
    List<Class<?>> named =
        COMMANDS.stream()
            .filter(command -> args.length > 0 && command != HelpCommand.class)
            .filter(command -> command.getAnnotation(Command.class).name().equals(args[0]))
            .toList();
    return named.isEmpty() ? COMMANDS : named;
  }

  /**
   * The program, to be executed with arguments.
   *
   * @param environment variables that its commands heed
   */
  public static CommandLine commandLine(Map<String, String> environment) {
    return commandLine(environment, COMMANDS);
  }

  private static CommandLine commandLine(Map<String, String> environment, List<Class<?>> commands) {
    CommandLine program = new CommandLine(new CrmWebhooks(environment));
    commands.forEach(program::addSubcommand);
    return program
        .setExecutionExceptionHandler(new Explain())
        .setParameterExceptionHandler(new WrongUsage())
        .setUsageHelpAutoWidth(true)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .registerConverter(UUID.class, CrmWebhooks::uuid);
  }

  private static UUID uuid(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("'" + text + "' is no UUID, as the lists show them");
    }
  }

  /** Reads the settings and makes the log follow them; the first thing every command does. */
  public static Settings settings() {
    return settings(Map.of());
  }

  /** The environment variables that a command is to heed. */
  public static Map<String, String> environment(CommandSpec command) {
    return ((CrmWebhooks) command.root().userObject()).environment;
  }

  /**
   * For a command of an operator: what it has to say is its output, and the log is for when
   * something goes wrong.
   */
  public static Settings settings(CommandSpec command) {
    return settings(Map.of("webhooks.log.level", "WARN"), environment(command));
  }

  /** As {@link #settings()}, with a command's own defaults, which yield to the environment. */
  public static Settings settings(Map<String, String> presets) {
    return settings(presets, System.getenv());
  }

  /** As {@link #settings(Map)}, with these environment variables. */
  public static Settings settings(Map<String, String> presets, Map<String, String> environment) {
    // Camel reads this once, before its first thread: on Java 21 and newer its threads are virtual
    // ones.
    System.setProperty(
        "camel.threads.virtual.enabled", Boolean.toString(Runtime.version().feature() >= 21));
    Settings settings = Settings.load(presets, environment);
    System.setProperty("webhooks.log.format", settings.text("webhooks.log.format"));
    System.setProperty("webhooks.log.level", settings.text("webhooks.log.level"));
    Settings.warnings(environment).forEach(LoggerFactory.getLogger(CrmWebhooks.class)::warn);
    return settings;
  }

  /** The version of this build, as sent in the User-Agent. */
  public static String version() {
    try (InputStream in = CrmWebhooks.class.getResourceAsStream("/version.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"crm-webhooks " + version()};
    }
  }
}
