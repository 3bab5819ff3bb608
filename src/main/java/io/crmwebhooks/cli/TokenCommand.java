package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Caller.Role;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.cli.AdminApi.Request;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks token}. */
@Command(
    name = "token",
    description =
        "Makes, lists and revokes tokens of the admin API."
            + " With --database, nobody who has the database is locked out.",
    footer = {
      "  crm-webhooks token add 'night shift' --role operate",
      "  crm-webhooks token list",
      "  crm-webhooks token revoke ID"
    })
final class TokenCommand extends Program.Group {
  private static final String ALL = "/rest/tokens";
  private static final Table TABLE =
      new Table("There is no token yet. Make one: crm-webhooks token add NAME --role operate")
          .columns("TOKEN ID /id, ROLE /role, NAME /name, WORKSPACE /workspace")
          .column("USED", TokenCommand::used);

  @Command(
      name = "add",
      description = "Makes a token and shows it once.",
      footer = "  crm-webhooks token add 'night shift' --role operate")
  int add(
      @Mixin Session session,
      @Parameters(paramLabel = "NAME", description = "Its owner or its purpose.") String name,
      @Option(
              names = {"-r", "--role"},
              defaultValue = "read",
              description =
                  "Its rights: ${COMPLETION-CANDIDATES}. read looks at everything but secrets, operate"
                      + " also tests, enables and redelivers, admin does all. Default: ${DEFAULT-VALUE}.")
          Role role,
      @Option(
              names = {"-w", "--workspace"},
              description = "The only CRM workspace that it shows. Default: all.")
          String workspace)
      throws Exception {
    ObjectNode body = Json.object().put("name", name).put("role", role.word());
    if (workspace != null) {
      body.put("workspace", workspace);
    }
    return session.show(
        Request.post(ALL).with(body),
        token ->
            "added token %s%ntoken %s%nIt is shown this once."
                .formatted(token.path("id").asText(), token.path("token").asText()));
  }

  @Command(name = "list", description = "Lists the tokens, the revoked ones too.")
  int list(@Mixin Session session) throws Exception {
    return session.show(Request.get(ALL), TABLE::of);
  }

  private static String used(JsonNode token) {
    if (token.hasNonNull("revokedAt")) {
      return "revoked " + token.path("revokedAt").asText();
    }
    return token.hasNonNull("lastUsedAt") ? "last " + token.path("lastUsedAt").asText() : "never";
  }

  @Command(name = "revoke", description = "Revokes a token; it opens nothing from now on.")
  int revoke(
      @Mixin Session session, @Parameters(paramLabel = "ID", description = "As listed.") UUID id)
      throws Exception {
    return session.remove(ALL, id, "revoked token");
  }
}
