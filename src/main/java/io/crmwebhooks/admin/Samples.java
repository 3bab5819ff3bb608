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
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads past changes, to ask what a webhook makes of them. */
final class Samples {
  /** Of a record, and of all of them but one, in bytes. */
  private static final int MOST_BYTES = 4 << 20;

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
    Map<String, Object> parameters = parameters();
    parameters.put("last", most);
    parameters.put("workspace", workspace);
    parameters.put("operations", operations);
    parameters.put("events", events);
    List<Change> changes =
        Sql.rows(connection, sql("read-changes.sql"), parameters).stream()
            .map(Samples::change)
            .filter(change -> change.problem() == null)
            .collect(Collectors.toCollection(ArrayList::new));
    Collections.reverse(changes);
    return changes;
  }

  /** Some changes, at least one of those that are there, and no more than fit into memory. */
  static List<Change> read(Sql sql, Collection<Long> ids) throws SQLException {
    Map<String, Object> parameters = parameters();
    parameters.put("ids", List.copyOf(ids));
    parameters.put("last", ids.size());
    return sql.rows(sql("read-changes.sql"), parameters).stream().map(Samples::change).toList();
  }

  private static Map<String, Object> parameters() {
    Map<String, Object> parameters = new HashMap<>();
    for (String name : List.of("ids", "workspace", "operations", "events")) {
      parameters.put(name, null);
    }
    parameters.put("recordBytes", MOST_BYTES);
    parameters.put("batchBytes", MOST_BYTES);
    return parameters;
  }

  private static Change change(ObjectNode row) {
    Map<String, Object> columns = JSON.convertValue(row, ROW);
    columns.computeIfPresent("epoch", (name, value) -> ((Number) value).longValue());
    columns.computeIfPresent("committed", (name, value) -> ((Number) value).longValue());
    return ChangeRow.read(columns);
  }
}
