package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks webhook rotate-secret}. */
@Command(
    name = "rotate-secret",
    description =
        "Gives a webhook a new secret; the old one signs beside it until the receiver has changed over.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  crm-webhooks webhook rotate-secret ID",
      "  crm-webhooks webhook rotate-secret ID --overlap 2h",
      "  crm-webhooks webhook rotate-secret ID --overlap 0     # the old one has leaked"
    })
final class RotateSecret extends ApiCommand {
  @Parameters(paramLabel = "ID", description = "As listed.")
  private UUID id;

  @Option(
      names = "--overlap",
      paramLabel = "DURATION",
      description =
          "How long the old secret still signs, such as 24h; 0 ends it now. Default: webhooks.secrets.rotation-overlap.")
  private String overlap;

  @Mixin private SecretOption secret = new SecretOption();

  @Option(
      names = "--ed25519",
      description = "The new secret is a key pair made for this webhook; the public key is shown.")
  private boolean keyPair;

  @Override
  int run(AdminApi api, Console console) throws Exception {
    ObjectNode body = Json.object();
    secret.read().ifPresent(text -> body.put("secret", text));
    if (keyPair) {
      body.put("ed25519", true);
    }
    if (overlap != null) {
      body.put("overlap", overlap);
    }
    boolean made = !body.has("secret");
    console.print(
        api.call(Request.post("/rest/webhooks/" + id + "/rotate-secret").with(body)),
        answer -> words(answer, made));
    return ExitCode.OK;
  }

  private String words(JsonNode answer, boolean made) {
    String until = answer.path("previousSecretUntil").asText("");
    return String.join(
        System.lineSeparator(),
        "rotated the secret of webhook " + id,
        made || answer.hasNonNull("publicKey")
            ? shownOnce(answer)
            : "It is signed with the given one.",
        answer.hasNonNull("previousSecretUntil")
            ? "The old secret signs as well until " + until + "."
            : "The old secret signs no longer.");
  }

  /** The secret, or of a key pair the public key. */
  static String shownOnce(JsonNode made) {
    if (made.hasNonNull("publicKey")) {
      return "public key " + made.path("publicKey").asText();
    }
    return "secret "
        + made.path("secret").asText()
        + System.lineSeparator()
        + "The secret is shown this once; give it to the receiver.";
  }
}
