package io.crmwebhooks.admin;

import io.crmwebhooks.CrmWebhooks;
import io.crmwebhooks.StartupException;
import io.crmwebhooks.database.Database;
import java.io.PrintWriter;
import java.sql.SQLException;
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
          String workspace)
      throws SQLException {
    String used = secret == null ? Webhooks.newSecret() : secret;
    try (Database database = Database.open(CrmWebhooks.settings())) {
      UUID id =
          new Webhooks(database.dataSource())
              .add(workspace, targetUrl, operations, description, used);
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
    try (Database database = Database.open(CrmWebhooks.settings())) {
      List<Webhooks.Shown> all = new Webhooks(database.dataSource()).list();
      if (all.isEmpty()) {
        out()
            .println("No webhooks yet. Add one: crm-webhooks webhook add https://example.org/hook");
      }
      for (Webhooks.Shown webhook : all) {
        out()
            .printf(
                "%s  %-8s  %-8s  %s  %s%s%s%n",
                webhook.id(),
                webhook.enabled() ? "enabled" : "disabled",
                webhook.signed() ? "signed" : "unsigned",
                webhook.targetUrl(),
                String.join(",", webhook.operations()),
                webhook.workspace().isEmpty() ? "" : "  workspace=" + webhook.workspace(),
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
    try (Database database = Database.open(CrmWebhooks.settings())) {
      if (!new Webhooks(database.dataSource()).remove(id)) {
        throw new StartupException("there is no webhook " + id);
      }
      out().println("removed webhook " + id);
      return 0;
    }
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
