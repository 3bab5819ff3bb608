package io.crmwebhooks.admin;

import io.crmwebhooks.CrmWebhooks;
import io.crmwebhooks.StartupException;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.egress.CustomHeaders;
import io.crmwebhooks.egress.EgressRules;
import io.crmwebhooks.egress.TlsIdentities;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.sign.NewSecret;
import io.crmwebhooks.sign.Scheme;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code crm-webhooks webhook add|list|show|rotate-secret|remove}: works on the database, whether
 * or not the pipeline runs.
 */
@Command(
    name = "webhook",
    description = "Adds, shows and removes webhooks, and changes their secrets.",
    mixinStandardHelpOptions = true,
    subcommands = {ShowWebhookCommand.class, RotateSecretCommand.class},
    synopsisSubcommandLabel = "(add | list | show | rotate-secret | remove)")
public final class WebhookCommand {
  @Spec private CommandSpec spec;

  @Command(
      description = "Adds a webhook; it gets every change committed from now on.",
      mixinStandardHelpOptions = true)
  int add(
      @Parameters(paramLabel = "URL", description = "Where to POST: http:// or https://.")
          String targetUrl,
      @Option(
              names = {"-o", "--operations"},
              split = ",",
              defaultValue = "*.*",
              description =
                  "Events wanted: object.action, object.*, *.action or *.*. Default: ${DEFAULT-VALUE}")
          List<String> operations,
      @Option(
              names = {"-s", "--secret"},
              description =
                  "Signs the webhooks; empty: unsigned. Made and shown once when not given.")
          String secret,
      @Option(
              names = "--ed25519",
              description =
                  "Signs with a key pair made for this webhook instead; the public key is shown.")
          boolean ed25519,
      @Option(
              names = "--schemes",
              split = ",",
              defaultValue = "twenty,standard",
              description = "Signature schemes: twenty, standard. Default: ${DEFAULT-VALUE}")
          List<String> schemes,
      @Option(
              names = {"-d", "--description"},
              description = "For people.")
          String description,
      @Option(
              names = {"-w", "--workspace"},
              defaultValue = "",
              description = "The CRM workspace whose changes it gets.")
          String workspace,
      @Option(
              names = {"-H", "--header"},
              paramLabel = "'NAME: VALUE'",
              description = "Sent with every request; may be given often.")
          List<String> headers,
      @Option(
              names = "--tls",
              paramLabel = "NAME",
              description = "TLS identity: a subfolder of webhooks.egress.tls.folder.")
          String tlsIdentity)
      throws SQLException {
    if (ed25519 && secret != null) {
      throw new StartupException("--ed25519 makes its own key: leave out --secret");
    }
    String made = ed25519 ? NewSecret.ed25519() : NewSecret.hex();
    String used = secret == null ? made : secret;
    Settings settings = CrmWebhooks.settings();
    try (Database database = Database.open(settings)) {
      if (tlsIdentity != null) {
        TlsIdentities.open(settings, Clock.systemUTC()).check(tlsIdentity);
      }
      NewWebhook webhook =
          new NewWebhook(
              workspace,
              targetUrl,
              operations,
              description,
              used,
              Scheme.parse(schemes),
              CustomHeaders.ofLines(headers == null ? List.of() : headers),
              tlsIdentity);
      UUID id =
          webhooks(settings, database).add(Secrets.open(settings, database.dataSource()), webhook);
      out().println("added webhook " + id);
      Optional<String> publicKey = NewSecret.publicKey(used);
      if (publicKey.isPresent()) {
        out().println("public key " + publicKey.get());
      } else if (secret == null) {
        out().println("secret " + used);
        out().println("The secret is shown this once; give it to the receiver.");
      }
      return 0;
    } catch (IllegalArgumentException e) {
      throw new StartupException(e.getMessage(), e);
    }
  }

  @Command(description = "Lists the webhooks.", mixinStandardHelpOptions = true)
  int list() throws SQLException {
    Settings settings = CrmWebhooks.settings();
    try (Database database = Database.open(settings)) {
      List<Webhooks.Shown> all = webhooks(settings, database).list();
      if (all.isEmpty()) {
        out()
            .println("No webhooks yet. Add one: crm-webhooks webhook add https://example.org/hook");
      }
      for (Webhooks.Shown webhook : all) {
        out()
            .printf(
                "%s  %-8s  %-8s  %s  %s%s%s%s%s%n",
                webhook.id(),
                webhook.enabled() ? "enabled" : "disabled",
                webhook.signed() ? "signed" : "unsigned",
                webhook.targetUrl(),
                String.join(",", webhook.operations()),
                webhook.workspace().isEmpty() ? "" : "  workspace=" + webhook.workspace(),
                webhook.headerNames().isEmpty()
                    ? ""
                    : "  headers=" + String.join(",", webhook.headerNames()),
                webhook.tlsIdentity() == null ? "" : "  tls=" + webhook.tlsIdentity(),
                webhook.description() == null ? "" : "  " + webhook.description());
      }
      return 0;
    }
  }

  @Command(
      description = "Removes a webhook and cancels what is pending for it.",
      mixinStandardHelpOptions = true)
  int remove(@Parameters(paramLabel = "ID", description = "As listed.") UUID id)
      throws SQLException {
    Settings settings = CrmWebhooks.settings();
    try (Database database = Database.open(settings)) {
      if (!webhooks(settings, database).remove(id)) {
        throw new StartupException("there is no webhook " + id);
      }
      out().println("removed webhook " + id);
      return 0;
    }
  }

  private static Webhooks webhooks(Settings settings, Database database) {
    return new Webhooks(database.dataSource(), EgressRules.of(settings));
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
