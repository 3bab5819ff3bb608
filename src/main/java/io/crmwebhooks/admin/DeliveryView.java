package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.http.RequestHeaders;
import io.crmwebhooks.pipeline.ChangeRow;
import io.crmwebhooks.pipeline.Format;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * Makes of a row of {@code show-delivery.sql} what is shown of a delivery: its body as it was sent,
 * and its attempts. Which headers a request had is not kept: it is told from how the webhook is
 * signed now, and from its present headers. Signatures, nonces and values that its owner has set
 * are not shown.
 */
final class DeliveryView {
  private static final String NOT_KEPT = "(not kept)";

  private DeliveryView() {}

  static ObjectNode of(ObjectNode row) {
    ObjectNode shown = row.deepCopy();
    shown.remove(
        List.of(
            "signed_standard",
            "signed_twenty",
            "header_names",
            "format",
            "schedule_from",
            "kept_body",
            "record_text",
            "record_cut",
            "occurred_at",
            "updated_fields",
            "made"));
    shown.put("body", body(row));
    ArrayNode attempts = shown.putArray("attempts");
    for (JsonNode made : row.path("made")) {
      Instant at = DatabaseTime.parse(made.path("attemptedAt").asText());
      ObjectNode attempt = attempts.addObject();
      attempt.set("number", made.path("number"));
      attempt.put("attemptedAt", DatabaseTime.iso(at));
      attempt.set("durationMs", made.path("durationMs"));
      attempt.set("status", made.path("status"));
      attempt.set("error", made.path("error"));
      attempt.set("response", made.path("response"));
      boolean again = made.path("number").asInt() > row.path("schedule_from").asInt();
      RequestHeaders.Facts facts =
          new RequestHeaders.Facts(
              row.path("id").asText(),
              at.toEpochMilli(),
              again && row.hasNonNull("replayId"),
              row.path("signed_standard").asBoolean() ? NOT_KEPT : null,
              row.path("signed_twenty").asBoolean() ? NOT_KEPT : null,
              NOT_KEPT);
      ObjectNode headers = attempt.putObject("requestHeaders");
      RequestHeaders.each(facts, headers::put);
      row.path("header_names").forEach(name -> headers.put(name.asText(), RequestHeaders.HIDDEN));
    }
    return shown;
  }

  /** Null when the change has been removed. */
  private static String body(ObjectNode row) {
    if (row.hasNonNull("kept_body")) {
      return row.path("kept_body").asText();
    }
    if (!row.hasNonNull("record_text") || !row.hasNonNull("event")) {
      return null;
    }
    Change change =
        new Change(
            row.path("changeId").asLong(),
            0,
            new Change.Event(
                "",
                row.path("event").asText(),
                null,
                DatabaseTime.parse(row.path("occurred_at").asText())),
            ChangeRow.record(row.path("record_text").asText()),
            row.path("updated_fields").textValue(),
            null);
    String body = new String(format(row).render(change), StandardCharsets.UTF_8);
    return row.path("record_cut").asBoolean()
        ? body.substring(0, ChangeOperations.MOST) + "..."
        : body;
  }

  /** The one that the webhook has now; the usual one when it has been removed. */
  private static Format format(ObjectNode row) {
    return Arrays.stream(Format.values())
        .filter(format -> format.name().equalsIgnoreCase(row.path("format").asText()))
        .findFirst()
        .orElse(Format.EVENT);
  }
}
