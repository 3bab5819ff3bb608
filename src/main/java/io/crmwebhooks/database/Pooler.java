package io.crmwebhooks.database;

import io.crmwebhooks.settings.StartupException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Finds out whether a pooler between here and PostgreSQL lends the same session to several clients
 * in turn, as pgbouncer does with {@code pool_mode=transaction}. What is set for a session here,
 * such as a timeout, would then hold for the statements of others, and prepared statements and
 * LISTEN would be lost.
 */
final class Pooler {
  private Pooler() {}

  /**
   * Returns when each of the two connections has a session of its own.
   *
   * @throws StartupException when they have not
   */
  static void refuseShared(Connection one, Connection other) throws SQLException {
    execute(one, "SET application_name = 'crm-webhooks'"); // some keep a session to who sets things
    int before = session(one);
    other.setAutoCommit(false); // it holds the session that it gets, be it the one just seen
    int held = session(other);
    boolean shared = held == before || session(one) != before;
    other.rollback();
    if (shared) {
      throw new StartupException(
          "webhooks.database.url leads to a pooler that lends one session to many clients, such as pgbouncer"
              + " with pool_mode=transaction; name PostgreSQL itself there, or a pool with pool_mode=session");
    }
  }

  private static int session(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      return row.getInt(1);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
