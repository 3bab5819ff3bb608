package io.crmwebhooks.admin;

import io.crmwebhooks.CrmWebhooks;
import io.crmwebhooks.StartupException;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.sign.NewSecret;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code crm-webhooks webhook rotate-secret}. */
@Command(
    name = "rotate-secret",
    description =
        "Gives a webhook a new secret; the old one signs beside it until the receiver has changed over.",
    mixinStandardHelpOptions = true)
final class RotateSecretCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "ID", description = "As listed.")
  private UUID id;

  @Option(
      names = "--overlap",
      description =
          "How long the old secret still signs, such as 24h; 0 ends it now. Default: webhooks.secrets.rotation-overlap.")
  private String overlap;

  @Option(
      names = {"-s", "--secret"},
      arity = "0..1",
      interactive = true,
      description =
          "The new secret; asked for when the value is left out. Made when the option is not given.")
  private String secret;

  @Option(
      names = "--ed25519",
      description = "The new secret is a key pair made for this webhook; the public key is shown.")
  private boolean ed25519;

  @Override
  public Integer call() throws SQLException {
    if (ed25519 && secret != null) {
      throw new StartupException("--ed25519 makes its own key: leave out --secret");
    }
    Settings settings = CrmWebhooks.settings();
    try (Database database = Database.open(settings)) {
      WebhookSecrets.Rotated rotated =
          new WebhookSecrets(database.dataSource(), Secrets.open(settings, database.dataSource()))
              .rotate(id, ed25519 ? NewSecret.ed25519() : secret, overlap(settings))
              .orElseThrow(() -> new StartupException("there is no webhook " + id));
      show(rotated);
      return 0;
    } catch (IllegalArgumentException e) {
      throw new StartupException(e.getMessage(), e);
    }
  }

  private Duration overlap(Settings settings) {
    if (overlap == null) {
      return settings.duration("webhooks.secrets.rotation-overlap");
    }
    try {
      return overlap.equals("0") ? Duration.ZERO : Settings.parseDuration(overlap);
    } catch (IllegalArgumentException e) {
      throw new StartupException("--overlap " + e.getMessage(), e);
    }
  }

  private void show(WebhookSecrets.Rotated rotated) {
    PrintWriter out = spec.commandLine().getOut();
    out.println("rotated the secret of webhook " + id);
    if (rotated.publicKey() != null) {
      out.println("public key " + rotated.publicKey());
    } else if (secret == null) {
      out.println("secret " + rotated.secret());
      out.println("The secret is shown this once; give it to the receiver.");
    }
    out.println(
        rotated.previousUntil() == null
            ? "The old secret signs no longer."
            : "The old secret signs as well until " + rotated.previousUntil() + ".");
  }
}
