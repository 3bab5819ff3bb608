package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.TestDatabase;
import io.crmwebhooks.database.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tables that have been filled so fast that PostgreSQL still takes them for empty ones. */
class FreshTablesTest {
  private static final int CHANGES = 6000;

  private static void fill(TestDatabase database) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      for (String table : new String[] {"change", "change_queue", "delivery", "attempt"}) {
        statement.execute(
            "ALTER TABLE webhooks.%s SET (autovacuum_enabled = off)".formatted(table));
      }
      statement.execute(
          "INSERT INTO webhooks.subscription (target_url) SELECT 'http://a/' || n FROM generate_series(1, 3) n");
      statement.execute(
          "INSERT INTO webhooks.change (event, record) SELECT 'person.created', '{}' FROM generate_series(1, %d)"
              .formatted(CHANGES));
      statement.execute("DELETE FROM webhooks.change_queue WHERE id > 10");
      statement.execute(
          "WITH d AS (INSERT INTO webhooks.delivery (change_id, subscription_id, state, attempts)"
              + " SELECT c.id, s.id, 'delivered', 2 FROM webhooks.change c, webhooks.subscription s WHERE c.id > 10"
              + " RETURNING id) INSERT INTO webhooks.attempt (delivery_id, number, attempted_at, duration_ms)"
              + " SELECT id, n, now(), 1 FROM d, generate_series(1, 2) n");
    }
  }

  @Test
  @Timeout(value = 40, unit = TimeUnit.SECONDS)
  void are_accounted_for_and_checked_in_no_time() throws SQLException {
    try (TestDatabase database = TestDatabase.create()) {
      fill(database);
      Sql sql = new Sql(database.dataSource());
      JsonNode report =
          new Reconciliation(sql)
              .report(new Reconciliation.Request(null, null, null, null, 1), fraction -> {});
      assertThat(report.path("webhooks"))
          .hasSize(3)
          .allMatch(webhook -> webhook.path("delivered").asInt() == CHANGES - 10)
          .allMatch(webhook -> webhook.path("queued").asInt() == 10);
      assertThat(new Reconciliation(sql).disagreements(10)).isEmpty();
    }
  }
}
