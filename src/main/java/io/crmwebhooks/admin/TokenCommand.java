package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.CrmWebhooks;
import io.crmwebhooks.StartupException;
import io.crmwebhooks.api.Role;
import io.crmwebhooks.api.Tokens;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.database.Sql;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code crm-webhooks token add|list|revoke}: works on the database, whether or not the pipeline
 * runs, so that nobody who has the database is ever locked out.
 */
@Command(
    name = "token",
    description = "Makes, lists and revokes tokens of the admin API.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "(add | list | revoke)")
public final class TokenCommand {
  @Spec private CommandSpec spec;

  @Command(description = "Makes a token and shows it once.", mixinStandardHelpOptions = true)
  int add(
      @Parameters(paramLabel = "NAME", description = "Whose it is, or what it is for.") String name,
      @Option(
              names = {"-r", "--role"},
              defaultValue = "read",
              description =
                  "What it may do: ${COMPLETION-CANDIDATES}. read looks at everything but secrets, operate"
                      + " also tests, enables and redelivers, admin does all. Default: ${DEFAULT-VALUE}")
          Role role,
      @Option(
              names = {"-w", "--workspace"},
              description = "The only CRM workspace that it shows. Default: all.")
          String workspace)
      throws SQLException {
    try (Database database = Database.open(CrmWebhooks.settings())) {
      Tokens.Made made =
          tokens(database)
              .add(name, role, workspace)
              .orElseThrow(
                  () ->
                      new StartupException(
                          "there is a token named \"" + name + "\"; revoke it first"));
      out().println("added token " + made.row().path("id").asText());
      out().println("token " + made.token());
      out().println("It is shown this once.");
      return 0;
    }
  }

  @Command(description = "Lists the tokens, the revoked ones too.", mixinStandardHelpOptions = true)
  int list() throws SQLException {
    try (Database database = Database.open(CrmWebhooks.settings())) {
      for (ObjectNode token : tokens(database).list(null)) {
        out()
            .printf(
                "%s  %-7s  %-20s  %s%s%n",
                token.path("id").asText(),
                token.path("role").asText(),
                token.path("name").asText(),
                used(token),
                token.path("workspace").isNull()
                    ? ""
                    : "  workspace=" + token.path("workspace").asText());
      }
      return 0;
    }
  }

  private static String used(ObjectNode token) {
    if (!token.path("revokedAt").isNull()) {
      return "revoked " + token.path("revokedAt").asText();
    }
    return token.path("lastUsedAt").isNull()
        ? "never used"
        : "last used " + token.path("lastUsedAt").asText();
  }

  @Command(
      description = "Revokes a token; it opens nothing from now on.",
      mixinStandardHelpOptions = true)
  int revoke(@Parameters(paramLabel = "ID", description = "As listed.") UUID id)
      throws SQLException {
    try (Database database = Database.open(CrmWebhooks.settings())) {
      if (tokens(database).revoke(id, null).isEmpty()) {
        throw new StartupException("there is no token " + id);
      }
      out().println("revoked token " + id);
      return 0;
    }
  }

  private static Tokens tokens(Database database) {
    return new Tokens(new Sql(database.dataSource()), "");
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
