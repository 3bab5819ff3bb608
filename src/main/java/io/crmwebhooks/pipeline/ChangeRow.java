package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.database.StorableText;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.EventPattern;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Reads a change from a row with the columns of {@code take-batch.sql}. One without the column
 * {@code flaw} has been dispatched, so nothing keeps it from that.
 */
public final class ChangeRow {
  private ChangeRow() {}

  public static Change read(Map<String, Object> row) {
    long epoch = row.get("epoch") instanceof Long captured ? captured : 0;
    return new Change(
        new Change.Place(
            ((Number) row.get("change_id")).longValue(),
            epoch,
            row.get("committed") instanceof Long committed ? committed : epoch),
        new Change.Event(
            (String) row.get("workspace"),
            (String) row.get("event"),
            (String) row.get("record_id"),
            row.get("occurred_at") instanceof String at ? DatabaseTime.parse(at) : Instant.EPOCH,
            (String) row.get("origin")),
        record((String) row.get("record")),
        (String) row.get("updated_fields"),
        row.containsKey("flaw") ? problem(row) : null);
  }

  /**
   * A record of JSON text.
   *
   * @param written null: it has not been read
   */
  public static Change.Record record(String written) {
    return new JsonRecord(written);
  }

  private static String problem(Map<String, Object> row) {
    String flaw = (String) row.get("flaw");
    String problem = flaw != null ? flaw : EventPattern.problemOf((String) row.get("event"));
    if (problem != null) {
      return problem;
    }
    String record = (String) row.get("record");
    if (record == null) {
      return row.get("bytes") == null
          ? "record is missing"
          : "record of %s bytes is larger than webhooks.poll.record-bytes allows"
              .formatted(row.get("bytes"));
    }
    return record.stripLeading().startsWith("{") ? null : "record is not a JSON object";
  }

  /** A record as JSON text. Used by one thread at a time. */
  private static final class JsonRecord implements Change.Record {
    // Numbers keep every digit: a record may hold more than a double does.
    private static final ObjectMapper JSON =
        JsonMapper.builder()
            .enable(
                DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS,
                DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .build();

    // Half a character is valid in JSON as an escape only, and what is sent must be kept as it is.
    private static final ObjectWriter ESCAPED =
        JSON.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);

    private final String written;
    private Map<String, Object> map;
    private Object tree;

    JsonRecord(String written) {
      this.written = written;
    }

    @Override
    @SuppressWarnings("unchecked")
    public Map<String, Object> map() {
      if (map == null) {
        try {
          map = JSON.readValue(written, Map.class);
        } catch (JsonProcessingException e) {
          throw new IllegalStateException("the record cannot be read: " + e.getOriginalMessage());
        }
      }
      return map;
    }

    @Override
    public boolean isOpened() {
      return map != null;
    }

    @Override
    public List<String> texts(String array) {
      try {
        return array == null ? List.of() : List.of(JSON.readValue(array, String[].class));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("no array of texts: " + e.getOriginalMessage());
      }
    }

    @Override
    public Object tree() {
      Object known = tree;
      if (known == null) {
        known = Facts.read(written);
        tree = known;
      }
      return known;
    }

    @Override
    public void forgetTree() {
      tree = null;
    }

    @Override
    public String json() {
      if (map == null) {
        return written;
      }
      try {
        String json = JSON.writeValueAsString(map);
        return StorableText.isOne(json) ? json : ESCAPED.writeValueAsString(map);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(
            "the customised record cannot be written as JSON: " + e.getOriginalMessage());
      }
    }
  }
}
