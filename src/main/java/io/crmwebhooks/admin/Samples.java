package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.pipeline.ChangeRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads past changes to try a webhook on. */
final class Samples {
  /** Of a record and of all of them, in bytes. */
  private static final int MOST_BYTES = 1 << 20;

  private static final TypeReference<Map<String, Object>> ROW = new TypeReference<>() {};
  private static final ObjectMapper JSON = new ObjectMapper();

  private Samples() {}

  /**
   * The newest changes that a webhook is subscribed to, the newest first; those that cannot be
   * dispatched are left out.
   *
   * @param events patterns, of which one must match as well; null: none must
   */
  static List<Change> newest(
      Connection connection,
      String workspace,
      List<String> operations,
      List<String> events,
      int most)
      throws SQLException {
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("id", null);
    parameters.put("last", most);
    parameters.put("workspace", workspace);
    parameters.put("operations", operations);
    parameters.put("events", events);
    parameters.put("recordBytes", MOST_BYTES);
    parameters.put("batchBytes", MOST_BYTES);
    List<Change> changes =
        new java.util.ArrayList<>(
            Sql.rows(connection, sql("read-changes.sql"), parameters).stream()
                .map(Samples::change)
                .filter(change -> change.problem() == null)
                .toList());
    java.util.Collections.reverse(changes);
    return changes;
  }

  private static Change change(ObjectNode row) {
    Map<String, Object> columns = JSON.convertValue(row, ROW);
    columns.computeIfPresent("epoch", (name, value) -> ((Number) value).longValue());
    columns.computeIfPresent("committed", (name, value) -> ((Number) value).longValue());
    return ChangeRow.read(columns);
  }
}
