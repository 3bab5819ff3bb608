package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks delivery show}. */
@Command(
    name = "show",
    description = "Shows a delivery: its body, and each attempt with what the receiver said.",
    footerHeading = "%nExample:%n",
    footer = "  crm-webhooks delivery show msg_0000000000000001…")
final class ShowDelivery extends ApiCommand {
  private static final Table ATTEMPTS =
      new Table("There was no attempt yet.")
          .column("ATTEMPT", "/number")
          .column("AT", "/attemptedAt")
          .count("MS", "/durationMs")
          .column("STATUS", "/status")
          .column("ERROR", "/error")
          .column("RESPONSE", "/response");

  @Parameters(paramLabel = "ID", description = "As listed; it is the webhook-id of the request.")
  private String id;

  @Override
  int run(AdminApi api, Console console) throws Exception {
    JsonNode delivery = api.call(Request.get("/rest/deliveries/" + id));
    String waits =
        delivery.path("state").asText().equals("pending")
            ? waits(api.call(Request.get("/rest/webhooks/" + delivery.path("webhookId").asText())))
            : "";
    console.print(delivery, shown -> words(shown, waits));
    return ExitCode.OK;
  }

  /** What a pending delivery waits for beside its time. */
  private static String waits(JsonNode webhook) {
    if (!webhook.path("enabled").asBoolean()) {
      return "It waits until its webhook is enabled.%n".formatted();
    }
    return webhook.hasNonNull("pausedUntil")
        ? "Its webhook is paused until %s, since its endpoint failed: %s%n"
            .formatted(webhook.path("pausedUntil").asText(), Text.of(webhook.path("pauseReason")))
        : "";
  }

  static String words(JsonNode delivery, String waits) {
    String line = System.lineSeparator();
    JsonNode body = delivery.path("body");
    JsonNode attempts = delivery.path("attempts");
    StringBuilder text =
        new StringBuilder(Sheet.of(delivery, "body", "attempts").toString())
            .append(line)
            .append(ATTEMPTS.of(attempts))
            .append(waits)
            .append(line);
    if (!attempts.isEmpty()) {
      JsonNode last = attempts.path(attempts.size() - 1);
      text.append("Headers of the last attempt:").append(line);
      text.append(Text.indented(Sheet.of(last.path("requestHeaders")).toString())).append(line);
      text.append(line);
    }
    return text.append("Body:")
        .append(line)
        .append(
            Text.indented(
                body.isTextual() ? Text.body(body.asText()) : "(its change has been removed)"))
        .toString();
  }
}
