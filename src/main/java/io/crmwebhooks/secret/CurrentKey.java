package io.crmwebhooks.secret;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * {@code webhooks.secret_key}: the id of the key that secrets are stored under from now on, the
 * same for all processes. Everything here wants a transaction.
 */
final class CurrentKey {
  // Nobody can make another key current until the transaction that has read this one ends; else a
  // secret could be stored under the old key after all others had been moved to the new one.
  private static final String READ = "SELECT id FROM webhooks.secret_key FOR SHARE";
  private static final String LOCK = "LOCK TABLE webhooks.secret_key IN EXCLUSIVE MODE";
  private static final String SET =
      """
      INSERT INTO webhooks.secret_key (id) VALUES (?)
      ON CONFLICT (only_row) DO UPDATE SET id = excluded.id, since = now()
      WHERE secret_key.id <> excluded.id""";

  private CurrentKey() {}

  /** Empty until a first process has started. */
  static Optional<String> read(Connection connection) throws SQLException {
    try (PreparedStatement read = connection.prepareStatement(READ);
        ResultSet row = read.executeQuery()) {
      return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
    }
  }

  /** Waits for those that store secrets, and keeps others from reading or setting it meanwhile. */
  static void lock(Connection connection) throws SQLException {
    try (PreparedStatement lock = connection.prepareStatement(LOCK)) {
      lock.execute();
    }
  }

  static void set(Connection connection, String id) throws SQLException {
    try (PreparedStatement set = connection.prepareStatement(SET)) {
      set.setString(1, id);
      set.executeUpdate();
    }
  }
}
