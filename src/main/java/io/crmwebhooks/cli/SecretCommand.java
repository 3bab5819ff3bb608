package io.crmwebhooks.cli;

import io.crmwebhooks.cli.ExitCode.CommandFailure;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.secret.Rekey;
import io.crmwebhooks.secret.SealedSettings;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.secret.StorageKey;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks secret}: the keys that the webhooks' secrets are stored under. */
@Command(
    name = "secret",
    description = "Manages the keys that encrypt the secrets of the webhooks.",
    subcommands = {HelpCommand.class},
    synopsisSubcommandLabel = "(rekey | status | new-key | seal)",
    footer = {
      "  crm-webhooks secret status",
      "  crm-webhooks secret new-key                # for webhooks.secrets.key",
      "  crm-webhooks secret rekey",
      "  crm-webhooks secret seal webhooks.kafka.client.sasl.jaas.config <login.txt"
    })
final class SecretCommand extends Program.Group {
  @Command(
      name = "rekey",
      mixinStandardHelpOptions = true,
      description =
          "Stores all secrets under a new key, while processes run; run it again after an interruption.")
  int rekey() throws SQLException {
    Settings settings = settings();
    try (Database database = Database.open(settings)) {
      Secrets secrets = Secrets.open(settings, database.dataSource());
      Rekey.Result result = new Rekey(secrets, settings.duration("webhooks.node.heartbeat")).run();
      out()
          .printf(
              "the secrets of %d webhooks are now stored under the key %s%n",
              result.moved(), result.to());
      if (result.unreadable() > 0) {
        throw new StartupException(
            result.unreadable() + " secrets of deleted webhooks do not open and stay as they were");
      }
      out()
          .println(
              "The old key is needed for backups of the database made before now; elsewhere it may go.");
      return 0;
    }
  }

  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "Shows under which keys secrets are stored; never a key or a secret.")
  int status() throws SQLException {
    Settings settings = settings();
    try (Database database = Database.open(settings)) {
      Secrets secrets = Secrets.open(settings, database.dataSource());
      out().println("keys in " + secrets.place() + ": " + String.join(", ", secrets.keys().ids()));
      out().print(Secrets.status(database.dataSource()));
      out().flush(); // which only println does by itself
      return 0;
    }
  }

  @Command(
      name = "new-key",
      mixinStandardHelpOptions = true,
      description =
          "Prints a new key for webhooks.secrets.key or the key file, and changes nothing.")
  void newKey() {
    out().println(StorageKey.generate().base64());
  }

  @Command(
      name = "seal",
      mixinStandardHelpOptions = true,
      description =
          "Encrypts the value of a setting of Kafka's client, and prints the line for config/local.properties.")
  void seal(
      @Parameters(paramLabel = "SETTING", description = "Its name: webhooks.kafka.client.*.")
          String name,
      @Option(
              names = "--secret-file",
              paramLabel = "FILE",
              defaultValue = "-",
              description = "Read the value from a file. Default: from stdin.")
          Path file) {
    if (!name.matches("webhooks\\.kafka\\.client\\.[a-z0-9.]+")) {
      throw new CommandFailure(
          ExitCode.USAGE, name + " cannot be sealed: only settings of webhooks.kafka.client can");
    }
    String value = new String(Input.bytes(file), StandardCharsets.UTF_8);
    out().println(SealedSettings.seal(settings(), name, value.replaceFirst("\\R\\z", "")));
  }
}
