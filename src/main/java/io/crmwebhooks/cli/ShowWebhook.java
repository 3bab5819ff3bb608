package io.crmwebhooks.cli;

import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks webhook show}. */
@Command(
    name = "show",
    description = "Shows all settings of a webhook; of its headers only the names, and no secret.",
    footerHeading = "%nExample:%n",
    footer = "  crm-webhooks webhook show ID")
final class ShowWebhook extends ApiCommand {
  @Parameters(paramLabel = "ID", description = "As listed.")
  private UUID id;

  @Override
  int run(AdminApi api, Console console) throws Exception {
    console.print(
        api.call(Request.get("/rest/webhooks/" + id)), webhook -> Sheet.of(webhook).toString());
    return ExitCode.OK;
  }
}
