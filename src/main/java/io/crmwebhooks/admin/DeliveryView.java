package io.crmwebhooks.admin;

import static java.util.regex.Pattern.CASE_INSENSITIVE;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Outcome;
import io.crmwebhooks.domain.Post;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.http.RequestHeaders;
import io.crmwebhooks.pipeline.ChangeRow;
import io.crmwebhooks.pipeline.Preview;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Makes of a row of {@code show-delivery.sql} what is shown of a delivery: its body as it was sent,
 * and its attempts. Which headers a request had is not kept: it is told from how the webhook is
 * signed now, and from its present headers. Signatures, nonces, the ids of POSTs of many and values
 * that its owner has set are not shown.
 */
final class DeliveryView {
  private static final String NOT_KEPT = "(not kept)";

  private static final Pattern CREDENTIAL =
      Pattern.compile("auth|cookie|token|secret|key|signature|password|session", CASE_INSENSITIVE);

  private DeliveryView() {}

  static ObjectNode of(ObjectNode row) {
    ObjectNode shown = row.deepCopy();
    shown.remove(
        List.of(
            "in_array",
            "zipped",
            "signed_standard",
            "signed_twenty",
            "header_names",
            "schedule_from",
            "kept_body",
            "record_text",
            "record_cut",
            "occurred_at",
            "format",
            "fields",
            "program",
            "content_type",
            "cloud_events_mode",
            "workspace",
            "shadow",
            "origin",
            "updated_fields",
            "body_left_out",
            "made"));
    boolean leftOut =
        Outcome.LEFT_OUT.equals(row.path("error").asText())
            || row.path("body_left_out").asBoolean();
    ObjectNode request = request(row);
    boolean inArray =
        row.path("in_array").asBoolean() && (request == null || !request.hasNonNull("contentType"));
    String body = leftOut ? null : body(row);
    shown.put("body", body == null || !inArray ? body : element(row.path("id").asText(), body));
    shown.set("request", request);
    Webhook.Form form = webhook(row).form();
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
              inArray ? NOT_KEPT : row.path("id").asText(),
              inArray ? form.arrayType() : form.contentType(),
              at.toEpochMilli(),
              again && row.hasNonNull("replayId"),
              row.path("signed_standard").asBoolean() ? NOT_KEPT : null,
              row.path("signed_twenty").asBoolean() ? NOT_KEPT : null,
              NOT_KEPT);
      ObjectNode headers = attempt.putObject("requestHeaders");
      RequestHeaders.each(facts, headers::put);
      if (row.path("zipped").asBoolean()) {
        headers.put("Content-Encoding", "gzip");
      }
      if (!row.path("request").hasNonNull("endpoint")) {
        row.path("header_names").forEach(name -> headers.put(name.asText(), RequestHeaders.HIDDEN));
      }
      if (request != null) {
        headers.setAll((ObjectNode) request.path("headers"));
        if (request.hasNonNull("contentType")) {
          headers.set("Content-Type", request.path("contentType"));
        }
      }
    }
    return shown;
  }

  /** The request as a route has made it; values that may be credentials are hidden. */
  private static ObjectNode request(ObjectNode row) {
    if (!(row.get("request") instanceof ObjectNode kept)) {
      return null;
    }
    ObjectNode request = Json.object();
    request.set("url", kept.get("url"));
    request.set("contentType", kept.get("contentType"));
    ObjectNode headers = request.putObject("headers");
    kept.path("headers")
        .properties()
        .forEach(
            header ->
                headers.put(
                    header.getKey(),
                    CREDENTIAL.matcher(header.getKey()).find()
                        ? RequestHeaders.HIDDEN
                        : header.getValue().asText()));
    return request;
  }

  /** As it is among others. */
  private static String element(String id, String body) {
    return new String(
        Post.element(id, body.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
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
            new Change.Place(row.path("changeId").asLong(), 0, 0),
            new Change.Event(
                row.path("workspace").asText(),
                row.path("event").asText(),
                null,
                DatabaseTime.parse(row.path("occurred_at").asText()),
                row.path("origin").textValue()),
            ChangeRow.record(row.path("record_text").asText()),
            row.path("updated_fields").textValue(),
            null);
    Preview made = Preview.unfiltered(change, webhook(row), row.path("id").asText());
    return made.body() != null && row.path("record_cut").asBoolean()
        ? made.body().substring(0, Math.min(made.length(), ChangeOperations.MOST)) + "..."
        : made.body();
  }

  /** As it is now; that of the time of sending is not kept. */
  private static Webhook webhook(ObjectNode row) {
    Map<String, Object> columns = new HashMap<>();
    for (String name :
        List.of("format", "fields", "program", "content_type", "cloud_events_mode")) {
      columns.put(name, row.path(name).textValue());
    }
    columns.putIfAbsent("format", "event");
    return Preview.webhook(
        UUID.fromString(row.path("webhookId").asText()),
        row.path("workspace").asText(),
        row.path("targetUrl").asText(),
        columns);
  }
}
