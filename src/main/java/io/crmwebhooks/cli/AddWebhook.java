package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks webhook add}. */
@Command(
    name = "add",
    description = "Adds a webhook; it gets every change committed from now on.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  crm-webhooks webhook add https://example.org/hook",
      "  crm-webhooks webhook add https://example.org/hook -o 'person.*' -H 'Authorization: Bearer …'",
      "  crm-webhooks webhook add https://example.org/hook --ed25519",
      "  crm-webhooks webhook add https://example.org/hook --set enabled=false"
    })
final class AddWebhook extends ApiCommand {
  @Parameters(paramLabel = "URL", description = "Where to POST: http:// or https://.")
  private String targetUrl;

  @Mixin private WebhookOptions options;

  @Option(
      names = "--ed25519",
      description = "Signs with a key pair made for this webhook instead; the public key is shown.")
  private boolean keyPair;

  @Option(
      names = {"-w", "--workspace"},
      description = "The CRM workspace whose changes it gets.")
  private String workspace;

  @Override
  int run(AdminApi api, Console console) throws Exception {
    ObjectNode body = options.body().put("targetUrl", targetUrl);
    if (workspace != null) {
      body.put("workspace", workspace);
    }
    if (keyPair) {
      body.put("ed25519", true);
    }
    boolean secretIsNew = !body.has("secret");
    console.print(
        api.call(Request.post("/rest/webhooks").with(body)), added -> words(added, secretIsNew));
    return ExitCode.OK;
  }

  private static String words(JsonNode added, boolean secretIsNew) {
    String first = "added webhook " + added.path("id").asText();
    return secretIsNew || added.hasNonNull("publicKey")
        ? first + System.lineSeparator() + RotateSecret.shownOnce(added)
        : first;
  }
}
