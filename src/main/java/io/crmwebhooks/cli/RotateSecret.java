package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks webhook rotate-secret}. */
@Command(
    name = "rotate-secret",
    description = "Gives a webhook a new secret and shows it once.",
    footerHeading = "%nExample:%n",
    footer = "  crm-webhooks webhook rotate-secret ID")
final class RotateSecret extends ApiCommand {
  @Parameters(paramLabel = "ID", description = "As listed.")
  private UUID id;

  @Override
  int run(AdminApi api, Console console) throws Exception {
    console.print(
        api.call(Request.post("/rest/webhooks/" + id + "/rotate-secret")),
        answer ->
            "rotated the secret of webhook " + id + System.lineSeparator() + shownOnce(answer));
    return ExitCode.OK;
  }

  static String shownOnce(JsonNode made) {
    return "secret "
        + made.path("secret").asText()
        + System.lineSeparator()
        + "The secret is shown this once; give it to the receiver.";
  }
}
