package io.crmwebhooks.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The waits of the sessions of a database, looked at twenty times a second: how many are at work on
 * the average, and how many of them wait for a lock that another session holds, for a latch of
 * PostgreSQL's own, and for the disk.
 */
final class Waits implements AutoCloseable {
  private static final int PAUSE_MILLIS = 50;
  private static final String[] NAMES = {
    "at work", "wait for a lock", "for a latch", "for the disk"
  };
  private static final String LOOK =
      """
      SELECT count(*), count(*) FILTER (WHERE wait_event_type = 'Lock'),
        count(*) FILTER (WHERE wait_event_type = 'LWLock'), count(*) FILTER (WHERE wait_event_type = 'IO')
      FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()\
      """;
  private static final String DEADLOCKS =
      "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";

  private final Connection connection;
  private final Thread thread = new Thread(this::look, "waits");
  private final long[] sums = new long[NAMES.length];
  private int looks;
  private long deadlocks;
  private volatile boolean ended;
  private SQLException failure;

  private Waits(Connection connection) {
    this.connection = connection;
  }

  static Waits of(BenchDatabase database) throws SQLException {
    return new Waits(database.connect());
  }

  void begin() throws SQLException {
    deadlocks = deadlocks();
    thread.start();
  }

  private void look() {
    try (PreparedStatement statement = connection.prepareStatement(LOOK)) {
      while (!ended) {
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          for (int i = 0; i < sums.length; i++) {
            sums[i] += row.getLong(i + 1);
          }
        }
        looks++;
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (SQLException e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The averages by name, and the deadlocks since the beginning. */
  Map<String, Double> end() throws SQLException, InterruptedException {
    ended = true;
    thread.join();
    if (failure != null) {
      throw failure;
    }
    Map<String, Double> all = new LinkedHashMap<>();
    for (int i = 0; i < sums.length; i++) {
      all.put("sessions " + NAMES[i], (double) sums[i] / Math.max(1, looks));
    }
    all.put("deadlocks", (double) (deadlocks() - deadlocks));
    return all;
  }

  private long deadlocks() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(DEADLOCKS);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  @Override
  public void close() throws SQLException {
    ended = true;
    connection.close();
  }
}
