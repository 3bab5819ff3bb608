package io.crmwebhooks.domain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.database.StorableText;
import java.time.Instant;
import java.util.Map;

/**
 * A committed change, and the body of the route that customises it. Its record is parsed only when
 * a route asks for it; untouched it is sent byte for byte as it was written. Used by one thread at
 * a time.
 */
public final class Change {
  // Numbers keep every digit: a record may hold more than a double does.
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(
              DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS,
              DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
          .build();

  // Half a character is valid in JSON as an escape only, and what is sent must be kept as it is.
  private static final ObjectWriter ESCAPED = JSON.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);

  private final long id;
  private final long epoch;
  private final String workspace;
  private final String event;
  private final String recordId;
  private final String recordJson;
  private final String updatedFieldsJson;
  private final Instant occurredAt;
  private final Integer bytes;
  private final String flaw;
  private Map<String, Object> record;

  /** Reads a row of {@code claim-changes.sql} or {@code claim-due.sql}. */
  public Change(Map<String, Object> row) {
    id = ((Number) row.get("change_id")).longValue();
    epoch = row.get("epoch") instanceof Long captured ? captured : 0;
    workspace = (String) row.get("workspace");
    event = (String) row.get("event");
    recordId = (String) row.get("record_id");
    recordJson = (String) row.get("record");
    updatedFieldsJson = (String) row.get("updated_fields");
    bytes = (Integer) row.get("bytes");
    flaw = (String) row.get("flaw");
    occurredAt =
        row.get("occurred_at") instanceof String time ? DatabaseTime.parse(time) : Instant.EPOCH;
  }

  public long getId() {
    return id;
  }

  /**
   * When it was captured, in microseconds since 1970: ids may be given again after a restore, but
   * not with the same epoch. 0 where the row does not say.
   */
  public long getEpoch() {
    return epoch;
  }

  public String getWorkspace() {
    return workspace;
  }

  /** {@code object.action}. */
  public String getEvent() {
    return event;
  }

  public String getObject() {
    return event.substring(0, event.indexOf('.'));
  }

  public String getAction() {
    return event.substring(event.indexOf('.') + 1);
  }

  public String getRecordId() {
    return recordId;
  }

  public Instant getOccurredAt() {
    return occurredAt;
  }

  /** The record, to read and to change: whatever is done to this map is sent. */
  @SuppressWarnings("unchecked")
  public Map<String, Object> getRecord() {
    if (record == null) {
      try {
        record = JSON.readValue(recordJson, Map.class);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(
            "the record of change " + id + " cannot be read: " + e.getOriginalMessage());
      }
    }
    return record;
  }

  public String updatedFieldsJson() {
    return updatedFieldsJson;
  }

  /**
   * Whether a route has asked for the record, so that what is sent may differ from what was
   * written.
   */
  public boolean isCustomised() {
    return record != null;
  }

  public String recordJson() {
    if (record == null) {
      return recordJson;
    }
    try {
      String json = JSON.writeValueAsString(record);
      return StorableText.isOne(json) ? json : ESCAPED.writeValueAsString(record);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "the customised record cannot be written as JSON: " + e.getOriginalMessage());
    }
  }

  /**
   * What keeps this change from being dispatched.
   *
   * @return the reason in words, or null
   */
  public String problem() {
    String problem = flaw != null ? flaw : Operations.problemOf(event);
    if (problem != null) {
      return problem;
    }
    if (recordJson == null) {
      return bytes == null
          ? "record is missing"
          : "record of " + bytes + " bytes is larger than webhooks.poll.record-bytes allows";
    }
    return recordJson.stripLeading().startsWith("{") ? null : "record is not a JSON object";
  }

  @Override
  public String toString() {
    return "change " + id + " (" + event + ")";
  }
}
