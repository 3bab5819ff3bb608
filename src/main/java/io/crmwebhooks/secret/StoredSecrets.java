package io.crmwebhooks.secret;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The columns of {@code webhooks.subscription} that hold secrets. */
final class StoredSecrets {
  private static final int BATCH = 200;

  private static final String IN_USE =
      """
      SELECT id, secret, public_key, CASE WHEN previous_secret_until > now() THEN previous_secret ELSE '' END AS previous_secret,
        headers::text AS headers
      FROM webhooks.subscription
      WHERE deleted_at IS NULL AND (secret <> '' OR previous_secret <> '' OR headers <> '{}')
      ORDER BY id""";

  /**
   * Whether a column or a header does not begin as it should; the same values as {@link
   * HeaderValues}.
   */
  private static final String NOT_SEALED =
      """
      ((secret <> '' AND NOT starts_with(secret, ?)) OR (previous_secret <> '' AND NOT starts_with(previous_secret, ?))
        OR EXISTS (SELECT FROM jsonb_each(headers) h
          WHERE jsonb_typeof(h.value) IN ('string', 'number', 'boolean')
            AND h.value #>> '{}' <> '' AND NOT starts_with(h.value #>> '{}', ?)))
      """;

  // Rows that somebody else is working on are left to them.
  private static final String PLAIN =
      """
      SELECT id, secret, public_key, previous_secret, headers::text AS headers FROM webhooks.subscription
      WHERE"""
          + NOT_SEALED
          + "ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED";

  private static final String NOT_UNDER =
      """
      SELECT id, secret, public_key, previous_secret, headers::text AS headers FROM webhooks.subscription
      WHERE id > ? AND"""
          + NOT_SEALED
          + "ORDER BY id LIMIT ? FOR UPDATE";

  private static final String REPLACE =
      "UPDATE webhooks.subscription SET secret = ?, public_key = ?, previous_secret = ?, headers = CAST(? AS jsonb) WHERE id = ?";

  // Asked first, because an UPDATE tells all processes that webhooks changed even when it finds
  // none.
  private static final String EXPIRED =
      """
      SELECT id FROM webhooks.subscription WHERE previous_secret_until < now()
      FOR UPDATE SKIP LOCKED""";

  private static final String FORGET =
      """
      UPDATE webhooks.subscription SET previous_secret = '', previous_secret_until = NULL
      WHERE id = ANY (?)""";

  private StoredSecrets() {}

  /** The secrets of one webhook as they are stored; {@link #toString} names the webhook only. */
  record Row(UUID webhook, String secret, String publicKey, String previous, String headers) {
    @Override
    public String toString() {
      return "secrets of " + webhook;
    }
  }

  /** Of all webhooks that are not deleted and have a secret or headers. */
  static List<Row> inUse(Connection connection) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(IN_USE)) {
      return rows(select);
    }
  }

  /** Some rows with a secret in plain text, locked. */
  static List<Row> plain(Connection connection) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(PLAIN)) {
      select.setString(1, SealedSecret.PREFIX);
      select.setString(2, SealedSecret.PREFIX);
      select.setString(3, SealedSecret.PREFIX);
      select.setInt(4, BATCH);
      return rows(select);
    }
  }

  /** The next rows with a secret that is not stored under the key, locked. */
  static List<Row> notUnder(Connection connection, StorageKey key, UUID after) throws SQLException {
    String prefix = SealedSecret.PREFIX + key.id() + "$";
    try (PreparedStatement select = connection.prepareStatement(NOT_UNDER)) {
      select.setObject(1, after);
      select.setString(2, prefix);
      select.setString(3, prefix);
      select.setString(4, prefix);
      select.setInt(5, BATCH);
      return rows(select);
    }
  }

  static void replace(Connection connection, List<Row> rows) throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(REPLACE)) {
      for (Row row : rows) {
        update.setString(1, row.secret());
        update.setString(2, row.publicKey());
        update.setString(3, row.previous());
        update.setString(4, row.headers());
        update.setObject(5, row.webhook());
        update.addBatch();
      }
      update.executeBatch();
    }
  }

  /**
   * Drops previous secrets whose time is over: what is not there cannot be stolen.
   *
   * @return how many
   */
  static int forgetExpired(Connection connection) throws SQLException {
    List<UUID> expired = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(EXPIRED);
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        expired.add(row.getObject(1, UUID.class));
      }
    }
    if (expired.isEmpty()) {
      return 0;
    }
    try (PreparedStatement forget = connection.prepareStatement(FORGET)) {
      forget.setArray(1, connection.createArrayOf("uuid", expired.toArray()));
      return forget.executeUpdate();
    }
  }

  private static List<Row> rows(PreparedStatement select) throws SQLException {
    List<Row> rows = new ArrayList<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        rows.add(
            new Row(
                row.getObject("id", UUID.class),
                row.getString("secret"),
                row.getString("public_key"),
                row.getString("previous_secret"),
                row.getString("headers")));
      }
    }
    return rows;
  }
}
