package io.crmwebhooks.cli;

import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.Version;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command above all others, and what each of them may ask it for. */
@Command(
    name = "crm-webhooks",
    description = "Turns every committed change of a CRM on PostgreSQL into signed webhooks.",
    versionProvider = Program.BuildVersion.class,
    exitCodeList = {
      "0:done",
      "1:not done: unknown id, not accepted, not in this state",
      "2:wrong usage, a value that is refused, or a Twenty that cannot be served",
      "3:the server or the database cannot be reached",
      "4:the token is missing, wrong or not allowed to do this",
      "5:reconcile and check only: something is lost, or does not agree",
      "6:config plan and twenty compare only: there is a difference"
    })
final class Program {
  private final Map<String, String> environment;
  private final Function<Map<String, String>, CommandLine> maker;

  /**
   * @param environment variables that the commands heed
   * @param maker makes the program with all its commands, for another environment
   */
  Program(Map<String, String> environment, Function<Map<String, String>, CommandLine> maker) {
    this.environment = environment;
    this.maker = maker;
  }

  /** The program that a command belongs to. */
  static Program of(CommandSpec command) {
    return (Program) command.root().userObject();
  }

  /** The environment variables that a command is to heed. */
  Map<String, String> environment() {
    return environment;
  }

  /**
   * The program with all its commands; the one that runs knows only the command it was asked for.
   *
   * @param variables in addition to its environment
   */
  CommandLine complete(Map<String, String> variables) {
    Map<String, String> both = new HashMap<>(environment);
    both.putAll(variables);
    return maker.apply(both);
  }

  /** The settings for an operator's command: its output speaks, and the log warns. */
  Settings settings() {
    return settings(Map.of("webhooks.log.level", "WARN"));
  }

  /**
   * Reads the settings and makes the log follow them; a command that has settings does this first.
   *
   * @param presets defaults of the command, which yield to the environment
   */
  Settings settings(Map<String, String> presets) {
    // Camel reads this once, before its first thread: on Java 21 and newer its threads are virtual
    // ones.
    System.setProperty(
        "camel.threads.virtual.enabled", Boolean.toString(Runtime.version().feature() >= 21));
    Settings settings = Settings.load(presets, environment);
    System.setProperty("webhooks.log.format", settings.text("webhooks.log.format"));
    System.setProperty("webhooks.log.level", settings.text("webhooks.log.level"));
    Settings.warnings(environment).forEach(LoggerFactory.getLogger(Program.class)::warn);
    return settings;
  }

  /** A command that only has subcommands. */
  @Command(synopsisSubcommandLabel = "COMMAND", commandListHeading = "%nCommands:%n")
  abstract static class Group implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public final Integer call() {
      spec.commandLine().usage(spec.commandLine().getErr());
      return ExitCode.USAGE;
    }

    final CommandLine commandLine() {
      return spec.commandLine();
    }

    final PrintWriter out() {
      return spec.commandLine().getOut();
    }

    final Settings settings() {
      return of(spec).settings();
    }
  }

  static final class BuildVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"crm-webhooks " + Version.text()};
    }
  }
}
