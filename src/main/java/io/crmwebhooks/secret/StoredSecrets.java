package io.crmwebhooks.secret;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BinaryOperator;
import java.util.function.Function;

/**
 * The secrets in {@code webhooks.subscription}, and in {@code webhooks.secret_key} the id of the
 * key that encrypts new ones, the same for all processes. All here wants a transaction.
 */
final class StoredSecrets {
  private StoredSecrets() {}

  /** The secrets of one webhook as they are stored; {@link #toString} names the webhook only. */
  record Row(
      UUID webhook,
      String secret,
      String publicKey,
      String previous,
      String headers,
      String oauth2) {
    private static Row of(ObjectNode row) {
      return new Row(
          UUID.fromString(row.path("id").asText()),
          row.path("secret").asText(),
          row.path("public_key").textValue(),
          row.path("previous").asText(),
          row.path("headers").asText(),
          row.path("oauth2").textValue());
    }

    /**
     * The same row with other secrets.
     *
     * @param change makes of what a secret is, and of how it is stored, how it is to be stored
     */
    Row changed(BinaryOperator<String> change) {
      return new Row(
          webhook,
          secret.isEmpty() ? "" : change.apply(SealedSecret.SECRET, secret),
          publicKey,
          previous.isEmpty() ? "" : change.apply(SealedSecret.SECRET, previous),
          SecretColumn.HEADERS.changed(headers, change),
          SecretColumn.OAUTH2.changed(oauth2, change));
    }

    Row withPublicKey(String given) {
      return new Row(webhook, secret, given, previous, headers, oauth2);
    }

    boolean isUnder(StorageKey key) {
      List<String> all = new ArrayList<>();
      changed(
          (what, stored) -> {
            all.add(stored);
            return stored;
          });
      return all.stream().allMatch(stored -> SealedSecret.isUnder(key, stored));
    }

    @Override
    public String toString() {
      return "secrets of " + webhook;
    }
  }

  /** Of all webhooks that are not deleted and have any. */
  static List<Row> inUse(Connection connection) throws SQLException {
    return rows(connection, sql("list-secrets.sql"), Map.of());
  }

  /** Some rows with a secret in plain text, locked. */
  static List<Row> plain(Connection connection) throws SQLException {
    return rows(connection, sql("lock-plain-secrets.sql"), Map.of("prefix", SealedSecret.PREFIX));
  }

  /** The next rows with a secret that is not stored under the key, locked. */
  static List<Row> notUnder(Connection connection, StorageKey key, UUID after) throws SQLException {
    return rows(
        connection,
        sql("lock-other-secrets.sql"),
        Map.of("prefix", SealedSecret.prefix(key), "after", after));
  }

  static void replace(Connection connection, List<Row> rows) throws SQLException {
    run(
        connection,
        sql("replace-secrets.sql"),
        Map.of(
            "ids", column(rows, row -> row.webhook().toString()),
            "secrets", column(rows, Row::secret),
            "publicKeys", column(rows, Row::publicKey),
            "previous", column(rows, Row::previous),
            "headers", column(rows, Row::headers),
            "oauth2", column(rows, Row::oauth2)));
  }

  private static Collection<String> column(List<Row> rows, Function<Row, String> of) {
    return rows.stream().map(of).toList();
  }

  /** Drops previous secrets whose time is over. */
  static void forgetExpired(Connection connection) throws SQLException {
    List<ObjectNode> expired = run(connection, sql("list-expired-secrets.sql"), Map.of());
    if (!expired.isEmpty()) {
      List<String> ids = expired.stream().map(row -> row.path("id").asText()).toList();
      run(connection, sql("forget-secrets.sql"), Map.of("ids", ids));
    }
  }

  /** Empty until a first process has started. */
  static Optional<String> currentKey(Connection connection) throws SQLException {
    return run(connection, sql("read-current-key.sql"), Map.of()).stream()
        .map(row -> row.path("id").asText())
        .findFirst();
  }

  /** Waits for those that store secrets, and keeps others from reading or setting it meanwhile. */
  static void lockCurrentKey(Connection connection) throws SQLException {
    run(connection, sql("lock-current-key.sql"), Map.of());
  }

  static void setCurrentKey(Connection connection, StorageKey key) throws SQLException {
    run(connection, sql("set-current-key.sql"), Map.of("id", key.id()));
  }

  /**
   * The numbers of the running processes that do not have the key.
   *
   * @param key its id; empty: all that run
   * @param node the one that does not count
   * @return separated by commas
   */
  static String nodesWithout(Connection connection, String key, int node, Duration heartbeat)
      throws SQLException {
    return run(
            connection,
            sql("list-nodes-without-key.sql"),
            Map.of("heartbeat", heartbeat, "node", node, "key", key))
        .get(0)
        .path("nodes")
        .asText();
  }

  /** How many secrets are stored under which key, as text for people. */
  static String status(Connection connection) throws SQLException {
    Optional<String> current = currentKey(connection);
    Map<String, Integer> counts = new TreeMap<>();
    current.ifPresent(id -> counts.put(id, 0));
    run(connection, sql("count-secrets.sql"), Map.of("prefix", SealedSecret.PREFIX))
        .forEach(row -> counts.put(row.path("key").asText(), row.path("secrets").asInt()));
    StringBuilder text = new StringBuilder();
    counts.forEach(
        (key, count) -> {
          String isCurrent = current.equals(Optional.of(key)) ? ", and new ones from now on" : "";
          text.append("%-8s  %d secrets%s%n".formatted(key, count, isCurrent));
        });
    return text.toString();
  }

  private static List<Row> rows(Connection connection, String statement, Map<String, ?> parameters)
      throws SQLException {
    return run(connection, statement, parameters).stream().map(Row::of).toList();
  }

  private static List<ObjectNode> run(
      Connection connection, String statement, Map<String, ?> parameters) throws SQLException {
    return Sql.rows(connection, statement, parameters);
  }
}
