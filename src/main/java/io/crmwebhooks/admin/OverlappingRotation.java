package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.domain.Durations;
import io.crmwebhooks.http.NewSecret;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

/** The rotation of the API: for a while the old secret signs beside the new one. Thread-safe. */
public final class OverlappingRotation {
  private final WebhookSecrets secrets;
  private final Duration overlap;

  /**
   * @param overlap of a call that does not say
   */
  public OverlappingRotation(WebhookSecrets secrets, Duration overlap) {
    this.secrets = secrets;
    this.overlap = overlap;
  }

  /**
   * Gives a webhook a new secret.
   *
   * @param call whose body may say how
   * @return what the caller is to know, the new secret among it
   * @throws Problem when it cannot be done as asked
   */
  ObjectNode rotate(UUID webhook, Call call) throws SQLException {
    Fields fields = new Fields(call.bodyOrNone(), List.of("secret", "ed25519", "overlap"));
    String secret = fields.read("secret", Fields.text(500));
    boolean pair = NewWebhookSecret.isPair(fields, secret);
    Duration given = fields.read("overlap", OverlappingRotation::overlap);
    fields.check();
    try {
      return json(
          webhook,
          secrets
              .rotate(webhook, pair ? NewSecret.ed25519() : secret, given == null ? overlap : given)
              .orElseThrow(() -> Problem.notFound("webhook", webhook.toString())));
    } catch (IllegalArgumentException e) {
      fields.error(pair ? "ed25519" : "secret", e.getMessage().replaceFirst("^secret ", ""));
      fields.check();
      throw e;
    }
  }

  private static Duration overlap(JsonNode value) {
    String text = Fields.text(20).apply(value);
    return text.equals("0") ? Duration.ZERO : Durations.parse(text);
  }

  private static ObjectNode json(UUID webhook, WebhookSecrets.Rotated rotated) {
    return Json.object()
        .put("id", webhook.toString())
        .put("secret", rotated.secret())
        .put("publicKey", rotated.publicKey())
        .put(
            "previousSecretUntil",
            rotated.previousUntil() == null
                ? null
                : rotated.previousUntil().truncatedTo(ChronoUnit.MILLIS).toString());
  }
}
