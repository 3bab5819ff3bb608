package io.crmwebhooks.database;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Runs several statements as one. */
public final class Transaction {
  private Transaction() {}

  /** The work on the connection; it neither commits nor closes it. */
  public interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /** Commits what the work did, or nothing of it when it throws. */
  public static <T> T run(DataSource dataSource, Work<T> work) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      try {
        T result = work.on(connection);
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException e) {
        rollback(connection, e);
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    }
  }

  private static void rollback(Connection connection, Exception reason) {
    try {
      connection.rollback();
    } catch (SQLException e) { // of a broken connection, which has rolled back by itself
      reason.addSuppressed(e);
    }
  }
}
