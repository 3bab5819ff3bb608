package io.crmwebhooks.bench;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/** Which statements took PostgreSQL's time during a measurement, if it was asked to note that. */
final class Statements {
  private static final String TOP =
      """
      SELECT format('  %7s calls %8s ms %8s ms of planning %9s rows %9s pages  %s', calls, round(total_exec_time),
        round(total_plan_time), rows, shared_blks_hit + shared_blks_read, left(regexp_replace(query, '\\s+', ' ', 'g'), 70))
      FROM pg_stat_statements ORDER BY total_exec_time + total_plan_time DESC LIMIT 12""";

  private final boolean wanted;

  Statements(boolean wanted) {
    this.wanted = wanted;
  }

  /** The settings of the server that it needs. */
  Map<String, String> settings() {
    return wanted
        ? Map.of(
            "shared_preload_libraries", "pg_stat_statements",
            "pg_stat_statements.track_planning", "on",
            "pg_stat_statements.track", "all")
        : Map.of();
  }

  void begin(BenchDatabase database) throws SQLException {
    if (wanted) {
      database.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
      database.execute("SELECT pg_stat_statements_reset()");
    }
  }

  void print(BenchDatabase database) throws SQLException {
    if (wanted) {
      try (Connection connection = database.connect();
          Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery(TOP)) {
        while (row.next()) {
          System.out.println(row.getString(1));
        }
      }
    }
  }
}
