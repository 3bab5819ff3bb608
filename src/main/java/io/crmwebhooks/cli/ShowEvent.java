package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks event show}. */
@Command(
    name = "show",
    description = "Shows a change with its record, and its delivery to each webhook.",
    footerHeading = "%nExample:%n",
    footer = "  crm-webhooks event show 4711")
final class ShowEvent extends ApiCommand {
  private static final Table DELIVERIES =
      new Table("It has been delivered to nobody.")
          .column("DELIVERY", "/id")
          .column("STATE", "/state")
          .column("WEBHOOK", "/webhookId");

  @Parameters(paramLabel = "ID", description = "As listed.")
  private String id;

  @Override
  int run(AdminApi api, Console console) throws Exception {
    console.print(api.call(Request.get("/rest/events/" + id)), ShowEvent::words);
    return ExitCode.OK;
  }

  private static String words(JsonNode event) {
    String line = System.lineSeparator();
    return Sheet.of(event, "record", "recordText", "deliveries")
        + line
        + DELIVERIES.of(event.path("deliveries"))
        + line
        + "Record:"
        + line
        + Text.indented(
            event.path("recordText").isTextual()
                ? Text.body(event.path("recordText").asText())
                : "(none)");
  }
}
