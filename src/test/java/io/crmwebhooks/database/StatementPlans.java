package io.crmwebhooks.database;

import java.io.IOException;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * Shows the plans of the pipeline's statements beside many deliveries, as PostgreSQL runs them: of
 * claims, and of the record of one delivery.
 */
public final class StatementPlans {
  private static final List<String> SHOWN = List.of("take-batch", "claim-due", "settle-batch");

  /**
   * A thousand webhooks share what is delivered and dead; to one of them some is pending and due.
   * All is of changes before those that are queued, which come last.
   */
  private static final String FILL =
      """
      INSERT INTO webhooks.subscription (target_url) SELECT 'http://localhost/' || n FROM generate_series(1, 1000) n;
      CREATE TEMPORARY TABLE numbered AS
        SELECT row_number() OVER (ORDER BY id) - 1 AS n, id FROM webhooks.subscription;
      INSERT INTO webhooks.delivery (change_id, subscription_id, state, attempts, due_at)
      SELECT c, s.id, CASE WHEN c %% 11 < 10 THEN 'delivered' ELSE 'dead' END, 1, NULL
      FROM generate_series(1, %1$d) c JOIN numbered s ON s.n = c %% 1000;
      INSERT INTO webhooks.change (event, record_id, record)
      SELECT 'person.created', n, '{}' FROM generate_series(1, %2$d) n;
      TRUNCATE webhooks.change_queue;
      INSERT INTO webhooks.delivery (change_id, subscription_id, state, attempts, due_at)
      SELECT c, (SELECT id FROM numbered WHERE n = 998 + c %% 2), 'pending', 1, now()
      FROM (SELECT id AS c FROM webhooks.change) changes ON CONFLICT DO NOTHING;
      INSERT INTO webhooks.change (event, record_id, record)
      SELECT 'person.created', n, '{}' FROM generate_series(1, %2$d) n""";

  private StatementPlans() {}

  /**
   * Fills the database, and prints what its statements do there.
   *
   * @param ended deliveries; a hundredth as many are pending and due, and as many changes queued
   */
  public static void show(Connection connection, int ended, PrintStream out)
      throws SQLException, IOException {
    connection.setNetworkTimeout(Runnable::run, 0); // filling takes minutes
    try (Statement statement = connection.createStatement()) {
      for (String name : SHOWN) {
        statement.execute(
            "PREPARE %s AS %s"
                .formatted(PreparedStatements.prepared(name), PreparedStatements.sql(name)));
      }
      statement.execute(FILL.formatted(ended, ended / 100));
      statement.execute("VACUUM ANALYZE webhooks.delivery, webhooks.change, webhooks.change_queue");
      for (String name : SHOWN) {
        statement.execute(PreparedStatements.call(name)); // what it reads is in memory afterwards
        statement.execute(PreparedStatements.CLAIM);
        out.println();
        out.println("-- " + name + ".sql");
        try (ResultSet row =
            statement.executeQuery(
                "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) "
                    + PreparedStatements.call(name))) {
          while (row.next()) {
            out.println(row.getString(1));
          }
        }
      }
    }
  }
}
