package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.api.Json;
import io.crmwebhooks.dispatch.Change;
import io.crmwebhooks.dispatch.PayloadRenderer;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes of a row of {@code show-delivery.sql} what is shown of a delivery: its body as it was sent,
 * and its attempts. Signatures and nonces are not kept, and could not be told from a secret's work;
 * they are shown as such, and so are the values of the webhook's own headers.
 */
final class DeliveryView {
  private static final String NOT_KEPT = "(not kept)";
  private static final String HIDDEN = "(hidden)";

  private final String userAgent;

  DeliveryView(String userAgent) {
    this.userAgent = userAgent;
  }

  ObjectNode of(ObjectNode row) {
    boolean signed = row.path("signed").asBoolean();
    ObjectNode shown = row.deepCopy();
    shown.remove(
        List.of(
            "signed",
            "header_names",
            "schedule_from",
            "kept_body",
            "record_text",
            "updated_fields",
            "made"));
    shown.put("body", body(row));
    ArrayNode attempts = shown.putArray("attempts");
    for (JsonNode made : row.path("made")) {
      long millis = made.path("attemptedMs").asLong();
      ObjectNode attempt = attempts.addObject();
      attempt.set("number", made.path("number"));
      attempt.put("attemptedAt", Instant.ofEpochMilli(millis).toString());
      attempt.set("durationMs", made.path("durationMs"));
      attempt.set("status", made.path("status"));
      attempt.set("error", made.path("error"));
      attempt.set("response", made.path("response"));
      ObjectNode headers = headers(row.path("id").asText(), millis, signed);
      boolean again = made.path("number").asInt() > row.path("schedule_from").asInt();
      if (row.hasNonNull("replayId") && again) {
        headers.put("X-Webhook-Replay", "true");
      }
      row.path("header_names").forEach(name -> headers.put(name.asText(), HIDDEN));
      attempt.set("requestHeaders", headers);
    }
    return shown;
  }

  private ObjectNode headers(String id, long millis, boolean signed) {
    ObjectNode headers =
        Json.object()
            .put("Content-Type", "application/json")
            .put("User-Agent", userAgent)
            .put("webhook-id", id)
            .put("webhook-timestamp", Long.toString(millis / 1000));
    if (signed) {
      headers
          .put("webhook-signature", NOT_KEPT)
          .put("X-Twenty-Webhook-Timestamp", Long.toString(millis))
          .put("X-Twenty-Webhook-Signature", NOT_KEPT)
          .put("X-Twenty-Webhook-Nonce", NOT_KEPT);
    }
    return headers;
  }

  /** Null when the change has been removed. */
  private static String body(ObjectNode row) {
    if (row.hasNonNull("kept_body")) {
      return row.path("kept_body").asText();
    }
    if (!row.hasNonNull("record_text") || !row.hasNonNull("event")) {
      return null;
    }
    Map<String, Object> change = new HashMap<>();
    change.put("change_id", row.path("changeId").asLong());
    change.put("event", row.path("event").asText());
    change.put("record", row.path("record_text").asText());
    change.put("updated_fields", row.path("updated_fields").textValue());
    change.put("occurred_at", Timestamp.from(Instant.parse(row.path("occurredAt").asText())));
    return new String(PayloadRenderer.render(new Change(change)), StandardCharsets.UTF_8);
  }
}
