package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.http.NewSecret;
import io.crmwebhooks.secret.SecretColumn;
import io.crmwebhooks.secret.Secrets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The webhooks as the API has them: rows by the fields of {@link WebhookFields}, which are put into
 * the statements. A {@code workspace} of null means all of them. Thread-safe.
 */
final class WebhookTable {
  private final Sql sql;
  private final Supplier<Secrets> secrets;
  private final WebhookFields fields;
  private final String shown;

  /**
   * @param secrets asked when a webhook gets one
   */
  WebhookTable(Sql sql, Supplier<Secrets> secrets, WebhookFields fields) {
    this.sql = sql;
    this.secrets = secrets;
    this.fields = fields;
    this.shown = fields.shown();
  }

  /** How it is set and shown. */
  WebhookFields fields() {
    return fields;
  }

  /** With which it is signed. */
  Secrets secrets() {
    return secrets.get();
  }

  List<ObjectNode> list(String workspace) throws SQLException {
    return sql.rows(list(), values(null, workspace));
  }

  /** All webhooks, none of which anybody else changes before the transaction ends. */
  List<ObjectNode> listLocked(Connection connection, String workspace) throws SQLException {
    return Sql.rows(connection, list() + " FOR UPDATE", values(null, workspace));
  }

  Optional<ObjectNode> get(UUID id, String workspace) throws SQLException {
    return sql.row(list(), values(id, workspace));
  }

  private Optional<ObjectNode> read(
      Connection connection, String statement, UUID id, String workspace) throws SQLException {
    return Sql.rows(connection, statement, values(id, workspace)).stream().findFirst();
  }

  private String list() {
    return sql("list-webhooks.sql").replace("-- the columns", shown);
  }

  /** The last check in the transaction; after any exception from it nothing is changed. */
  interface Check {
    void on(Connection connection) throws SQLException;
  }

  /**
   * Adds a webhook; changes committed after this returns are sent to it.
   *
   * @param columns the values that it sets, secrets in plain text; the others get the table's
   *     defaults
   */
  ObjectNode add(ObjectNode columns, Check check) throws SQLException {
    Secrets sealing = sealing(columns);
    return sql.transaction(
        connection -> {
          check.on(connection);
          return add(connection, sealing, columns);
        });
  }

  /** As {@link #add(ObjectNode, Check)}, in the transaction of this connection. */
  ObjectNode add(Connection connection, Secrets sealing, ObjectNode columns) throws SQLException {
    UUID id = UUID.randomUUID(); // the encrypted secret is bound to it
    ObjectNode row = sealed(connection, sealing, id, columns).put("id", id.toString());
    String statement =
        sql("add-webhook.sql").replace("-- the names", names(row)).replace("-- the columns", shown);
    return Sql.rows(connection, statement, Map.of("columns", row)).get(0);
  }

  /** Asked for before the transaction, since it may have one of its own. */
  private Secrets sealing(ObjectNode columns) {
    boolean needed = columns.has("secret");
    for (SecretColumn each : SecretColumn.values()) {
      needed |= !columns.path(each.column()).isEmpty();
    }
    return needed ? secrets.get() : null;
  }

  /** As it is stored: the secrets encrypted, and beside them what may be shown. */
  private static ObjectNode sealed(
      Connection connection, Secrets sealing, UUID id, ObjectNode columns) throws SQLException {
    ObjectNode sealed = columns.deepCopy();
    if (columns.has("secret")) {
      String plain = columns.get("secret").asText();
      sealed.put("secret", sealing.seal(connection, id, plain));
      sealed.put("public_key", NewSecret.publicKey(plain).orElse(null));
    }
    for (SecretColumn each : SecretColumn.values()) {
      JsonNode plain = columns.path(each.column());
      if (!plain.isEmpty()) {
        String stored = sealing.seal(connection, id, each, plain.toString());
        sealed.set(each.column(), Json.trusted(stored));
      }
    }
    return sealed;
  }

  /** The check of a webhook that nobody else can change before it is written. */
  interface CheckOfLocked {
    void on(Connection connection, ObjectNode webhook) throws SQLException;
  }

  /**
   * A webhook before and after a change.
   *
   * @param after with what follows from the change, such as the end of a pause
   */
  record Changed(ObjectNode before, ObjectNode after) {}

  /**
   * Changes the given columns and no others; secrets are given in plain text. From the look to the
   * write the webhook is locked, so that what is checked is what is changed.
   *
   * @param check after any exception from it nothing is changed
   * @return empty when there is none of this id
   */
  Optional<Changed> change(UUID id, String workspace, ObjectNode columns, CheckOfLocked check)
      throws SQLException {
    Secrets sealing = sealing(columns);
    return sql.transaction(
        connection -> {
          Optional<ObjectNode> before = read(connection, list() + " FOR UPDATE", id, workspace);
          if (before.isEmpty()) {
            return Optional.empty();
          }
          check.on(connection, before.get());
          return Optional.of(new Changed(before.get(), change(connection, sealing, id, columns)));
        });
  }

  /** Changes columns of a webhook that is locked, and gives it back as it is then. */
  ObjectNode change(Connection connection, Secrets sealing, UUID id, ObjectNode columns)
      throws SQLException {
    ObjectNode row = sealed(connection, sealing, id, columns);
    String changes =
        row.isEmpty()
            ? ""
            : "(%1$s) = (SELECT %1$s FROM jsonb_populate_record(s, CAST(:?columns AS jsonb))),"
                .formatted(names(row));
    Sql.rows(
        connection,
        sql("change-webhook.sql").replace("-- the changes", changes),
        Map.of("id", id, "columns", row));
    return read(connection, list(), id, null).orElseThrow();
  }

  /** Deletes a webhook and cancels its pending deliveries; false when there is no such webhook. */
  boolean remove(UUID id, String workspace, String version) throws SQLException {
    Map<String, Object> values = values(id, workspace);
    values.put("version", version);
    return sql.row(sql("remove-webhook.sql"), values).isPresent();
  }

  /** As {@link #remove(UUID, String, String)}, in the transaction of this connection. */
  void remove(Connection connection, UUID id) throws SQLException {
    Map<String, Object> values = values(id, null);
    values.put("version", null);
    Sql.rows(connection, sql("remove-webhook.sql"), values);
  }

  private static String names(ObjectNode columns) {
    return columns.properties().stream().map(Map.Entry::getKey).collect(Collectors.joining(", "));
  }

  private static Map<String, Object> values(UUID id, String workspace) {
    return Sql.parameters("id", id, "workspace", workspace);
  }
}
