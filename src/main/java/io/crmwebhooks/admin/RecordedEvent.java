package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A delivery that is recorded here, to be compared with what others have sent.
 *
 * @param id of the delivery
 * @param occurredAt in ISO 8601
 */
record RecordedEvent(
    String id, String webhookId, String event, String object, String recordId, String occurredAt) {

  static RecordedEvent of(ObjectNode row) {
    return new RecordedEvent(
        row.path("id").asText(),
        row.path("webhookId").asText(),
        row.path("event").asText(),
        row.path("object").asText(),
        row.path("recordId").asText(),
        row.path("occurredAt").asText());
  }

  /** The same for all that tell a webhook the same event of a record. */
  String key() {
    return webhookId + " " + event + " " + recordId;
  }

  ObjectNode json() {
    return json(webhookId, event, recordId, occurredAt);
  }

  /** An event as reports show it. */
  static ObjectNode json(String webhookId, String event, String recordId, String time) {
    return Json.object()
        .put("webhookId", webhookId)
        .put("event", event)
        .put("recordId", recordId)
        .put("time", time);
  }
}
