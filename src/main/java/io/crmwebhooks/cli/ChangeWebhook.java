package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks webhook change}. */
@Command(
    name = "change",
    description = "Changes what is given of a webhook, and leaves the rest as it is.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  crm-webhooks webhook change ID --target-url https://example.org/new",
      "  crm-webhooks webhook change ID --operations 'person.*' --concurrency 4",
      "  crm-webhooks webhook change ID --set concurrency=null     # as by default"
    })
final class ChangeWebhook extends ApiCommand {
  @Parameters(paramLabel = "ID", description = "As listed.")
  private UUID id;

  @Option(names = "--target-url", paramLabel = "URL", description = "Where to POST.")
  private String targetUrl;

  @Mixin private WebhookOptions options;

  @Override
  int run(AdminApi api, Console console) throws Exception {
    ObjectNode body = options.body();
    if (targetUrl != null) {
      body.put("targetUrl", targetUrl);
    }
    if (body.isEmpty()) {
      throw console.wrongUsage("say what to change, such as --operations or --set FIELD=VALUE");
    }
    console.print(
        api.call(Request.patch("/rest/webhooks/" + id, body)),
        webhook -> Sheet.of(webhook).toString());
    return ExitCode.OK;
  }
}
