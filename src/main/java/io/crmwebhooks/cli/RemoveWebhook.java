package io.crmwebhooks.cli;

import io.crmwebhooks.admin.Json;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks webhook remove}. */
@Command(
    name = "remove",
    description = "Removes a webhook and cancels what is pending for it.",
    footerHeading = "%nExample:%n",
    footer = "  crm-webhooks webhook remove ID")
final class RemoveWebhook extends ApiCommand {
  @Parameters(paramLabel = "ID", description = "As listed.")
  private UUID id;

  @Override
  int run(AdminApi api, Console console) throws Exception {
    api.call(Request.delete("/rest/webhooks/" + id));
    console.print(Json.object().put("removed", id.toString()), answer -> "removed webhook " + id);
    return ExitCode.OK;
  }
}
