package io.crmwebhooks.cli;

import io.crmwebhooks.admin.Json;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks token revoke}. */
@Command(name = "revoke", description = "Revokes a token; it opens nothing from now on.")
final class RevokeToken extends ApiCommand {
  @Parameters(paramLabel = "ID", description = "As listed.")
  private UUID id;

  @Override
  int run(AdminApi api, Console console) throws Exception {
    api.call(Request.delete("/rest/tokens/" + id));
    console.print(Json.object().put("revoked", id.toString()), answer -> "revoked token " + id);
    return ExitCode.OK;
  }
}
