package io.crmwebhooks.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.support.DefaultMessage;

/**
 * Changes as messages of the topic of changes. The value is the record as it was written, or
 * nothing where it is not to be sent. The header {@link #HEADER} is a JSON object of the other
 * columns of {@code take-batch.sql}. The key names the record, so its changes share a partition.
 */
final class ChangeMessages {
  static final String HEADER = "change";

  /** The column with the claim under which the change is forwarded. */
  static final String CLAIM = "claim_id";

  private static final List<String> COLUMNS =
      List.of(
          "change_id",
          CLAIM,
          "epoch",
          "committed",
          "origin",
          "flaw",
          "workspace",
          "event",
          "record_id",
          "bytes",
          "updated_fields",
          "occurred_at");
  static final String LOG = "log";
  private static final String RECORD = "record";

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_LONG_FOR_INTS).build();
  private static final ObjectReader OBJECT = JSON.readerForMapOf(Object.class);

  private ChangeMessages() {}

  /**
   * The message of a row of {@code take-batch.sql}.
   *
   * @param log which log the change is of
   */
  static Message message(CamelContext context, String log, Map<String, Object> row) {
    Message message = new DefaultMessage(context);
    message.setHeader(KafkaConstants.KEY, key(row));
    message.setHeader(HEADER, header(log, row));
    message.setBody(row.get(RECORD));
    return message;
  }

  private static String key(Map<String, Object> row) {
    String event = (String) row.get("event");
    return event == null || row.get("record_id") == null
        ? row.get("change_id").toString()
        : row.get("workspace") + " " + event.split("\\.", 2)[0] + "." + row.get("record_id");
  }

  private static String header(String log, Map<String, Object> row) {
    Map<String, Object> columns = new LinkedHashMap<>();
    columns.put(LOG, log);
    for (String column : COLUMNS) {
      Object value = row.get(column);
      if (value != null) {
        columns.put(column, value instanceof Number ? value : value.toString());
      }
    }
    try {
      return JSON.writeValueAsString(columns);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a change cannot be written as JSON", e);
    }
  }

  /**
   * The row of a message; null when it is none of this program's.
   *
   * @param header of this name; null: it has none
   */
  static Map<String, Object> row(byte[] header, String value) {
    if (header == null) {
      return null;
    }
    try {
      Map<String, Object> row = OBJECT.readValue(new String(header, StandardCharsets.UTF_8));
      if (!(row.get(LOG) instanceof String
          && row.get("change_id") instanceof Number
          && row.get(CLAIM) instanceof Number)) {
        return null;
      }
      row.putIfAbsent("flaw", null);
      row.put(RECORD, value);
      return row;
    } catch (JsonProcessingException e) {
      return null;
    }
  }
}
