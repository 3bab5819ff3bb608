package io.crmwebhooks.cli;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.crmwebhooks.cli.ExitCode.CommandFailure;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.pipeline.ChangeRow;
import io.crmwebhooks.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The changes that are tried and the webhooks that want them, read from the database or a file. */
final class TriedChanges {
  private static final TypeReference<Map<String, Object>> ROW = new TypeReference<>() {};
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();
  private static final long LARGEST_FILE = 64L << 20;

  private final Connection connection;

  TriedChanges(Connection connection) {
    this.connection = connection;
  }

  /**
   * @param id null: the newest
   * @throws CommandFailure when there is no change
   */
  List<Change> read(Long id, Integer last, Settings settings) throws SQLException {
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("ids", id == null ? null : List.of(id));
    parameters.put("workspace", null);
    parameters.put("operations", null);
    parameters.put("events", null);
    parameters.put("last", id == null ? last : 1);
    parameters.put("recordBytes", settings.integer("webhooks.poll.record-bytes"));
    parameters.put("batchBytes", settings.integer("webhooks.poll.batch-bytes"));
    List<Change> changes =
        Sql.rows(connection, sql("read-changes.sql"), parameters).stream()
            .map(row -> ChangeRow.read(map(row)))
            .toList();
    if (changes.isEmpty()) {
      throw new CommandFailure(
          ExitCode.FAILED, id == null ? "there is no change yet" : "there is no event " + id);
    }
    return changes;
  }

  /**
   * The rows of the webhooks, or of the one, without their secrets.
   *
   * @throws CommandFailure when it does not exist
   */
  List<Map<String, Object>> webhooks(UUID only) throws SQLException {
    List<Map<String, Object>> rows =
        Sql.rows(connection, sql("load-webhooks.sql"), Map.of()).stream()
            .map(TriedChanges::map)
            .filter(row -> only == null || only.toString().equals(row.get("id")))
            .toList();
    if (rows.isEmpty()) {
      throw new CommandFailure(ExitCode.FAILED, "there is no webhook " + only);
    }
    rows.forEach(
        row -> {
          row.computeIfPresent("id", (name, id) -> UUID.fromString((String) id));
          row.put("secret", ""); // nothing is signed, so no key is needed
          row.put("headers", "{}");
          row.computeIfPresent("rate_limit", (name, rate) -> ((Number) rate).doubleValue());
          if (only != null) {
            row.put("enabled", true);
          }
        });
    return rows;
  }

  private static Map<String, Object> map(ObjectNode row) {
    return JSON.convertValue(row, ROW);
  }

  /**
   * A change that was written down.
   *
   * @param event its event; null: the file says it
   * @throws CommandFailure when the file is no such thing
   */
  static Change ofFile(Path file, String event) {
    try {
      if (Files.size(file) > LARGEST_FILE) {
        throw new CommandFailure(ExitCode.USAGE, file + " is larger than 64 MiB");
      }
      JsonNode written = JSON.readTree(Files.readString(file));
      JsonNode record = written.has("record") ? written.path("record") : written.path("data");
      boolean alone = !written.path("event").isTextual() || !record.isObject();
      if (!written.isObject() || alone && event == null) {
        throw new CommandFailure(
            ExitCode.USAGE,
            file
                + " has no event and record; for a record alone say what it is, such as --as person.updated");
      }
      Map<String, Object> row = new HashMap<>();
      row.put("change_id", 0L);
      row.put("flaw", null);
      row.put("workspace", written.path(alone ? "" : "workspace").asText(""));
      row.put("event", event != null ? event : written.path("event").asText());
      row.put("record_id", written.path(alone ? "id" : "recordId").asText(""));
      row.put("record", (alone ? written : record).toString());
      JsonNode fields = written.path("updatedFields");
      row.put("updated_fields", alone || !fields.isArray() ? null : fields.toString());
      return ChangeRow.read(row);
    } catch (JsonProcessingException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "%s is no JSON: %s".formatted(file, e.getOriginalMessage()));
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.USAGE, "cannot read " + file + ": " + e.getMessage());
    }
  }

  /** A body as JSON, or as its text when it is none. */
  static JsonNode json(String body) {
    if (body == null) {
      return NullNode.getInstance();
    }
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return TextNode.valueOf(body);
    }
  }
}
