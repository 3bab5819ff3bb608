package io.crmwebhooks.admin;

import io.crmwebhooks.CrmWebhooks;
import io.crmwebhooks.StartupException;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.egress.EgressRules;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.sign.Scheme;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code crm-webhooks webhook show}: one webhook, and how it is signed; never its secret. */
@Command(
    name = "show",
    description =
        "Shows a webhook and how it is signed, the public key of an ed25519 one included.",
    mixinStandardHelpOptions = true)
final class ShowWebhookCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "ID", description = "As listed.")
  private UUID id;

  @Override
  public Integer call() throws SQLException {
    Settings settings = CrmWebhooks.settings();
    try (Database database = Database.open(settings)) {
      Webhooks.Shown webhook =
          new Webhooks(database.dataSource(), EgressRules.of(settings))
              .list().stream()
                  .filter(listed -> listed.id().equals(id))
                  .findFirst()
                  .orElseThrow(() -> new StartupException("there is no webhook " + id));
      WebhookSecrets.Shown signing =
          new WebhookSecrets(database.dataSource(), Secrets.open(settings, database.dataSource()))
              .show(id)
              .orElseThrow(() -> new StartupException("there is no webhook " + id));
      print(webhook, signing);
      return 0;
    }
  }

  private void print(Webhooks.Shown webhook, WebhookSecrets.Shown signing) {
    line("id", webhook.id());
    line("target URL", webhook.targetUrl());
    line("operations", String.join(",", webhook.operations()));
    line("workspace", webhook.workspace());
    line("description", webhook.description() == null ? "" : webhook.description());
    line("enabled", webhook.enabled());
    line("signed", signing.signed() ? schemes(signing) : "no");
    if (signing.publicKey() != null) {
      line("public key", signing.publicKey());
    }
    if (signing.previousUntil() != null) {
      line("old secret", "signs as well until " + signing.previousUntil());
    }
  }

  /** A key pair signs in the standard scheme, whatever else is asked for. */
  private static String schemes(WebhookSecrets.Shown signing) {
    if (signing.publicKey() != null) {
      return Scheme.STANDARD.text();
    }
    return signing.schemes().stream().map(Scheme::text).collect(Collectors.joining(","));
  }

  private void line(String name, Object value) {
    PrintWriter out = spec.commandLine().getOut();
    out.println("%-12s  %s".formatted(name, value).stripTrailing());
  }
}
