package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;

/** {@code crm-webhooks token list}. */
@Command(name = "list", description = "Lists the tokens, the revoked ones too.")
final class ListTokens extends ApiCommand {
  private static final Table TABLE =
      new Table("There is no token yet. Make one: crm-webhooks token add NAME --role operate")
          .column("TOKEN ID", "/id")
          .column("ROLE", "/role")
          .column("NAME", "/name")
          .column("WORKSPACE", "/workspace")
          .column("USED", ListTokens::used);

  @Override
  int run(AdminApi api, Console console) throws Exception {
    console.print(api.call(Request.get("/rest/tokens")), TABLE::of);
    return ExitCode.OK;
  }

  private static String used(JsonNode token) {
    if (token.hasNonNull("revokedAt")) {
      return "revoked " + token.path("revokedAt").asText();
    }
    return token.hasNonNull("lastUsedAt") ? "last " + token.path("lastUsedAt").asText() : "never";
  }
}
