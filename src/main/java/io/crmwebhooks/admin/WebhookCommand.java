package io.crmwebhooks.admin;

import io.crmwebhooks.CrmWebhooks;
import io.crmwebhooks.StartupException;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.egress.CustomHeaders;
import io.crmwebhooks.egress.EgressRules;
import io.crmwebhooks.egress.TlsIdentities;
import io.crmwebhooks.settings.Settings;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code crm-webhooks webhook add|list|remove}: works on the database, whether or not the pipeline
 * runs.
 */
@Command(
    name = "webhook",
    description = "Adds, lists and removes webhooks.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "(add | list | remove)")
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
          String tlsIdentity,
      @Option(
              names = "--ordering",
              defaultValue = "none",
              description =
                  "none, or record: changes of one record in the order of their commits. Default: ${DEFAULT-VALUE}")
          String ordering,
      @Option(
              names = "--on-dead",
              defaultValue = "skip",
              description =
                  "With an order, what a dead letter does to later changes of its record: skip or hold. Default: ${DEFAULT-VALUE}")
          String onDead,
      @Option(
              names = "--supersede",
              description = "Cancels an update that waits when a newer one of its record is there.")
          boolean supersede)
      throws SQLException {
    String used = secret == null ? Webhooks.newSecret() : secret;
    Settings settings = CrmWebhooks.settings();
    try (Database database = Database.open(settings)) {
      if (tlsIdentity != null) {
        TlsIdentities.open(settings, Clock.systemUTC()).check(tlsIdentity);
      }
      UUID id =
          webhooks(settings, database)
              .add(
                  workspace,
                  targetUrl,
                  operations,
                  description,
                  used,
                  CustomHeaders.ofLines(headers == null ? List.of() : headers),
                  tlsIdentity,
                  new Webhooks.Order(ordering, onDead, supersede));
      out().println("added webhook " + id);
      if (secret == null) {
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
                (webhook.tlsIdentity() == null ? "" : "  tls=" + webhook.tlsIdentity())
                    + webhook.order().inWords(),
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
