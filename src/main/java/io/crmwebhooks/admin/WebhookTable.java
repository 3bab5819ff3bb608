package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The webhooks as the API has them: rows by the fields of {@link WebhookFields}, which is why these
 * statements are put together here. A {@code workspace} of null means all of them. Thread-safe.
 */
final class WebhookTable {
  private static final String VISIBLE =
      " AND deleted_at IS NULL AND (CAST(:?workspace AS text) IS NULL OR workspace = :?workspace)";

  private final Sql sql;
  private final String shown;

  WebhookTable(Sql sql, WebhookFields fields) {
    this.sql = sql;
    this.shown = fields.shown();
  }

  List<ObjectNode> list(String workspace) throws SQLException {
    return sql.rows(
        "SELECT "
            + shown
            + " FROM webhooks.subscription WHERE true"
            + VISIBLE
            + " ORDER BY created_at, id",
        values(null, workspace));
  }

  Optional<ObjectNode> get(UUID id, String workspace) throws SQLException {
    return sql.row(
        "SELECT " + shown + " FROM webhooks.subscription WHERE id = CAST(:?id AS uuid)" + VISIBLE,
        values(id, workspace));
  }

  /**
   * Adds a webhook; changes committed after this returns are sent to it.
   *
   * @param columns what it sets; the rest is as the table has it by default
   */
  ObjectNode add(ObjectNode columns) throws SQLException {
    String names = names(columns);
    return sql.row(
            "INSERT INTO webhooks.subscription (%1$s) SELECT %1$s FROM jsonb_populate_record(NULL::webhooks.subscription, CAST(:?columns AS jsonb)) RETURNING %2$s"
                .formatted(names, shown),
            Map.of("columns", columns))
        .orElseThrow();
  }

  /**
   * Changes the given columns and no others.
   *
   * @param version the one that it must still have; null: any
   * @return empty when there is none of this id and version
   */
  Optional<ObjectNode> change(UUID id, String workspace, ObjectNode columns, String version)
      throws SQLException {
    String names = names(columns);
    String set =
        columns.isEmpty()
            ? ""
            : "(%1$s) = (SELECT %1$s FROM jsonb_populate_record(s, CAST(:?columns AS jsonb))), "
                .formatted(names);
    Map<String, Object> values = values(id, workspace);
    values.put("columns", columns);
    values.put("version", version);
    return sql.row(
        "UPDATE webhooks.subscription s SET "
            + set
            // strictly later, so that no two versions are the same
            + "updated_at = greatest(now(), updated_at + interval '1 microsecond')"
            + " WHERE id = CAST(:?id AS uuid)"
            + VISIBLE
            + " AND (CAST(:?version AS text) IS NULL OR (extract(epoch FROM updated_at) * 1000000)::bigint::text = :?version)"
            + " RETURNING "
            + shown,
        values);
  }

  /** Deletes a webhook and cancels what is pending for it; false when there is none. */
  boolean remove(UUID id, String workspace, String version) throws SQLException {
    Map<String, Object> values = values(id, workspace);
    values.put("version", version);
    return sql.row(sql("remove-webhook.sql"), values).isPresent();
  }

  private static String names(ObjectNode columns) {
    return columns.properties().stream().map(Map.Entry::getKey).collect(Collectors.joining(", "));
  }

  private static Map<String, Object> values(UUID id, String workspace) {
    Map<String, Object> values = new HashMap<>();
    values.put("id", id);
    values.put("workspace", workspace);
    return values;
  }
}
