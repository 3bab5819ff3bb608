package io.crmwebhooks;

import io.crmwebhooks.admin.TokenCommand;
import io.crmwebhooks.admin.WebhookCommand;
import io.crmwebhooks.capture.CaptureCommand;
import io.crmwebhooks.demo.DemoCommand;
import io.crmwebhooks.reconcile.ReconcileCommand;
import io.crmwebhooks.replay.ReplayCommand;
import io.crmwebhooks.secret.SecretCommand;
import io.crmwebhooks.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;

/** The program: {@code bin/crm-webhooks <command>}. */
@Command(
    name = "crm-webhooks",
    description = "Turns every committed change of a CRM on PostgreSQL into signed webhooks.",
    mixinStandardHelpOptions = true,
    versionProvider = CrmWebhooks.Version.class,
    subcommands = {
      RunCommand.class,
      DemoCommand.class,
      CaptureCommand.class,
      WebhookCommand.class,
      SecretCommand.class,
      TokenCommand.class,
      ReplayCommand.class,
      ReconcileCommand.class,
      HelpCommand.class
    })
public final class CrmWebhooks {

  /** Exit codes: 0 done, 1 the command failed, 2 wrong usage. */
  public static void main(String[] args) {
    System.exit(execute(args));
  }

  /** As {@link #main}, returning the exit code; for tests and for callers that live on. */
  public static int execute(String... args) {
    return new CommandLine(new CrmWebhooks())
        .setExecutionExceptionHandler(CrmWebhooks::explain)
        .setUsageHelpAutoWidth(true)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .execute(args);
  }

  private static int explain(Exception e, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (e instanceof StartupException) {
      command.getErr().println("crm-webhooks: " + e.getMessage());
      return 1;
    }
    throw e;
  }

  /** Reads the settings and makes the log follow them; the first thing every command does. */
  public static Settings settings() {
    return settings(Map.of());
  }

  /** As {@link #settings()}, with a command's own defaults, which yield to the environment. */
  public static Settings settings(Map<String, String> presets) {
    // Camel reads this once, before its first thread: on Java 21 and newer its threads are virtual
    // ones.
    System.setProperty(
        "camel.threads.virtual.enabled", Boolean.toString(Runtime.version().feature() >= 21));
    Settings settings = Settings.load(presets, System.getenv());
    System.setProperty("webhooks.log.format", settings.text("webhooks.log.format"));
    System.setProperty("webhooks.log.level", settings.text("webhooks.log.level"));
    for (String name : Settings.unknownVariables(System.getenv())) {
      LoggerFactory.getLogger(CrmWebhooks.class)
          .warn("the environment variable {} is no setting of this version and is ignored", name);
    }
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
