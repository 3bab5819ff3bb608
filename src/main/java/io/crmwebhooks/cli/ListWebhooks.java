package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;

/** {@code crm-webhooks webhook list}. */
@Command(
    name = "list",
    description = "Lists the webhooks.",
    footerHeading = "%nExample:%n",
    footer = "  crm-webhooks webhook list --json | jq -r '.[] | select(.enabled | not) | .id'")
final class ListWebhooks extends ApiCommand {
  private static final Table TABLE =
      new Table("No webhooks yet. Add one: crm-webhooks webhook add https://example.org/hook")
          .column("WEBHOOK", "/id")
          .column("STATE", ListWebhooks::state)
          .column("SIGNED", "/signed")
          .column("URL", "/targetUrl")
          .column("OPERATIONS", "/operations")
          .column("WORKSPACE", "/workspace")
          .column("DESCRIPTION", "/description");

  @Override
  int run(AdminApi api, Console console) throws Exception {
    console.print(api.call(Request.get("/rest/webhooks")), TABLE::of);
    return ExitCode.OK;
  }

  private static String state(JsonNode webhook) {
    if (!webhook.path("enabled").asBoolean()) {
      return "disabled";
    }
    return webhook.hasNonNull("pausedUntil") ? "paused" : "enabled";
  }
}
